"""MAP: checked rows → triples, one module a family of tables; pure, so a triple can be traced by mapping again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from pyoxigraph import NamedNode, Quad

from kg.errors import CellProblem
from kg.mapping import activities, actors, authorities, claims, partnerships, withdrawals
from kg.mapping.triples import Context, Mapped
from kg.namespaces import Names
from kg.tables import Row, Tables

Mapper = Callable[[Row, Context], Iterator[Mapped]]

MAPPERS: Final[Mapping[str, tuple[str, Mapper]]] = {
    "countries": ("asserted", authorities.map_country),
    "places": ("asserted", authorities.map_place),
    "authorities": ("asserted", authorities.map_authority),
    "partnerships": ("asserted", partnerships.map_partnership),
    "phases": ("asserted", partnerships.map_phase),
    "acts": ("asserted", partnerships.map_act),
    "actors": ("asserted", actors.map_actor),
    "engagements": ("asserted", actors.map_engagement),
    "programmes": ("asserted", activities.map_activity),
    "projects": ("asserted", activities.map_activity),
    "offers": ("asserted", activities.map_activity),
    "events": ("asserted", activities.map_activity),
    "publications": ("asserted", activities.map_publication),
    "statements": ("evidence", claims.map_statement),
    "sources": ("evidence", claims.map_source),
    "links": ("links", authorities.map_link),
}


def check_rows(tables: Tables) -> list[CellProblem]:
    """What no single cell shows: rows that contradict rows of another table."""
    return [
        *partnerships.check_phases(tables),
        *actors.check_engagements(tables),
        *withdrawals.check_withdrawals(tables),
    ]


def map_tables(tables: Tables, names: Names) -> Iterator[Quad]:
    """The quads that the rows of all tables but links make."""
    for table in MAPPERS:
        if table != "links":
            yield from map_table(table, tables, names)


def map_table(table: str, tables: Tables, names: Names) -> Iterator[Quad]:
    """The quads that the rows of one table make, in its named graph."""
    context = Context.of(tables, names)
    graph_name, mapper = MAPPERS[table]
    graph = names.graph(graph_name)
    for row in tables[table]:
        for subject, predicate, value, _ in mapper(row, context):
            yield Quad(subject, predicate, value, graph)


def trace(tables: Tables, names: Names, subjects: set[NamedNode]) -> dict[NamedNode, list[tuple[Row, str, NamedNode]]]:
    """Which row and column made each triple about `subjects`: subject → (row, column, predicate), in order.

    Maps every row once more and keeps what is asked for, so that a build without findings pays nothing.
    """
    context = Context.of(tables, names)
    found: dict[NamedNode, list[tuple[Row, str, NamedNode]]] = {}
    for table, (_, mapper) in MAPPERS.items():
        for row in tables[table]:
            for subject, predicate, _, column in mapper(row, context):
                if subject in subjects:
                    found.setdefault(subject, []).append((row, column, predicate))
    return found
