"""What a request asks of a question: values, format, and which part of the rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import abort, request

from kg.binding import LARGEST, Binder
from kg.errors import ParameterError
from kg.questions import Question, Value
from webapp.formats import BY_NAME, GRAPH_FORMATS, Format, pick_format

ROWS: Final = 100
MOST_ROWS: Final = 10_000
TABLE_FORMATS: Final = (
    Format("json", "application/json", "json", "results"),
    BY_NAME["csv"],
    Format("srj", "application/sparql-results+json", "srj", "results"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the values of a request, as a query; `format` is what the address says, if anything."""

    question: Question
    values: Mapping[str, Sequence[Value]]
    query: str
    format: str | None
    limit: int
    offset: int

    def parameters(self) -> dict[str, str]:
        """Every parameter of the question with what it is asked for, as it stands in an address."""
        return {
            parameter.name: ",".join(map(parameter.written, self.values.get(parameter.name, parameter.preset)))
            for parameter in self.question.parameters
        }

    def pages(self, total: int) -> Iterator[tuple[str, dict[str, str | int]]]:
        """The other pages of `total` rows: relation (RFC 8288) and the values in their address."""
        phase = self.offset % self.limit
        last = phase + max(0, total - 1 - phase) // self.limit * self.limit if total > phase else 0
        offsets = {"first": 0, "last": last}
        if self.offset:
            offsets["prev"] = min(max(0, self.offset - self.limit), last)
        if self.offset + self.limit < total:
            offsets["next"] = self.offset + self.limit
        given = {name: text for name, text in self.parameters().items() if name in self.values}
        form = {"format": self.format} if self.format else {}
        for relation, offset in offsets.items():
            yield relation, {**given, **form, "limit": self.limit, "offset": offset}


def formats_of(question: Question) -> tuple[Format, ...]:
    """The formats that the answer to a question comes in."""
    return GRAPH_FORMATS if question.is_graph else TABLE_FORMATS


def read_request(question: Question, binder: Binder) -> Asked:
    """What this request asks of `question`; raises `ParameterError`."""
    given = dict(request.args.lists())
    formats = given.pop("format", [])
    if len(formats) > 1:
        raise ParameterError("format: it is given more than once; give one", "format")
    limit, offset = ROWS, 0
    if not question.is_graph:
        limit = _number("limit", given.pop("limit", [str(limit)]), 1, MOST_ROWS)
        offset = _number("offset", given.pop("offset", [str(offset)]), 0, LARGEST)
    values = binder.terms(question, given)
    return Asked(question, values, question.bound(values), next(iter(formats), None), limit, offset)


def choose_format(asked: Asked, extension: str) -> Format:
    """The format that the end of the address, the field `format` or else the Accept header names."""
    possible = formats_of(asked.question)
    offered = ", ".join(f"{item.media_type} ({item.name})" for item in possible)
    if extension:
        named = (item for item in possible if item.extension == extension)
        return next(named, None) or abort(404, f"There is no .{extension} of this; there are {offered}.")
    if asked.format is not None:
        named = (item for item in possible if item.name == asked.format)
        return next(named, None) or abort(406, f"There is no such format; there are {offered}.")
    accepted = pick_format(request.headers.get("Accept"), possible, default=possible[0])
    return accepted or abort(406, f"Nothing fits the Accept header; there are {offered}.")


def _number(name: str, texts: Sequence[str], least: int, most: int) -> int:
    if len(texts) == 1 and re.fullmatch("[0-9]{1,16}", texts[0]) and least <= int(texts[0]) <= most:
        return int(texts[0])
    raise ParameterError(f"{name}: give one whole number from {least} to {most}", name)
