"""Partnerships, their phases and their legal acts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pyoxigraph import NamedNode

from kg.errors import CellProblem
from kg.mapping.triples import Context, Mapped, partial_date
from kg.namespaces import DCT
from kg.tables import Row, Tables

_PHASE_COLUMNS: Final = ("form", "since", "until", "status")


def check_phases(tables: Tables) -> Iterator[CellProblem]:
    """A partnership has its one phase in partnerships.csv or all of them in phases.csv, never both."""
    with_phases = {row["partnership"] for row in tables["phases"]}
    for row in tables["partnerships"]:
        if row["key"] in with_phases:
            for column in _PHASE_COLUMNS:
                if row[column]:
                    message = f'"{row[column]}" belongs into phases.csv, which has phases of {row["key"]}; empty it'
                    yield CellProblem("partnerships.csv", row.number, column, message)


def map_partnership(row: Row, context: Context) -> Iterator[Mapped]:
    """A partnership, with its phase where it has but one."""
    subject, names = context.subject(row), context.names
    yield context.typed(subject, "Partnership")
    yield from context.refs(row, subject, "parties", names.term("hasParty"))
    yield from context.refs(row, subject, "former_parties", names.term("formerParty"))
    yield from context.refs(row, subject, "verification", names.term("verification"))
    yield from context.refs(row, subject, "purposes", names.term("purpose"))
    yield from context.refs(row, subject, "topics", DCT["subject"])
    yield from context.origin(row, subject)
    if row["key"] not in context.with_phases:
        phase = names.entity("phase", f"{row['key']}.p1")
        yield subject, names.term("hasPhase"), phase, "key"
        yield context.typed(phase, "PartnershipPhase")
        yield from _phase(row, context, phase)
        yield from context.refs(row, phase, "sources", DCT["source"])


def map_phase(row: Row, context: Context) -> Iterator[Mapped]:
    """One of several phases of a partnership."""
    subject, names = context.subject(row), context.names
    yield (
        context.thing(row, "partnership", row["partnership"]),
        names.term("hasPhase"),
        subject,
        "partnership",
    )
    yield context.typed(subject, "PartnershipPhase")
    yield from _phase(row, context, subject)
    yield from context.origin(row, subject)


def map_act(row: Row, context: Context) -> Iterator[Mapped]:
    """A legal act or event of a partnership."""
    subject, names = context.subject(row), context.names
    yield context.thing(row, "partnership", row["partnership"]), names.term("hasAct"), subject, "partnership"
    yield context.typed(subject, "LegalAct")
    yield from context.refs(row, subject, "kind", names.term("actKind"))
    yield from partial_date(row, subject, "date", DCT["date"])
    yield from context.refs(row, subject, "party", names.term("byParty"))
    yield from context.origin(row, subject)


def _phase(row: Row, context: Context, phase: NamedNode) -> Iterator[Mapped]:
    yield from context.refs(row, phase, "form", context.names.term("form"))
    yield from context.refs(row, phase, "status", context.names.term("status"))
    yield from context.dates(row, phase)
