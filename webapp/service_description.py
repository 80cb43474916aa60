"""What this endpoint can do, for machines (SPARQL 1.1 Service Description)."""

from __future__ import annotations

from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from kg.namespaces import DEFAULT_GRAPHS, GRAPHS, PREFIXES, RDF_TYPE, XSD
from kg.serializing import write_triples
from kg.store import Release
from webapp.formats import Format
from webapp.urls import Urls

_SD: Final = PREFIXES["sd"]
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_RESULTS: Final = (
    "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV", "Turtle", "N-Triples",
    "RDF_XML", "JSON-LD", "TriG", "N-Quads",
)  # fmt: skip


def describe_service(release: Release, urls: Urls, chosen: Format) -> bytes:
    """The description in the format `chosen`: endpoint, language, result formats, named graphs and their size."""
    names = release.names
    service = NamedNode(f"{names.base}sparql")
    dataset, default = NamedNode(f"{service.value}#dataset"), NamedNode(f"{service.value}#default-graph")
    triples = [
        Triple(service, RDF_TYPE, _sd("Service")),
        Triple(service, _sd("endpoint"), NamedNode(urls.public_address("sparql"))),
        Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Query")),
        Triple(service, _sd("defaultDataset"), dataset),
        Triple(dataset, RDF_TYPE, _sd("Dataset")),
        Triple(dataset, _sd("defaultGraph"), default),
        Triple(default, RDF_TYPE, _sd("Graph")),
        _size(default, sum(release.manifest["triples"][name] for name in DEFAULT_GRAPHS)),
    ]
    triples += [Triple(service, _sd("resultFormat"), NamedNode(_FORMATS + name)) for name in _RESULTS]
    for name in GRAPHS:
        graph = names.graph(name)
        entry = NamedNode(f"{service.value}#{name}")
        triples += [
            Triple(dataset, _sd("namedGraph"), entry),
            Triple(entry, RDF_TYPE, _sd("NamedGraph")),
            Triple(entry, _sd("name"), graph),
            _size(entry, release.manifest["triples"].get(name, 0)),
        ]
    return write_triples(triples, chosen.extension, names.base, release.folder)


def _size(graph: NamedNode, triples: int) -> Triple:
    return Triple(graph, NamedNode(f"{PREFIXES['void']}triples"), Literal(str(triples), datatype=XSD["integer"]))


def _sd(name: str) -> NamedNode:
    return NamedNode(_SD + name)
