"""Pages for people: the start, lists, everything about a thing, and the pages about the data."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, abort, current_app, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from kg import lookup
from webapp.formats import BY_NAME
from webapp.rendering import FORMATS, reader
from webapp.responses import link_header, refuse, release, validated
from webapp.sentences import sentence
from webapp.urls import Urls
from webapp.views.documents import lead

bp = Blueprint("pages", __name__)
bp.add_app_template_global(sentence)
_IN: Final = "/<any(de, en):language>"
_TEMPLATES: Final = {
    lookup.AuthorityPage: "authority",
    lookup.PartnershipPage: "partnership",
    lookup.ActorPage: "actor",
    lookup.ActivityPage: "activity",
    lookup.ConceptPage: "concept",
    lookup.CountryPage: "country",
    lookup.SourcePage: "source",
    lookup.ThingPage: "thing",
}


@bp.get("/")
def start() -> BaseResponse:
    """Leads to the home page in the reader's language, or to the document about the project."""
    return lead(_urls().base, default=BY_NAME["html"])


@bp.get(f"{_IN}/")
def home(language: str) -> BaseResponse:
    """The home page."""
    return _page("home", language, page=lookup.read_home(reader()))


@bp.get(f"{_IN}/browse/<name>")
def browse(language: str, name: str) -> BaseResponse:
    """One of the lists of things."""
    page = lookup.read_list(reader(), name, _number()) or abort(404)
    return _page("browse", language, page=page, lists=lookup.LISTS)


@bp.get(f"{_IN}/data")
def data(language: str) -> BaseResponse:
    """What can be downloaded, under which licence, and how machines ask for it."""
    return _page("data", language, files=lookup.read_files(reader()), example=lookup.read_example(reader()))


@bp.get(f"{_IN}/ontology")
def ontology(language: str) -> BaseResponse:
    """Every term of the model."""
    return _page("ontology", language, page=lookup.read_ontology(reader()))


@bp.get(f"{_IN}/quality")
def quality(language: str) -> BaseResponse:
    """What the validation found."""
    return _page("quality", language, page=lookup.read_quality(reader(), request.args.get("shape", ""), _number()))


@bp.get(f"{_IN}/help")
def help_page(language: str) -> BaseResponse:
    """How to read, cite and query the data."""
    return _page("help", language, verifications=lookup.read_terms(reader(), "verifications"))


@bp.get(f"{_IN}/<path:path>")
def thing(language: str, path: str) -> BaseResponse:
    """Everything about one of our things."""
    iri = _urls().iri_of(path)
    page = lookup.read_page(reader(), iri, _number()) or refuse(iri, path)
    response = _page(_TEMPLATES[type(page)], language, page=page)
    documents = [(_urls().document(iri, item), "alternate", media_type) for item, (_, media_type) in FORMATS.items()]
    licence = release().manifest["dataset"]["licence"]
    about = [(iri, "describes", ""), (iri, "cite-as", ""), *([(licence, "license", "")] if licence else [])]
    response.headers["Link"] = link_header([*documents, *about])
    return response


def _page(template: str, language: str, **content: Any) -> BaseResponse:  # noqa: ANN401  whatever the template shows
    return validated(Response(render_template(f"pages/{template}.html", **content)), language)


def _number() -> int:
    text = request.args.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def _urls() -> Urls:
    urls: Urls = current_app.config["URLS"]
    return urls
