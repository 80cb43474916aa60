"""What templates can say: names with their language marked, links and addresses, and all of wording."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from flask import Flask, current_app, request
from jinja2 import StrictUndefined
from markupsafe import Markup, escape

from kg.lookup import Label, Reader, Ref, read_dataset
from kg.lookup.values import Pages
from kg.namespaces import PREFIXES, prefixes
from webapp.formats import BY_NAME
from webapp.urls import LANGUAGES, Urls
from webapp.wording import (
    Here,
    begin,
    date,
    decimal,
    has_words,
    here,
    number,
    page_language,
    since,
    size,
    translated,
    when,
)

_NEUTRAL: Final = ("", "mul", "und", "zxx")
_NEAR: Final = 3
_REMEMBERED: Final = 10_000
_TITLES: Final = {"ttl": "Turtle", "jsonld": "JSON-LD", "rdf": "RDF/XML", "nt": "N-Triples", "csv": "CSV"}
FORMATS: Final = {BY_NAME[key].extension: (title, BY_NAME[key].media_type) for key, title in _TITLES.items()}


def install(app: Flask) -> None:
    """Makes words, names, dates and links known to the templates of `app`."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for function in (label, name, date, number, decimal, size):
        app.jinja_env.filters[function.__name__] = function
    for function in _FUNCTIONS:
        app.jinja_env.globals[function.__name__] = function
    app.jinja_env.globals.update(t=translated, formats=FORMATS, urls=app.config["URLS"])
    app.before_request(begin)
    app.context_processor(_context)


def reader() -> Reader:
    """The release as readers of this page's language see it."""
    readers: dict[str, Reader] = current_app.extensions.setdefault("readers", {})
    language = page_language()
    if language not in readers:
        readers[language] = Reader(current_app.config["RELEASE"], language)
    return readers[language]


def label(text: Label) -> Markup:
    """A text from the data, its language marked where it is not that of the page."""
    if text.language in (*_NEUTRAL, page_language()):
        return escape(text.text)
    return Markup('<bdi lang="{}">{}</bdi>').format(text.language, text.text)


def name(ref: Ref) -> Markup:
    """What to call a thing: its name, else a short form of a foreign IRI, else what kind of thing it is."""
    if ref.label.text:
        return label(ref.label)
    last = ref.iri.rstrip("/").rsplit("/", 1)[-1].rsplit("#", 1)[-1]
    if ref.kind == "foreign":
        return _foreign(ref.iri, last)
    return translated(f"kind.{ref.kind}") if has_words(f"kind.{ref.kind}") else escape(last)


def link(ref: Ref) -> Markup:
    """The name of a thing, leading to its page where it has one."""
    return _link(ref, here())


@lru_cache(_REMEMBERED)
def _link(ref: Ref, here: Here) -> Markup:
    address = here.urls.page(ref.iri, here.language)
    return Markup('<a href="{}">{}</a>').format(address, name(ref)) if address else name(ref)


def own(iri: str) -> Ref | None:
    """One of our things by its IRI; None for the things of others."""
    return reader().ref(iri) if iri.startswith(_urls().base) else None


def outside(address: str, text: str) -> Markup:
    """A link that leaves the site; nothing for an address that is not of the web."""
    if urlsplit(address).scheme not in ("http", "https"):
        return Markup("")
    return Markup('<a class="outside" href="{}" rel="external">{}</a>').format(address, text)


def page_url(iri: str) -> str:
    """The page about a thing in the language of this page."""
    return _urls().page(iri, page_language())


def section_url(section: str) -> str:
    """The address of a page about the dataset, or of a list (`browse/actors`)."""
    return _urls().section(section, page_language())


def host_of(address: str) -> str:
    """The site that an address leads to."""
    return urlsplit(address).netloc.removeprefix("www.")


def page_numbers(pages: Pages) -> list[int]:
    """The pages of a long list that are offered as links: the first, the last and those near this one."""
    near = range(pages.number - _NEAR, pages.number + _NEAR + 1)
    return [number for number in range(1, pages.last + 1) if number in (1, pages.last) or number in near]


def short_iri(iri: str) -> str:
    """An IRI as experts write it: with a prefix, or without our base."""
    base = _urls().base
    for prefix, namespace in prefixes(base).items():
        if iri.startswith(namespace) and iri != namespace:
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri.removeprefix(base) or iri


def here_with(**values: str | int) -> str:
    """The address of this page with other values in its query."""
    arguments = {**request.args.to_dict(), **{key: str(value) for key, value in values.items()}}
    return f"{request.path}?{urlencode(arguments)}"


def _foreign(iri: str, last: str) -> Markup:
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and iri != namespace:
            short = f"{prefix}:{iri.removeprefix(namespace)}"
            return translated(f"term.{short}") if has_words(f"term.{short}") else escape(short)
    host = host_of(iri)
    return escape(host if not host or last in ("", urlsplit(iri).netloc) else f"{host}: {last}")


def _context() -> dict[str, Any]:
    language = page_language()
    return {
        "language": language,
        "languages": LANGUAGES,
        "dataset": read_dataset(reader()),
        "alternates": {code: _alternate(code) for code in LANGUAGES},
        "canonical": _urls().public_address(request.full_path.removesuffix("?")),
    }


def _alternate(language: str) -> str:
    """The path of this page in a language."""
    path, current = request.full_path.removesuffix("?"), f"/{page_language()}/"
    if path.startswith(current):
        return f"/{language}/{path.removeprefix(current)}"
    return here_with(lang=language)


def _urls() -> Urls:
    return here().urls


_FUNCTIONS: Final[tuple[Callable[..., Any], ...]] = (
    has_words, here_with, host_of, link, outside, own, page_language, page_numbers, page_url, section_url, short_iri,
    since, when,
)  # fmt: skip
