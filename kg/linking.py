"""LINK: curated matches → link triples, each with the record of what it rests on."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import Literal, Quad

from kg.mapping import map_table
from kg.namespaces import RDFS, Names
from kg.tables import Tables

_TABLE = "links"


def link(tables: Tables, names: Names) -> Iterator[Quad]:
    """The quads of the links graph; a record is called by what it links."""
    yield from map_table(_TABLE, tables, names)
    graph = names.graph("links")
    called = {
        (kind, row["key"]): (row["name_de"], row["name_en"] or row["name_de"])
        for kind, table in (("authority", "authorities"), ("place", "places"))
        for row in tables[table]
    }
    for row in tables[_TABLE]:
        subject = ("authority", row["authority"]) if row["authority"] else ("place", row["place"])
        for language, name in zip(("de", "en"), called[subject], strict=True):
            label = Literal(f"{name} = {row['target']}", language=language)
            yield Quad(names.entity("link", row["key"]), RDFS["label"], label, graph)
