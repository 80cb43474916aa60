"""Answers as tables that are sorted and shown page by page; graphs as tables of their statements."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import request
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse
from unidecode import unidecode

from kg.lookup.values import Pages, page_of
from kg.namespaces import PREFIXES
from webapp.rendering import own, short_iri

Cell = Mapping[str, Any]
Row = Sequence[Cell]
ROWS: Final = 100
_PAGES: Final = 1_000_000
_STATEMENT: Final = ("subject", "predicate", "object")
_NUMBERS: Final = {
    f"{PREFIXES['xsd']}{name}"
    for name in (
        "integer", "decimal", "double", "float", "int", "long", "short", "byte", "nonNegativeInteger",
        "positiveInteger", "negativeInteger", "nonPositiveInteger", "unsignedInt", "unsignedLong", "unsignedShort",
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, whether it holds nothing but numbers, how it is sorted and what sorts it anew."""

    name: str
    numeric: bool
    sorted: str
    next_sort: str


@dataclass(frozen=True, slots=True)
class Arranged:
    """A table in the order asked for: all rows for charts, those of one page for reading."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    part: tuple[Row, ...]
    pages: Pages

    @property
    def first(self) -> int:
        """The number of the first row shown."""
        return (self.pages.number - 1) * ROWS + 1

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)


def arranged(table: Mapping[str, Any]) -> Arranged:
    """`table` sorted by `sort` of the address (a column, with - before it downwards), at the page in `page`."""
    header: Sequence[str] = table["header"]
    rows: Sequence[Row] = table["rows"]
    asked = request.args.get("sort", "")
    name, down = asked.removeprefix("-"), asked.startswith("-")
    if name in header:
        rows = _sorted(rows, header.index(name), down)
    part, pages = page_of(rows, _page(), ROWS)
    columns = tuple(
        Column(
            column,
            is_numeric(rows, place),
            ("descending" if down else "ascending") if column == name else "",
            f"-{column}" if column == name and not down else column,
        )
        for place, column in enumerate(header)
    )
    return Arranged(columns, tuple(rows), part, pages)


def statements(turtle: str) -> dict[str, Any]:
    """A graph in Turtle as a table of subject, predicate and object."""
    return {"header": list(_STATEMENT), "rows": list(_statements(turtle))}


def is_numeric(rows: Sequence[Row], place: int) -> bool:
    """Whether a column has values, and nothing but numbers."""
    values = [row[place] for row in rows if row[place]["value"] is not None]
    return bool(values) and all(cell["datatype"] in _NUMBERS for cell in values)


def number_of(cell: Cell) -> float:
    """The number in a cell; not a number (NaN) where there is none."""
    try:
        return float(cell["value"]) if cell["datatype"] in _NUMBERS else math.nan
    except ValueError:
        return math.nan


def text_of(cell: Cell) -> str:
    """What a cell is read as: the name of our things, the short form of other IRIs, else the value."""
    value = cell["value"]
    if value is None or cell["type"] != "uri":
        return value or ""
    ref = own(value)
    return ref.label.text if ref and ref.label.text else short_iri(value)


def _sorted(rows: Sequence[Row], place: int, down: bool) -> list[Row]:
    """Numbers before texts, and cells without a value last in both directions."""
    filled = [row for row in rows if row[place]["value"] is not None]
    empty = [row for row in rows if row[place]["value"] is None]
    return [*sorted(filled, key=lambda row: _key(row[place]), reverse=down), *empty]


def _key(cell: Cell) -> tuple[bool, float, str]:
    number = number_of(cell)
    if math.isnan(number):
        return True, 0.0, unidecode(text_of(cell)).casefold()
    return False, number, ""


def _page() -> int:
    text = request.args.get("page", "1")
    return min(int(text), _PAGES) if text.isascii() and text.isdigit() and len(text) < 8 else 1


def _statements(turtle: str) -> Iterator[list[Cell]]:
    for quad in parse(turtle.encode(), format=RdfFormat.TURTLE):
        yield [_cell(term) for term in (quad.subject, quad.predicate, quad.object)]


def _cell(term: object) -> Cell:
    if isinstance(term, Literal):
        return {"value": term.value, "type": "literal", "lang": term.language, "datatype": term.datatype.value}
    kind = "uri" if isinstance(term, NamedNode) else "bnode"
    value = term.value if isinstance(term, NamedNode | BlankNode) else str(term)
    return {"value": value, "type": kind, "lang": None, "datatype": None}
