"""What lookups answer with: names in a language, links to things, and single values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

PAGE_SIZE: Final = 100
_OVER: Final = ("ended", "declined")
_NOT_YET: Final = ("proposed",)
_UNSURE: Final = ("unverified", "doubtful")

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Label:
    """A text with the tag of its language; the tag is empty when the text has none."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Ref:
    """A thing by IRI, with its best name and the family it belongs to (`authority`, `concept`, `foreign` …).

    The name is empty for a thing that nobody has named.
    """

    iri: str
    label: Label
    kind: str


@dataclass(frozen=True, slots=True)
class Datum:
    """A literal: its text, language, and the local name of its datatype (`gYear`, `boolean`, `string` …)."""

    text: str
    language: str = ""
    datatype: str = "string"


@dataclass(frozen=True, slots=True)
class Group:
    """The values of one property, or the things that point here by it."""

    property: Ref
    values: tuple[Value, ...]


Value = Ref | Datum | tuple[Group, ...]
"""A linked thing, a literal, or the description of a thing that has no IRI."""


@dataclass(frozen=True, slots=True)
class Pages:
    """Which part of a long list is shown; pages count from 1."""

    number: int
    last: int
    total: int


@dataclass(frozen=True, slots=True)
class Citation:
    """A source as it is cited on one page, under the number that its marks show there."""

    number: int
    ref: Ref
    publisher: str
    address: str
    kind: Ref | None
    date: str
    retrieved: str


@dataclass(frozen=True, slots=True)
class Identifier:
    """What a thing is called elsewhere: an official key, or an entry in another collection with its address."""

    property: Ref
    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Hint:
    """A finding of the validation about a thing."""

    severity: str
    message: Label


@dataclass(frozen=True, slots=True)
class About:
    """What every page says of its thing: name, classes, other names, note, home page, identifiers, findings."""

    ref: Ref
    types: tuple[Ref, ...]
    other_names: tuple[Label, ...]
    note: Label | None
    homepage: str
    identifiers: tuple[Identifier, ...]
    hints: tuple[Hint, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a partnership stands: each axis by itself, and nothing where no source says anything.

    `form_since` and `status_since` say when it took on its form and status, if it had others before.
    """

    form: Ref | None
    status: Ref | None
    verification: Ref | None
    since: str
    until: str
    form_since: str = ""
    status_since: str = ""

    @property
    def state(self) -> str:
        """`over`, `planned` or `lasting`; a partnership without a stated status counts as lasting."""
        return state_of(self.status.iri if self.status else "")

    @property
    def declined(self) -> bool:
        """Whether one side did not want it."""
        return _name(self.status) == "declined"

    @property
    def paused(self) -> bool:
        """Whether it is suspended or dormant."""
        return _name(self.status) in ("suspended", "dormant")

    @property
    def unsure(self) -> bool:
        """Whether the sources do not suffice to be sure of it."""
        return _name(self.verification) in _UNSURE

    @property
    def mark(self) -> str:
        """The name of the shape that stands for the form, so that colour never speaks alone."""
        return _name(self.form) or "unknown"


@dataclass(frozen=True, slots=True)
class Summary:
    """A thing in a list, with the few words that tell it apart from others of its name.

    `partnerships` is how many an authority has or had; `standing` is there for a partnership.
    """

    ref: Ref
    details: tuple[Ref, ...]
    since: str
    until: str
    partnerships: int = 0
    standing: Standing | None = None


def state_of(status: str) -> str:
    """`over`, `planned` or `lasting` by the IRI of a status, which may be empty."""
    name = status.rsplit("/", 1)[-1]
    return "over" if name in _OVER else "planned" if name in _NOT_YET else "lasting"


def page_of(items: Sequence[Item], number: int, size: int = PAGE_SIZE) -> tuple[tuple[Item, ...], Pages]:
    """The items of page `number`, or of the last page when there are fewer."""
    last = max(1, -(-len(items) // size))
    number = min(max(1, number), last)
    return tuple(items[(number - 1) * size : number * size]), Pages(number, last, len(items))


def _name(ref: Ref | None) -> str:
    return ref.iri.rsplit("/", 1)[-1] if ref else ""
