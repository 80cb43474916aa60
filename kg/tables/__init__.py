"""READ: CSV files and their CSVW description → checked rows, or every mistake with file, row and column."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kg.errors import CellProblem, TablesInvalidError
from kg.tables.references import resolve
from kg.tables.rows import Row, Tables, read_table
from kg.tables.schemas import METADATA, Column, TableSchema, read_schemas

__all__ = [
    "METADATA",
    "Column",
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
    problems.extend(resolve(tables, concepts, rows))
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
    problems.extend(resolve(Tables(schemas, rows), concepts, [table]))
    return sorted(set(problems))
