"""Who takes part in what, and which activities concern a thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kg.lookup.describing import Citations
from kg.lookup.reader import Facts, Reader, sort_key
from kg.lookup.values import Label, Ref
from kg.namespaces import DCT, FOAF, ORG, RDFS


@dataclass(frozen=True, slots=True)
class Engagement:
    """What one actor does: in which role, in what, narrowed to which countries, and when."""

    role: Ref | None
    things: tuple[Ref, ...]
    countries: tuple[Ref, ...]
    since: str
    until: str
    amount: str
    currency: str
    basis: Ref | None
    note: Label | None
    marks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Involved:
    """An actor with everything it does here. `homepage` is its own or the one of the body it belongs to."""

    ref: Ref
    kind: Ref | None
    homepage: str
    engagements: tuple[Engagement, ...]

    @property
    def roles(self) -> tuple[Ref, ...]:
        """Each of its roles once."""
        return tuple(dict.fromkeys(item.role for item in self.engagements if item.role))


@dataclass(frozen=True, slots=True)
class Activity:
    """A programme, project, event, offer or publication in a list."""

    ref: Ref
    kind: Ref | None
    since: str
    until: str
    marks: tuple[int, ...]


ACTIVITY_KINDS = ("event", "project", "offer", "programme", "publication")


def involved(reader: Reader, records: Mapping[str, Facts], citations: Citations) -> tuple[Involved, ...]:
    """The actors of these engagements, by name, each with its engagements."""
    by_agent: dict[str, list[Facts]] = {}
    for facts in records.values():
        by_agent.setdefault(facts.iri("agent"), []).append(facts)
    found = (
        Involved(
            reader.ref(agent),
            reader.ref_or_none(next(iter(reader.values(agent, "actorKind")), "")),
            _homepage(reader, agent),
            engagements(reader, engaged, citations),
        )
        for agent, engaged in by_agent.items()
    )
    return tuple(sorted(found, key=lambda item: (not _carries(item), *sort_key(item.ref))))


def engagements(reader: Reader, records: list[Facts], citations: Citations) -> tuple[Engagement, ...]:
    """These engagements, the oldest first."""
    found = [
        Engagement(
            reader.ref_or_none(facts.iri("role")),
            reader.refs(facts.iris("engagedIn")),
            reader.refs(facts.iris("withCountry")),
            facts.text("startDate"),
            facts.text("endDate"),
            facts.text("amount"),
            facts.text("currency"),
            reader.ref_or_none(facts.iri("basis")),
            reader.best(facts.all(RDFS["comment"])),
            citations.marks(facts),
        )
        for facts in records
    ]
    return tuple(sorted(found, key=lambda item: (item.since or "9", [thing.label.text for thing in item.things])))


def activities(reader: Reader, records: Mapping[str, Facts], citations: Citations) -> tuple[Activity, ...]:
    """These activities by family, the newest first, those without a date last."""
    found = [
        Activity(
            reader.ref(iri),
            reader.ref_or_none(_kind(facts, reader, iri)),
            facts.text("startDate") or facts.text(DCT["issued"]),
            facts.text("endDate"),
            citations.marks(facts),
        )
        for iri, facts in records.items()
    ]
    found = [activity for activity in found if activity.ref.kind in ACTIVITY_KINDS]
    found.sort(key=lambda activity: sort_key(activity.ref))
    found.sort(key=lambda activity: activity.since, reverse=True)
    return tuple(sorted(found, key=lambda activity: ACTIVITY_KINDS.index(activity.ref.kind)))


def _kind(facts: Facts, reader: Reader, iri: str) -> str:
    family = reader.kind(iri)
    return facts.iri(f"{family}Kind") if family in ACTIVITY_KINDS else ""


def _homepage(reader: Reader, agent: str) -> str:
    bodies = (agent, *reader.values(agent, ORG["subOrganizationOf"]))
    return next((page for body in bodies for page in reader.values(body, FOAF["homepage"])), "")


def _carries(item: Involved) -> bool:
    return any(role.iri.endswith("/roles/carrier") for role in item.roles)
