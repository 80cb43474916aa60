"""What a stranger gives for the parameters of a question, checked and made into RDF terms."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Final

from pyoxigraph import Literal, NamedNode
from rapidfuzz import fuzz, process

from kg.errors import ParameterError, UnknownThingError
from kg.lookup import LANGUAGES, Reader, read_choices
from kg.namespaces import XSD, is_key
from kg.questions import PAGING, Parameter, Question, Value
from kg.store import Release

MOST_VALUES: Final = 100
MOST_CHOICES: Final = 150
LARGEST: Final = 2**53 - 1
LONGEST: Final = 200
YEAR: Final = "[0-9]{4}"
IRI: Final = (
    "https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/([A-Za-z0-9._~!$&'()*+,;=:@/\u00a0-\ud7ff-]|%[0-9A-Fa-f]{2})*)?"
    "(#[A-Za-z0-9._~-]*)?"
)
_DATE: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_NEAR_ENOUGH: Final = 50


class Binder:
    """Checks values against one release; what exists there is read when it is first needed."""

    def __init__(self, release: Release) -> None:
        self._readers = [Reader(release, language) for language in LANGUAGES]
        self.keys = cache(self._keys)

    def choices(self, parameter: Parameter) -> list[str]:
        """The keys that a parameter may have, if they are few enough to be listed; else none."""
        keys = self.keys(parameter.prefix) if parameter.prefix else {}
        return list(keys) if len(keys) <= MOST_CHOICES else []

    def knows_preset(self, parameter: Parameter) -> bool:
        """Whether what is preset is there, as it may not be in the data of another region."""
        return not parameter.prefix or set(parameter.preset) <= set(self.keys(parameter.prefix).values())

    def terms(self, question: Question, given: Mapping[str, Sequence[str]]) -> dict[str, tuple[Value, ...]]:
        """The values for the parameters that are given; several for one are divided by commas.

        Raises `ParameterError`, which says what is right; it is an `UnknownThingError` where the keys are too many
        to be listed and the one given is not among them.
        """
        known = {parameter.name: parameter for parameter in question.parameters}
        found = {}
        for name, texts in given.items():
            if name not in known:
                possible = [*known, *(PAGING[2:] if question.is_graph else PAGING)]
                message = f'there is no parameter "{name[:LONGEST]}" here; there are {", ".join(possible)}'
                raise ParameterError(message, name[:LONGEST], parameters=possible)
            found[name] = self._values(known[name], texts)
        return found

    def _keys(self, prefix: str) -> dict[str, NamedNode]:
        """Everything of ours that is called `prefix` and a key, by key."""
        iris = sorted(ref.iri for ref in read_choices(self._readers[0], prefix))
        return {iri.removeprefix(prefix): NamedNode(iri) for iri in iris}

    def _values(self, parameter: Parameter, texts: Sequence[str]) -> tuple[Value, ...]:
        parts = [part for text in texts for part in text.split(",")] if parameter.many else texts
        most = MOST_VALUES if parameter.many else 1
        if len(parts) > most:
            message = f"{parameter.name}: {len(parts)} values are given; give {most} at most"
            raise ParameterError(message, parameter.name)
        return tuple(dict.fromkeys(self._value(parameter, part) for part in parts))

    def _value(self, parameter: Parameter, text: str) -> Value:
        if not parameter.prefix:
            return _plain_value(parameter, text)
        keys = self.keys(parameter.prefix)
        key = text.removeprefix(parameter.prefix)
        if key in keys:
            return keys[key]
        near = self._nearest(parameter.prefix, key[:LONGEST])
        right = f"did you mean {near}?" if near else f"write a key such as {parameter.written(parameter.preset[0])}"
        message = f'{parameter.name}: there is no {parameter.kind} "{text[:LONGEST]}"; {right}'
        listed = self.choices(parameter) or not is_key(key)
        raise (ParameterError if listed else UnknownThingError)(message, parameter.name, **_if_any(nearest=near))

    def _nearest(self, prefix: str, text: str) -> str:
        """The key that looks most like `text`, or whose name in one of our languages does."""
        names = {
            (ref.iri, reader.language): ref.label.text.casefold()
            for reader in self._readers
            for ref in read_choices(reader, prefix)
        }
        keys = {(prefix + key, ""): key for key in self.keys(prefix)}
        found = process.extractOne(text.casefold(), keys | names, scorer=fuzz.ratio, score_cutoff=_NEAR_ENOUGH)
        return found[2][0].removeprefix(prefix) if found else ""


def _if_any(**texts: str) -> dict[str, str]:
    return {name: text for name, text in texts.items() if text}


def _is_integer(text: str) -> bool:
    return re.fullmatch("-?[0-9]{1,16}", text) is not None and abs(int(text)) <= LARGEST


def _is_date(text: str) -> bool:
    try:
        return re.fullmatch(_DATE, text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_text(text: str) -> bool:
    return 0 < len(text) <= LONGEST


_PLAIN: Final[Mapping[str, tuple[Callable[[str], object], str]]] = {
    "integer": (_is_integer, f"is no whole number from {-LARGEST} to {LARGEST}; write digits"),
    "date": (_is_date, "is no date; write YYYY-MM-DD"),
    "year": (re.compile(YEAR).fullmatch, "is no year; write four digits"),
    "boolean": (("true", "false").count, "is neither true nor false"),
    "text": (_is_text, f"is no text of 1 to {LONGEST} characters"),
    "iri": (re.compile(IRI).fullmatch, "is no http(s) IRI"),
}


def _plain_value(parameter: Parameter, text: str) -> Value:
    """A number, date, year, truth value, text or foreign IRI."""
    is_right, remedy = _PLAIN[parameter.kind]
    if not is_right(text):
        raise ParameterError(f'{parameter.name}: "{text[:LONGEST]}" {remedy}', parameter.name)
    if parameter.kind == "iri":
        return NamedNode(text)
    name = {"text": "string", "year": "gYear"}.get(parameter.kind, parameter.kind)
    return Literal(text, datatype=XSD[name])
