"""Which nodes may violate a shape, by SPARQL on Oxigraph: every node that does, and few that do not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Store
from rdflib import RDF, RDFS, SH, Graph, URIRef

from kg.namespaces import PREFIXES
from kg.validation.expressions import ANNOTATIONS, UntranslatableError, Values
from kg.validation.faults import FAULTS, Property
from kg.validation.shapes import Subclasses, Term, members, rdflib_term

_WHERE: Final = re.compile(r"\bWHERE\s*\{\s*(?:\$this a (<[^>]*>))?", re.IGNORECASE)
_OTHER_TARGETS: Final = (SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf, SH.target)


@dataclass(frozen=True, slots=True)
class Check:
    """A shape, and the queries that find as ?this the nodes it may find fault with.

    Without queries pySHACL finds the nodes of the shape by itself.
    """

    shape: Term
    queries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A shape and the nodes that may violate it; without nodes, those that pySHACL finds."""

    shape: Term
    nodes: tuple[Term, ...]


class Prefilter:
    """The queries that stand in front of pySHACL: `checks` has each of `shapes` with a target, and its properties."""

    def __init__(self, shapes: Graph, below: Subclasses) -> None:
        self.shapes, self._below = shapes, below
        self._values = Values(shapes, below)
        self._prefixes = {**PREFIXES, **_declared(shapes)}
        self.checks = tuple(self._checks())

    def suspicions(self, store: Store) -> Iterator[Suspicion]:
        """What pySHACL has to look at, all graphs of the store seen as one."""
        for check in self.checks:
            nodes = {node for query in check.queries for node in self._found(store, query)}
            if nodes or not check.queries:
                yield Suspicion(check.shape, tuple(rdflib_term(node) for node in sorted(nodes, key=str)))

    def _found(self, store: Store, query: str) -> Iterator[Term]:
        solutions: Term = store.query(query, prefixes=self._prefixes, use_default_graph_as_union=True)
        return (solution["this"] for solution in solutions)

    def _checks(self) -> Iterator[Check]:
        otherwise = {shape for predicate in _OTHER_TARGETS for shape in self.shapes.subjects(predicate)}
        otherwise.update(self.shapes.subjects(RDF.type, RDFS.Class))
        yield from (Check(shape) for shape in sorted(otherwise, key=str))
        for shape in sorted(set(self.shapes.subjects(SH.targetClass)) - otherwise, key=str):
            target = self._target(shape)
            for part in (shape, *sorted(set(self.shapes.objects(shape, SH.property)), key=str)):
                if queries := self._queries(part, target):
                    yield Check(part, queries)

    def _target(self, shape: Term) -> str:
        targets: list[Term] = list(self.shapes.objects(shape, SH.targetClass))
        classes = sorted({name.n3() for target in targets for name in self._below.get(target, {target})})
        if len(classes) == 1:
            return f"?this a {classes[0]} ."
        return f"VALUES ?targetClass {{ {' '.join(classes)} }} ?this a ?targetClass ."

    def _queries(self, shape: Term, target: str) -> tuple[str, ...]:
        try:
            return tuple(self._translated(shape, target))
        except UntranslatableError:
            return (f"SELECT DISTINCT ?this WHERE {{ {target} }}",)

    def _translated(self, shape: Term, target: str) -> Iterator[str]:
        path = self._path(self.shapes.value(shape, SH.path))
        prop = Property(shape, path, self.shapes, self._values)
        patterns, tests = [], []
        for predicate, value in self._constraints(shape, path):
            if predicate == SH.sparql:
                yield self._own_query(value, target, path)
            elif path and predicate in FAULTS:
                patterns.append(FAULTS[predicate](prop, value))
            else:
                tests.append(self._values.test(predicate, value, shape, "?value" if path else "?this"))
        if tests:
            values = f"?this {path} ?value" if path else ""
            patterns.append(f"{values} FILTER(!COALESCE({' && '.join(tests)}, false))")
        if any(patterns):
            faults = " UNION ".join(f"{{ {target} {pattern} }}" for pattern in patterns if pattern)
            yield f"SELECT DISTINCT ?this WHERE {{ {faults} }}"

    def _constraints(self, shape: Term, path: str) -> list[tuple[Term, Term]]:
        """Everything that the shape demands; the properties of a node shape are checks of their own."""
        ignored = ANNOTATIONS if path else ANNOTATIONS | {SH.property}
        pairs = self.shapes.predicate_objects(shape)
        return sorted((pair for pair in pairs if pair[0] not in ignored), key=str)

    def _own_query(self, constraint: Term, target: str, path: str) -> str:
        """The SELECT of a SPARQL constraint for all nodes at once, unless it finds those of the class by itself."""
        text = str(self.shapes.value(constraint, SH.select)).replace("$PATH", path)
        found = _WHERE.search(text)
        if found is None:
            raise UntranslatableError(f"{constraint} has no WHERE to put the nodes into")
        if found[1] and found[1] in target:
            return text
        head = text.index("{", found.start()) + 1
        return f"{text[:head]} {target} {text[head:]}"

    def _path(self, path: Term) -> str:
        if path is None:
            return ""
        if isinstance(path, URIRef):
            return path.n3()
        if (path, RDF.first, None) in self.shapes:
            return "/".join(self._path(step) for step in members(self.shapes, path))
        inverse = self.shapes.value(path, SH.inversePath)
        if isinstance(inverse, URIRef):
            return f"^{inverse.n3()}"
        raise UntranslatableError(f"the path {path} has no counterpart here")


def _declared(shapes: Graph) -> dict[str, str]:
    return {
        str(shapes.value(node, SH.prefix)): str(shapes.value(node, SH.namespace))
        for node in set(shapes.objects(None, SH.declare))
    }
