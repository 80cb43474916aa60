"""What violates SHACL's constraints on the values of a path taken together, as SPARQL graph patterns.

A pattern matches each ?this that violates the constraint, and perhaps others; an empty one matches none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from rdflib import SH, Graph

from kg.validation.expressions import UntranslatableError, Values
from kg.validation.shapes import Term


@dataclass(frozen=True, slots=True)
class Property:
    """A property shape among its shapes, with its path in SPARQL."""

    shape: Term
    path: str
    shapes: Graph
    values: Values


def _too_few(prop: Property, value: Term) -> str:
    names = _variables(int(value))
    if not names:
        return ""
    return f"FILTER NOT EXISTS {{ ?this {prop.path} {' , '.join(names)} {_different(names)} }}"


def _too_many(prop: Property, value: Term) -> str:
    names = _variables(int(value) + 1)
    return f"?this {prop.path} {' , '.join(names)} {_different(names)}"


def _without(prop: Property, value: Term) -> str:
    return f"FILTER NOT EXISTS {{ ?this {prop.path} {value.n3()} }}"


def _language_twice(prop: Property, value: Term) -> str:
    same = 'LANG(?a) != "" && LCASE(LANG(?a)) = LCASE(LANG(?b)) && !sameTerm(?a, ?b)'
    return f"?this {prop.path} ?a , ?b FILTER({same})" if value.toPython() else ""


def _pair(test: str) -> Callable[[Property, Term], str]:
    def pattern(prop: Property, value: Term) -> str:
        return f"?this {prop.path} ?a . ?this {value.n3()} ?b FILTER({test})"

    return pattern


def _none_qualifies(prop: Property, value: Term) -> str:
    counts = [int(str(count)) for count in prop.shapes.objects(prop.shape, SH.qualifiedMinCount)]
    if counts != [1]:
        raise UntranslatableError(f"{prop.shape} counts how many values qualify")
    return f"FILTER NOT EXISTS {{ ?this {prop.path} ?any FILTER({prop.values.conforms(value, '?any')}) }}"


def _said_elsewhere(_prop: Property, _value: Term) -> str:
    return ""


def _variables(number: int) -> list[str]:
    return [f"?v{index}" for index in range(number)]


def _different(names: list[str]) -> str:
    pairs = [f"!sameTerm({one}, {other})" for index, one in enumerate(names) for other in names[:index]]
    return f"FILTER({' && '.join(pairs)})" if pairs else ""


FAULTS: Final[Mapping[Term, Callable[[Property, Term], str]]] = {
    SH.minCount: _too_few,
    SH.maxCount: _too_many,
    SH.hasValue: _without,
    SH.uniqueLang: _language_twice,
    SH.disjoint: _pair("sameTerm(?a, ?b)"),
    SH.lessThan: _pair("!COALESCE(?a < ?b, false)"),
    SH.lessThanOrEquals: _pair("!COALESCE(?a <= ?b, false)"),
    SH.qualifiedValueShape: _none_qualifies,
    SH.qualifiedMinCount: _said_elsewhere,
}
