"""What templates can say: words of the language, names with their language marked, dates, numbers, links."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from flask import Flask, current_app, g, request
from jinja2 import StrictUndefined
from markupsafe import Markup, escape

from kg.lookup import LANGUAGES, Label, Reader, Ref, read_dataset
from kg.lookup.values import Pages
from kg.namespaces import PREFIXES, prefixes
from webapp.formats import BY_NAME
from webapp.urls import Urls
from webapp.words import read_words

_UNITS: Final = ("B", "kB", "MB", "GB")
_NEUTRAL: Final = ("", "mul", "und", "zxx")
_NEAR: Final = 3
_MONTH, _DAY = len("YYYY-MM"), len("YYYY-MM-DD")
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
    app.context_processor(_context)


def page_language() -> str:
    """The language of this page: the first part of its path, else `lang` in the query, else what is accepted."""
    if "language" not in g:
        chosen = (request.path.split("/", 2)[1], request.args.get("lang", ""))
        accepted = request.accept_languages.best_match(LANGUAGES, LANGUAGES[0])
        g.language = next((language for language in chosen if language in LANGUAGES), accepted)
    language: str = g.language
    return language


def reader() -> Reader:
    """The release as readers of this page's language see it."""
    readers: dict[str, Reader] = current_app.extensions.setdefault("readers", {})
    language = page_language()
    if language not in readers:
        readers[language] = Reader(current_app.config["RELEASE"], language)
    return readers[language]


def translated(key: str, n: int | None = None, **values: Any) -> Markup:  # noqa: ANN401  whatever can be shown
    """The text `key`, with `values` put in; `n` chooses between singular and plural and is put in as a number."""
    text = _text(page_language(), key, n == 1)
    if n is not None:
        values["n"] = number(n)
    return text.format(**values) if values else text


@cache
def _text(language: str, key: str, singular: bool) -> Markup:
    text = read_words(language)[key]
    return escape(text if isinstance(text, str) else text["one" if singular else "other"])


def has_words(key: str) -> bool:
    """Whether there is a text `key`."""
    return key in read_words(page_language())


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
    address = page_url(ref.iri)
    if not address:
        return name(ref)
    return Markup('<a href="{}">{}</a>').format(address, name(ref))


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
    return f"/{page_language()}/{section}"


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


def date(text: str) -> Markup:
    """A year, month or day as people write it, in a `time` element; any other text as it is."""
    if len(text) not in (4, _MONTH, _DAY) or not text[:4].isdigit():
        return escape(text)
    shown: str = text
    if len(text) >= _MONTH:
        month = translated(f"month.{int(text[5:7])}")
        key = "date.day" if len(text) == _DAY else "date.month"
        shown = translated(key, day=text[8:].lstrip("0"), month=month, year=text[:4])
    return Markup('<time datetime="{}">{}</time>').format(text, shown)


def since(text: str) -> Markup:
    """“since 1960”, or that the year is not known."""
    if not text:
        return translated("since.unknown")
    return translated("since.day" if len(text) == _DAY else "since", date=date(text))


def when(begin: str, end: str) -> Markup:
    """A day, or from when until when; nothing when neither is known."""
    if begin and end and begin != end:
        return translated("when.range", begin=date(begin), end=date(end))
    return date(begin) if begin else translated("when.until", end=date(end)) if end else Markup("")


def number(value: float) -> str:
    """A number with the marks of the language."""
    text = f"{value:,}"
    return text if page_language() == "en" else text.translate(str.maketrans(",.", ".,"))


def decimal(text: str) -> str:
    """A number as the data has it, with the decimal mark of the language."""
    return text if page_language() == "en" else text.replace(".", ",")


def size(count: int) -> str:
    """A number of bytes in the unit that fits."""
    value, unit = float(count), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{number(round(value, 1) if unit else count)} {_UNITS[unit]}"


def joined(items: Iterable[Markup | str]) -> Markup:
    """Items as a list in a sentence: a, b and c."""
    parts = [escape(item) for item in items]
    if len(parts) < 2:
        return Markup("").join(parts)
    return translated("list.last", first=Markup(", ").join(parts[:-1]), last=parts[-1])


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
    urls: Urls = current_app.config["URLS"]
    return urls


_FUNCTIONS: Final[tuple[Callable[..., Any], ...]] = (
    has_words, here_with, host_of, link, outside, own, page_language, page_numbers, page_url, section_url, short_iri,
    since, when,
)  # fmt: skip
