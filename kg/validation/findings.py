"""Findings as data, and the row and column that each goes back to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from pyoxigraph import NamedNode

from kg.mapping import trace
from kg.namespaces import Names
from kg.tables import Row, Tables

SEVERITIES: Final = ("violation", "warning", "info")
Traces = Mapping[NamedNode, list[tuple[Row, str, NamedNode]]]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a shape says about one node.

    `path` is the property that an editor has to look at, the first of a longer path. `severity` is one of
    `SEVERITIES`. `messages` has the text by language. `file`, `row` and `column` are known once located.
    """

    focus: str
    shape: str
    path: str | None
    value: str | None
    severity: str
    messages: Mapping[str, str]
    file: str | None = None
    row: int | None = None
    column: str | None = None


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Each finding once: violations first, then by shape, node, property and value."""
    unique = {(finding.shape, finding.focus, finding.path, finding.value): finding for finding in findings}
    return sorted(unique.values(), key=_place)


def located(findings: Iterable[Finding], tables: Tables, names: Names) -> list[Finding]:
    """The findings with the table, row and column that made what they are about.

    The column is the one that states the property of the finding; where none does, the row of the node is
    given alone. A node that no row makes goes back to the row of the finding's value, and a concept to its file.
    """
    findings = list(findings)
    subjects = {NamedNode(iri) for finding in findings for iri in _things(finding, names)}
    traces = trace(tables, names, subjects) if subjects else {}
    return [_located(finding, traces, names) for finding in findings]


def _place(finding: Finding) -> tuple[int, str, str, str, str]:
    severity = SEVERITIES.index(finding.severity)
    return severity, finding.shape, finding.focus, finding.path or "", finding.value or ""


def _things(finding: Finding, names: Names) -> list[str]:
    prefix = f"{names.base}id/"
    return [iri for iri in (finding.focus, finding.value) if iri and iri.startswith(prefix)]


def _located(finding: Finding, traces: Traces, names: Names) -> Finding:
    for iri in _things(finding, names):
        made = traces.get(NamedNode(iri))
        if made:
            row, column = _cell(made, finding.path)
            return replace(finding, file=f"{row.table}.csv", row=row.number, column=column)
    codes = f"{names.base}vocab/"
    if finding.focus.startswith(codes):
        scheme = finding.focus.removeprefix(codes).partition("/")[0]
        return replace(finding, file=f"codes/{scheme}.ttl")
    return finding


def _cell(made: list[tuple[Row, str, NamedNode]], path: str | None) -> tuple[Row, str | None]:
    for row, column, predicate in made:
        if predicate.value == path:
            return row, column
    return made[0][0], None
