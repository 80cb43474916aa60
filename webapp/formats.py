"""The one table of formats, and the choice among them by what the client accepts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pyoxigraph import QueryResultsFormat, RdfFormat
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

Kind = Literal["page", "graph", "results"]


@dataclass(frozen=True, slots=True)
class Format:
    """One format: how it is named in an address, in a header, in a file name and to Oxigraph.

    `aliases` are other media types and names by which clients ask for it; `serializer` is None where Oxigraph
    does not write it; `w3c` is its name under http://www.w3.org/ns/formats/, if it has one.
    """

    name: str
    media_type: str
    extension: str
    kind: Kind
    serializer: RdfFormat | QueryResultsFormat | None = None
    aliases: tuple[str, ...] = ()
    w3c: str | None = None


FORMATS: Final = (
    Format("html", "text/html", "html", "page", aliases=("application/xhtml+xml",)),
    Format(
        "ttl", "text/turtle", "ttl", "graph", RdfFormat.TURTLE,
        ("turtle", "application/turtle", "application/x-turtle", "n3", "text/n3", "text/rdf+n3"), "Turtle",
    ),
    Format("nt", "application/n-triples", "nt", "graph", RdfFormat.N_TRIPLES, ("ntriples",), "N-Triples"),
    Format(
        "jsonld", "application/ld+json", "jsonld", "graph", RdfFormat.JSON_LD,
        ("json-ld", "json", "application/json"), "JSON-LD",
    ),
    Format(
        "rdf", "application/rdf+xml", "rdf", "graph", RdfFormat.RDF_XML,
        ("rdf+xml", "rdfxml", "xml", "application/xml", "text/xml"), "RDF_XML",
    ),
    Format("trig", "application/trig", "trig", "graph", RdfFormat.TRIG, (), "TriG"),
    Format("nq", "application/n-quads", "nq", "graph", RdfFormat.N_QUADS, ("nquads",), "N-Quads"),
    Format("geojson", "application/geo+json", "geojson", "graph"),
    Format(
        "json", "application/sparql-results+json", "json", "results", QueryResultsFormat.JSON,
        ("application/json",), "SPARQL_Results_JSON",
    ),
    Format(
        "xml", "application/sparql-results+xml", "xml", "results", QueryResultsFormat.XML,
        ("application/xml", "text/xml"), "SPARQL_Results_XML",
    ),
    Format("csv", "text/csv", "csv", "results", QueryResultsFormat.CSV, (), "SPARQL_Results_CSV"),
    Format(
        "tsv", "text/tab-separated-values", "tsv", "results", QueryResultsFormat.TSV, (), "SPARQL_Results_TSV"
    ),
)  # fmt: skip
BY_NAME: Final = {item.name: item for item in FORMATS}
GRAPH_FORMATS: Final = tuple(item for item in FORMATS if item.kind == "graph" and item.serializer)
RESULTS_FORMATS: Final = tuple(item for item in FORMATS if item.kind == "results")


def pick_format(accept: str | None, candidates: Sequence[Format], default: Format | None = None) -> Format | None:
    """The candidate that an Accept header prefers, or None when it takes none of them.

    Without a header, and where the header only says `*/*`, it is `default`. Among equally wanted formats one
    that is named beats one that falls under a wildcard; then `default` wins, then the order of `candidates`.
    """
    wanted = _accepted(accept or "")
    if not wanted:
        return default
    ranked = [(*_weight(item, wanted), item == default) for item in candidates]
    best = max(ranked, default=(0.0, 0, False))
    return candidates[ranked.index(best)] if best[0] > 0 else None


def named_format(name: str, candidates: Iterable[Format]) -> Format | None:
    """The candidate that is called `name` in an address: by name, extension or media type."""
    wanted = name.strip().lower()
    return next(
        (item for item in candidates if wanted in (item.name, item.extension, item.media_type, *item.aliases)),
        None,
    )


def _accepted(header: str) -> MIMEAccept:
    # Parameters such as a charset or a JSON-LD profile narrow what we have one form of only: leave them out.
    accepted = [(value.partition(";")[0].strip(), weight) for value, weight in parse_accept_header(header)]
    ranges = [("*/*" if value == "*" else value, weight) for value, weight in accepted]
    return MIMEAccept(item for item in ranges if "/" in item[0])


def _weight(item: Format, wanted: MIMEAccept) -> tuple[float, int]:
    """How much `item` is wanted, and how exactly that was said."""
    ranges = [item.media_type, f"{item.media_type.partition('/')[0]}/*", "*/*"]
    stated = {value.lower(): quality for value, quality in reversed(wanted)}
    exactness = next((index for index, value in enumerate(ranges) if value in stated), None)
    own = (stated[ranges[exactness]], 2 - exactness) if exactness is not None else (0.0, 0)
    return max([own, *((stated[alias], 2) for alias in item.aliases if alias in stated)])
