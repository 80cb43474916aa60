"""DCAT-AP.de and VoID of a release, as quads of the catalogue graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Quad

from kg.namespaces import DCT, FOAF, PREFIXES, RDF_TYPE, RDFS, XSD, Names
from kg.tables import Row

Statement = tuple[NamedNode, NamedNode, NamedNode | Literal]

_MODIFIED: Final = NamedNode("http://purl.org/dc/terms/modified")
_FORMAT: Final = NamedNode("http://purl.org/dc/terms/format")
_NON_NEGATIVE: Final = NamedNode("http://www.w3.org/2001/XMLSchema#nonNegativeInteger")
_HEX: Final = NamedNode("http://www.w3.org/2001/XMLSchema#hexBinary")
_DCAT: Final = PREFIXES["dcat"]
_VOID: Final = PREFIXES["void"]
_SPDX: Final = "http://spdx.org/rdf/terms#"
_FILE_TYPE: Final = "http://publications.europa.eu/resource/authority/file-type/"
_MEDIA_TYPE: Final = "http://www.iana.org/assignments/media-types/"
_LANGUAGES: Final = "http://publications.europa.eu/resource/authority/language/"
_FORMATS: Final = {
    "graph.ttl": ("text/turtle", "RDF_TURTLE"),
    "graph.nt": ("application/n-triples", "RDF_N_TRIPLES"),
    "graph.nq": ("application/n-quads", "RDF_N_QUADS"),
    "graph.rdf": ("application/rdf+xml", "RDF_XML"),
    "graph.jsonld": ("application/ld+json", "JSON_LD"),
    "graph.trig": ("application/trig", "RDF_TRIG"),
}


@dataclass(frozen=True, slots=True)
class Described:
    """What a catalogue is made from: the dataset's row, version, date, statistics and files."""

    dataset: Row
    version: str
    date: str
    statistics: Mapping[str, Any]
    files: Mapping[str, Mapping[str, Any]]


def describe(release: Described, names: Names) -> Iterator[Quad]:
    """The catalogue, its dataset, one distribution a graph format, and VoID statistics.

    Addresses are under the base; the server puts the public address in (DCAT-AP 3.0.1; VoID, W3C note 2011).
    """
    graph = names.graph("catalogue")
    for subject, predicate, value in _triples(release, names):
        yield Quad(subject, predicate, value, graph)


def _triples(release: Described, names: Names) -> Iterator[Statement]:
    dataset = NamedNode(f"{names.base}dataset/{release.dataset['key']}")
    catalogue = NamedNode(f"{names.base}catalog")
    yield catalogue, RDF_TYPE, _dcat("Catalog")
    yield catalogue, _dcat("dataset"), dataset
    for thing in (catalogue, dataset):
        yield from _described(thing, release, names)
    yield dataset, RDF_TYPE, _dcat("Dataset")
    yield dataset, RDF_TYPE, _void("Dataset")
    yield dataset, _dcat("version"), Literal(release.version)
    yield dataset, DCT["identifier"], Literal(dataset.value)
    yield dataset, _void("triples"), _integer(sum(release.statistics["triples"].values()))
    yield dataset, _void("sparqlEndpoint"), NamedNode(f"{names.base}sparql")
    yield from _distributions(dataset, release, names)
    yield from _partitions(dataset, release)


def _described(thing: NamedNode, release: Described, names: Names) -> Iterator[Statement]:
    yield from _licence(thing, release.dataset["licence"])
    yield thing, _MODIFIED, Literal(release.date, datatype=XSD["date"])
    yield thing, FOAF["homepage"], NamedNode(names.base)
    for language, code in (("de", "DEU"), ("en", "ENG")):
        yield thing, DCT["title"], Literal(release.dataset[f"title_{language}"], language=language)
        yield thing, DCT["description"], Literal(release.dataset[f"description_{language}"], language=language)
        yield thing, DCT["language"], NamedNode(_LANGUAGES + code)


def _distributions(dataset: NamedNode, release: Described, names: Names) -> Iterator[Statement]:
    for name, (media_type, file_type) in _FORMATS.items():
        address = NamedNode(f"{names.base}release/{release.version}/{name}")
        yield dataset, _dcat("distribution"), address
        yield dataset, _void("dataDump"), address
        yield address, RDF_TYPE, _dcat("Distribution")
        yield address, _dcat("downloadURL"), address
        yield address, _dcat("accessURL"), dataset
        yield address, _dcat("mediaType"), NamedNode(_MEDIA_TYPE + media_type)
        yield address, _FORMAT, NamedNode(_FILE_TYPE + file_type)
        yield from _licence(address, release.dataset["licence"])
        yield address, _dcat("byteSize"), Literal(str(release.files[name]["bytes"]), datatype=_NON_NEGATIVE)
        yield from _checksum(address, release.files[name]["sha256"])


def _partitions(dataset: NamedNode, release: Described) -> Iterator[Statement]:
    named: Counter[str] = Counter()
    for kind, total in sorted(release.statistics["classes"].items()):
        name = kind.rsplit("/", 1)[-1].rsplit("#", 1)[-1]
        named[name] += 1
        # Two vocabularies may have a class of one name.
        number = f"-{named[name]}" if named[name] > 1 else ""
        partition = NamedNode(f"{dataset.value}/class/{quote(name)}{number}")
        yield dataset, _void("classPartition"), partition
        yield partition, _void("class"), NamedNode(kind)
        yield partition, _void("entities"), _integer(total)
        for language, words in (("de", "Einträge der Klasse"), ("en", "Entries of the class")):
            yield partition, RDFS["label"], Literal(f"{words} {name}", language=language)


def _licence(thing: NamedNode, licence: str) -> Iterator[Statement]:
    if licence:
        yield thing, DCT["license"], NamedNode(licence)


def _checksum(address: NamedNode, sha256: str) -> Iterator[Statement]:
    checksum = NamedNode(f"{address.value}#sha256")
    yield address, NamedNode(f"{_SPDX}checksum"), checksum
    yield checksum, RDF_TYPE, NamedNode(f"{_SPDX}Checksum")
    yield checksum, NamedNode(f"{_SPDX}algorithm"), NamedNode(f"{_SPDX}checksumAlgorithm_sha256")
    yield checksum, NamedNode(f"{_SPDX}checksumValue"), Literal(sha256, datatype=_HEX)


def _dcat(name: str) -> NamedNode:
    return NamedNode(_DCAT + name)


def _void(name: str) -> NamedNode:
    return NamedNode(_VOID + name)


def _integer(value: int) -> Literal:
    return Literal(str(value), datatype=XSD["integer"])
