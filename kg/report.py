"""Findings as data: the quads of a SHACL report, and JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Quad

from kg.namespaces import PREFIXES, RDF_TYPE, XSD, Names
from kg.validation import Finding

_SH: Final = PREFIXES["sh"]
_SEVERITIES: Final = {"violation": "Violation", "warning": "Warning", "info": "Info"}


def report_quads(findings: Iterable[Finding], names: Names) -> Iterator[Quad]:
    """A sh:ValidationReport (SHACL, section 3.6) whose results have IRIs, numbered in the order of the findings."""
    graph = names.graph("report")
    report = NamedNode(f"{names.base}report/validation")
    findings = list(findings)
    yield Quad(report, RDF_TYPE, _sh("ValidationReport"), graph)
    conforms = Literal("false" if findings else "true", datatype=XSD["boolean"])
    yield Quad(report, _sh("conforms"), conforms, graph)
    for number, finding in enumerate(findings, start=1):
        result = NamedNode(f"{names.base}report/finding/{number}")
        yield Quad(report, _sh("result"), result, graph)
        yield Quad(result, RDF_TYPE, _sh("ValidationResult"), graph)
        yield Quad(result, _sh("focusNode"), NamedNode(finding.focus), graph)
        yield Quad(result, _sh("sourceShape"), NamedNode(finding.shape), graph)
        yield Quad(result, _sh("resultSeverity"), _sh(_SEVERITIES[finding.severity]), graph)
        if finding.path and finding.path.startswith("http"):
            yield Quad(result, _sh("resultPath"), NamedNode(finding.path), graph)
        for language, text in sorted(finding.messages.items()):
            yield Quad(result, _sh("resultMessage"), Literal(text, language=language), graph)


def report_json(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """The findings as plain objects, in order."""
    return [
        {
            "focus": finding.focus,
            "shape": finding.shape,
            "path": finding.path,
            "value": finding.value,
            "severity": finding.severity,
            "messages": dict(finding.messages),
            "file": finding.file,
            "row": finding.row,
            "column": finding.column,
        }
        for finding in findings
    ]


def _sh(name: str) -> NamedNode:
    return NamedNode(_SH + name)
