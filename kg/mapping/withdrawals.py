"""Keys that were published once and are withdrawn: they may not come back, and what replaced them exists."""

from __future__ import annotations

from collections.abc import Iterator

from kg.errors import CellProblem
from kg.tables import Tables


def check_withdrawals(tables: Tables) -> Iterator[CellProblem]:
    """A withdrawn key that is in use again, or a successor that is neither in use nor withdrawn itself."""
    withdrawn = {row["id"] for row in tables["withdrawn"]}
    for row in tables["withdrawn"]:
        if _in_use(row["id"], tables):
            message = f'"{row["id"]}" is withdrawn, but a row has this key again; a key is never reused'
            yield CellProblem("withdrawn.csv", row.number, "id", message)
        successor = row["successor"]
        if successor and successor not in withdrawn and not _in_use(successor, tables):
            message = f'"{successor}" is no key in use; name what took the place of {row["id"]}'
            yield CellProblem("withdrawn.csv", row.number, "successor", message)


def _in_use(name: str, tables: Tables) -> bool:
    kind, _, key = name.partition("/")
    return key in tables.keys.get(kind, ())
