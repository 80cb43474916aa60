"""One territorial authority: its partnerships, who takes part in them, activities, and facts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from kg.lookup.claiming import Claims, claims_about
from kg.lookup.describing import Citations, about, chosen, identifiers
from kg.lookup.engaging import Activity, Involved, activities, involved
from kg.lookup.partnerships import Listed, listed
from kg.lookup.reader import Facts, Property, Reader
from kg.lookup.values import About, Citation, Group, Ref
from kg.namespaces import DCT, SCHEMA, WGS

_FACTS: Final[tuple[Property, ...]] = (
    DCT["isPartOf"], "population", DCT["isReplacedBy"], SCHEMA["dissolutionDate"],
)  # fmt: skip
_POSITION: Final[tuple[Property, ...]] = (WGS["lat"], WGS["long"])
_MOST_PARTS: Final = 60


@dataclass(frozen=True, slots=True)
class AuthorityPage:
    """Everything about one authority. `in_focus` says whether the dataset means to be complete for it."""

    about: About
    level: Ref | None
    country: Ref | None
    in_focus: bool
    partnerships: tuple[Listed, ...]
    claims: tuple[Claims, ...]
    involved: tuple[Involved, ...]
    seated: tuple[Ref, ...]
    activities: tuple[Activity, ...]
    parts: tuple[Ref, ...]
    neighbours: tuple[Ref, ...]
    facts: tuple[Group, ...]
    place: Ref | None
    sources: tuple[Citation, ...]

    @property
    def lasting(self) -> tuple[Listed, ...]:
        """Partnerships that are not known to be over."""
        return tuple(item for item in self.partnerships if item.standing.state == "lasting" and not item.former)

    @property
    def others(self) -> tuple[Listed, ...]:
        """Partnerships that are over, declined, only proposed, or were handed on."""
        return tuple(item for item in self.partnerships if item.standing.state != "lasting" or item.former)

    @property
    def sure(self) -> tuple[Listed, ...]:
        """Lasting partnerships that the sources suffice for."""
        return tuple(item for item in self.lasting if not item.standing.unsure)

    @property
    def paused(self) -> int:
        """How many of the sure ones are dormant or suspended."""
        return sum(item.standing.paused for item in self.sure)

    @property
    def countries(self) -> tuple[Ref, ...]:
        """The countries of the partners in sure partnerships."""
        found = (party.country for item in self.sure for party in item.partners if party.country)
        return tuple(dict.fromkeys(found))

    @property
    def oldest(self) -> Listed | None:
        """The sure partnership with the earliest date."""
        return next((item for item in self.sure if item.standing.since), None)


def read_authority(reader: Reader, iri: str, facts: Facts) -> AuthorityPage:
    """The page of one authority."""
    citations, head, place = Citations(reader), about(reader, iri, facts), facts.iri("place")
    partnerships = listed(reader, reader.records("partnerships-of-authority", iri), citations, iri)
    claims = claims_about(reader, iri, citations)
    people = involved(reader, reader.records("engagements-of-authority", iri), citations)
    seated = set(reader.things("seated-in", iri)) - {item.ref.iri for item in people} - {iri}
    parts = reader.things("parts-of", iri)
    place_facts = reader.facts(place)
    return AuthorityPage(
        replace(head, identifiers=(*head.identifiers, *identifiers(reader, place_facts))),
        reader.ref_or_none(facts.iri("level")),
        reader.ref_or_none(facts.iri("inCountry")),
        reader.in_focus(iri),
        partnerships,
        claims,
        people,
        reader.refs(seated),
        activities(reader, reader.records("activities-of-authority", iri), citations),
        reader.refs(parts) if len(parts) <= _MOST_PARTS else (),
        reader.refs(reader.things("neighbours-of", iri)),
        (*chosen(reader, facts, _FACTS), *chosen(reader, place_facts, _POSITION)),
        reader.ref_or_none(place),
        citations.list(),
    )
