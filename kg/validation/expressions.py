"""SHACL's constraints on a value in SPARQL: expressions that are true when the value certainly conforms.

An expression may be false for a value that conforms, since pySHACL judges what is suspected; it is never true
for one that does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from rdflib import RDF, SH, XSD, Graph

from kg.errors import KgError
from kg.validation.shapes import Subclasses, Term, members

ANNOTATIONS: Final = frozenset(
    {RDF.type, SH.path, SH.name, SH.description, SH.order, SH.group, SH.severity, SH.message, SH.flags, SH.targetClass}
)
_KINDS: Final = {
    SH.IRI: "isIRI({v})",
    SH.Literal: "isLiteral({v})",
    SH.BlankNode: "isBlank({v})",
    SH.BlankNodeOrIRI: "(isBlank({v}) || isIRI({v}))",
    SH.BlankNodeOrLiteral: "(isBlank({v}) || isLiteral({v}))",
    SH.IRIOrLiteral: "(isIRI({v}) || isLiteral({v}))",
}
_ANY: Final = "DATATYPE({v}) = {datatype}"
_FORM: Final = '(DATATYPE({v}) = {datatype} && REGEX(STR({v}), "%s"))'
_DATATYPES: Final = {
    RDF.langString: _ANY,
    XSD.string: _ANY,
    XSD.gYear: _ANY,
    XSD.gYearMonth: _ANY,
    XSD.boolean: _FORM % "^(true|false)$",
    XSD.decimal: _FORM % "^[+-]?[0-9]+([.][0-9]+)?$",
    XSD.integer: _FORM % "^[+-]?[0-9]+$",
    XSD.date: f"({_FORM % '^[1-9][0-9]{{3}}-[0-9]{{2}}-[0-9]{{2}}$'} && YEAR({{v}}) > 0)",
}


class UntranslatableError(KgError):
    """A constraint that has no counterpart here, so that pySHACL has to see all nodes."""


@dataclass(frozen=True, slots=True)
class Values:
    """Turns the constraints of `shapes` on a value into SPARQL."""

    shapes: Graph
    below: Subclasses

    def conforms(self, shape: Term, variable: str) -> str:
        """That the variable's value conforms to every constraint of `shape`, none of which needs a path."""
        constraints = [pair for pair in self.shapes.predicate_objects(shape) if pair[0] not in ANNOTATIONS]
        tests = [self.test(predicate, value, shape, variable) for predicate, value in constraints]
        return f"({' && '.join(sorted(tests))})" if tests else "true"

    def test(self, predicate: Term, value: Term, shape: Term, variable: str) -> str:
        """That the variable's value conforms to one constraint."""
        maker = _TESTS.get(predicate)
        if maker is None:
            raise UntranslatableError(f"{predicate} of {shape} has no counterpart in SPARQL")
        return maker(self, value, shape, variable)


def _class(values: Values, value: Term, _shape: Term, variable: str) -> str:
    classes = sorted(name.n3() for name in values.below.get(value, {value}))
    return f"({' || '.join(f'EXISTS {{ {variable} a {name} }}' for name in classes)})"


def _datatype(_values: Values, value: Term, _shape: Term, variable: str) -> str:
    template = _DATATYPES.get(value)
    if template is None and not str(value).startswith((str(XSD), str(RDF))):
        template = _ANY  # rdflib knows no lexical forms of foreign datatypes
    if template is None:
        raise UntranslatableError(f"the lexical form of {value} is not known here")
    return template.format(v=variable, datatype=value.n3())


def _kind(_values: Values, value: Term, _shape: Term, variable: str) -> str:
    return _KINDS[value].format(v=variable)


def _one_of(values: Values, value: Term, _shape: Term, variable: str) -> str:
    choices = (f"sameTerm({variable}, {member.n3()})" for member in members(values.shapes, value))
    return f"({' || '.join(choices)})"


def _pattern(values: Values, value: Term, shape: Term, variable: str) -> str:
    flags: Term = values.shapes.value(shape, SH.flags)
    return f"REGEX(STR({variable}), {value.n3()}{'' if flags is None else f', {flags.n3()}'})"


def _languages(values: Values, value: Term, _shape: Term, variable: str) -> str:
    choices = (f"LANGMATCHES(LANG({variable}), {member.n3()})" for member in members(values.shapes, value))
    return f"({' || '.join(choices)})"


def _node(values: Values, value: Term, _shape: Term, variable: str) -> str:
    return values.conforms(value, variable)


def _joined(operator: str) -> Callable[[Values, Term, Term, str], str]:
    def join(values: Values, value: Term, _shape: Term, variable: str) -> str:
        each = (values.conforms(member, variable) for member in members(values.shapes, value))
        return f"({operator.join(each)})"

    return join


def _compared(template: str) -> Callable[[Values, Term, Term, str], str]:
    def compare(_values: Values, value: Term, _shape: Term, variable: str) -> str:
        return template.format(v=variable, limit=value.n3())

    return compare


_TESTS: Final[Mapping[Term, Callable[[Values, Term, Term, str], str]]] = {
    SH["class"]: _class,
    SH.datatype: _datatype,
    SH.nodeKind: _kind,
    SH["in"]: _one_of,
    SH.pattern: _pattern,
    SH.languageIn: _languages,
    SH.node: _node,
    SH["or"]: _joined(" || "),
    SH["and"]: _joined(" && "),
    SH.minLength: _compared("STRLEN(STR({v})) >= {limit}"),
    SH.maxLength: _compared("STRLEN(STR({v})) <= {limit}"),
    SH.minInclusive: _compared("{v} >= {limit}"),
    SH.maxInclusive: _compared("{v} <= {limit}"),
    SH.minExclusive: _compared("{v} > {limit}"),
    SH.maxExclusive: _compared("{v} < {limit}"),
}
