"""The pieces every mapping is made of: what a column of a common kind says about a subject."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from kg.dates import date_literal
from kg.namespaces import DCT, RDF_TYPE, RDFS, SKOS, XSD, Names
from kg.tables import Row, Tables

Mapped = tuple[NamedNode, NamedNode, NamedNode | Literal, str]
"""Subject, predicate, object, and the column that says so."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a row cannot know by itself: our names, and facts about other rows."""

    names: Names
    tables: Tables
    with_phases: frozenset[str]

    @classmethod
    def of(cls, tables: Tables, names: Names) -> Context:
        """The context of mapping `tables`."""
        return cls(names, tables, frozenset(row["partnership"] for row in tables["phases"]))

    def subject(self, row: Row) -> NamedNode:
        """The thing a row is about."""
        kind = self.tables.schemas[row.table].kind
        return self.names.entity(kind or "", row["key"])

    def typed(self, subject: NamedNode, name: str) -> Mapped:
        """That `subject` is of the class `name`."""
        return subject, RDF_TYPE, self.names.term(name), "key"

    def refs(self, row: Row, subject: NamedNode, column: str, predicate: NamedNode) -> Iterator[Mapped]:
        """That `subject` stands in `predicate` to each thing that the cell names."""
        for key in _values(row, column):
            yield subject, predicate, self.thing(row, column, key), column

    def thing(self, row: Row, column: str, key: str) -> NamedNode:
        """The thing or concept that `key` names in this column."""
        described = self.tables.schemas[row.table].columns[column]
        if described.scheme:
            return self.names.concept(described.scheme, key)
        kind = described.targets[0] if len(described.targets) == 1 else self.tables.kind_of(key, row.table, column)
        return self.names.entity(kind, key)

    def dates(self, row: Row, subject: NamedNode) -> Iterator[Mapped]:
        """Its beginning and end at the precision stated."""
        for column, name in (("since", "startDate"), ("until", "endDate")):
            if row[column]:
                yield subject, self.names.term(name), date_literal(row[column]), column

    def origin(self, row: Row, subject: NamedNode) -> Iterator[Mapped]:
        """Its sources and notes."""
        yield from self.refs(row, subject, "sources", DCT["source"])
        yield from notes(row, subject)


def notes(row: Row, subject: NamedNode) -> Iterator[Mapped]:
    """The notes in German and English, where the table has them."""
    for language in ("de", "en"):
        column = f"note_{language}"
        if row.cells.get(column):
            yield subject, RDFS["comment"], Literal(row[column], language=language), column


def labels(row: Row, subject: NamedNode, stem: str, *, same_in_english: bool = False) -> Iterator[Mapped]:
    """The labels of the columns `stem_de` and `stem_en`.

    With `same_in_english` an empty English cell means that the name is the same, as it is for places.
    """
    german, english = row[f"{stem}_de"], row[f"{stem}_en"]
    yield subject, RDFS["label"], Literal(german, language="de"), f"{stem}_de"
    if english or same_in_english:
        yield subject, RDFS["label"], Literal(english or german, language="en"), f"{stem}_en"


def local_label(row: Row, subject: NamedNode) -> Iterator[Mapped]:
    """The name in the language of the place; without a known language it is a further name."""
    if row["name_local"] and row["local_language"] not in ("de", "en"):
        if row["local_language"]:
            yield (
                subject,
                RDFS["label"],
                Literal(row["name_local"], language=row["local_language"]),
                "name_local",
            )
        elif row["name_local"] != row["name_de"]:
            yield subject, SKOS["altLabel"], Literal(row["name_local"]), "name_local"


def texts(row: Row, subject: NamedNode, column: str, predicate: NamedNode) -> Iterator[Mapped]:
    """Each value of the cell as plain text."""
    for value in _values(row, column):
        yield subject, predicate, Literal(value), column


def decimals(row: Row, subject: NamedNode, column: str, predicate: NamedNode) -> Iterator[Mapped]:
    """The value of the cell as xsd:decimal."""
    if row[column]:
        yield subject, predicate, Literal(row[column], datatype=XSD["decimal"]), column


def links(row: Row, subject: NamedNode, column: str, predicate: NamedNode) -> Iterator[Mapped]:
    """The web address in the cell."""
    if row[column]:
        yield subject, predicate, NamedNode(row[column]), column


def partial_date(row: Row, subject: NamedNode, column: str, predicate: NamedNode) -> Iterator[Mapped]:
    """The date in the cell at the precision stated."""
    if row[column]:
        yield subject, predicate, date_literal(row[column]), column


def _values(row: Row, column: str) -> tuple[str, ...]:
    value = row.cells[column]
    if isinstance(value, tuple):
        return value
    return (value,) if value else ()
