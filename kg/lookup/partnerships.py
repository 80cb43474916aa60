"""Partnerships: in lists, and one with its phases, acts, carriers, activities and what each source says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from kg.lookup.claiming import Claims, claims_about
from kg.lookup.describing import Citations, about, chosen
from kg.lookup.engaging import Activity, Involved, activities, involved
from kg.lookup.reader import Facts, Property, Reader, sort_key
from kg.lookup.values import About, Citation, Group, Label, Ref, Standing
from kg.namespaces import DCT, RDFS

_ROLES_FOR_ALL: Final = ("carrier", "contact", "organiser", "supporter", "funder")
_FACTS: Final[tuple[Property, ...]] = ("purpose", DCT["subject"], "formerParty")


@dataclass(frozen=True, slots=True)
class Party:
    """An authority in a partnership, with its country."""

    ref: Ref
    country: Ref | None
    level: Ref | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A partnership in a list; `partners` are the parties other than the one whose list it is."""

    ref: Ref
    partners: tuple[Party, ...]
    standing: Standing
    former: bool
    marks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of time with one form and status."""

    ref: Ref
    standing: Standing
    note: Label | None
    marks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Act:
    """A dated decision or deed, by the parties that did it or by all."""

    ref: Ref
    kind: Ref | None
    date: str
    parties: tuple[Ref, ...]
    note: Label | None
    marks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PartnershipPage:
    """Everything about one partnership."""

    about: About
    parties: tuple[Party, ...]
    standing: Standing
    since_marks: tuple[int, ...]
    facts: tuple[Group, ...]
    phases: tuple[Phase, ...]
    acts: tuple[Act, ...]
    involved: tuple[Involved, ...]
    activities: tuple[Activity, ...]
    claims: tuple[Claims, ...]
    sources: tuple[Citation, ...]

    @property
    def carriers(self) -> tuple[Involved, ...]:
        """Those who look after it."""
        return tuple(item for item in self.involved if any(role.iri.endswith("/carrier") for role in item.roles))

    @property
    def form_since(self) -> str:
        """Since when it has its present form, if it had another before."""
        return self.standing.form_since


def read_partnership(reader: Reader, iri: str, facts: Facts) -> PartnershipPage:
    """The page of one partnership."""
    citations = Citations(reader)
    since_marks = _since_marks(reader, facts, citations)
    citations.marks(facts)
    parts = reader.records("phases-and-acts", iri)
    phases = {part: found for part, found in parts.items() if reader.kind(part) == "phase"}
    acts = {part: found for part, found in parts.items() if reader.kind(part) == "act"}
    among = parties(reader, iri, facts.iris("hasParty"))
    return PartnershipPage(
        about(reader, iri, facts),
        among,
        standing(reader, facts),
        since_marks,
        chosen(reader, facts, _FACTS),
        _phases(reader, phases, citations),
        _acts(reader, acts, citations),
        involved(reader, _engagements(reader, iri, among), citations),
        activities(reader, reader.records("activities-concerning", iri), citations),
        claims_about(reader, iri, citations),
        citations.list(),
    )


def standing(reader: Reader, facts: Facts) -> Standing:
    """Where a partnership or a phase stands."""
    since = facts.text("since") or facts.text("startDate")
    phases = [reader.facts(phase) for phase in sorted(facts.iris("hasPhase"), key=_number)]
    form_since = _turned(phases, "form")
    return Standing(
        reader.ref_or_none(facts.iri("currentForm") or facts.iri("form")),
        reader.ref_or_none(facts.iri("currentStatus") or facts.iri("status")),
        reader.ref_or_none(facts.iri("verification")),
        since,
        facts.text("endYear") or facts.text("endDate"),
        form_since if form_since > since else "",
        _turned(phases, "status"),
    )


def parties(reader: Reader, partnership: str, authorities: list[str]) -> tuple[Party, ...]:
    """These authorities in the order in which the key of the partnership names them."""
    key = partnership.rsplit("/", 1)[-1].split("--")
    found = [
        Party(
            reader.ref(authority),
            reader.ref_or_none(next(iter(reader.values(authority, "inCountry")), "")),
            reader.ref_or_none(next(iter(reader.values(authority, "level")), "")),
        )
        for authority in authorities
    ]
    return tuple(sorted(found, key=lambda party: (_position(party.ref.iri, key), sort_key(party.ref))))


def listed(
    reader: Reader, records: Mapping[str, Facts], citations: Citations | None = None, seen_from: str = ""
) -> tuple[Listed, ...]:
    """These partnerships, the oldest first, those without a date last."""
    in_order = sorted(records.items(), key=lambda item: (item[1].text("since") or "9", sort_key(reader.ref(item[0]))))
    return tuple(
        Listed(
            reader.ref(iri),
            parties(reader, iri, [party for party in facts.iris("hasParty") if party != seen_from]),
            standing(reader, facts),
            seen_from in facts.iris("formerParty"),
            (*_since_marks(reader, facts, citations), *citations.marks(facts)) if citations else (),
        )
        for iri, facts in in_order
    )


def _turned(phases: Sequence[Facts], axis: str) -> str:
    """When the last of these phases took over its form or status from an earlier one, if that is known."""
    same = list(takewhile(lambda phase: phase.iri(axis) == phases[-1].iri(axis), reversed(phases)))
    return same[-1].text("startDate") if len(same) < len(phases) else ""


def _number(phase: str) -> tuple[int, str]:
    number = phase.rpartition(".p")[2]
    return int(number) if number.isdecimal() else 0, phase


def _engagements(reader: Reader, iri: str, among: Sequence[Party]) -> dict[str, Facts]:
    """The engagements in a partnership, and those in all partnerships of a party, be it with the country of another."""
    found = {}
    for record, facts in reader.records("engagements-in-partnership", iri).items():
        engaged, countries = facts.iris("engagedIn"), facts.iris("withCountry")
        home = [party.ref for party in among if party.ref.iri in engaged]
        abroad = [party.country.iri for party in among if party.country and party.ref not in home]
        role = facts.iri("role").rsplit("/", 1)[-1]
        if iri in engaged or (role in _ROLES_FOR_ALL and (not countries or set(countries) & set(abroad))):
            found[record] = facts
    return found


def _phases(reader: Reader, records: Mapping[str, Facts], citations: Citations) -> tuple[Phase, ...]:
    in_order = sorted(records.items(), key=lambda item: (item[1].text("startDate") or "9", item[0]))
    return tuple(
        Phase(reader.ref(iri), standing(reader, facts), reader.best(facts.all(RDFS["comment"])), citations.marks(facts))
        for iri, facts in in_order
    )


def _acts(reader: Reader, records: Mapping[str, Facts], citations: Citations) -> tuple[Act, ...]:
    in_order = sorted(records.items(), key=lambda item: (item[1].text(DCT["date"]) or "9", item[0]))
    return tuple(
        Act(
            reader.ref(iri),
            reader.ref_or_none(facts.iri("actKind")),
            facts.text(DCT["date"]),
            reader.refs(facts.iris("byParty")),
            reader.best(facts.all(RDFS["comment"])),
            citations.marks(facts),
        )
        for iri, facts in in_order
    )


def _since_marks(reader: Reader, facts: Facts, citations: Citations) -> tuple[int, ...]:
    claims = facts.iris("restsOn")
    return tuple(citations.mark(source) for claim in claims for source in reader.values(claim, DCT["source"]))


def _position(authority: str, key: list[str]) -> int:
    name = authority.rsplit("/", 1)[-1]
    return key.index(name) if name in key else len(key)
