"""Answers as tables: read from SPARQL's JSON, written in parts as CSV, plain JSON, or SPARQL's JSON again."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kg.namespaces import XSD

Cell = str | int | float | bool | None
_NUMBERS: Final = {
    XSD["integer"].value: int,
    XSD["decimal"].value: float,
    "http://www.w3.org/2001/XMLSchema#double": float,
    "http://www.w3.org/2001/XMLSchema#float": float,
}


@dataclass(frozen=True, slots=True)
class Table:
    """Columns, and rows of bindings as SPARQL 1.1 Query Results JSON has them; a truth value is one cell."""

    columns: Sequence[str]
    rows: Sequence[Mapping[str, Any]]

    def part(self, offset: int, limit: int) -> Table:
        """The rows from `offset` on, `limit` at most."""
        return Table(self.columns, self.rows[offset : offset + limit])

    def as_csv(self) -> str:
        """As CSV with a heading (SPARQL 1.1 Query Results CSV)."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(self.columns)
        writer.writerows([_text(row.get(name, {})) for name in self.columns] for row in self.rows)
        return text.getvalue()

    def plain(self) -> list[dict[str, Cell]]:
        """One object a row: texts, numbers and truth values as JSON has them, null where there is no value."""
        return [{name: _cell(row.get(name)) for name in self.columns} for row in self.rows]

    def as_results(self) -> str:
        """As SPARQL 1.1 Query Results JSON."""
        content = {"head": {"vars": self.columns}, "results": {"bindings": self.rows}}
        return json.dumps(content, ensure_ascii=False)


def read_table(results: bytes) -> Table:
    """The table in an answer in SPARQL 1.1 Query Results JSON."""
    content = json.loads(results)
    if "boolean" in content:
        value = {"type": "literal", "value": str(content["boolean"]).lower(), "datatype": XSD["boolean"].value}
        return Table(["answer"], [{"answer": value}])
    return Table(content["head"]["vars"], content["results"]["bindings"])


def _text(binding: Mapping[str, Any]) -> str:
    text = str(binding.get("value", ""))
    return f"_:{text}" if binding.get("type") == "bnode" else text


def _cell(binding: Mapping[str, Any] | None) -> Cell:
    if not binding:
        return None
    text, datatype = _text(binding), binding.get("datatype", "")
    if datatype == XSD["boolean"].value and text in ("true", "false"):
        return text == "true"
    try:
        number = _NUMBERS[datatype](text)
        return number if math.isfinite(number) else text
    except (KeyError, ValueError, OverflowError):
        return text
