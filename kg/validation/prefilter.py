"""Which nodes may violate a shape, by SPARQL on Oxigraph: every node that does, and few that do not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import Store
from rdflib import RDF, RDFS, SH, BNode, Graph, URIRef

from kg.namespaces import PREFIXES
from kg.validation.expressions import ANNOTATIONS, UntranslatableError, Values
from kg.validation.faults import FAULTS, Property
from kg.validation.shapes import Subclasses, members

if TYPE_CHECKING:
    from rdflib.term import IdentifiedNode

_WHERE: Final = re.compile(r"\bWHERE\s*\{\s*(?:\$this a (<[^>]*>))?", re.IGNORECASE)
_OTHER_TARGETS: Final = (SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf, SH.target)


@dataclass(frozen=True, slots=True)
class Check:
    """A shape, and the queries that find as ?this the nodes it may find fault with.

    Without queries pySHACL finds the nodes of the shape by itself.
    """

    shape: IdentifiedNode
    queries: tuple[str, ...] = ()


class Prefilter:
    """The queries that stand in front of pySHACL; `checks` has at least one for every shape with a target."""

    def __init__(self, shapes: Graph, below: Subclasses) -> None:
        self._shapes, self._below = shapes, below
        self._values = Values(shapes, below)
        self._prefixes = {**PREFIXES, **_declared(shapes)}
        self.checks = tuple(self._checks())

    def suspects(self, store: Store) -> Iterator[tuple[Check, list[Any]]]:
        """Each check that something may fail, with the nodes that may, in order; one without queries with none."""
        for check in self.checks:
            nodes = {row["this"] for query in check.queries for row in self._select(store, query)}
            if nodes or not check.queries:
                yield check, sorted(nodes, key=str)

    def _select(self, store: Store, query: str) -> Any:  # noqa: ANN401  solutions, since each is a SELECT
        return store.query(query, prefixes=self._prefixes, use_default_graph_as_union=True)

    def _checks(self) -> Iterator[Check]:
        otherwise = {shape for predicate in _OTHER_TARGETS for shape in self._shapes.subjects(predicate)}
        otherwise.update(self._shapes.subjects(RDF.type, RDFS.Class))
        yield from (Check(shape) for shape in sorted(otherwise))
        for shape in sorted(set(self._shapes.subjects(SH.targetClass)) - otherwise):
            target = self._target(shape)
            if own := self._queries(shape, target):
                yield Check(shape, own)
            for prop in sorted(set(self._shapes.objects(shape, SH.property))):
                if queries := self._queries(prop, target):
                    yield Check(prop, queries)

    def _target(self, shape: IdentifiedNode) -> str:
        targets = set(self._shapes.objects(shape, SH.targetClass))
        classes = sorted({name.n3() for target in targets for name in self._below.get(target, {target})})
        if len(classes) == 1:
            return f"?this a {classes[0]} ."
        return f"VALUES ?targetClass {{ {' '.join(classes)} }} ?this a ?targetClass ."

    def _queries(self, shape: IdentifiedNode, target: str) -> tuple[str, ...]:
        try:
            return tuple(self._translated(shape, target))
        except UntranslatableError:
            return (f"SELECT DISTINCT ?this WHERE {{ {target} }}",)

    def _translated(self, shape: IdentifiedNode, target: str) -> Iterator[str]:
        path = self._path(self._shapes.value(shape, SH.path))
        prop = Property(shape, path, self._shapes, self._values)
        patterns, tests = [], []
        for predicate, value in self._constraints(shape, path):
            if predicate == SH.sparql:
                yield self._own_query(value, target, path)
            elif path and predicate in FAULTS:
                patterns.append(FAULTS[predicate](prop, value))
            else:
                tests.append(self._values.test(predicate, value, shape, "?value" if path else "?this"))
        if tests:
            value = f"?this {path} ?value" if path else ""
            patterns.append(f"{value} FILTER(!COALESCE({' && '.join(tests)}, false))")
        if any(patterns):
            faults = " UNION ".join(f"{{ {target} {pattern} }}" for pattern in patterns if pattern)
            yield f"SELECT DISTINCT ?this WHERE {{ {faults} }}"

    def _constraints(self, shape: IdentifiedNode, path: str) -> list[tuple[Any, Any]]:
        """Everything that the shape demands; the properties of a node shape are checks of their own."""
        pairs = self._shapes.predicate_objects(shape)
        ignored = ANNOTATIONS if path else ANNOTATIONS | {SH.property}
        return sorted((pair for pair in pairs if pair[0] not in ignored), key=str)

    def _own_query(self, constraint: IdentifiedNode, target: str, path: str) -> str:
        text = str(self._shapes.value(constraint, SH.select)).replace("$PATH", path)
        found = _WHERE.search(text)
        if found is None:
            raise UntranslatableError(f"{constraint} has no WHERE to put the nodes into")
        if found[1] and found[1] in target:
            return text
        head = text.index("{", found.start()) + 1
        return f"{text[:head]} {target} {text[head:]}"

    def _path(self, path: Any) -> str:  # noqa: ANN401  None for a node shape
        if path is None or isinstance(path, URIRef):
            return path.n3() if path is not None else ""
        if isinstance(path, BNode) and (path, RDF.first, None) in self._shapes:
            return "/".join(self._path(step) for step in members(self._shapes, path))
        inverse = self._shapes.value(path, SH.inversePath)
        if isinstance(inverse, URIRef):
            return f"^{inverse.n3()}"
        raise UntranslatableError(f"the path {path} has no counterpart here")


def _declared(shapes: Graph) -> dict[str, str]:
    return {
        str(shapes.value(node, SH.prefix)): str(shapes.value(node, SH.namespace))
        for node in set(shapes.objects(None, SH.declare))
    }
