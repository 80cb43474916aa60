"""Any thing at all: everything said of it and everything that points to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from pyoxigraph import NamedNode

from kg.lookup.activities import ActivityPage, ActorPage, read_activity, read_actor
from kg.lookup.authorities import AuthorityPage, read_authority
from kg.lookup.collecting import ConceptPage, CountryPage, SourcePage, read_concept, read_country, read_source
from kg.lookup.describing import NAMING, about, remaining
from kg.lookup.engaging import ACTIVITY_KINDS
from kg.lookup.partnerships import PartnershipPage, read_partnership
from kg.lookup.reader import MOST_POINTERS, Facts, Property, Reader, sort_key
from kg.lookup.values import About, Group, Label, Pages, page_of
from kg.namespaces import PREFIXES, RDF_TYPE, SKOS

_SCOPE_NOTE: Final = NamedNode(f"{PREFIXES['skos']}scopeNote")
_OF_REPORTS: Final = tuple(f"{PREFIXES['sh']}{name}" for name in ("focusNode", "resultPath", "sourceShape"))
_SHOWN: Final[tuple[Property, ...]] = (*NAMING, SKOS["definition"], _SCOPE_NOTE)


@dataclass(frozen=True, slots=True)
class ThingPage:
    """A thing without a page made for its class."""

    about: About
    definition: Label | None
    scope: Label | None
    used: int
    facts: tuple[Group, ...]
    incoming: tuple[Group, ...]
    pages: Pages
    more: bool


Page = AuthorityPage | PartnershipPage | ActorPage | ActivityPage | ConceptPage | CountryPage | SourcePage | ThingPage

_MADE_FOR: Final[Mapping[str, Callable[[Reader, str, Facts], Page]]] = {
    "authority": read_authority,
    "partnership": read_partnership,
    "actor": read_actor,
    **dict.fromkeys(ACTIVITY_KINDS, read_activity),
}
_LONG: Final[Mapping[str, Callable[[Reader, str, Facts, int], Page]]] = {
    "concept": read_concept,
    "topic": read_concept,
    "country": read_country,
    "source": read_source,
}


def read_page(reader: Reader, iri: str, number: int = 1) -> Page | None:
    """The page of one of our things, or None when the release says nothing of it.

    `number` is the part to show where a list on the page is long.
    """
    for candidate in (iri, f"{iri}/"):
        facts = reader.facts(candidate)
        if facts:
            kind = reader.kind(candidate)
            if kind in _MADE_FOR:
                return _MADE_FOR[kind](reader, candidate, facts)
            return _LONG.get(kind, read_thing)(reader, candidate, facts, number)
    return None


def read_thing(reader: Reader, iri: str, facts: Facts, number: int) -> ThingPage:
    """The page of any thing."""
    uses = (RDF_TYPE.value, reader.names.term("property").value) if reader.kind(iri) == "term" else ()
    pointers = reader.pointers(iri, (*_OF_REPORTS, *uses))
    shown, pages = page_of(pointers, number)
    incoming = (
        Group(reader.ref(prop), reader.refs(other for _, other in group))
        for prop, group in groupby(shown, key=lambda pair: pair[0])
    )
    statistics = reader.release.statistics
    return ThingPage(
        about(reader, iri, facts),
        reader.best(facts.all(SKOS["definition"])),
        reader.best(facts.all(_SCOPE_NOTE)),
        statistics["classes"].get(iri, 0) + statistics["properties"].get(iri, 0),
        remaining(reader, facts, _SHOWN),
        tuple(sorted(incoming, key=lambda group: sort_key(group.property))),
        pages,
        len(pointers) == MOST_POINTERS,
    )
