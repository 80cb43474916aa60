"""Linked data from outside: every IRI leads somewhere, in the format asked for, with good manners."""

from __future__ import annotations

import io
import json
import random
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode, RdfFormat, parse

from kg.namespaces import Names
from kg.store import Release
from webapp.urls import Urls

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
DORTMUND = "/id/authority/de-dortmund"


@pytest.mark.parametrize(
    ("accept", "languages", "location"),
    [
        (BROWSER, "de-DE,de;q=0.9,en;q=0.5", "/de/authority/de-dortmund"),
        (BROWSER, "en-GB,en", "/en/authority/de-dortmund"),
        (BROWSER, "fr", "/de/authority/de-dortmund"),
        ("text/turtle", "", "/doc/authority/de-dortmund.ttl"),
        ("application/ld+json;q=0.9, text/turtle;q=0.8", "", "/doc/authority/de-dortmund.jsonld"),
        ("application/rdf+xml", "", "/doc/authority/de-dortmund.rdf"),
        ("application/n-triples, */*;q=0.1", "", "/doc/authority/de-dortmund.nt"),
        ("", "", "/doc/authority/de-dortmund.ttl"),
    ],
)
def test_a_name_leads_by_303_to_what_fits(client: FlaskClient, accept: str, languages: str, location: str) -> None:
    response = client.get(DORTMUND, headers={"Accept": accept, "Accept-Language": languages})
    assert (response.status_code, response.headers["Location"]) == (303, location)
    assert {"Accept", "Accept-Language"} <= {name.strip() for name in response.headers["Vary"].split(",")}


def test_nothing_that_fits_is_406_with_the_list(client: FlaskClient) -> None:
    response = client.get(DORTMUND, headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert "text/turtle" in response.get_json()["detail"]


@pytest.mark.parametrize(
    "path", ["/id/authority/de-atlantis", "/doc/authority/de-atlantis.ttl", "/def/Unicorn", "/id/x"]
)
def test_an_unknown_name_is_404_as_a_problem_document(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Accept": "text/turtle"})
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")
    assert response.get_json()["status"] == 404


READABLE = {
    "ttl": RdfFormat.TURTLE, "nt": RdfFormat.N_TRIPLES, "rdf": RdfFormat.RDF_XML, "jsonld": RdfFormat.JSON_LD,
    "trig": RdfFormat.TRIG, "nq": RdfFormat.N_QUADS,
}  # fmt: skip


def _read(client: FlaskClient, path: str, extension: str) -> set[tuple[str, ...]]:
    response = client.get(f"/doc/{path}.{extension}")
    assert response.status_code == 200, response.get_data(as_text=True)[:300]
    triples = {quad.triple for quad in parse(io.BytesIO(response.data), READABLE[extension])}
    return {(str(triple.subject), str(triple.predicate), str(triple.object)) for triple in triples}


@pytest.mark.parametrize(
    "path",
    [
        "authority/de-dortmund",
        "partnership/de-koeln--ua-dnipro",
        "def/Partnership",
        "vocab/topics/jugend",
        "source/seed",
    ],
)
def test_all_formats_of_a_document_say_the_same(client: FlaskClient, path: str) -> None:
    def named(extension: str) -> set[tuple[str, ...]]:
        # Blank nodes have no names that two documents could share.
        return {triple for triple in _read(client, path, extension) if not any(t.startswith("_:") for t in triple)}

    turtle = named("ttl")
    assert len(turtle) > 10
    for extension in READABLE:
        assert named(extension) == turtle, extension


def test_a_document_is_complete(client: FlaskClient, release: Release) -> None:
    dortmund = f"<{release.names.base}id/authority/de-dortmund>"
    amiens = f"<{release.names.base}id/partnership/de-dortmund--fr-amiens>"
    triples = _read(client, "authority/de-dortmund", "nt")
    party = f"<{release.names.base}def/hasParty>"
    assert (amiens, party, dortmund) in triples, "incoming statements"
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    assert (amiens, label, '"Dortmund – Amiens"@de') in triples, "labels of what is mentioned"


def test_csv_and_geojson_are_documents_too(client: FlaskClient) -> None:
    rows = client.get("/doc/authority/de-dortmund.csv").get_data(as_text=True).splitlines()
    assert rows[0] == "subject,predicate,object,language,datatype"
    feature = json.loads(client.get("/doc/authority/de-dortmund.geojson").data)
    assert feature["geometry"]["type"] == "Point"
    assert [round(number) for number in feature["geometry"]["coordinates"]] == [7, 52]
    assert client.get("/doc/source/seed.geojson").status_code == 404


def test_a_document_has_manners(client: FlaskClient) -> None:
    response = client.get("/doc/authority/de-dortmund.ttl")
    assert response.headers["Content-Type"] == "text/turtle; charset=utf-8"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    links = response.headers["Link"]
    for part in ('rel="alternate"', 'rel="license"', 'rel="cite-as"', "</doc/authority/de-dortmund.jsonld>"):
        assert part in links
    tag = response.headers["ETag"]
    again = client.get("/doc/authority/de-dortmund.ttl", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/doc/authority/de-dortmund.nt").headers["ETag"] != tag
    head = client.head("/doc/authority/de-dortmund.ttl")
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", tag)
    negotiated = client.get("/doc/authority/de-dortmund", headers={"Accept": "application/n-triples"})
    assert negotiated.headers["Content-Location"] == "/doc/authority/de-dortmund.nt"


def test_a_page_says_how_to_cite_it_and_under_which_licence(client: FlaskClient, release: Release) -> None:
    links = client.get("/de/authority/de-dortmund", headers={"Accept": BROWSER}).headers["Link"]
    assert f'<{release.names.base}id/authority/de-dortmund>; rel="cite-as"' in links
    assert f'<{release.manifest["dataset"]["licence"]}>; rel="license"' in links


def test_no_link_inside_the_graph_is_dead(app: Flask, release: Release) -> None:
    """A sample of every kind of IRI that we mint, wherever it stands in the graph."""
    urls: Urls = app.config["URLS"]
    families: dict[str, set[str]] = {}
    for quad in release.store:
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
            if isinstance(term, NamedNode) and (path := urls.document_path(term.value)):
                families.setdefault(
                    "/".join(path.split("/")[:2] if "/id/" not in term.value else path.split("/")[:1]), set()
                ).add(term.value)
    assert {
        "authority",
        "claim",
        "geometry",
        "link",
        "phase",
        "vocab/topics",
        "def/Partnership",
    } <= families.keys()
    client = app.test_client()
    dice = random.Random(7)
    for iris in families.values():
        for iri in dice.sample(sorted(iris), min(3, len(iris))):
            path = urlsplit(iri).path.removeprefix(urlsplit(release.names.base).path.rstrip("/"))
            named = client.get(path, headers={"Accept": "text/turtle"}, buffered=True)
            assert named.status_code in (200, 303), iri
            if named.status_code == 303:
                assert client.get(named.headers["Location"], buffered=True).status_code == 200, iri
                page = client.get(path, headers={"Accept": BROWSER}, follow_redirects=True, buffered=True)
                assert (page.status_code, page.mimetype) == (200, "text/html"), iri


def test_dumps_are_immutable_files_in_parts(client: FlaskClient, release: Release) -> None:
    address = f"/release/{release.version}/graph.nt"
    whole = client.get(address, buffered=True)
    assert whole.headers["ETag"].strip('"') == release.manifest["files"]["graph.nt"]["sha256"]
    assert "immutable" in whole.headers["Cache-Control"]
    part = client.get(address, headers={"Range": "bytes=0-99"}, buffered=True)
    assert (part.status_code, part.data) == (206, whole.data[:100])
    assert client.get("/release/latest/graph.nt").headers["Location"] == address
    for hostile in ("../manifest.json", "..%2f..%2fREADME.md", "manifest.json%00", ".lock"):
        assert client.get(f"/release/{release.version}/{hostile}").status_code == 404


@pytest.mark.parametrize("accept", ["text/turtle", "application/rdf+xml", "application/ld+json"])
def test_the_catalogue_leads_to_files_that_exist(client: FlaskClient, release: Release, accept: str) -> None:
    response = client.get("/catalog", headers={"Accept": accept})
    assert response.mimetype == accept
    form = RdfFormat.from_media_type(accept)
    triples = [quad.triple for quad in parse(io.BytesIO(response.data), form)]
    download = "http://www.w3.org/ns/dcat#downloadURL"
    targets = [triple.object.value for triple in triples if triple.predicate.value == download]
    assert len(targets) == 6
    for target in targets:
        assert client.head(target.replace(release.names.base, "/"), buffered=True).status_code == 200


def test_void_and_health(client: FlaskClient, release: Release) -> None:
    assert b"void#triples" in client.get("/.well-known/void", headers={"Accept": "application/n-triples"}).data
    assert client.get("/health").get_json() == {
        "status": "ok", "release": release.version, "date": release.manifest["date"]
    }  # fmt: skip


def test_nothing_is_built_from_the_host_header(client: FlaskClient) -> None:
    response = client.get("/catalog.ttl", headers={"Host": "evil.example"})
    assert b"evil.example" not in response.data
    for path in (DORTMUND, "/", "/de", "/def", "/de/authority/de-dortmund", "/sparql", "/api"):
        response = client.get(path, headers={"Host": "evil.example"})
        assert "evil.example" not in str(response.headers) + response.get_data(as_text=True), path


def test_the_base_names_the_project(client: FlaskClient, release: Release) -> None:
    response = client.get("/", headers={"Accept": "text/turtle"})
    assert (response.status_code, response.headers["Location"]) == (303, "/doc/project.ttl")
    assert f"<{release.names.base}>" in client.get("/doc/project.ttl").get_data(as_text=True)
    assert client.get("/", headers={"Accept": BROWSER, "Accept-Language": "en"}).headers["Location"] == "/en/"
    assert client.get("/project", headers={"Accept": BROWSER}).status_code == 404


@given(st.from_regex(r"[a-z0-9]+((-|--|\.)[a-z0-9]+)*", fullmatch=True))
def test_every_key_makes_an_iri_that_is_read_back(key: str) -> None:
    names = Names()
    urls = Urls(names.base, names.base)
    iri = names.entity("partnership", key).value
    assert urls.iri_of(urls.document_path(iri) or "") == iri


@given(st.text(max_size=30))
def test_no_other_text_becomes_an_iri(text: str) -> None:
    from kg.errors import UnknownNameError
    from kg.namespaces import is_key

    if is_key(text):
        assert NamedNode(Names().entity("actor", text).value).value.endswith(f"/actor/{text}")
    else:
        with pytest.raises(UnknownNameError):
            Names().entity("actor", text)


@given(st.text(max_size=40))
def test_hostile_paths_are_404_or_redirects_and_never_500(app: Flask, text: str) -> None:
    client = app.test_client()
    for prefix in ("/id/", "/doc/", "/def/", "/de/", "/release/"):
        try:
            response = client.get(prefix + text)
        except (ValueError, UnicodeError):
            continue
        assert response.status_code < 500
