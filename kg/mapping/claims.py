"""Sources, and what each of them claims."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode

from kg.dates import date_literal
from kg.mapping.triples import Context, Mapped, links, notes, partial_date, texts
from kg.namespaces import DCT, RDFS, SCHEMA, XSD
from kg.tables import Row


def map_source(row: Row, context: Context) -> Iterator[Mapped]:
    """A source with its kind, publisher and dates."""
    subject, names = context.subject(row), context.names
    yield context.typed(subject, "Source")
    yield subject, RDFS["label"], Literal(row["title"]), "title"
    yield from texts(row, subject, "publisher", names.term("publisherName"))
    yield from links(row, subject, "url", SCHEMA["url"])
    yield from context.refs(row, subject, "kind", names.term("sourceKind"))
    yield from partial_date(row, subject, "date", DCT["date"])
    yield from partial_date(row, subject, "retrieved", names.term("retrieved"))
    yield from texts(row, subject, "rights", DCT["rights"])
    yield from notes(row, subject)


def map_statement(row: Row, context: Context) -> Iterator[Mapped]:
    """One claim for each thing that the source says in this row, and one for the existence of what it lists."""
    names = context.names
    if row["authority"]:
        about, existence, value = "authority", names.term("isPartyOf"), _boolean(False)
    else:
        about, existence, value = "partnership", names.term("hasParty"), _boolean(row["stance"] != "disputes")
    subject = context.thing(row, about, row[about])
    yield from _claim(row, context, "existence", subject, existence, value, about)
    for column, name in (("since", "startDate"), ("until", "endDate")):
        if row[column]:
            date = date_literal(row[column])
            yield from _claim(row, context, column, subject, names.term(name), date, column)
    if row["since"] and row["act_kind"]:
        claim = names.entity("claim", f"{row['key']}.since")
        yield claim, names.term("actKind"), context.thing(row, "act_kind", row["act_kind"]), "act_kind"
    for column in ("form", "status"):
        if row[column]:
            concept = context.thing(row, column, row[column])
            yield from _claim(row, context, column, subject, names.term(column), concept, column)


def _claim(
    row: Row,
    context: Context,
    part: str,
    subject: NamedNode,
    stated: NamedNode,
    value: NamedNode | Literal,
    column: str,
) -> Iterator[Mapped]:
    names = context.names
    claim = names.entity("claim", f"{row['key']}.{part}")
    yield context.typed(claim, "Claim")
    yield claim, names.term("subject"), subject, "authority" if row["authority"] else "partnership"
    yield claim, names.term("property"), stated, column
    yield claim, names.term("value"), value, column
    yield from context.refs(row, claim, "source", DCT["source"])
    yield from partial_date(row, claim, "date", DCT["date"])
    if part == "existence":
        yield from texts(row, claim, "name_in_source", names.term("nameInSource"))
        yield from notes(row, claim)


def _boolean(value: bool) -> Literal:
    return Literal("true" if value else "false", datatype=XSD["boolean"])
