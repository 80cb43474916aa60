"""What sources say about a thing, side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg.lookup.describing import Citations
from kg.lookup.reader import Facts, Reader, datum
from kg.lookup.values import Datum, Label, Ref, Value
from kg.namespaces import DCT, RDFS

_ORDER: Final = ("startDate", "endDate", "form", "status", "hasParty", "isPartyOf")
_CURRENT: Final = {"form": "currentForm", "status": "currentStatus"}
_EXISTENCE: Final = ("/hasParty", "/isPartyOf")


@dataclass(frozen=True, slots=True)
class Claim:
    """What one source says; `preferred` if the published value rests on it.

    A form or status that is not the present one does not count as preferred, as no page rests on it.
    """

    ref: Ref
    stated: Ref
    value: Value
    mark: int
    source: Ref
    date: str
    name_in_source: str
    preferred: bool
    note: Label | None

    @property
    def existence(self) -> bool:
        """Whether it says only that there is such a thing, or that there is none."""
        return self.stated.iri.endswith(_EXISTENCE)


@dataclass(frozen=True, slots=True)
class Claims:
    """Everything said about one property and kind of act; `conflicting` when not all of it can be true."""

    stated: Ref
    act_kind: Ref | None
    claims: tuple[Claim, ...]
    conflicting: bool

    @property
    def existence(self) -> bool:
        """Whether these claims say only that there is such a thing, or that there is none."""
        return self.stated.iri.endswith(_EXISTENCE)


def claims_about(reader: Reader, iri: str, citations: Citations) -> tuple[Claims, ...]:
    """All claims about a thing by property and kind of act: dates first, mere listings last."""
    grouped: dict[tuple[int, str, str], list[Claim]] = {}
    for claim, facts in reader.records("claims-about", iri).items():
        prop = facts.iri("property")
        if not prop:
            continue
        name = prop.rsplit("/", 1)[-1]
        position = _ORDER.index(name) if name in _ORDER else len(_ORDER)
        grouped.setdefault((position, prop, facts.iri("actKind")), []).append(
            read_claim(reader, claim, facts, citations)
        )
    return tuple(
        Claims(
            reader.ref(prop),
            reader.ref_or_none(act_kind),
            tuple(sorted(claims, key=lambda claim: (not claim.preferred, claim.date, claim.ref.iri))),
            _conflict(claim.value for claim in claims),
        )
        for (_, prop, act_kind), claims in sorted(grouped.items())
    )


def read_claim(reader: Reader, iri: str, facts: Facts, citations: Citations) -> Claim:
    """One claim."""
    value, source = facts.first("value"), facts.iri(DCT["source"])
    shown: Value = Datum("")
    if isinstance(value, NamedNode):
        shown = reader.ref(value.value)
    elif isinstance(value, Literal):
        shown = datum(value)
    return Claim(
        reader.ref(iri),
        reader.ref(facts.iri("property")),
        shown,
        citations.mark(source),
        reader.ref(source),
        facts.text(DCT["date"]),
        facts.text("nameInSource"),
        facts.text("preferred") == "true" and _current(reader, facts),
        reader.best(facts.all(RDFS["comment"])),
    )


def _current(reader: Reader, facts: Facts) -> bool:
    """Whether a claimed form or status is the present one; other properties have no present value."""
    current = _CURRENT.get(facts.iri("property").rsplit("/", 1)[-1])
    return not current or facts.iri("value") in reader.values(facts.iri("subject"), current)


def _conflict(values: Iterable[Value]) -> bool:
    """Whether two values exclude each other; a year does not exclude a day in it."""
    texts = {value.iri if isinstance(value, Ref) else value.text for value in values if not isinstance(value, tuple)}
    return any(not later.startswith(earlier) for earlier, later in pairwise(sorted(texts)))
