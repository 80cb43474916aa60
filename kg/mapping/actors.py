"""Actors and their engagements."""

from __future__ import annotations

from collections.abc import Iterator

from kg.errors import CellProblem
from kg.mapping.triples import Context, Mapped, decimals, labels, links, partial_date, texts
from kg.namespaces import FOAF, ORG, SCHEMA, SKOS
from kg.tables import Row, Tables


def check_engagements(tables: Tables) -> Iterator[CellProblem]:
    """An engagement is in one thing: a partnership, an activity, an authority (perhaps with a country) or a country."""
    for row in tables["engagements"]:
        named = [column for column in ("partnership", "activity", "authority") if row[column]]
        if len(named) > 1:
            message = f"{' and '.join(named)} are both filled; write one row for each"
            yield CellProblem("engagements.csv", row.number, named[1], message)
        if not named and not row["country"]:
            message = "says not in what; fill partnership, authority, country or activity"
            yield CellProblem("engagements.csv", row.number, "partnership", message)


def map_actor(row: Row, context: Context) -> Iterator[Mapped]:
    """An organisation or office."""
    subject, names = context.subject(row), context.names
    yield context.typed(subject, "Actor")
    yield from labels(row, subject, "name")
    yield from texts(row, subject, "alt_names", SKOS["altLabel"])
    yield from context.refs(row, subject, "kind", names.term("actorKind"))
    yield from context.refs(row, subject, "sector", names.term("sector"))
    yield from context.refs(row, subject, "seat", names.term("seat"))
    yield from context.refs(row, subject, "seat_basis", names.term("seatBasis"))
    yield from context.refs(row, subject, "countries", names.term("country"))
    yield from links(row, subject, "homepage", FOAF["homepage"])
    yield from context.refs(row, subject, "parent", ORG["subOrganizationOf"])
    yield from partial_date(row, subject, "founded", SCHEMA["foundingDate"])
    yield from partial_date(row, subject, "dissolved", SCHEMA["dissolutionDate"])
    yield from context.origin(row, subject)


def map_engagement(row: Row, context: Context) -> Iterator[Mapped]:
    """What an actor or authority does, in what, and since when."""
    subject, names = context.subject(row), context.names
    yield context.typed(subject, "Engagement")
    yield from context.refs(row, subject, "agent", names.term("agent"))
    yield from context.refs(row, subject, "role", names.term("role"))
    for column in ("partnership", "authority", "activity"):
        yield from context.refs(row, subject, column, names.term("engagedIn"))
    narrowed = "withCountry" if row["authority"] or row["partnership"] or row["activity"] else "engagedIn"
    yield from context.refs(row, subject, "country", names.term(narrowed))
    yield from context.dates(row, subject)
    yield from context.refs(row, subject, "basis", names.term("basis"))
    yield from decimals(row, subject, "amount", names.term("amount"))
    yield from texts(row, subject, "currency", names.term("currency"))
    yield from context.origin(row, subject)
