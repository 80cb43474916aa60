"""Words, dates and numbers in the language of the page that is being made."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

from flask import current_app, request
from markupsafe import Markup, escape

from kg.dates import date_problem
from webapp.urls import LANGUAGES, Urls
from webapp.words import read_words

_UNITS: Final = ("B", "kB", "MB", "GB")
_MONTH, _DAY = len("YYYY-MM"), len("YYYY-MM-DD")
_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Here:
    """Where a request is answered: in which language, with which addresses."""

    language: str
    urls: Urls


# Flask's own `g` costs a tenth of a long page, as every word and link asks for the language.
_HERE: Final[ContextVar[Here]] = ContextVar("here")


def begin() -> None:
    """Notes the language of a request: the first part of its path, else `lang` in the query, else what is accepted."""
    chosen = (request.path.split("/", 2)[1], request.args.get("lang", ""))
    accepted = request.accept_languages.best_match(LANGUAGES, LANGUAGES[0])
    language = next((language for language in chosen if language in LANGUAGES), accepted)
    _HERE.set(Here(language, current_app.config["URLS"]))


def here() -> Here:
    """Where this request is answered."""
    return _HERE.get()


def page_language() -> str:
    """The language of this page."""
    return _HERE.get().language


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


def date(text: str) -> Markup:
    """A year, month or day as people write it, in a `time` element; any other text as it is."""
    return _date(text, page_language())


@lru_cache(_REMEMBERED)
def _date(text: str, language: str) -> Markup:
    if date_problem(text):
        return escape(text)
    shown: str = text
    if len(text) >= _MONTH:
        month = _text(language, f"month.{int(text[5:7])}", False)
        key = "date.day" if len(text) == _DAY else "date.month"
        shown = _text(language, key, False).format(day=text[8:].lstrip("0"), month=month, year=text[:4])
    return Markup('<time datetime="{}">{}</time>').format(text, shown)


def since(text: str) -> Markup:
    """“since 1960”, or that the year is not known."""
    return _since(text, page_language())


@lru_cache(_REMEMBERED)
def _since(text: str, language: str) -> Markup:
    if not text:
        return _text(language, "since.unknown", False)
    key = "since.day" if len(text) == _DAY else "since"
    return _text(language, key, False).format(date=_date(text, language))


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
