"""Things that gather others: concepts, countries and sources."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from kg.lookup.claiming import Claim, read_claim
from kg.lookup.describing import Citations, about, chosen, remaining
from kg.lookup.listing import summaries
from kg.lookup.partnerships import Listed, listed
from kg.lookup.reader import Facts, Property, Reader, sort_key
from kg.lookup.values import About, Citation, Group, Label, Pages, Ref, Summary, page_of
from kg.namespaces import DCT, RDF_TYPE, SCHEMA, SKOS

_SOURCE_FACTS: Final[tuple[Property, ...]] = (
    "publisherName", "sourceKind", DCT["date"], "retrieved", DCT["rights"],
)  # fmt: skip
_SHOWN_OF_CONCEPT: Final[tuple[Property, ...]] = (
    RDF_TYPE, SKOS["prefLabel"], SKOS["altLabel"], SKOS["definition"], SKOS["notation"], SKOS["broader"],
    SKOS["inScheme"], SKOS["topConceptOf"], DCT["source"],
)  # fmt: skip
_SUBJECTS_A_PAGE: Final = 40


@dataclass(frozen=True, slots=True)
class ConceptPage:
    """A concept: what it means, where it stands in its scheme, and what it is used for."""

    about: About
    definition: Label | None
    scheme: Ref | None
    broader: tuple[Ref, ...]
    narrower: tuple[Ref, ...]
    facts: tuple[Group, ...]
    uses: tuple[tuple[str, int], ...]
    users: tuple[Summary, ...]
    pages: Pages
    sources: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class CountryPage:
    """A country: the partnerships with it and when they began."""

    about: About
    focus: Ref | None
    partnerships: tuple[Listed, ...]
    pages: Pages
    lasting: int
    over: int
    oldest: Listed | None
    decades: tuple[tuple[str, int], ...]
    undated: int


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing with what one source says about it; `claims` is empty where the source is only named."""

    ref: Ref
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class SourcePage:
    """A source and all that rests on it."""

    about: About
    address: str
    facts: tuple[Group, ...]
    claims: int
    subjects: tuple[Subject, ...]
    pages: Pages


def read_concept(reader: Reader, iri: str, facts: Facts, number: int) -> ConceptPage:
    """The page of one concept."""
    citations = Citations(reader)
    citations.marks(facts)
    users = reader.refs(reader.things("users-of-concept", iri))
    shown, pages = page_of(users, number)
    return ConceptPage(
        about(reader, iri, facts),
        reader.best(facts.all(SKOS["definition"])),
        reader.ref_or_none(facts.iri(SKOS["inScheme"])),
        reader.refs(facts.iris(SKOS["broader"])),
        reader.refs(reader.things("narrower-of", iri)),
        remaining(reader, facts, _SHOWN_OF_CONCEPT),
        tuple(Counter(user.kind for user in users).most_common()),
        summaries(reader, (user.iri for user in shown)),
        pages,
        citations.list(),
    )


def read_country(reader: Reader, iri: str, facts: Facts, number: int) -> CountryPage:
    """The page of one country. Counts the partnerships of its authorities outside the focus."""
    focus = reader.focus
    records = reader.records("partnerships-with-country", iri, focus=NamedNode(focus or iri))
    found = listed(reader, records)
    shown, pages = page_of(found, number)
    begun = Counter(f"{item.standing.since[:3]}0" for item in found if item.standing.since)
    lasting = [item for item in found if item.standing.state == "lasting"]
    return CountryPage(
        about(reader, iri, facts),
        reader.ref_or_none(focus),
        shown,
        pages,
        len(lasting),
        sum(item.standing.state == "over" for item in found),
        next((item for item in lasting if item.standing.since), None),
        tuple(sorted(begun.items())),
        sum(not item.standing.since for item in found),
    )


def read_source(reader: Reader, iri: str, facts: Facts, number: int) -> SourcePage:
    """The page of one source."""
    resting = reader.records("resting-on-source", iri)
    by_subject: dict[str, list[str]] = {}
    for record, found in resting.items():
        by_subject.setdefault(found.iri("subject") or record, []).append(record)
    subjects = sorted(map(reader.ref, by_subject), key=sort_key)
    shown, pages = page_of(subjects, number, _SUBJECTS_A_PAGE)
    citations = Citations(reader)
    return SourcePage(
        about(reader, iri, facts),
        facts.iri(SCHEMA["url"]),
        chosen(reader, facts, _SOURCE_FACTS),
        sum(reader.ref(record).kind == "claim" for record in resting),
        tuple(
            Subject(subject, _claims(reader, by_subject[subject.iri], citations))
            for subject in shown
        ),
        pages,
    )


def _claims(reader: Reader, records: list[str], citations: Citations) -> tuple[Claim, ...]:
    claims = [record for record in records if "/id/claim/" in record]
    return tuple(read_claim(reader, claim, reader.facts(claim), citations) for claim in claims)
