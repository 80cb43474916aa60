"""READ: CSV files and their CSVW description → checked rows, or every mistake with file, row and column."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kg.errors import CellProblem, TablesInvalidError
from kg.tables.references import resolve
from kg.tables.rows import Reading, Row, Tables, read_table
from kg.tables.schemas import METADATA, Column, TableSchema, read_schemas

__all__ = [
    "METADATA",
    "Column",
    "Reading",
    "Row",
    "TableSchema",
    "Tables",
    "check_table",
    "read_schemas",
    "read_table",
    "read_tables",
]


def read_tables(folder: Path, concepts: Mapping[str, frozenset[str]]) -> Tables:
    """Every table in `folder`, checked cell by cell and reference by reference.

    `concepts` has the keys of each SKOS scheme. A table without a file is empty. Raises
    `TablesInvalidError` with every problem of every file.
    """
    schemas = read_schemas(folder)
    reading = Reading()
    rows = _read_present(folder, schemas, reading)
    for path in sorted(folder.glob("*.csv")):
        if path.stem not in schemas:
            reading.add(path.name, 0, "", f"is not described in {METADATA}; add it there")
    tables = Tables(schemas, rows)
    reading.problems.extend(resolve(tables, concepts, list(rows), reading))
    if reading.problems:
        raise TablesInvalidError(reading.problems)
    return tables


def check_table(path: Path, table: str, folder: Path, concepts: Mapping[str, frozenset[str]]) -> list[CellProblem]:
    """Every problem of the file `path` read in place of `table` among the tables of `folder`."""
    schemas = read_schemas(folder)
    others, own = Reading(), Reading()
    rows = _read_present(folder, {name: schema for name, schema in schemas.items() if name != table}, others)
    rows[table] = read_table(path, schemas[table], own)
    own.unreadable |= others.unreadable
    own.problems.extend(resolve(Tables(schemas, rows), concepts, [table], own))
    return sorted(set(own.problems))


def _read_present(folder: Path, schemas: Mapping[str, TableSchema], reading: Reading) -> dict[str, list[Row]]:
    return {
        name: read_table(path, schema, reading)
        for name, schema in schemas.items()
        if (path := folder / f"{name}.csv").exists()
    }
