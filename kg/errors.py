"""The one tree of errors: each says what happened, where, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


class KgError(Exception):
    """Anything that a person using `kg` or the site has to be told."""


class SettingError(KgError):
    """A setting from the environment or the command line cannot be used."""


class WithdrawnError(KgError):
    """What is asked for was published once and is withdrawn; `successor` is the IRI of what replaced it, or ""."""

    def __init__(self, iri: str, since: str, reasons: Mapping[str, str], successor: str) -> None:
        self.since, self.reasons, self.successor = since, reasons, successor
        super().__init__(f"{iri} is withdrawn since {since}: {reasons['en']}")


class ServingError(KgError):
    """The server cannot listen where it is told to."""


class UnknownNameError(KgError):
    """A term, class, scheme or graph that the ontology does not have."""


@dataclass(frozen=True, slots=True, order=True)
class CellProblem:
    """One mistake in a table, in the terms of the person who edits it.

    `row` is the line number as a spreadsheet counts it (the header is row 1); `column` is empty when the
    whole row or file is meant.
    """

    file: str
    row: int
    column: str
    message: str

    def __str__(self) -> str:
        place = self.file
        if self.row:
            place += f", row {self.row}"
        if self.column:
            place += f", column {self.column}"
        return f"{place}: {self.message}"


class TablesInvalidError(KgError):
    """One or more tables cannot be used; carries every problem found, sorted by place."""

    def __init__(self, problems: Iterable[CellProblem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ModelError(KgError):
    """A file under `ontology/` cannot be read."""


class ReleaseError(KgError):
    """A release cannot be written, found or opened."""


class QueryError(KgError):
    """A query that cannot be answered as asked."""


class QuerySyntaxError(QueryError):
    """The query is not SPARQL 1.1; carries the 1-based line and column where reading stopped, if known."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        self.line, self.column = line, column
        super().__init__(message)


class QueryForbiddenError(QueryError):
    """The query asks for something this endpoint never does (update, SERVICE)."""


class QueryTimeoutError(QueryError):
    """The query did not finish within its time limit."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"the query gave no answer within {seconds:g} seconds")


class QueryTooLargeError(QueryError):
    """The query needed more memory, or its answer more room, than it may have."""


class EngineBusyError(QueryError):
    """No worker became free in time; trying again later helps."""


class UnknownQuestionError(KgError):
    """No question has this name; carries the names most like it."""

    def __init__(self, name: str, near: Sequence[str]) -> None:
        self.near = near
        offered = f"did you mean {' or '.join(near)}?" if near else "/api lists them all"
        super().__init__(f"no question is called {name}; {offered}")


class ParameterError(KgError):
    """A question has no such parameter, or it cannot have this value; carries what it could be."""

    def __init__(self, message: str, parameter: str, **better: str | Sequence[str]) -> None:
        self.parameter, self.better = parameter, better
        super().__init__(message)


class UnknownThingError(ParameterError):
    """A value is a key as it should be, but nothing is called so."""
