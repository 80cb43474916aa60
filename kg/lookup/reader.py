"""Reads a release for readers of one language: facts about things, their names, and records around a thing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple
from unidecode import unidecode

from kg.lookup.values import Datum, Label, Ref
from kg.namespaces import DCT, PREFIXES, RDFS, SKOS, Names
from kg.queries import read_query
from kg.store import Release

Term = NamedNode | BlankNode | Literal | Triple
Property = str | NamedNode

LANGUAGES: Final = ("de", "en")
_NAMES: Final = (
    RDFS["label"],
    SKOS["prefLabel"],
    DCT["title"],
    NamedNode(f"{PREFIXES['sh']}name"),
    NamedNode(f"{PREFIXES['sh']}resultMessage"),
)
_NEUTRAL: Final = ("", "mul", "und", "zxx")
_REMEMBERED: Final = 20_000
MOST_POINTERS: Final = 2_000


class Facts:
    """The values that one thing has, by property: one of our terms by name, or any property by IRI."""

    __slots__ = ("_names", "_values")

    def __init__(self, names: Names, statements: Iterable[tuple[NamedNode, Term]]) -> None:
        self._names = names
        self._values: dict[str, list[Term]] = {}
        for prop, value in statements:
            self._values.setdefault(prop.value, []).append(value)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._values))

    def __bool__(self) -> bool:
        return bool(self._values)

    def all(self, prop: Property) -> list[Term]:
        """Every value, in a fixed order."""
        return self.by_iri(prop.value if isinstance(prop, NamedNode) else self._names.term(prop).value)

    def by_iri(self, prop: str) -> list[Term]:
        """Every value of the property with this IRI, in a fixed order."""
        values = self._values.get(prop, [])
        return sorted(set(values), key=str) if len(values) > 1 else values

    def first(self, prop: Property) -> Term | None:
        """The first value, if there is one."""
        values = self.all(prop)
        return values[0] if values else None

    def text(self, prop: Property) -> str:
        """The text of the first value, or nothing."""
        value = self.first(prop)
        return value.value if isinstance(value, Literal) else ""

    def iri(self, prop: Property) -> str:
        """The IRI that is the first value, or nothing."""
        value = self.first(prop)
        return value.value if isinstance(value, NamedNode) else ""

    def iris(self, prop: Property) -> list[str]:
        """Every value that is an IRI."""
        return [value.value for value in self.all(prop) if isinstance(value, NamedNode)]


class Reader:
    """One release, read for people of one language. Safe to share between threads; answers never change."""

    def __init__(self, release: Release, language: str) -> None:
        self.release, self.language = release, language
        self.names = release.names
        self.label = lru_cache(_REMEMBERED)(self._label)

    @cached_property
    def focus(self) -> str:
        """The authority whose territory the dataset is about, or nothing."""
        key = self.release.manifest.get("dataset", {}).get("focus", "")
        return self.names.entity("authority", key).value if key else ""

    def in_focus(self, authority: str) -> bool:
        """Whether the dataset means to be complete for this authority; without a focus it does for all."""
        return not self.focus or authority in self._in_focus

    @cached_property
    def _in_focus(self) -> frozenset[str]:
        inside = self.release.store.quads_for_pattern(None, self.names.term("inTerritoryOf"), _node(self.focus), None)
        return frozenset([self.focus, *(_value(quad.subject) for quad in inside)])

    def facts(self, iri: str) -> Facts:
        """What is said of a thing."""
        node = _node(iri)
        quads = self.release.store.quads_for_pattern(node, None, None, None) if node else ()
        return Facts(self.names, ((quad.predicate, quad.object) for quad in quads))

    def facts_of_blank(self, node: BlankNode) -> Facts:
        """What is said of a thing without an IRI."""
        quads = self.release.store.quads_for_pattern(node, None, None, None)
        return Facts(self.names, ((quad.predicate, quad.object) for quad in quads))

    def values(self, iri: str, prop: Property) -> list[str]:
        """The IRIs or texts that a thing has for one property."""
        return sorted(_value(quad.object) for quad in self._about(iri, prop))

    def records(self, question: str, iri: str) -> dict[str, Facts]:
        """The records that the query `question` finds around a thing, by IRI, in the order of their IRIs.

        The query answers with rows of ?record ?property ?value.
        """
        found: dict[str, list[tuple[NamedNode, Term]]] = {}
        for row in self._ask(question, iri):
            found.setdefault(row["record"].value, []).append((row["property"], row["value"]))
        return {record: Facts(self.names, found[record]) for record in sorted(found)}

    def rows(self, question: str, iri: str) -> list[Any]:
        """The rows of the query `question` about a thing; a variable without a value is None."""
        return list(self._ask(question, iri))

    def pointers(self, iri: str, left_out: Collection[str] = ()) -> list[tuple[str, str]]:
        """What points to a thing, as (property, other thing), sorted; of very many, not all."""
        node = _node(iri)
        quads = self.release.store.quads_for_pattern(None, None, node, None) if node else ()
        pairs = (
            (quad.predicate.value, quad.subject.value)
            for quad in quads
            if isinstance(quad.subject, NamedNode) and quad.predicate.value not in left_out
        )
        return sorted(set(islice(pairs, MOST_POINTERS)))

    def things(self, question: str, iri: str) -> list[str]:
        """The IRIs that the query `question` finds as ?record around a thing."""
        return sorted({row["record"].value for row in self._ask(question, iri)})

    def ref(self, iri: str) -> Ref:
        """A thing with its name in the language of the reader, or the best other one."""
        return Ref(iri, self.label(iri), self.kind(iri))

    def kind(self, iri: str) -> str:
        """The family that a thing belongs to."""
        return kind_of(iri, self.names.base)

    def ref_or_none(self, iri: str) -> Ref | None:
        """The same for what may not be there."""
        return self.ref(iri) if iri else None

    def refs(self, iris: Iterable[str]) -> tuple[Ref, ...]:
        """Things in the order of their names."""
        return tuple(sorted(map(self.ref, iris), key=sort_key))

    def best(self, terms: Iterable[Term]) -> Label | None:
        """Of texts in several languages, the one to show: reader's language, German or English, none, any."""
        literals = [term for term in terms if isinstance(term, Literal)]
        if not literals:
            return None
        chosen = min(literals, key=self._preference)
        return Label(chosen.value, chosen.language or "")

    def _label(self, iri: str) -> Label:
        for name in _NAMES:
            label = self.best(quad.object for quad in self._about(iri, name))
            if label is not None:
                return label
        return Label("")

    def _preference(self, text: Literal) -> tuple[int, str, str]:
        language = text.language or ""
        if language == self.language:
            return 0, "", text.value
        if language in LANGUAGES:
            return 1, "", text.value
        return (2 if language in _NEUTRAL else 3), language, text.value

    def _about(self, iri: str, prop: Property) -> Iterable[Quad]:
        node = _node(iri)
        predicate = prop if isinstance(prop, NamedNode) else self.names.term(prop)
        return self.release.store.quads_for_pattern(node, predicate, None, None) if node else ()

    def _ask(self, question: str, iri: str) -> Any:  # noqa: ANN401  pyoxigraph solutions
        node = _node(iri)
        return self.release.query(read_query(question, self.names.base), thing=node) if node else ()


def kind_of(iri: str, base: str) -> str:
    """The family of a thing by its IRI: the class in the IRI, `topic`, `concept`, `scheme`, `term` … or `foreign`."""
    if not iri.startswith(base):
        return "foreign"
    family, _, rest = iri[len(base) :].partition("/")
    if family == "id":
        return rest.partition("/")[0]
    if family == "vocab":
        scheme, _, concept = rest.partition("/")
        return ("topic" if scheme == "topics" else "concept") if concept else "scheme"
    return {"def": "term" if rest else "ontology", "shapes": "shape", "report": "finding"}.get(family, family)


def sort_key(ref: Ref) -> tuple[str, str]:
    """Orders things by name as people look for them: Ö beside O, capitals beside small letters."""
    return _folded(ref.label.text), ref.iri


@lru_cache(_REMEMBERED)
def _folded(text: str) -> str:
    return unidecode(text).casefold()


def datum(literal: Literal) -> Datum:
    """A literal for showing."""
    name = literal.datatype.value.replace("#", "/").rsplit("/", 1)[-1]
    return Datum(literal.value, literal.language or "", "string" if literal.language else name)


def _node(iri: str) -> NamedNode | None:
    try:
        return NamedNode(iri)
    except ValueError:
        return None


def _value(term: Term) -> str:
    return str(term) if isinstance(term, Triple) else term.value
