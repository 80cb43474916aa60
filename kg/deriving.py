"""DERIVE: the rules of the ontology, run in the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import Quad, Store

from kg.errors import ModelError
from kg.model import Rule
from kg.namespaces import Names
from kg.store import construct


def derive(store: Store, rules: Iterable[Rule], names: Names) -> Iterator[tuple[str, int]]:
    """Adds what each rule constructs to its graph; yields the rule's name and how many triples were new.

    A triple that stands in any graph already is not added again, so that no triple stands in two graphs.
    Raises `ModelError` naming the rule that is no SPARQL.
    """
    for rule in rules:
        into = names.graph(rule.into)
        try:
            triples = construct(store, rule.text)
        except SyntaxError as error:
            raise ModelError(f"rule {rule.name}: {error}") from error
        new = {
            Quad(triple.subject, triple.predicate, triple.object, into)
            for triple in triples
            if next(store.quads_for_pattern(triple.subject, triple.predicate, triple.object), None) is None
        }
        store.extend(new)
        yield rule.name, len(new)
