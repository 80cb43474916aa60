"""References between tables: free-text names become keys, and what does not exist is named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kg.errors import CellProblem
from kg.tables.nearest import did_you_mean
from kg.tables.rows import Row, Tables
from kg.tables.schemas import Column


def resolve(tables: Tables, concepts: Mapping[str, frozenset[str]], which: Iterable[str]) -> Iterator[CellProblem]:
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
            message = f'"{row["class"]}" is no class of things{did_you_mean(row["class"], keys)}'
            yield CellProblem("aliases.csv", row.number, "class", message)
        elif row["key"] not in keys[row["class"]]:
            message = f'there is no {row["class"]} "{row["key"]}"{did_you_mean(row["key"], keys[row["class"]])}'
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
        return name, f'the scheme {column.scheme} has no "{name}"{did_you_mean(name, known)}'
    for target in column.targets:
        if name in keys.get(target, ()):
            return name, None
        if (target, name) in aliases:
            return aliases[target, name], None
    candidates = {key for target in column.targets for key in keys.get(target, ())}
    what = " or ".join(column.targets)
    return name, f'there is no {what} "{name}"{did_you_mean(name, candidates)}'
