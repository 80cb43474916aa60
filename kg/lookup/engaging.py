"""Who takes part in what, and which activities concern a thing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    in_order = sorted(by_agent, key=lambda agent: (not _carries(by_agent[agent]), sort_key(reader.ref(agent))))
    return tuple(
        Involved(
            reader.ref(agent),
            reader.ref_or_none(next(iter(reader.values(agent, "actorKind")), "")),
            _homepage(reader, agent),
            engagements(reader, by_agent[agent], citations),
        )
        for agent in in_order
    )


def engagements(reader: Reader, records: list[Facts], citations: Citations) -> tuple[Engagement, ...]:
    """These engagements, the oldest first."""
    in_order = sorted(records, key=lambda facts: (facts.text("startDate") or "9", facts.iris("engagedIn")))
    return tuple(
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
        for facts in in_order
    )


def activities(reader: Reader, records: Mapping[str, Facts], citations: Citations) -> tuple[Activity, ...]:
    """These activities by family, the newest first, those without a date last."""
    kinds = {iri: reader.kind(iri) for iri in records}
    in_order = sorted(
        (iri for iri in records if kinds[iri] in ACTIVITY_KINDS), key=lambda iri: sort_key(reader.ref(iri))
    )
    in_order.sort(key=lambda iri: _begins(records[iri]), reverse=True)
    in_order.sort(key=lambda iri: ACTIVITY_KINDS.index(kinds[iri]))
    return tuple(
        Activity(
            reader.ref(iri),
            reader.ref_or_none(records[iri].iri(f"{kinds[iri]}Kind")),
            _begins(records[iri]),
            records[iri].text("endDate"),
            citations.marks(records[iri]),
        )
        for iri in in_order
    )


def _begins(facts: Facts) -> str:
    return facts.text("startDate") or facts.text(DCT["issued"])


def _homepage(reader: Reader, agent: str) -> str:
    bodies = (agent, *reader.values(agent, ORG["subOrganizationOf"]))
    return next((page for body in bodies for page in reader.values(body, FOAF["homepage"])), "")


def _carries(engagements_of_one: Iterable[Facts]) -> bool:
    return any(facts.iri("role").endswith("/roles/carrier") for facts in engagements_of_one)
