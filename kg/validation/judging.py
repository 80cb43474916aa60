"""pySHACL judges: its results, for suspected nodes or for everything, as findings."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pyoxigraph import Store
from pyshacl import Validator
from pyshacl import validate as validate_all
from pyshacl.graph_abstraction import OxigraphDataGraph
from rdflib import SH, Graph, URIRef

from kg.validation.findings import Finding
from kg.validation.shapes import first_property, messages, rdflib_term

if TYPE_CHECKING:
    from kg.validation.prefilter import Check


class _AllGraphs(OxigraphDataGraph):
    """The graphs of a store as one.

    pySHACL asks for the truth of its data graph with every result, which would count all triples each time.
    """

    def __bool__(self) -> bool:
        return True


def judge(store: Store, shapes: Graph, suspects: Iterable[tuple[Check, list[Any]]]) -> Iterator[Finding]:
    """What pySHACL finds wrong with each suspected node by the shape that suspects it."""
    data = _AllGraphs(store)
    data.default_union = True
    validator = Validator(data, shacl_graph=shapes)
    executor = validator.make_executor()
    known = {shape.node: shape for shape in validator.shacl_graph.shapes}
    with _quietly():
        for check, nodes in suspects:
            focus = [rdflib_term(node) for node in nodes] or None
            _, results = known[check.shape].validate(executor, data, focus=focus)
            for _, result, triples in results:
                yield _finding(shapes, {p: _node(o) for s, p, o in triples if s == result})


def judge_everything(data: Graph, shapes: Graph) -> Iterator[Finding]:
    """What pySHACL finds wrong with the whole graph."""
    with _quietly():
        _, report, _ = validate_all(data, shacl_graph=shapes)
    for result in report.objects(None, SH.result):
        yield _finding(shapes, dict(report.predicate_objects(result)))


def _finding(shapes: Graph, result: Mapping[Any, Any]) -> Finding:
    shape = result[SH.sourceShape]
    path = result.get(SH.resultPath)
    if not isinstance(path, URIRef):
        path = first_property(shapes, shapes.value(shape, SH.path))
    value = result.get(SH.value)
    return Finding(
        focus=str(result[SH.focusNode]),
        shape=str(shape),
        path=None if path is None else str(path),
        value=None if value is None else str(value),
        severity=str(result[SH.resultSeverity]).rpartition("#")[2].lower(),
        messages=messages(shapes, result.get(SH.sourceConstraint, shape)) or messages(shapes, shape),
    )


def _node(term: Any) -> Any:  # noqa: ANN401  pySHACL pairs a node with the graph that it comes from
    return term[1] if isinstance(term, tuple) else term


@contextmanager
def _quietly() -> Iterator[None]:
    """An ill-typed literal is a finding, so rdflib need not warn of it as well."""
    logger = logging.getLogger("rdflib.term")
    level = logger.level
    logger.setLevel(logging.ERROR + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
