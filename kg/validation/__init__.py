"""VALIDATE: graph and shapes → findings. SPARQL on Oxigraph suspects, pySHACL judges."""

from __future__ import annotations

from typing import Final

from pyoxigraph import Store
from rdflib import RDFS, Graph, URIRef

from kg.model import Model
from kg.namespaces import DEFAULT_GRAPHS, Names
from kg.validation.findings import SEVERITIES, Finding, in_order, located
from kg.validation.prefilter import Prefilter
from kg.validation.shapes import complete, rdflib_node, rdflib_term, shapes_graph, subclasses

__all__ = ["SEVERITIES", "Finding", "located", "validate", "validate_fully"]

_DATA: Final = (*DEFAULT_GRAPHS, "evidence")


def validate(store: Store, shapes: Graph | Model, names: Names) -> list[Finding]:
    """What the shapes find wrong with the data graphs of the store, the worst first.

    The store holds the ontology too, for its subclasses. Its other graphs must not describe things of ours,
    since all graphs are seen as one.
    """
    from kg.validation.judging import judge  # pySHACL takes long to import, and reading a release needs none

    below = subclasses(store)
    used = _usable(shapes, names, store)
    return in_order(judge(store, used, Prefilter(used, below).suspects(store)))


def validate_fully(store: Store, shapes: Graph | Model, names: Names) -> list[Finding]:
    """The same by pySHACL alone, which looks at every node: slow, and the measure of `validate`."""
    from kg.validation.judging import judge_everything

    data = Graph()
    for name in _DATA:
        for quad in store.quads_for_pattern(None, None, None, names.graph(name)):
            data.add((rdflib_node(quad.subject), URIRef(quad.predicate.value), rdflib_term(quad.object)))
    for above, classes in subclasses(store).items():
        for name in classes:
            data.add((name, RDFS.subClassOf, above))
    return in_order(judge_everything(data, _usable(shapes, names, store)))


def _usable(shapes: Graph | Model, names: Names, store: Store) -> Graph:
    graph = shapes_graph(shapes) if isinstance(shapes, Model) else shapes
    return complete(graph, subclasses(store), names)
