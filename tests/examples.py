"""The examples of the ontology: a small world in which all is well, and one thing wrong at a time to put into it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from kg.model import Model
from kg.namespaces import RDF_TYPE, SKOS, Names
from tests.conftest import ROOT

MODEL = Model(ROOT / "ontology", Names())
VALID = sorted((ROOT / "ontology" / "examples" / "valid").glob("*.ttl"))
INVALID = sorted((ROOT / "ontology" / "examples" / "invalid").glob("*.ttl"))


@cache
def statements(path: Path) -> list[Quad]:
    """What the file states, in the asserted graph."""
    graph = MODEL.names.graph("asserted")
    quads = parse(path=path, format=RdfFormat.TURTLE)
    return [Quad(quad.subject, quad.predicate, quad.object, graph) for quad in quads]


def described(path: Path) -> set[str]:
    """The things that the file describes."""
    return {quad.subject.value for quad in statements(path) if quad.predicate == RDF_TYPE}


def store_of(paths: Iterable[Path]) -> Store:
    """The model and what the files state; of the codes only the schemes and the concepts that the files mention."""
    store = Store()
    quads = [quad for path in paths for quad in statements(path)]
    kept = {quad.object for quad in quads}
    kept.update(quad.subject for quad in MODEL.quads if quad.object == SKOS["ConceptScheme"])
    codes = MODEL.names.graph("codes")
    store.extend(quad for quad in MODEL.quads if quad.graph_name != codes or quad.subject in kept)
    store.extend(quads)
    return store


def local(iri: str | NamedNode) -> str:
    """The name of a shape without its namespace."""
    return str(iri).rpartition("/")[2]
