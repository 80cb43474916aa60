"""The CSVW description of the tables: what each column may hold."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kg.errors import CellProblem, TablesInvalidError
from kg.namespaces import DEFAULT_BASE

METADATA: Final = "csv-metadata.json"


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


def read_schemas(folder: Path) -> dict[str, TableSchema]:
    """The tables that `folder/csv-metadata.json` (CSVW) describes, by name.

    Raises `TablesInvalidError` when the description is missing or no JSON.
    """
    path = folder / METADATA
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"cannot be read from {folder} ({error.strerror}); the description of the tables belongs beside them"
        raise TablesInvalidError([CellProblem(METADATA, 0, "", message)]) from error
    except ValueError as error:
        raise TablesInvalidError([CellProblem(METADATA, 0, "", f"is no JSON: {error}")]) from error
    return {schema.name: schema for schema in map(_schema, description["tables"])}


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
