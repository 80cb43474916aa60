"""What SHACL's constraints on a value are in SPARQL: an expression that is true when the value certainly conforms.

An expression may be false for a value that conforms, since pySHACL judges what is suspected; it is never true for
one that does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rdflib import RDF, SH, XSD, Graph, URIRef

from kg.errors import KgError
from kg.validation.shapes import Subclasses, members

if TYPE_CHECKING:
    from rdflib.term import IdentifiedNode

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
_FORMS: Final = {
    XSD.boolean: "^(true|false)$",
    XSD.date: "^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$",
    XSD.decimal: "^[+-]?[0-9]+([.][0-9]+)?$",
    XSD.integer: "^[+-]?[0-9]+$",
}
_FREE_FORMS: Final = frozenset({RDF.langString, XSD.string, XSD.gYear, XSD.gYearMonth})


class UntranslatableError(KgError):
    """A constraint that has no counterpart here, so that pySHACL has to see all nodes."""


@dataclass(frozen=True)
class Values:
    """Turns constraints of `shapes` on a value into SPARQL."""

    shapes: Graph
    below: Subclasses

    def conforms(self, shape: IdentifiedNode, variable: str) -> str:
        """That the variable's value conforms to every constraint of `shape`, none of which needs a path."""
        tests = [
            self.test(predicate, value, shape, variable)
            for predicate, value in self.shapes.predicate_objects(shape)
            if predicate not in ANNOTATIONS
        ]
        return f"({' && '.join(sorted(tests))})" if tests else "true"

    def test(self, predicate: Any, value: Any, shape: IdentifiedNode, variable: str) -> str:  # noqa: ANN401
        """That the variable's value conforms to one constraint."""
        maker = _TESTS.get(predicate)
        if maker is None:
            raise UntranslatableError(f"{predicate} of {shape} has no counterpart in SPARQL")
        return maker(self, value, shape, variable)

    def _class(self, value: URIRef, _shape: IdentifiedNode, variable: str) -> str:
        classes = sorted(self.below.get(value, {value}))
        return f"({' || '.join(f'EXISTS {{ {variable} a {name.n3()} }}' for name in classes)})"

    def _datatype(self, value: URIRef, _shape: IdentifiedNode, variable: str) -> str:
        same = f"DATATYPE({variable}) = {value.n3()}"
        if value in _FORMS:
            calendar = f" && BOUND({variable}) && xsd:date(STR({variable})) = {variable}" if value == XSD.date else ""
            return f'({same} && REGEX(STR({variable}), "{_FORMS[value]}"){calendar})'
        if value in _FREE_FORMS or not value.startswith((str(XSD), str(RDF))):
            return f"({same})"
        raise UntranslatableError(f"the lexical form of {value} is not known here")

    def _kind(self, value: URIRef, _shape: IdentifiedNode, variable: str) -> str:
        return _KINDS[value].format(v=variable)

    def _in(self, value: IdentifiedNode, _shape: IdentifiedNode, variable: str) -> str:
        choices = (f"sameTerm({variable}, {member.n3()})" for member in members(self.shapes, value))
        return f"({' || '.join(choices)})"

    def _pattern(self, value: IdentifiedNode, shape: IdentifiedNode, variable: str) -> str:
        flags = self.shapes.value(shape, SH.flags)
        more = f", {flags.n3()}" if flags is not None else ""
        return f"REGEX(STR({variable}), {value.n3()}{more})"

    def _languages(self, value: IdentifiedNode, _shape: IdentifiedNode, variable: str) -> str:
        choices = (f"LANGMATCHES(LANG({variable}), {member.n3()})" for member in members(self.shapes, value))
        return f"({' || '.join(choices)})"

    def _node(self, value: IdentifiedNode, _shape: IdentifiedNode, variable: str) -> str:
        return self.conforms(value, variable)

    def _any(self, value: IdentifiedNode, _shape: IdentifiedNode, variable: str) -> str:
        return f"({' || '.join(self._each(value, variable))})"

    def _all(self, value: IdentifiedNode, _shape: IdentifiedNode, variable: str) -> str:
        return f"({' && '.join(self._each(value, variable))})"

    def _each(self, value: IdentifiedNode, variable: str) -> list[str]:
        return [self.conforms(member, variable) for member in members(self.shapes, value)]  # type: ignore[arg-type]


def _comparing(template: str) -> Callable[[Values, Any, IdentifiedNode, str], str]:
    def compare(_values: Values, value: IdentifiedNode, _shape: IdentifiedNode, variable: str) -> str:
        return template.format(v=variable, limit=value.n3())

    return compare


_TESTS: Final[Mapping[Any, Callable[[Values, Any, IdentifiedNode, str], str]]] = {
    SH["class"]: Values._class,
    SH.datatype: Values._datatype,
    SH.nodeKind: Values._kind,
    SH["in"]: Values._in,
    SH.pattern: Values._pattern,
    SH.languageIn: Values._languages,
    SH.node: Values._node,
    SH["or"]: Values._any,
    SH["and"]: Values._all,
    SH.minLength: _comparing("STRLEN(STR({v})) >= {limit}"),
    SH.maxLength: _comparing("STRLEN(STR({v})) <= {limit}"),
    SH.minInclusive: _comparing("{v} >= {limit}"),
    SH.maxInclusive: _comparing("{v} <= {limit}"),
    SH.minExclusive: _comparing("{v} > {limit}"),
    SH.maxExclusive: _comparing("{v} < {limit}"),
}
