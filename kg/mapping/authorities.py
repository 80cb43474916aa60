"""Countries, places, territorial authorities, and their links to other datasets."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode

from kg.mapping.triples import (
    Context,
    Mapped,
    decimals,
    labels,
    links,
    local_label,
    notes,
    partial_date,
    texts,
)
from kg.namespaces import DCT, FOAF, GEO, RDF_TYPE, SCHEMA, SKOS, WGS, XSD
from kg.tables import Row


def map_country(row: Row, context: Context) -> Iterator[Mapped]:
    """A country with its code and the box that its coordinates lie in."""
    subject, names = context.subject(row), context.names
    yield context.typed(subject, "Country")
    yield from labels(row, subject, "name")
    yield from texts(row, subject, "code", names.term("isoCode"))
    for side in ("south", "west", "north", "east"):
        yield from decimals(row, subject, side, names.term(f"{side}Bound"))


def map_place(row: Row, context: Context) -> Iterator[Mapped]:
    """A place with its position, as WGS 84 numbers and as a GeoSPARQL point (OGC 22-047r1, 8.4)."""
    subject, names = context.subject(row), context.names
    yield context.typed(subject, "Place")
    yield from labels(row, subject, "name", same_in_english=True)
    yield from local_label(row, subject)
    yield from context.refs(row, subject, "country", names.term("country"))
    yield from context.refs(row, subject, "within", GEO["sfWithin"])
    yield from decimals(row, subject, "lat", WGS["lat"])
    yield from decimals(row, subject, "lon", WGS["long"])
    if row["lat"] and row["lon"]:
        geometry = names.entity("geometry", row["key"])
        point = Literal(f"POINT({row['lon']} {row['lat']})", datatype=GEO["wktLiteral"])
        yield subject, GEO["hasGeometry"], geometry, "lat"
        yield geometry, RDF_TYPE, GEO["Geometry"], "lat"
        yield geometry, GEO["asWKT"], point, "lat"


def map_authority(row: Row, context: Context) -> Iterator[Mapped]:
    """A territorial authority: its names, level, place, containment and official keys."""
    subject, names = context.subject(row), context.names
    yield context.typed(subject, "TerritorialAuthority")
    yield from labels(row, subject, "name", same_in_english=True)
    yield from local_label(row, subject)
    yield from texts(row, subject, "alt_names", SKOS["altLabel"])
    yield from context.refs(row, subject, "level", names.term("level"))
    yield from context.refs(row, subject, "place", names.term("place"))
    yield from context.refs(row, subject, "part_of", DCT["isPartOf"])
    yield from texts(row, subject, "ags", names.term("ags"))
    if row["population"]:
        value = Literal(row["population"], datatype=XSD["integer"])
        yield subject, names.term("population"), value, "population"
    yield from links(row, subject, "homepage", FOAF["homepage"])
    yield from context.refs(row, subject, "replaced_by", DCT["isReplacedBy"])
    yield from partial_date(row, subject, "dissolved", SCHEMA["dissolutionDate"])
    yield from context.origin(row, subject)


def map_link(row: Row, context: Context) -> Iterator[Mapped]:
    """A link to another dataset, with the record of what it rests on."""
    record, names = context.subject(row), context.names
    column = "authority" if row["authority"] else "place"
    subject, target = context.thing(row, column, row[column]), NamedNode(row["target"])
    yield subject, SCHEMA["sameAs"], target, "target"
    yield context.typed(record, "LinkRecord")
    yield record, names.term("subject"), subject, column
    yield record, names.term("target"), target, "target"
    yield from context.refs(row, record, "basis", names.term("basis"))
    yield from decimals(row, record, "confidence", names.term("confidence"))
    yield from partial_date(row, record, "date", DCT["date"])
    yield from notes(row, record)
