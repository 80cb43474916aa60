"""The RDF document about one thing: what is said of it, what is said with it, and what those others are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, NamedNode, Quad, Triple

from kg.namespaces import PREFIXES, RDFS, SKOS
from kg.store import Release

_VERSION = NamedNode(f"{PREFIXES['owl']}versionIRI")
_LABELS = (RDFS["label"], SKOS["prefLabel"])


def exists(release: Release, thing: NamedNode) -> bool:
    """Whether the release says anything about `thing`."""
    return next(release.store.quads_for_pattern(thing, None, None, None), None) is not None


def thing_of_version(release: Release, version: NamedNode) -> NamedNode | None:
    """The ontology or scheme that has `version` as its owl:versionIRI, if there is one."""
    quad = next(release.store.quads_for_pattern(None, _VERSION, version, None), None)
    return quad.subject if quad and isinstance(quad.subject, NamedNode) else None


def document(release: Release, thing: NamedNode) -> list[Triple]:
    """Outgoing and incoming statements of `thing`, blank nodes followed, and labels of everything mentioned.

    Sorted, so that a serialization groups subjects and the same release gives the same bytes.
    """
    found: dict[Triple, None] = {}
    for quad in _outgoing(release, thing):
        found[quad.triple] = None
    for quad in release.store.quads_for_pattern(None, None, thing, None):
        found[quad.triple] = None
    for label in _labels(release, found):
        found[label.triple] = None
    return sorted(found, key=str)


def _outgoing(release: Release, thing: NamedNode | BlankNode) -> Iterator[Quad]:
    waiting, seen = [thing], set()
    while waiting:
        subject = waiting.pop()
        if subject in seen:
            continue
        seen.add(subject)
        for quad in release.store.quads_for_pattern(subject, None, None, None):
            yield quad
            if isinstance(quad.object, BlankNode):
                waiting.append(quad.object)


def _labels(release: Release, triples: Iterable[Triple]) -> Iterator[Quad]:
    mentioned = {term for triple in triples for term in (triple.subject, triple.predicate, triple.object)}
    for term in mentioned:
        if isinstance(term, NamedNode) and term.value.startswith(release.names.base):
            for predicate in _LABELS:
                yield from release.store.quads_for_pattern(term, predicate, None, None)
