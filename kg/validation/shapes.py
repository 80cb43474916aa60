"""The shapes graph that is put to use, and what the shapes say of themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, NamedNode, Store
from pyoxigraph import Literal as OxLiteral
from rdflib import RDF, RDFS, SH, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection

from kg.model import Model
from kg.namespaces import XSD, Names

if TYPE_CHECKING:
    from rdflib.term import IdentifiedNode

Subclasses = Mapping[URIRef, frozenset[URIRef]]
"""A class → itself and every class below it."""


def shapes_graph(model: Model) -> Graph:
    """The shapes of the model as an rdflib graph."""
    graph = Graph()
    name = model.names.graph("shapes")
    for quad in model.quads:
        if quad.graph_name == name:
            graph.add((rdflib_node(quad.subject), URIRef(quad.predicate.value), rdflib_term(quad.object)))
    return graph


def subclasses(store: Store) -> Subclasses:
    """The classes below each class, by the rdfs:subClassOf of the ontology in the store."""
    above: dict[URIRef, set[URIRef]] = {}
    for quad in store.quads_for_pattern(None, NamedNode(str(RDFS.subClassOf)), None):
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
            above.setdefault(URIRef(quad.subject.value), set()).add(URIRef(quad.object.value))
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
    known = _known_properties(shapes, below, names) if text is not None else {}
    for name, paths in known.items():
        others = sorted(other for other in known if name not in below.get(other, ()) and other != name)
        shape = URIRef(f"{names.base}shapes/{name.rpartition('/')[2]}")
        constraint = URIRef(f"{pattern}-{name.rpartition('/')[2]}")
        filled = str(text).replace("$class", name.n3())
        filled = filled.replace("$known", _listed(paths)).replace("$others", _listed(others))
        graph.add((shape, SH.sparql, constraint))
        graph.add((constraint, RDF.type, SH.SPARQLConstraint))
        graph.add((constraint, SH.select, Literal(filled)))
        for message in shapes.objects(pattern, SH.message):
            graph.add((constraint, SH.message, message))
    return graph


def first_property(shapes: Graph, path: IdentifiedNode) -> URIRef | None:
    """The first property of a path: itself, the first of a sequence, or the one that is inverted."""
    while isinstance(path, BNode):
        step = shapes.value(path, RDF.first) or shapes.value(path, SH.inversePath)
        if step is None:
            return None
        path = step  # type: ignore[assignment]  # a path is no literal
    return URIRef(path)


def messages(shapes: Graph, shape: IdentifiedNode) -> dict[str, str]:
    """What the shape says is right, by language.

    pySHACL drops the language of messages that go with a SPARQL constraint, so they are read here.
    """
    texts = (text for text in shapes.objects(shape, SH.message) if isinstance(text, Literal))
    return {text.language or "": str(text) for text in sorted(texts)}


def members(shapes: Graph, head: IdentifiedNode) -> Iterator[IdentifiedNode | Literal]:
    """The members of an RDF list."""
    return iter(Collection(shapes, head))  # type: ignore[arg-type]


def rdflib_node(term: NamedNode | BlankNode) -> IdentifiedNode:
    """An IRI or blank node of pyoxigraph as rdflib has it."""
    return URIRef(term.value) if isinstance(term, NamedNode) else BNode(term.value)


def rdflib_term(term: NamedNode | BlankNode | OxLiteral) -> IdentifiedNode | Literal:
    """A term of pyoxigraph as rdflib has it; plain text has no datatype there."""
    if not isinstance(term, OxLiteral):
        return rdflib_node(term)
    if term.language:
        return Literal(term.value, lang=term.language)
    plain = term.datatype == XSD["string"]
    return Literal(term.value, datatype=None if plain else URIRef(term.datatype.value))


def _known_properties(shapes: Graph, below: Subclasses, names: Names) -> dict[URIRef, list[URIRef]]:
    """The properties that shapes name for each class of things of ours that has a shape."""
    named: dict[URIRef, set[URIRef]] = {}
    for shape, target in shapes.subject_objects(SH.targetClass):
        paths = {shapes.value(prop, SH.path) for prop in shapes.objects(shape, SH.property)}
        for name in below.get(target, {target}):  # type: ignore[call-overload]
            named.setdefault(name, {RDF.type}).update(path for path in paths if isinstance(path, URIRef))
    prefix = f"{names.base}def/"
    return {name: sorted(paths) for name, paths in sorted(named.items()) if name.startswith(prefix)}


def _listed(terms: list[URIRef]) -> str:
    return ", ".join(term.n3() for term in terms)
