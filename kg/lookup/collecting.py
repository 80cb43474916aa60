"""Things that gather others: concepts, countries and sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from kg.lookup.claiming import Claim, read_claim
from kg.lookup.describing import Citations, about, chosen, remaining
from kg.lookup.listing import summaries
from kg.lookup.partnerships import Listed, listed
from kg.lookup.reader import Facts, Property, Reader, sort_key
from kg.lookup.values import About, Citation, Group, Label, Pages, Ref, Summary, page_of, state_of
from kg.namespaces import DCT, RDF_TYPE, SCHEMA, SKOS

_SOURCE_FACTS: Final[tuple[Property, ...]] = (
    "publisherName", "sourceKind", DCT["date"], "retrieved", DCT["rights"],
)  # fmt: skip
_SHOWN_OF_CONCEPT: Final[tuple[Property, ...]] = (
    RDF_TYPE, SKOS["prefLabel"], SKOS["altLabel"], SKOS["definition"], SKOS["notation"], SKOS["broader"],
    SKOS["inScheme"], SKOS["topConceptOf"], DCT["source"],
)  # fmt: skip
_NO_USERS: Final = ("claim", "concept", "topic", "scheme", "finding")
_PARTNERSHIPS_A_PAGE: Final = 60
_SUBJECTS_A_PAGE: Final = 40
_REMEMBERED: Final = 64


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
    """A country: the partnerships with it and when they began.

    The sum of `lasting`, `ended`, `declined` and `planned` is the number of all.
    """

    about: About
    focus: Ref | None
    partnerships: tuple[Listed, ...]
    pages: Pages
    lasting: int
    ended: int
    declined: int
    planned: int
    oldest: Listed | None
    decades: tuple[tuple[str, int], ...]
    undated: int


@dataclass(frozen=True, slots=True)
class _Row:
    since: str
    iri: str
    status: str


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
    users = reader.refs(user for user in reader.things("users-of-concept", iri) if reader.kind(user) not in _NO_USERS)
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
    rows = _with_country(reader, iri)
    shown, pages = page_of(rows, number, _PARTNERSHIPS_A_PAGE)
    begun = Counter(f"{row.since[:3]}0" for row in rows if row.since)
    found = listed(reader, {row.iri: reader.facts(row.iri) for row in shown})
    states = Counter("declined" if row.status.endswith("/declined") else state_of(row.status) for row in rows)
    oldest = next((row.iri for row in rows if row.since and state_of(row.status) == "lasting"), "")
    return CountryPage(
        about(reader, iri, facts),
        reader.ref_or_none(reader.focus),
        found,
        pages,
        states["lasting"],
        states["over"],
        states["declined"],
        states["planned"],
        next(iter(listed(reader, {oldest: reader.facts(oldest)})), None) if oldest else None,
        tuple(sorted(begun.items())),
        sum(not row.since for row in rows),
    )


@lru_cache(_REMEMBERED)
def _with_country(reader: Reader, iri: str) -> tuple[_Row, ...]:
    found = {
        row["record"].value: _Row(
            row["since"].value if row["since"] else "",
            row["record"].value,
            row["status"].value if row["status"] else "",
        )
        for row in reader.rows("partnerships-with-country", iri)
        if not reader.focus or not reader.in_focus(row["party"].value)
    }
    return tuple(sorted(found.values(), key=lambda row: (row.since or "9", row.iri)))


def read_source(reader: Reader, iri: str, facts: Facts, number: int) -> SourcePage:
    """The page of one source."""
    subjects = _resting_on(reader, iri)
    shown, pages = page_of(subjects, number, _SUBJECTS_A_PAGE)
    citations = Citations(reader)
    return SourcePage(
        about(reader, iri, facts),
        facts.iri(SCHEMA["url"]),
        chosen(reader, facts, _SOURCE_FACTS),
        sum(record != subject.iri for subject, records in subjects for record in records),
        tuple(Subject(subject, _claims(reader, records, citations)) for subject, records in shown),
        pages,
    )


@lru_cache(_REMEMBERED)
def _resting_on(reader: Reader, iri: str) -> tuple[tuple[Ref, tuple[str, ...]], ...]:
    """Things by name, each with what of it rests on a source: claims about it, or the thing itself."""
    by_subject: dict[str, list[str]] = {}
    phase = reader.names.entity("phase", "x").value[:-1]
    for row in reader.rows("resting-on-source", iri):
        record, subject = row["record"].value, row["subject"]
        # A phase rests on what its partnership rests on, which is in the list by itself.
        if not record.startswith(phase):
            by_subject.setdefault(subject.value if subject else record, []).append(record)
    subjects = sorted(map(reader.ref, by_subject), key=sort_key)
    return tuple((subject, tuple(by_subject[subject.iri])) for subject in subjects)


def _claims(reader: Reader, records: Sequence[str], citations: Citations) -> tuple[Claim, ...]:
    claims = sorted(record for record in records if reader.kind(record) == "claim")
    return tuple(read_claim(reader, claim, reader.facts(claim), citations) for claim in claims)
