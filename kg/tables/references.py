"""References between tables: free-text names become keys, and what does not exist is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from kg.errors import CellProblem
from kg.tables.nearest import did_you_mean
from kg.tables.rows import Reading, Row, Tables
from kg.tables.schemas import Column


def resolve(
    tables: Tables, concepts: Mapping[str, frozenset[str]], which: Iterable[str], reading: Reading
) -> Iterator[CellProblem]:
    """Replaces free-text names by keys, and yields every reference to something that does not exist.

    Into a table that could not be read nothing is checked; a table without rows is told once.
    """
    for schema in tables.schemas.values():
        if schema.kind:
            spoilt = reading.spoilt.get(schema.name, set())
            tables.keys[schema.kind] = {row["key"] for row in tables[schema.name]} | spoilt
    names = _Names(tables, concepts, reading)
    if "aliases" in which:
        yield from _alias_problems(tables["aliases"], names)
    for name in which:
        schema = tables.schemas[name]
        columns = [column for column in schema.columns.values() if column.scheme or column.targets]
        for row in tables.rows.get(name, ()):
            for column in columns:
                yield from _resolve_cell(row, column, names)
    for table, needed in sorted(names.needed.items()):
        message = f"has no rows, but {needed:,} cells of other tables name some; is the right file here?"
        yield CellProblem(f"{table}.csv", 0, "", message)


class _Names:
    """Every name that a reference may use, and how often a table without rows is needed."""

    def __init__(self, tables: Tables, concepts: Mapping[str, frozenset[str]], reading: Reading) -> None:
        self.keys, self.concepts = tables.keys, concepts
        self.aliases = {(row["class"], row["name"]): row["key"] for row in tables["aliases"]}
        kinds = {schema.kind: schema.name for schema in tables.schemas.values() if schema.kind}
        self._unreadable = {kind for kind, table in kinds.items() if table in reading.unreadable}
        self._empty = {kind: table for kind, table in kinds.items() if not self.keys[kind]}
        self.needed: Counter[str] = Counter()

    def in_doubt(self, kind: str) -> bool:
        """Whether nobody can tell which things of this class there are."""
        if kind in self._unreadable:
            return True
        if kind in self._empty:
            self.needed[self._empty[kind]] += 1
            return True
        return False


def _alias_problems(rows: list[Row], names: _Names) -> Iterator[CellProblem]:
    for row in rows:
        kind, key = row["class"], row["key"]
        if kind not in names.keys:
            message = f'"{kind}" is no class of things{did_you_mean(kind, names.keys)}'
            yield CellProblem("aliases.csv", row.number, "class", message)
        elif key not in names.keys[kind] and not names.in_doubt(kind):
            message = f'there is no {kind} "{key}"{did_you_mean(key, names.keys[kind])}'
            yield CellProblem("aliases.csv", row.number, "key", message)


def _resolve_cell(row: Row, column: Column, names: _Names) -> Iterator[CellProblem]:
    value = row.cells[column.name]
    if not value:
        return
    resolved = []
    for name in value if column.separator else (value,):
        key, message = _find(name, column, names)
        if message:
            yield CellProblem(f"{row.table}.csv", row.number, column.name, message)
        resolved.append(key)
    row.cells[column.name] = tuple(resolved) if column.separator else resolved[0]  # type: ignore[index]


def _find(name: str, column: Column, names: _Names) -> tuple[str, str | None]:
    if column.scheme:
        known = names.concepts.get(column.scheme, frozenset())
        if name in known:
            return name, None
        return name, f'the scheme {column.scheme} has no "{name}"{did_you_mean(name, known)}'
    for target in column.targets:
        if name in names.keys[target]:
            return name, None
        if (target, name) in names.aliases:
            return names.aliases[target, name], None
    if any(names.in_doubt(target) for target in column.targets):
        return name, None
    candidates = {key for target in column.targets for key in names.keys[target]}
    what = " or ".join(column.targets)
    return name, f'there is no {what} "{name}"{did_you_mean(name, candidates)}'
