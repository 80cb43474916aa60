"""What is common to all pages: the head of a thing, its facts in groups, its findings, and numbered sources."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from kg.lookup.reader import Facts, Property, Reader, Term, datum, sort_key
from kg.lookup.values import About, Citation, Datum, Group, Hint, Identifier, Label, Value
from kg.namespaces import DCT, FOAF, PREFIXES, RDF_TYPE, RDFS, SCHEMA, SKOS

_RDF: Final = PREFIXES["rdf"]
_FIRST, _REST = (NamedNode(f"{_RDF}{name}") for name in ("first", "rest"))
_DEPTH: Final = 3
_KEYS: Final[tuple[Property, ...]] = ("ags", "isoCode", SKOS["notation"], SCHEMA["sameAs"])
NAMING: Final[tuple[Property, ...]] = (RDFS["label"], SKOS["prefLabel"], SKOS["altLabel"], RDFS["comment"], RDF_TYPE)


class Citations:
    """Numbers the sources of a page in the order in which they are first cited."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._numbers: dict[str, int] = {}

    def marks(self, facts: Facts) -> tuple[int, ...]:
        """The numbers of the sources that `facts` name."""
        return tuple(self.mark(source) for source in facts.iris(DCT["source"]))

    def mark(self, source: str) -> int:
        """The number of one source."""
        return self._numbers.setdefault(source, len(self._numbers) + 1)

    def list(self) -> tuple[Citation, ...]:
        """Every cited source, by number."""
        return tuple(self._citation(source, number) for source, number in self._numbers.items())

    def _citation(self, source: str, number: int) -> Citation:
        reader, facts = self._reader, self._reader.facts(source)
        return Citation(
            number,
            reader.ref(source),
            facts.text("publisherName"),
            facts.iri(SCHEMA["url"]),
            reader.ref_or_none(facts.iri("sourceKind")),
            facts.text(DCT["date"]),
            facts.text("retrieved"),
        )


def about(reader: Reader, iri: str, facts: Facts) -> About:
    """The head of a page."""
    ref = reader.ref(iri)
    return About(
        ref,
        reader.refs(kind for kind in facts.iris(RDF_TYPE)),
        _other_names(facts, ref.label),
        reader.best(facts.all(RDFS["comment"])),
        facts.iri(FOAF["homepage"]),
        tuple(identifiers(reader, facts)),
        _hints(reader, iri),
    )


def identifiers(reader: Reader, facts: Facts) -> Iterable[Identifier]:
    """Official keys, and entries in other collections."""
    for prop in _KEYS:
        name = prop if isinstance(prop, NamedNode) else reader.names.term(prop)
        for value in facts.all(prop):
            if isinstance(value, NamedNode):
                yield Identifier(reader.ref(name.value), value.value.rstrip("/").rsplit("/", 1)[-1], value.value)
            elif isinstance(value, Literal):
                yield Identifier(reader.ref(name.value), value.value, "")


def chosen(reader: Reader, facts: Facts, properties: Sequence[Property]) -> tuple[Group, ...]:
    """The facts of these properties, in their order."""
    names = (prop if isinstance(prop, NamedNode) else reader.names.term(prop) for prop in properties)
    groups = (group_of(reader, name.value, facts.all(name)) for name in names)
    return tuple(group for group in groups if group.values)


def remaining(
    reader: Reader, facts: Facts, left_out: Collection[Property] = NAMING, depth: int = 0
) -> tuple[Group, ...]:
    """The facts of all other properties, in the order of their names."""
    skipped = {prop.value if isinstance(prop, NamedNode) else reader.names.term(prop).value for prop in left_out}
    groups = (group_of(reader, prop, facts.by_iri(prop), depth) for prop in facts if prop not in skipped)
    return tuple(sorted(groups, key=lambda group: sort_key(group.property)))


def group_of(reader: Reader, prop: str, terms: Sequence[Term], depth: int = 0) -> Group:
    """The values of one property; of texts in several languages, those for the reader."""
    texts = [term for term in terms if isinstance(term, Literal) and term.language]
    links = [term.value for term in terms if isinstance(term, NamedNode)]
    values: list[Value] = list(reader.refs(links))
    values += [datum(term) for term in terms if isinstance(term, Literal) and not term.language]
    best = reader.best(texts)
    if best is not None:
        values += [Datum(text.value, best.language) for text in texts if text.language == best.language]
    for term in terms:
        if isinstance(term, BlankNode) and depth < _DEPTH:
            values += _nested(reader, term, depth + 1)
    return Group(reader.ref(prop), tuple(values))


def _nested(reader: Reader, node: BlankNode, depth: int) -> list[Value]:
    facts = reader.facts_of_blank(node)
    if not facts.all(_FIRST):
        return [remaining(reader, facts, (), depth)]
    values: list[Value] = []
    while facts.all(_FIRST):
        values += group_of(reader, _FIRST.value, facts.all(_FIRST), depth).values
        rest = facts.first(_REST)
        if not isinstance(rest, BlankNode) or len(values) > _LONGEST_LIST:
            break
        facts = reader.facts_of_blank(rest)
    return values


_LONGEST_LIST: Final = 500


def _other_names(facts: Facts, shown: Label) -> tuple[Label, ...]:
    terms = [term for prop in (RDFS["label"], SKOS["prefLabel"], SKOS["altLabel"]) for term in facts.all(prop)]
    names: dict[str, Label] = {}
    for term in terms:
        if isinstance(term, Literal) and term.value != shown.text:
            names.setdefault(term.value, Label(term.value, term.language or ""))
    return tuple(names.values())


def _hints(reader: Reader, iri: str) -> tuple[Hint, ...]:
    hints = []
    for facts in reader.records("findings-about", iri).values():
        message = reader.best(facts.all(NamedNode(f"{PREFIXES['sh']}resultMessage")))
        severity = facts.iri(NamedNode(f"{PREFIXES['sh']}resultSeverity")).rsplit("#", 1)[-1].lower()
        hints.append(Hint(severity, message or Label("")))
    return tuple(hints)
