"""Long lists of things of one kind, and the few words that stand beside each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from kg.lookup.partnerships import standing
from kg.lookup.reader import Facts, Property, Reader
from kg.lookup.values import Pages, Ref, Summary, page_of
from kg.namespaces import DCT, RDF_TYPE, SCHEMA, SKOS

_DETAILS: Final[dict[str, tuple[Property, ...]]] = {
    "authority": ("level", "inCountry"),
    "partnership": ("currentForm",),
    "actor": ("actorKind", "seat"),
    "programme": ("programmeKind",),
    "project": ("projectKind",),
    "event": ("eventKind", SCHEMA["location"]),
    "offer": ("offerKind",),
    "publication": ("publicationKind",),
    "source": ("sourceKind",),
    "place": ("country",),
    "concept": (SKOS["inScheme"],),
    "topic": (SKOS["inScheme"],),
    "country": (),
    "scheme": (),
}
_CLASS_LISTS: Final = {
    "partnerships": "Partnership",
    "countries": "Country",
    "actors": "Actor",
    "programmes": "Programme",
    "projects": "Project",
    "events": "Event",
    "offers": "Offer",
    "publications": "Publication",
    "sources": "Source",
}
_LEVEL_LISTS: Final = {
    "municipalities": ("municipality",),
    "districts": ("district",),
    "boroughs": ("borough", "former-municipality", "former-district"),
}
LISTS: Final = (
    "municipalities", "districts", "boroughs", "partners", "partnerships", "countries", "topics", "actors",
    "programmes", "projects", "events", "offers", "publications", "sources",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list."""

    name: str
    things: tuple[Summary, ...]
    pages: Pages


def read_list(reader: Reader, name: str, number: int) -> ListPage | None:
    """A page of the list `name`, or None when there is no such list."""
    if name not in LISTS:
        return None
    shown, pages = page_of(members(reader, name), number)
    return ListPage(name, summaries(reader, (ref.iri for ref in shown)), pages)


@lru_cache(64)
def members(reader: Reader, name: str) -> tuple[Ref, ...]:
    """Everything in the list `name`, by name."""
    if name == "topics":
        return reader.refs(reader.things("concepts-of", f"{reader.names.base}vocab/topics"))
    if name in _CLASS_LISTS:
        return reader.refs(reader.things("things-of-class", reader.names.term(_CLASS_LISTS[name]).value))
    authorities = reader.things("things-of-class", reader.names.term("TerritorialAuthority").value)
    return reader.refs(authority for authority in authorities if _list_of(reader, authority) == name)


def summaries(reader: Reader, iris: Iterable[str]) -> tuple[Summary, ...]:
    """Things, in the order given, with what tells them apart."""
    return tuple(_summary(reader, iri) for iri in iris)


def _summary(reader: Reader, iri: str) -> Summary:
    ref, facts = reader.ref(iri), reader.facts(iri)
    properties = _DETAILS.get(ref.kind, (RDF_TYPE,))
    details = tuple(reader.ref(value) for prop in properties for value in facts.iris(prop)[:2])
    until = facts.text("endYear") or facts.text("endDate")
    stands = standing(reader, facts) if ref.kind == "partnership" else None
    return Summary(ref, details, _since(facts), until, len(facts.all("isPartyOf")), stands)


def _since(facts: Facts) -> str:
    return facts.text("since") or facts.text("startDate") or facts.text(DCT["issued"]) or facts.text(DCT["date"])


def _list_of(reader: Reader, authority: str) -> str:
    if not reader.in_focus(authority):
        return "partners"
    level = next(iter(reader.values(authority, "level")), "").rsplit("/", 1)[-1]
    return next((name for name, levels in _LEVEL_LISTS.items() if level in levels), "")
