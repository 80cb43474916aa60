"""Whether a cell holds what its column may hold, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Final
from urllib.parse import urlsplit

from pyoxigraph import NamedNode

from kg.dates import date_problem
from kg.namespaces import is_key
from kg.tables.schemas import Column

_MARKUP: Final = re.compile(r"</?[A-Za-z][^>]*>|&[a-z]+;|&#\d+;")


def value_problem(text: str, column: Column) -> str | None:
    """Why `text`, one value of a cell in `column`, cannot be used, or None; references are checked elsewhere."""
    if not text:
        return f'has nothing between two "{column.separator}"'
    if column.scheme or column.targets:
        return None  # checked against the names that exist
    return _CHECKS.get(column.datatype, _no_markup)(text, column)


def _no_markup(text: str, _column: Column) -> str | None:
    found = _MARKUP.search(text)
    if found:
        return f'"{found[0]}" is markup; write plain text'
    if any(ord(character) < 32 for character in text):
        return "holds a line break or another control character; write it on one line"
    return None


def _is_key(text: str, _column: Column) -> str | None:
    return None if is_key(text) else f'"{text}" is no key; write a-z, 0-9 and single hyphens, such as de-dortmund'


def _is_date(text: str, _column: Column) -> str | None:
    return date_problem(text)


def _is_day(text: str, _column: Column) -> str | None:
    return date_problem(text) or (None if len(text) == 10 else f'"{text}" is no day; write YYYY-MM-DD')


def _is_integer(text: str, _column: Column) -> str | None:
    return None if text.isascii() and text.isdigit() else f'"{text}" is no whole number; write digits only'


def _is_decimal(text: str, _column: Column) -> str | None:
    try:
        finite = Decimal(text).is_finite() and "e" not in text.lower()
    except InvalidOperation:
        finite = False
    return None if finite else f'"{text}" is no number; write digits with a decimal point, such as 51.5142'


def _is_url(text: str, _column: Column) -> str | None:
    message = f'"{text}" is no web address; write it whole, beginning with https:// or http://'
    try:
        parts = urlsplit(NamedNode(text).value)
    except ValueError as error:
        return f"{message}; characters such as [ ] or a space are written as %5B, %5D, %20 ({error})"
    return None if parts.scheme in ("http", "https") and parts.hostname else message


def _is_language(text: str, column: Column) -> str | None:
    return (
        None
        if re.fullmatch(column.pattern or "", text)
        else f'"{text}" is no language tag; write one such as de, uk or pt-BR'
    )


def _fits_pattern(text: str, column: Column) -> str | None:
    if re.fullmatch(column.pattern or "", text):
        return None
    return f'"{text}" does not have the form {column.pattern}'


_CHECKS: Final[dict[str, Callable[[str, Column], str | None]]] = {
    "key": _is_key,
    "partial-date": _is_date,
    "date": _is_day,
    "nonNegativeInteger": _is_integer,
    "decimal": _is_decimal,
    "anyURI": _is_url,
    "language": _is_language,
    "ags": _fits_pattern,
    "id": _fits_pattern,
}
