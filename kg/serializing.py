"""Triples → bytes of each RDF format, and a flat CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, cast

from pyoxigraph import Literal, RdfFormat, Triple, serialize
from rdflib import Graph

from kg.namespaces import prefixes

OXIGRAPH_FORMATS: Final = {
    "ttl": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "rdf": RdfFormat.RDF_XML,
    "trig": RdfFormat.TRIG,
    "nq": RdfFormat.N_QUADS,
}
CONTEXT_FILE: Final = "context.jsonld"


def write_triples(triples: Sequence[Triple], extension: str, base: str, folder: Path) -> bytes:
    """`triples` in the format of `extension` (ttl, nt, rdf, trig, nq, jsonld, csv).

    JSON-LD is compacted with the context in the release's `folder`.
    """
    if extension == "csv":
        return _csv(triples)
    if extension == "jsonld":
        return _compact_json_ld(triples, folder)
    return cast(bytes, serialize(triples, format=OXIGRAPH_FORMATS[extension], prefixes=prefixes(base)))


def _compact_json_ld(triples: Sequence[Triple], folder: Path) -> bytes:
    graph = Graph()
    graph.parse(data=serialize(triples, format=RdfFormat.N_TRIPLES), format="nt")
    text = graph.serialize(format="json-ld", context=dict(_context(folder)), auto_compact=False, sort_keys=True)
    return text.encode()


@lru_cache(maxsize=4)
def _context(folder: Path) -> Mapping[str, Any]:
    context: Mapping[str, Any] = json.loads((folder / CONTEXT_FILE).read_text(encoding="utf-8"))["@context"]
    return context


def _csv(triples: Sequence[Triple]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["subject", "predicate", "object", "language", "datatype"])
    for triple in triples:
        value = triple.object
        language = value.language or "" if isinstance(value, Literal) else ""
        datatype = value.datatype.value if isinstance(value, Literal) and not language else ""
        writer.writerow([_name(triple.subject), triple.predicate.value, _name(value), language, datatype])
    return text.getvalue().encode()


def _name(term: Any) -> str:  # noqa: ANN401  any RDF term
    return str(term.value)
