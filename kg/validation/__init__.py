"""VALIDATE: graph and shapes → findings. SPARQL on Oxigraph suspects, pySHACL judges."""

from __future__ import annotations

from typing import Final

from pyoxigraph import Store
from rdflib import Graph

from kg.model import Model
from kg.namespaces import DEFAULT_GRAPHS, Names
from kg.validation.findings import Finding, in_order, located
from kg.validation.prefilter import Prefilter
from kg.validation.shapes import SUBCLASS_OF, complete, shapes_graph, subclasses

__all__ = ["Finding", "located", "validate", "validate_fully"]

_DATA: Final = (*DEFAULT_GRAPHS, "evidence")


def validate(store: Store, shapes: Graph | Model, names: Names) -> list[Finding]:
    """What the shapes find wrong with the data graphs of the store, the worst first.

    The store holds the ontology too, for its subclasses. All its graphs are seen as one, so that no other may
    describe things of ours.
    """
    from kg.validation.judging import judge  # pySHACL takes 0.8 s to import, and most commands do without

    below = subclasses(store)
    used = complete(_graph(shapes), below, names)
    return in_order(judge(store, used, Prefilter(used, below).suspicions(store)))


def validate_fully(store: Store, shapes: Graph | Model, names: Names) -> list[Finding]:
    """The same by pySHACL alone, which looks at every node: slow, and the measure of `validate`."""
    from kg.validation.judging import judge_everything

    graphs = [names.graph(name) for name in _DATA]
    data = [quad for graph in graphs for quad in store.quads_for_pattern(None, None, None, graph)]
    data.extend(store.quads_for_pattern(None, SUBCLASS_OF, None))
    return in_order(judge_everything(data, complete(_graph(shapes), subclasses(store), names)))


def _graph(shapes: Graph | Model) -> Graph:
    return shapes_graph(shapes) if isinstance(shapes, Model) else shapes
