"""READ: CSV files and their CSVW description → checked rows, or every mistake with file, row and column."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pyoxigraph import NamedNode
from rapidfuzz import fuzz, process

from kg.dates import date_problem
from kg.errors import CellProblem, TablesInvalidError
from kg.namespaces import DEFAULT_BASE, is_key

METADATA: Final = "csv-metadata.json"
_MARKUP: Final = re.compile(r"</?[A-Za-z][^>]*>|&[a-z]+;|&#\d+;")


@dataclass(frozen=True, slots=True)
class Column:
    """One column as the CSVW description has it.

    `targets` are the classes of things a cell may name by key; `scheme` is the SKOS scheme whose concepts it
    may name; `separator` is empty for a cell with one value.
    """

    name: str
    datatype: str
    pattern: str | None
    required: bool
    separator: str
    scheme: str | None
    targets: tuple[str, ...]
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TableSchema:
    """One table as the CSVW description has it; `kind` is the class in the IRIs of its rows, if they get one."""

    name: str
    kind: str | None
    key: str
    columns: Mapping[str, Column]
    titles: Mapping[str, str]


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


def read_schemas(folder: Path) -> dict[str, TableSchema]:
    """The tables that `folder/csv-metadata.json` (CSVW) describes, by name.

    Raises `TablesInvalidError` when the description is missing or no JSON.
    """
    path = folder / METADATA
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TablesInvalidError([CellProblem(METADATA, 0, "", f"cannot be read: {error}")]) from error
    return {schema.name: schema for schema in map(_schema, description["tables"])}


def read_tables(folder: Path, concepts: Mapping[str, frozenset[str]]) -> Tables:
    """Every table in `folder`, checked cell by cell and reference by reference.

    `concepts` has the keys of each SKOS scheme. A table without a file is empty. Raises
    `TablesInvalidError` with every problem of every file.
    """
    schemas = read_schemas(folder)
    problems: list[CellProblem] = []
    rows = {
        name: read_table(folder / f"{name}.csv", schema, problems)
        for name, schema in schemas.items()
        if (folder / f"{name}.csv").exists()
    }
    for path in sorted(folder.glob("*.csv")):
        if path.stem not in schemas:
            problems.append(CellProblem(path.name, 0, "", f"is not described in {METADATA}; add it there"))
    tables = Tables(schemas, rows)
    problems.extend(_resolve(tables, concepts, rows))
    if problems:
        raise TablesInvalidError(problems)
    return tables


def check_table(path: Path, table: str, folder: Path, concepts: Mapping[str, frozenset[str]]) -> list[CellProblem]:
    """Every problem of the file `path` read in place of `table` among the tables of `folder`."""
    schemas = read_schemas(folder)
    problems: list[CellProblem] = []
    rows = {
        name: read_table(folder / f"{name}.csv", schema, [])
        for name, schema in schemas.items()
        if name != table and (folder / f"{name}.csv").exists()
    }
    rows[table] = read_table(path, schemas[table], problems)
    problems.extend(_resolve(Tables(schemas, rows), concepts, [table]))
    return sorted(set(problems))


def read_table(path: Path, schema: TableSchema, problems: list[CellProblem]) -> list[Row]:
    """The rows of one file; what cannot be used is left out and added to `problems`."""
    text = _decoded(path, problems)
    if text is None:
        return []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    number = 0
    try:
        header = next(reader, [])
        number = 1
        missing = _header_problems(path.name, header, schema)
        problems.extend(missing)
        if missing:
            return []
        for number, cells in enumerate(reader, start=2):
            row = _row(path.name, number, header, cells, schema, problems)
            if row is not None:
                rows.append(row)
    except csv.Error as error:
        message = f"the quotes do not match ({error}); write a quote inside a quoted cell twice"
        problems.append(CellProblem(path.name, number + 1, "", message))
    problems.extend(_duplicates(path.name, rows, schema))
    return rows


def _schema(table: Mapping[str, Any]) -> TableSchema:
    description = table["tableSchema"]
    about = description.get("aboutUrl", "")
    columns = {column["name"]: _column(column) for column in description["columns"]}
    return TableSchema(
        name=table["url"].removesuffix(".csv"),
        kind=about.split("/")[-2] if about else None,
        key=description["primaryKey"],
        columns=columns,
        titles=_by_language(table["dc:title"]),
    )


def _column(column: Mapping[str, Any]) -> Column:
    datatype = column["datatype"]
    if isinstance(datatype, str):
        datatype = {"base": datatype}
    scheme, targets = None, tuple(column.get("schema:rangeIncludes", ()))
    family, _, name = column.get("valueUrl", "").removeprefix(DEFAULT_BASE).partition("/")
    if family == "vocab":
        scheme = name.partition("/")[0]
    elif family == "id":
        targets = (name.partition("/")[0],)
    return Column(
        name=column["name"],
        datatype=datatype.get("dc:title", datatype["base"]),
        pattern=datatype.get("format"),
        required=column.get("required", False),
        separator=column.get("separator", ""),
        scheme=scheme,
        targets=targets,
        titles=column["titles"],
        descriptions=_by_language(column["dc:description"]),
    )


def _by_language(values: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {value["@language"]: value["@value"] for value in values}


def _decoded(path: Path, problems: list[CellProblem]) -> str | None:
    try:
        data = path.read_bytes()
    except OSError as error:
        problems.append(CellProblem(path.name, 0, "", f"cannot be read: {error.strerror}"))
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        problems.append(CellProblem(path.name, row, "", "is not UTF-8 here; save the file as CSV in UTF-8"))
        return None


def _header_problems(file: str, header: list[str], schema: TableSchema) -> list[CellProblem]:
    problems = []
    for name in schema.columns:
        if name not in header:
            problems.append(CellProblem(file, 1, name, "this column is missing; add it, empty if need be"))
    for name in header:
        if name not in schema.columns:
            near = _nearest(name, schema.columns)
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
    problems: list[CellProblem],
) -> Row | None:
    if not any(cells):
        problems.append(CellProblem(file, number, "", "the row is empty; delete it"))
        return None
    if len(cells) != len(header):
        message = f"has {len(cells)} cells, but the header has {len(header)}; check commas and quotes"
        problems.append(CellProblem(file, number, "", message))
        return None
    values: dict[str, Any] = {}
    for name, cell in zip(header, cells, strict=True):
        column = schema.columns[name]
        text = cell.strip()
        if not text:
            if column.required:
                problems.append(CellProblem(file, number, name, "is empty, but has to be filled"))
            values[name] = () if column.separator else ""
            continue
        parts = tuple(part.strip() for part in text.split(column.separator)) if column.separator else (text,)
        for part in parts:
            if problem := _value_problem(part, column):
                problems.append(CellProblem(file, number, name, problem))
        values[name] = parts if column.separator else text
    return Row(schema.name, number, values)


def _value_problem(text: str, column: Column) -> str | None:
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
}


def _duplicates(file: str, rows: list[Row], schema: TableSchema) -> Iterator[CellProblem]:
    first: dict[str, int] = {}
    for row in rows:
        number = first.setdefault(row[schema.key], row.number)
        if number != row.number and row[schema.key]:
            message = f'"{row[schema.key]}" stands already in row {number}; each {schema.key} is used once'
            yield CellProblem(file, row.number, schema.key, message)


def _resolve(tables: Tables, concepts: Mapping[str, frozenset[str]], which: Iterable[str]) -> Iterator[CellProblem]:
    """Replaces free-text names by keys, and yields every reference to something that does not exist."""
    keys = tables.keys
    for schema in tables.schemas.values():
        if schema.kind:
            keys[schema.kind] = {row["key"] for row in tables[schema.name]}
    aliases = {(row["class"], row["name"]): row["key"] for row in tables["aliases"]}
    yield from _alias_problems(tables["aliases"], keys, which)
    for name in which:
        schema = tables.schemas[name]
        columns = [column for column in schema.columns.values() if column.scheme or column.targets]
        for row in tables.rows.get(name, ()):
            for column in columns:
                yield from _resolve_cell(row, column, keys, concepts, aliases)


def _alias_problems(rows: list[Row], keys: Mapping[str, set[str]], which: Iterable[str]) -> Iterator[CellProblem]:
    if "aliases" not in which:
        return
    for row in rows:
        if row["class"] not in keys:
            message = f'"{row["class"]}" is no class of things{_nearest(row["class"], keys)}'
            yield CellProblem("aliases.csv", row.number, "class", message)
        elif row["key"] not in keys[row["class"]]:
            message = f'there is no {row["class"]} "{row["key"]}"{_nearest(row["key"], keys[row["class"]])}'
            yield CellProblem("aliases.csv", row.number, "key", message)


def _resolve_cell(
    row: Row,
    column: Column,
    keys: Mapping[str, set[str]],
    concepts: Mapping[str, frozenset[str]],
    aliases: Mapping[tuple[str, str], str],
) -> Iterator[CellProblem]:
    value = row.cells[column.name]
    if not value:
        return
    resolved = []
    for name in value if column.separator else (value,):
        key, message = _find(name, column, keys, concepts, aliases)
        if message:
            yield CellProblem(f"{row.table}.csv", row.number, column.name, message)
        resolved.append(key)
    row.cells[column.name] = tuple(resolved) if column.separator else resolved[0]  # type: ignore[index]


def _find(
    name: str,
    column: Column,
    keys: Mapping[str, set[str]],
    concepts: Mapping[str, frozenset[str]],
    aliases: Mapping[tuple[str, str], str],
) -> tuple[str, str | None]:
    if column.scheme:
        known = concepts.get(column.scheme, frozenset())
        if name in known:
            return name, None
        return name, f'the scheme {column.scheme} has no "{name}"{_nearest(name, known)}'
    for target in column.targets:
        if name in keys.get(target, ()):
            return name, None
        if (target, name) in aliases:
            return aliases[target, name], None
    candidates = {key for target in column.targets for key in keys.get(target, ())}
    what = " or ".join(column.targets)
    return name, f'there is no {what} "{name}"{_nearest(name, candidates)}'


def _nearest(name: str, candidates: Iterable[str]) -> str:
    found = process.extractOne(name, sorted(candidates), scorer=fuzz.WRatio, score_cutoff=70)
    return f'; did you mean "{found[0]}"?' if found else ""
