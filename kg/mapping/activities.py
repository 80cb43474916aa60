"""Programmes, projects, offers, events and publications."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kg.mapping.triples import Context, Mapped, labels, links, partial_date, texts
from kg.namespaces import DCT, ENTITY_CLASSES, FOAF, SCHEMA
from kg.tables import Row

_OWN_COLUMNS: Final = {"open_to": "openTo", "audiences": "audience", "attendance": "attendance"}


def map_activity(row: Row, context: Context) -> Iterator[Mapped]:
    """A programme, project, offer or event: when, about what, for which partnerships."""
    subject, names = context.subject(row), context.names
    yield from _common(row, context)
    yield from context.dates(row, subject)
    yield from links(row, subject, "homepage", FOAF["homepage"])
    for column, name in _OWN_COLUMNS.items():
        if column in row.cells:
            yield from context.refs(row, subject, column, names.term(name))
    if "places" in row.cells:
        yield from context.refs(row, subject, "places", SCHEMA["location"])


def map_publication(row: Row, context: Context) -> Iterator[Mapped]:
    """A study, guide or other publication."""
    subject = context.subject(row)
    yield from _common(row, context)
    yield from partial_date(row, subject, "issued", DCT["issued"])
    yield from texts(row, subject, "publisher", context.names.term("publisherName"))
    yield from links(row, subject, "url", SCHEMA["url"])
    yield from texts(row, subject, "languages", DCT["language"])


def _common(row: Row, context: Context) -> Iterator[Mapped]:
    subject, names = context.subject(row), context.names
    kind = context.tables.schemas[row.table].kind or ""
    yield context.typed(subject, ENTITY_CLASSES[kind])
    yield from labels(row, subject, "title")
    yield from context.refs(row, subject, "kind", names.term(f"{kind}Kind"))
    yield from context.refs(row, subject, "topics", DCT["subject"])
    yield from context.refs(row, subject, "part_of", DCT["isPartOf"])
    for column in ("partnerships", "authorities", "countries"):
        yield from context.refs(row, subject, column, names.term("concerns"))
    yield from context.origin(row, subject)
