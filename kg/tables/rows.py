"""One CSV file → checked rows, or every mistake with row and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.errors import CellProblem
from kg.tables.cells import value_problem
from kg.tables.nearest import did_you_mean
from kg.tables.schemas import METADATA, TableSchema


@dataclass(frozen=True, slots=True)
class Row:
    """One checked row. Cells are text; a cell with a separator is a tuple; an empty cell is "" or ()."""

    table: str
    number: int
    cells: Mapping[str, Any]

    def __getitem__(self, column: str) -> str:
        value: str = self.cells[column]
        return value

    def values(self, column: str) -> tuple[str, ...]:
        """The values of a cell with a separator."""
        value: tuple[str, ...] = self.cells[column]
        return value


@dataclass(slots=True)
class Tables:
    """All rows by table, with the names that references may use."""

    schemas: Mapping[str, TableSchema]
    rows: dict[str, list[Row]]
    keys: dict[str, set[str]] = field(default_factory=dict)

    def __getitem__(self, table: str) -> list[Row]:
        return self.rows.get(table, [])

    def kind_of(self, key: str, table: str, column: str) -> str:
        """The class of the thing that a resolved cell of a column with several classes names."""
        targets = self.schemas[table].columns[column].targets
        return next(kind for kind in targets if key in self.keys[kind])


@dataclass(slots=True)
class Reading:
    """What went wrong while reading, and how far it reaches, so that one mistake is not told a thousand times.

    `unreadable` are tables of which nobody knows what rows they have; `spoilt` are keys of rows that were left
    out, by table.
    """

    problems: list[CellProblem] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    spoilt: dict[str, set[str]] = field(default_factory=dict)

    def add(self, file: str, row: int, column: str, message: str) -> None:
        """Notes one mistake."""
        self.problems.append(CellProblem(file, row, column, message))


def read_table(path: Path, schema: TableSchema, reading: Reading) -> list[Row]:
    """The rows of one file; what cannot be used is left out and noted in `reading`."""
    text = _decoded(path, reading)
    if text is None:
        reading.unreadable.add(schema.name)
        return []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    number = 0
    try:
        header = next(reader, [])
        number = 1
        if missing := _header_problems(path.name, header, schema):
            reading.problems.extend(missing)
            reading.unreadable.add(schema.name)
            return []
        for number, cells in enumerate(reader, start=2):
            row = _row(path.name, number, header, cells, schema, reading)
            if row is not None:
                rows.append(row)
    except csv.Error as error:
        message = f"the quotes do not match ({error}); write a quote inside a quoted cell twice"
        reading.add(path.name, number + 1, "", message)
        reading.unreadable.add(schema.name)
    reading.problems.extend(_duplicates(path.name, rows, schema))
    return rows


def _decoded(path: Path, reading: Reading) -> str | None:
    try:
        data = path.read_bytes()
    except OSError as error:
        reading.add(path.name, 0, "", f"cannot be read: {error.strerror}")
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        reading.add(path.name, row, "", "is not UTF-8 here; save the file as CSV in UTF-8")
        return None


def _header_problems(file: str, header: list[str], schema: TableSchema) -> list[CellProblem]:
    problems = []
    for name in schema.columns:
        if name not in header:
            problems.append(CellProblem(file, 1, name, "this column is missing; add it, empty if need be"))
    for name in header:
        if name not in schema.columns:
            near = did_you_mean(name, schema.columns)
            problems.append(CellProblem(file, 1, name, f"no such column is described in {METADATA}{near}"))
    if len(set(header)) < len(header):
        problems.append(CellProblem(file, 1, "", "a column stands here twice; remove one"))
    return problems


def _row(
    file: str,
    number: int,
    header: list[str],
    cells: list[str],
    schema: TableSchema,
    reading: Reading,
) -> Row | None:
    if not any(cells):
        reading.add(file, number, "", "the row is empty; delete it")
        return None
    if len(cells) != len(header):
        message = f"has {len(cells)} cells, but the header has {len(header)}; check commas and quotes"
        reading.add(file, number, "", message)
        reading.spoilt.setdefault(schema.name, set()).add(cells[0].strip())
        return None
    values: dict[str, Any] = {}
    for name, cell in zip(header, cells, strict=True):
        column = schema.columns[name]
        text = cell.strip()
        if not text:
            if column.required:
                reading.add(file, number, name, "is empty, but has to be filled")
            values[name] = () if column.separator else ""
            continue
        parts = tuple(part.strip() for part in text.split(column.separator)) if column.separator else (text,)
        for part in parts:
            if problem := value_problem(part, column):
                reading.add(file, number, name, problem)
        values[name] = parts if column.separator else text
    return Row(schema.name, number, values)


def _duplicates(file: str, rows: list[Row], schema: TableSchema) -> Iterator[CellProblem]:
    first: dict[str, int] = {}
    for row in rows:
        number = first.setdefault(row[schema.key], row.number)
        if number != row.number and row[schema.key]:
            message = f'"{row[schema.key]}" stands already in row {number}; each {schema.key} is used once'
            yield CellProblem(file, row.number, schema.key, message)
