"""pySHACL judges: its results, for what is suspected or for everything, as findings."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from pyoxigraph import Quad, Store
from pyshacl import Validator
from pyshacl import validate as validate_all
from pyshacl.graph_abstraction import OxigraphDataGraph
from rdflib import SH, Graph, URIRef

from kg.validation.findings import Finding
from kg.validation.prefilter import Suspicion
from kg.validation.shapes import Term, first_property, messages, rdflib_graph


class _AllGraphs(OxigraphDataGraph):
    """The graphs of a store as one.

    pySHACL asks for the truth of its data graph with every result, which would count all triples each time.
    """

    def __bool__(self) -> bool:
        return True


def judge(store: Store, shapes: Graph, suspicions: Iterable[Suspicion]) -> list[Finding]:
    """What pySHACL finds wrong with each suspected node by the shape that suspects it.

    Its shapes are called one by one, because its option `use_shapes` skips shapes that others refer to.
    """
    data = _AllGraphs(store)
    data.default_union = True  # type: ignore[misc]  # its setter stands apart from its getter
    with _quietly():
        validator = Validator(data, shacl_graph=shapes)
        executor = validator.make_executor()
        known = {shape.node: shape for shape in validator.shacl_graph.shapes}
        return [
            _finding(shapes, {p: _node(o) for s, p, o in triples if s == result})
            for suspicion in suspicions
            for _, result, triples in known[suspicion.shape].validate(executor, data, suspicion.nodes or None)[1]
        ]


def judge_everything(quads: Iterable[Quad], shapes: Graph) -> list[Finding]:
    """What pySHACL finds wrong with the quads, seen as one graph."""
    with _quietly():
        _, report, _ = validate_all(rdflib_graph(quads), shacl_graph=shapes)
    results = report.objects(None, SH.result)
    return [_finding(shapes, dict(report.predicate_objects(result))) for result in results]


def _finding(shapes: Graph, result: Mapping[Term, Term]) -> Finding:
    shape, path, value = result[SH.sourceShape], result.get(SH.resultPath), result.get(SH.value)
    if not isinstance(path, URIRef):
        path = shapes.value(shape, SH.path)
    return Finding(
        focus=str(result[SH.focusNode]),
        shape=str(shape),
        path=first_property(shapes, path),
        value=None if value is None else str(value),
        severity=str(result[SH.resultSeverity]).rpartition("#")[2].lower(),
        messages=messages(shapes, result.get(SH.sourceConstraint, shape)) or messages(shapes, shape),
    )


def _node(term: Term) -> Term:
    """A node of a result, which pySHACL may pair with the graph that it comes from."""
    return term[1] if isinstance(term, tuple) else term


@contextmanager
def _quietly() -> Iterator[None]:
    """An ill-typed literal becomes a finding, so rdflib need not warn of it as well."""
    logger = logging.getLogger("rdflib.term")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
