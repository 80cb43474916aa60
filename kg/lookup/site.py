"""What the pages about the whole dataset say: numbers, downloads, the ontology, and the quality of the data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from kg.lookup.listing import LISTS, members
from kg.lookup.reader import Reader
from kg.lookup.values import Label, Pages, Ref, page_of
from kg.namespaces import PREFIXES, SKOS

_OWL: Final = PREFIXES["owl"]
_SEVERITIES: Final = ("violation", "warning", "info")
_TOP_COUNTRIES: Final = 12


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whose work is in the dataset, in their words, and under which licence."""

    text: str
    address: str
    licence: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """What the release says of itself."""

    title: str
    description: str
    licence: str
    attribution: str
    date: str
    version: str
    triples: int
    attributions: tuple[Attribution, ...]


@dataclass(frozen=True, slots=True)
class HomePage:
    """The numbers of the home page, and the countries with the most partnerships."""

    counts: Mapping[str, int]
    countries: tuple[tuple[Ref, int], ...]


@dataclass(frozen=True, slots=True)
class File:
    """A file of the release."""

    name: str
    size: int
    sha256: str

    @property
    def family(self) -> str:
        """`graph` for the whole dataset, `classes` for a table of one class, `questions`, or `other` for the rest."""
        if self.name.startswith("graph."):
            return "graph"
        folder = self.name.partition("/")[0]
        return folder if folder in ("classes", "questions") else "other"


@dataclass(frozen=True, slots=True)
class Term:
    """A class, property or scheme of the model, with how often it is used."""

    ref: Ref
    definition: Label | None
    used: int


@dataclass(frozen=True, slots=True)
class OntologyPage:
    """Every term of the model by family."""

    classes: tuple[Term, ...]
    properties: tuple[Term, ...]
    schemes: tuple[Term, ...]
    shapes: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of the validation."""

    focus: Ref
    shape: Ref
    severity: str
    message: Label
    value: str
    place: str


@dataclass(frozen=True, slots=True)
class QualityPage:
    """Findings by severity and shape, and those of the shape that was asked for."""

    severities: tuple[tuple[str, int], ...]
    shapes: tuple[tuple[Ref, str, int], ...]
    chosen: Ref | None
    findings: tuple[Finding, ...]
    pages: Pages


def read_dataset(reader: Reader) -> Dataset:
    """What the release says of itself, in the language of the reader."""
    manifest = reader.release.manifest
    described = manifest.get("dataset", {})
    return Dataset(
        described.get(f"title_{reader.language}", "") or described.get("key", ""),
        described.get(f"description_{reader.language}", ""),
        described.get("licence", ""),
        described.get("attribution", ""),
        manifest["date"],
        manifest["version"],
        sum(manifest["triples"].values()),
        tuple(
            Attribution(row[f"text_{reader.language}"] or row["text_de"], row["url"], row["licence"])
            for row in manifest.get("attributions", ())
        ),
    )


def read_example(reader: Reader) -> Ref | None:
    """The partnership with the most to see, for examples on pages."""
    partnerships = members(reader, "partnerships")
    return min(partnerships, key=lambda ref: (-len(reader.values(ref.iri, "hasEngagement")), ref.iri), default=None)


def read_terms(reader: Reader, scheme: str) -> tuple[Term, ...]:
    """The concepts of a scheme of ours with their definitions."""
    return _described(reader, reader.things("concepts-of", f"{reader.names.base}vocab/{scheme}"))


@lru_cache(8)
def read_home(reader: Reader) -> HomePage:
    """The numbers of the home page."""
    home = members(reader, "countries")
    own = reader.values(reader.focus, "inCountry") if reader.focus else []
    by_country = reader.release.statistics["partnerships"]["country"]
    ranked = sorted(((by_country.get(ref.iri, 0), ref) for ref in home), key=lambda pair: -pair[0])
    return HomePage(
        {name: len(members(reader, name)) for name in LISTS},
        tuple((ref, count) for count, ref in ranked if count and ref.iri not in own)[:_TOP_COUNTRIES],
    )


def read_files(reader: Reader) -> tuple[File, ...]:
    """The files of the release, by name."""
    files: Mapping[str, Mapping[str, Any]] = reader.release.manifest["files"]
    return tuple(File(name, file["bytes"], file["sha256"]) for name, file in sorted(files.items()))


@lru_cache(8)
def read_ontology(reader: Reader) -> OntologyPage:
    """Every class, property, concept scheme and shape."""
    return OntologyPage(
        _terms(reader, f"{_OWL}Class"),
        _terms(reader, f"{_OWL}ObjectProperty", f"{_OWL}DatatypeProperty", f"{PREFIXES['rdf']}Property"),
        _terms(reader, SKOS["ConceptScheme"].value),
        _terms(reader, f"{PREFIXES['sh']}NodeShape"),
    )


def read_quality(reader: Reader, shape: str, number: int) -> QualityPage:
    """The findings by severity and shape; those of `shape` (an IRI), or of all."""
    findings = _findings(reader)
    by_shape = Counter((finding["shape"], finding["severity"]) for finding in findings)
    matching = [finding for finding in findings if not shape or finding["shape"] == shape]
    shown, pages = page_of(matching, number)
    counts = Counter(finding["severity"] for finding in findings)
    return QualityPage(
        tuple((severity, counts[severity]) for severity in _SEVERITIES),
        tuple((reader.ref(iri), severity, count) for (iri, severity), count in sorted(by_shape.items(), key=_rank)),
        reader.ref_or_none(shape),
        tuple(_finding(reader, finding) for finding in shown),
        pages,
    )


def _terms(reader: Reader, *types: str) -> tuple[Term, ...]:
    found = {iri for kind in types for iri in reader.things("things-of-class", kind)}
    return _described(reader, (iri for iri in found if iri.startswith(reader.names.base)))


def _described(reader: Reader, iris: Iterable[str]) -> tuple[Term, ...]:
    statistics = reader.release.statistics
    return tuple(
        Term(
            ref,
            reader.best(reader.facts(ref.iri).all(SKOS["definition"])),
            statistics["classes"].get(ref.iri, 0) + statistics["properties"].get(ref.iri, 0),
        )
        for ref in reader.refs(iris)
    )


@lru_cache(8)
def _findings(reader: Reader) -> tuple[Mapping[str, Any], ...]:
    findings: Any = reader.release.read_json("report.json")
    return tuple(findings)


def _rank(counted: tuple[tuple[str, str], int]) -> tuple[int, int, str]:
    (shape, severity), count = counted
    return _SEVERITIES.index(severity), -count, shape


def _finding(reader: Reader, finding: Mapping[str, Any]) -> Finding:
    messages = finding["messages"]
    language = next((tag for tag in (reader.language, "de", "en") if tag in messages), next(iter(messages), ""))
    place = f"{finding['file']}:{finding['row']}" if finding["file"] and finding["row"] else finding["file"] or ""
    return Finding(
        reader.ref(finding["focus"]),
        reader.ref(finding["shape"]),
        finding["severity"],
        Label(messages.get(language, ""), language),
        str(finding["value"] or ""),
        place + (f" ({finding['column']})" if finding["column"] else ""),
    )
