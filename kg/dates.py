"""Dates at the precision stated: a year, a month or a day, and their typed RDF literals."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Final

from pyoxigraph import Literal

from kg.namespaces import XSD

FORMS: Final = "YYYY, YYYY-MM or YYYY-MM-DD"
_PARTIAL: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_DATATYPES: Final = {4: XSD["gYear"], 7: XSD["gYearMonth"], 10: XSD["date"]}


def date_problem(text: str) -> str | None:
    """Why `text` is no partial date (xsd:gYear, xsd:gYearMonth or xsd:date), or None when it is one."""
    match = _PARTIAL.fullmatch(text)
    if match is None or match[1] == "0000":
        what = "year" if text.isdigit() else "date"
        return f'"{text}" is no {what}; write {FORMS}'
    year, month, day = (int(part) if part else 1 for part in match.groups())
    try:
        date(year, month, day)
    except ValueError:
        return f'"{text}" is not in the calendar; write {FORMS}'
    return None


@cache
def date_literal(text: str) -> Literal:
    """`text`, a partial date without problems, as xsd:gYear, xsd:gYearMonth or xsd:date by its length."""
    return Literal(text, datatype=_DATATYPES[len(text)])
