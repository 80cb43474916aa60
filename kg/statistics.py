"""Counts of a release, made once when it is built, so that no page has to count."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pyoxigraph import Store

from kg.namespaces import GRAPHS, Names
from kg.queries import read_query
from kg.store import select


def count(store: Store, names: Names) -> dict[str, Any]:
    """Triples per named graph, things per class, uses per property, and partnerships along each axis."""
    return {
        "triples": {name: _size(store, names, name) for name in GRAPHS},
        "classes": _pairs(store, names, "class-counts", "class"),
        "properties": _pairs(store, names, "property-counts", "property"),
        "partnerships": _partnerships(store, names),
    }


def _size(store: Store, names: Names, graph: str) -> int:
    return sum(1 for _ in store.quads_for_pattern(None, None, None, names.graph(graph)))


def _pairs(store: Store, names: Names, query: str, variable: str) -> dict[str, int]:
    solutions = select(store, read_query(query, names.base))
    return {solution[variable].value: int(solution["count"].value) for solution in solutions}


def _partnerships(store: Store, names: Names) -> dict[str, dict[str, int]]:
    values: dict[str, dict[str, set[str]]] = {
        axis: {} for axis in ("country", "form", "status", "verification", "decade")
    }
    for solution in select(store, read_query("partnership-counts", names.base)):
        partnership = solution["partnership"].value
        found = {axis: solution[axis] for axis in ("country", "form", "status", "verification")}
        for axis, value in found.items():
            values[axis].setdefault(value.value if value is not None else "", set()).add(partnership)
        year = solution["year"]
        decade = f"{year.value[:3]}0" if year is not None else ""
        values["decade"].setdefault(decade, set()).add(partnership)
    return {
        axis: dict(Counter({value: len(things) for value, things in sets.items()})) for axis, sets in values.items()
    }


def count_classes(store: Store, names: Names) -> dict[str, int]:
    """Things per class of ours, by the name of the class."""
    prefix = f"{names.base}def/"
    counts = _pairs(store, names, "class-counts", "class")
    return {iri.removeprefix(prefix): total for iri, total in counts.items() if iri.startswith(prefix)}
