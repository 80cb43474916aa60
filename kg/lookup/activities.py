"""Actors, and the programmes, projects, events, offers and publications that they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kg.lookup.describing import Citations, about, chosen
from kg.lookup.engaging import ACTIVITY_KINDS, Activity, Engagement, Involved, activities, engagements, involved
from kg.lookup.reader import Facts, Property, Reader
from kg.lookup.values import About, Citation, Group, Ref
from kg.namespaces import DCT, ORG, SCHEMA

_ACTOR_FACTS: Final[tuple[Property, ...]] = (
    "actorKind", "sector", "seat", "country", ORG["subOrganizationOf"], SCHEMA["foundingDate"],
    SCHEMA["dissolutionDate"],
)  # fmt: skip
_ACTIVITY_FACTS: Final[tuple[Property, ...]] = (
    SCHEMA["location"], "attendance", "audience", "openTo", "publisherName", DCT["language"], DCT["subject"],
    DCT["isPartOf"], "concerns",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ActorPage:
    """Everything about one organisation: what it does where, what belongs to it."""

    about: About
    kind: Ref | None
    seat: Ref | None
    seat_inferred: bool
    facts: tuple[Group, ...]
    engagements: tuple[Engagement, ...]
    parts: tuple[Ref, ...]
    sources: tuple[Citation, ...]

    @property
    def partnerships(self) -> tuple[Ref, ...]:
        """The partnerships in which it takes part, each once."""
        return self._things(("partnership",))

    @property
    def activities(self) -> tuple[Ref, ...]:
        """The events, projects, offers, programmes and publications in which it takes part, each once."""
        return self._things(ACTIVITY_KINDS)

    def _things(self, kinds: Sequence[str]) -> tuple[Ref, ...]:
        things = (thing for item in self.engagements for thing in item.things)
        return tuple(dict.fromkeys(thing for thing in things if thing.kind in kinds))

    @property
    def by_role(self) -> tuple[tuple[Ref | None, tuple[Engagement, ...]], ...]:
        """Its engagements by role, the commonest role first."""
        found: dict[Ref | None, list[Engagement]] = {}
        for item in self.engagements:
            found.setdefault(item.role, []).append(item)
        return tuple((role, tuple(items)) for role, items in sorted(found.items(), key=lambda pair: -len(pair[1])))


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """Everything about one programme, project, event, offer or publication."""

    about: About
    kind: Ref | None
    since: str
    until: str
    address: str
    facts: tuple[Group, ...]
    involved: tuple[Involved, ...]
    parts: tuple[Activity, ...]
    sources: tuple[Citation, ...]


def read_actor(reader: Reader, iri: str, facts: Facts) -> ActorPage:
    """The page of one organisation."""
    citations = Citations(reader)
    citations.marks(facts)
    return ActorPage(
        about(reader, iri, facts),
        reader.ref_or_none(facts.iri("actorKind")),
        reader.ref_or_none(facts.iri("seat")),
        not facts.iri("seatBasis").endswith(("/stated", "/identifier")),
        chosen(reader, facts, _ACTOR_FACTS),
        engagements(reader, list(reader.records("engagements-by-agent", iri).values()), citations),
        reader.refs(reader.things("parts-of", iri)),
        citations.list(),
    )


def read_activity(reader: Reader, iri: str, facts: Facts) -> ActivityPage:
    """The page of one programme, project, event, offer or publication."""
    citations = Citations(reader)
    citations.marks(facts)
    kind = reader.kind(iri)
    parts = {part: reader.facts(part) for part in reader.things("parts-of", iri)}
    return ActivityPage(
        about(reader, iri, facts),
        reader.ref_or_none(facts.iri(f"{kind}Kind")),
        facts.text("startDate") or facts.text(DCT["issued"]),
        facts.text("endDate"),
        facts.iri(SCHEMA["url"]),
        chosen(reader, facts, _ACTIVITY_FACTS),
        involved(reader, reader.records("engagements-in", iri), citations),
        activities(reader, parts, citations),
        citations.list(),
    )
