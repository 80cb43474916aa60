"""The shapes graph as it is put to use, and what the shapes say of themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from pyoxigraph import BlankNode, NamedNode, Quad, Store
from pyoxigraph import Literal as OxLiteral
from rdflib import RDF, RDFS, SH, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection

from kg.model import Model
from kg.namespaces import XSD, Names

Term: TypeAlias = Any
"""An IRI, a blank node or a literal: rdflib gives the nodes of a graph a type that has no members."""
Subclasses: TypeAlias = Mapping[Term, frozenset[URIRef]]
"""A class → itself and every class below it."""

SUBCLASS_OF: Final = NamedNode(str(RDFS.subClassOf))


def shapes_graph(model: Model) -> Graph:
    """The shapes of the model as an rdflib graph."""
    name = model.names.graph("shapes")
    return rdflib_graph(quad for quad in model.quads if quad.graph_name == name)


def subclasses(store: Store) -> Subclasses:
    """The classes below each class, by the rdfs:subClassOf of the ontology in the store."""
    above: dict[URIRef, set[URIRef]] = {}
    for quad in store.quads_for_pattern(None, SUBCLASS_OF, None):
        if isinstance(quad.subject, NamedNode):
            above.setdefault(URIRef(quad.subject.value), set()).add(rdflib_term(quad.object))
    below: dict[URIRef, set[URIRef]] = {}
    for start in above:
        pending, seen = [start], {start}
        while pending:
            reached = pending.pop()
            below.setdefault(reached, {reached}).add(start)
            pending.extend(above.get(reached, set()) - seen)
            seen |= above.get(reached, set())
    return {name: frozenset(classes) for name, classes in below.items()}


def complete(shapes: Graph, below: Subclasses, names: Names) -> Graph:
    """A copy of the shapes in which the pattern `unknownProperty` has become a constraint of every class of ours.

    A property is known to a thing when a shape of its class or of a class above names it as a path.
    """
    graph = Graph()
    graph += shapes
    pattern = URIRef(f"{names.base}shapes/unknownProperty")
    text = shapes.value(pattern, SH.select)
    known = {} if text is None else _known_properties(shapes, below, names)
    for name, paths in known.items():
        others = sorted(other for other in known if other != name and name not in below.get(other, ()))
        local = name.rpartition("/")[2]
        shape, constraint = URIRef(f"{names.base}shapes/{local}"), URIRef(f"{pattern}-{local}")
        select = str(text).replace("$class", name.n3())
        select = select.replace("$known", _listed(paths)).replace("$others", _listed(others))
        graph.add((shape, SH.sparql, constraint))
        graph.add((constraint, RDF.type, SH.SPARQLConstraint))
        graph.add((constraint, SH.select, Literal(select)))
        for message in shapes.objects(pattern, SH.message):
            graph.add((constraint, SH.message, message))
    return graph


def first_property(shapes: Graph, path: Term) -> str | None:
    """The first property of a path: itself, the first of a sequence, or the one that is inverted."""
    while isinstance(path, BNode):
        path = shapes.value(path, RDF.first) or shapes.value(path, SH.inversePath)
    return None if path is None else str(path)


def messages(shapes: Graph, shape: Term) -> dict[str, str]:
    """What a shape or constraint says is right, by language.

    pySHACL drops the language of messages that go with a SPARQL constraint, so they are read here.
    """
    texts: list[Term] = sorted(shapes.objects(shape, SH.message))
    return {text.language: str(text) for text in texts}


def members(shapes: Graph, head: Term) -> Iterator[Term]:
    """The members of an RDF list."""
    return iter(Collection(shapes, head))


def rdflib_graph(quads: Iterable[Quad]) -> Graph:
    """The triples of the quads as an rdflib graph."""
    graph = Graph()
    for quad in quads:
        graph.add((rdflib_term(quad.subject), rdflib_term(quad.predicate), rdflib_term(quad.object)))
    return graph


def rdflib_term(term: object) -> Term:
    """A term of pyoxigraph as rdflib has it; plain text has no datatype there."""
    if isinstance(term, OxLiteral):
        if term.language:
            return Literal(term.value, lang=term.language)
        plain = term.datatype == XSD["string"]
        return Literal(term.value, datatype=None if plain else URIRef(term.datatype.value))
    if isinstance(term, BlankNode):
        return BNode(term.value)
    assert isinstance(term, NamedNode)  # noqa: S101  a quoted triple is no term of RDF 1.1
    return URIRef(term.value)


def _known_properties(shapes: Graph, below: Subclasses, names: Names) -> dict[URIRef, list[URIRef]]:
    """The properties that shapes name for each class of things of ours."""
    named: dict[URIRef, set[URIRef]] = {}
    for shape, target in shapes.subject_objects(SH.targetClass):
        paths = {shapes.value(prop, SH.path) for prop in shapes.objects(shape, SH.property)}
        classes: Iterable[Term] = below.get(target, {target})
        for name in classes:
            named.setdefault(name, {RDF.type}).update(path for path in paths if isinstance(path, URIRef))
    prefix = f"{names.base}def/"
    return {name: sorted(paths) for name, paths in sorted(named.items()) if name.startswith(prefix)}


def _listed(terms: Iterable[URIRef]) -> str:
    return ", ".join(term.n3() for term in terms)
