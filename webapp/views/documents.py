"""Linked data: every IRI we mint leads by 303 to a page or an RDF document about the thing."""

from __future__ import annotations

import json
from typing import Final

from flask import Blueprint, Response, abort, current_app, redirect, request
from pyoxigraph import NamedNode
from werkzeug.wrappers import Response as BaseResponse

from kg.documents import document, exists, thing_of_version
from kg.serializing import write_triples
from webapp.formats import BY_NAME, Format, pick_format
from webapp.geojson import feature_of
from webapp.responses import link_header, refuse, release, validated
from webapp.urls import LANGUAGES, Urls

bp = Blueprint("documents", __name__)
DOCUMENT_FORMATS: Final = tuple(
    BY_NAME[name] for name in ("ttl", "jsonld", "rdf", "nt", "trig", "nq", "csv", "geojson")
)
_PAGE: Final = BY_NAME["html"]


@bp.get("/id/<path:path>")
@bp.get("/def/", defaults={"family": "def", "path": ""})
@bp.get("/<any(def, shapes, vocab, dataset, graph, report):family>/<path:path>")
def thing(path: str, family: str = "") -> BaseResponse:
    """303 from the name of a thing to what is known of it (Cool URIs for the Semantic Web, W3C 2008)."""
    return lead(_known(f"{family or 'id'}/{path}"))


def lead(iri: str, default: Format | None = None) -> BaseResponse:
    """303 to the page or the document about `iri`, whichever fits the request."""
    chosen = _choose(default)
    target = _urls().page(iri, language()) if chosen is _PAGE else _urls().document(iri, chosen.extension)
    return _varied(redirect(target, code=303))


@bp.get("/doc/<path:path>")
def negotiated(path: str) -> BaseResponse:
    """The document, or by its extension one format of it."""
    stem, _, extension = path.rpartition(".")
    if extension in BY_NAME and BY_NAME[extension] in DOCUMENT_FORMATS:
        return _document(_urls().iri_of(stem), BY_NAME[extension])
    iri = _known_iri(_urls().iri_of(path))
    chosen = _choose()
    if chosen is _PAGE:
        return _varied(redirect(_urls().page(iri, language()), code=303))
    response = _document(iri, chosen)
    response.headers["Content-Location"] = _urls().document(iri, chosen.extension)
    return _varied(response)


@bp.get("/context.jsonld")
def context() -> Response:
    """The JSON-LD context of our documents."""
    text = (release().folder / "context.jsonld").read_text(encoding="utf-8")
    return validated(Response(text, mimetype="application/ld+json"), "context")


def language() -> str:
    """The language of the site that the reader prefers, German where there is no preference."""
    return request.accept_languages.best_match(LANGUAGES, default="de") or "de"


def _document(iri: str, chosen: Format) -> Response:
    opened = release()
    subject = NamedNode(_known_iri(iri))
    if chosen.name == "geojson":
        feature = feature_of(opened, subject) or abort(404, "This thing has no position on the map.")
        content = json.dumps(feature, ensure_ascii=False).encode()
    else:
        content = write_triples(document(opened, subject), chosen.extension, opened.names.base, opened.folder)
    response = Response(content, mimetype=chosen.media_type)
    response.headers["Link"] = _links(iri)
    return validated(response, chosen.name)


def _links(iri: str) -> str:
    urls = _urls()
    licence = release().manifest["dataset"]["licence"]
    alternates = [(urls.document(iri, item.extension), "alternate", item.media_type) for item in DOCUMENT_FORMATS[:4]]
    pages = [(urls.page(iri, code), "alternate", "text/html") for code in LANGUAGES]
    about = [(iri, "cite-as", ""), (iri, "describes", "")]
    return link_header([*alternates, *pages, *about, *([(licence, "license", "")] if licence else [])])


def _choose(default: Format | None = None) -> Format:
    chosen = pick_format(
        request.headers.get("Accept", ""), (_PAGE, *DOCUMENT_FORMATS), default=default or BY_NAME["ttl"]
    )
    if chosen is None:
        offered = ", ".join(item.media_type for item in (_PAGE, *DOCUMENT_FORMATS))
        abort(406, f"Nothing here fits the Accept header; offered are {offered}.")
    return chosen


def _known(path: str) -> str:
    return _known_iri(f"{release().names.base}{path}")


def _known_iri(iri: str) -> str:
    try:
        node = NamedNode(iri)
    except ValueError:
        abort(404, f"{iri} is no IRI.")
    if exists(release(), node):
        return iri
    current = thing_of_version(release(), node) or refuse(iri, _urls().document_path(iri) or "")
    return current.value


def _varied(response: BaseResponse) -> BaseResponse:
    response.vary.update(("Accept", "Accept-Language"))
    return response


def _urls() -> Urls:
    urls: Urls = current_app.config["URLS"]
    return urls
