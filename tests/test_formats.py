"""What a client accepts, and the format it gets."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.formats import (
    BY_NAME,
    FORMATS,
    GRAPH_FORMATS,
    RESULTS_FORMATS,
    Format,
    named_format,
    pick_format,
)

HTML = BY_NAME["html"]
DOCUMENTS = (HTML, *(BY_NAME[name] for name in ("ttl", "jsonld", "rdf", "nt", "trig", "nq", "csv", "geojson")))
RESULTS = (*RESULTS_FORMATS, HTML)
CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
JENA = "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,application/rdf+xml;q=0.7,*/*;q=0.3"
RDFLIB = "application/rdf+xml,text/rdf+n3,application/xhtml+xml,text/turtle,application/n-triples,application/trig"


@pytest.mark.parametrize(
    ("accept", "document", "results"),
    [
        (None, "ttl", "json"),
        ("", "ttl", "json"),
        ("*/*", "ttl", "json"),
        ("*", "ttl", "json"),
        (CHROME, "html", "html"),
        (FIREFOX, "html", "html"),
        (JENA, "ttl", "json"),
        (RDFLIB, "ttl", "html"),
        ("application/rdf+xml", "rdf", None),
        ("APPLICATION/RDF+XML", "rdf", None),
        ("application/xml", "rdf", "xml"),
        ("application/json", "jsonld", "json"),
        ("application/sparql-results+json", None, "json"),
        ("application/sparql-results+xml;q=0.5, text/csv", "csv", "csv"),
        ("text/turtle;q=0.5, application/ld+json", "jsonld", None),
        ("text/turtle;q=0.5, application/ld+json;q=0.4", "ttl", None),
        ("text/turtle;charset=utf-8", "ttl", None),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', "jsonld", None),
        ("text/tab-separated-values, */*;q=0.1", "ttl", "tsv"),
        ("text/turtle, */*", "ttl", "json"),
        ("application/n-triples, */*", "nt", "json"),
        ("text/*", "ttl", "csv"),
        ("application/*", "jsonld", "json"),
        ("text/html;q=0, */*", "ttl", "json"),
        ("text/turtle;q=0, */*;q=0.1", "html", "json"),
        ("text/turtle;q=0", None, None),
        ("image/png", None, None),
        ("image/png, application/geo+json", "geojson", None),
        (";;;,,q=", "ttl", "json"),
        ("text/turtle;q=abc", "ttl", "json"),
    ],
)
def test_accept_header(accept: str | None, document: str | None, results: str | None) -> None:
    assert name_of(pick_format(accept, DOCUMENTS, BY_NAME["ttl"])) == document
    assert name_of(pick_format(accept, RESULTS, BY_NAME["json"])) == results


@pytest.mark.parametrize(
    ("name", "graph", "results"),
    [
        ("ttl", "ttl", None),
        ("turtle", "ttl", None),
        ("text/turtle", "ttl", None),
        ("json", "jsonld", "json"),
        ("json-ld", "jsonld", None),
        ("xml", "rdf", "xml"),
        ("rdf+xml", "rdf", None),
        (" CSV ", None, "csv"),
        ("html", None, "html"),
        ("", None, None),
        ("pdf", None, None),
    ],
)
def test_name_in_an_address(name: str, graph: str | None, results: str | None) -> None:
    assert name_of(named_format(name, GRAPH_FORMATS)) == graph
    assert name_of(named_format(name, RESULTS)) == results


def test_names_media_types_and_extensions_are_unique() -> None:
    for attribute in ("name", "media_type", "extension"):
        values = [getattr(item, attribute) for item in FORMATS]
        assert len(set(values)) == len(values)


def test_oxigraph_knows_the_same_media_types() -> None:
    for item in FORMATS:
        if item.serializer:
            assert item.serializer.media_type.partition(";")[0] == item.media_type


MEDIA_TYPES = [item.media_type for item in DOCUMENTS]
weights = st.integers(0, 1000).map(lambda number: number / 1000)
ranges = st.dictionaries(st.sampled_from(MEDIA_TYPES), weights, min_size=1)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(ranges)
def test_the_heaviest_wins(wanted: dict[str, float]) -> None:
    accept = ", ".join(f"{media_type};q={weight}" for media_type, weight in wanted.items())
    chosen = pick_format(accept, DOCUMENTS, BY_NAME["ttl"])
    best = max(wanted.values())
    if best == 0:
        assert chosen is None
    else:
        assert chosen is not None
        assert wanted[chosen.media_type] == best


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.text(), st.permutations(DOCUMENTS))
def test_any_header_gives_a_candidate_or_none(accept: str, candidates: list[Format]) -> None:
    chosen = pick_format(accept, candidates, candidates[0])
    assert chosen is None or chosen in candidates


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.sampled_from(DOCUMENTS), st.permutations(DOCUMENTS))
def test_what_is_named_alone_is_given(item: Format, candidates: list[Format]) -> None:
    assert pick_format(item.media_type, candidates, candidates[0]) == item


def name_of(item: Format | None) -> str | None:
    return item and item.name
