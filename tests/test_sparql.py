"""SPARQL texts told apart, and the SPARQL 1.1 Protocol from outside."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask, Response, jsonify
from flask.testing import FlaskClient
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jinja2 import DictLoader
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse
from rdflib import Graph
from SPARQLWrapper import CSV, JSON, JSONLD, N3, POST, POSTDIRECTLY, RDFXML, TSV, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from kg.engine import Engine
from kg.errors import EngineBusyError, KgError, QueryError, QuerySyntaxError, QueryTimeoutError, QueryTooLargeError
from kg.namespaces import Names
from kg.settings import Settings
from kg.sparql_syntax import form_of, may_vary, outline, tokens
from kg.store import Release
from webapp.urls import Urls
from webapp.views import sparql

BASE = "https://data.example.org/"
PUBLIC = "https://copy.example.net/"
NAMES = Names(BASE)
EVIDENCE = NAMES.graph("evidence").value
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
SELECT = "SELECT ?s ?o { ?s ?p ?o } ORDER BY ?o"
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { " + "".join(f"?s{i} ?p{i} ?o{i} . " for i in range(30)) + "}"
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
JSON_ROWS = "application/sparql-results+json"
PAGE = "{{ {'query': query, 'table': table, 'answer': answer, 'error': error, 'truncated': truncated}|tojson }}"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    store = Store()
    for number, text in enumerate(["eins", "zwei", "drei", "vier"]):
        subject, predicate = NamedNode(f"{BASE}id/{number}"), NamedNode(f"{BASE}def/name")
        store.add(Quad(subject, predicate, Literal(text, language="de"), NAMES.graph("asserted")))
    store.add(Quad(NamedNode(BASE), NamedNode(f"{BASE}def/n"), Literal(7), NAMES.graph("evidence")))
    with Engine(store, NAMES, Settings(base=BASE, query_seconds=20)) as started:
        yield started


@pytest.fixture(scope="module")
def app(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("release")
    (folder / "context.jsonld").write_text('{"@context": {}}', encoding="utf-8")
    manifest = {
        "version": "2026.11.1", "date": "2026-11-22", "inputs_sum": "0", "base": BASE,
        "triples": dict.fromkeys(("asserted", "derived", "links", "codes", "evidence"), 1),
    }  # fmt: skip
    app = Flask(__name__)
    app.config.update(
        TESTING=True,
        ENGINE=engine,
        RELEASE=Release(folder, manifest, Store()),
        SETTINGS=Settings(base=BASE, public_url=PUBLIC),
        URLS=Urls(BASE, PUBLIC),
    )
    app.jinja_loader = DictLoader({"sparql/query.html": PAGE})
    app.jinja_env.globals.update(table=None, answer=None, error=None, truncated=None)
    app.register_blueprint(sparql.bp)
    app.register_error_handler(KgError, told)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def told(error: KgError) -> tuple[Response, int]:
    status, title, detail, extra = sparql.problem(error)
    return jsonify(status=status, title=title, detail=detail, **extra), status


def rows_of(response: TestResponse) -> int:
    assert response.status_code == 200, response.text
    return len(json.loads(response.data)["results"]["bindings"])


class TestOutline:
    @pytest.mark.parametrize(
        ("query", "form"),
        [
            ("SELECT * {}", "SELECT"),
            ("select*{}", "SELECT"),
            ("SELECTDISTINCT ?x {}", "SELECT"),
            ("# ASK\n PREFIX ask:<http://e/>\r\nBASE<http://e/>describe ask:x", "DESCRIBE"),
            ("PREFIX:<http://e/>ASK{}", "ASK"),
            ("VERSION '1.2' CONSTRUCT WHERE { ?s ?p ?o }", "CONSTRUCT"),
            ("INSERT DATA {}", None),
            ("", None),
            ("{ SELECT", None),
            ("PREFIX a <http://e/> SELECT * {}", None),
        ],
    )
    def test_form(self, query: str, form: str | None) -> None:
        assert form_of(query) == outline(query).form == form

    @pytest.mark.parametrize(
        ("query", "dataset"),
        [
            ("SELECT * FROM <http://e/> {}", True),
            ("SELECT*from<http://e/>{}", True),
            ("ASK FROM NAMED <http://e/> {}", True),
            ("CONSTRUCT { ?s ?p 'FROM' } FROM <http://e/> WHERE {}", True),
            ("DESCRIBE <http://e/> FROM <http://e/>", True),
            ("SELECT ?from { ?from <http://e/from> 'FROM' } # FROM", False),
            ("PREFIX from: <http://e/> ASK { from:from from:FROM 1 }", False),
            ("ASK {}", False),
        ],
    )
    def test_dataset(self, query: str, dataset: bool) -> None:
        assert outline(query).dataset == dataset

    @pytest.mark.parametrize(
        ("query", "varies"),
        [
            ("SELECT (NOW() AS ?now) {}", True),
            ("SELECT (struuid # new\n () AS ?x) {}", True),
            ("SELECT * { ?a foaf:knows ?now }", False),
        ],
    )
    def test_what_may_vary(self, query: str, varies: bool) -> None:
        assert may_vary(query) == varies

    @pytest.mark.parametrize(
        "query",
        [
            "SELECT * { SERVICE <http://e/> {} }",
            "SELECT * { service silent <http://e/> {} }",
            "SELECT * { ?s ?p 'x'. SERVICE ?where {} }",
            "SELECT * { { } UNION { {} SERVICE<http://e/>{} } }",
            "ASK { FILTER EXISTS { SERVICE <http://e/> {} } }",
            "ASK { FILTER(?a<'>') SERVICE <http://e/> {} FILTER(?b = 'x') }",
            "ASK { FILTER(?a <?b && '>' != ?c) SERVICE <http://e/> {} }",
            "ASK { FILTER ex:f(?a<'>') SERVICE <http://e/> {} FILTER('' = ?b) }",
            "ASK { BIND(true<'>' AS ?x) SERVICE <http://e/> {} FILTER('' = ?b) }",
            "ASK { { SELECT (?a<'>' AS ?x) { SERVICE <http://e/> {} FILTER('' = ?b) } } }",
            "ASK {} HAVING(?a<'>') SERVICE ''",
            "ASK { SERVICE?s{} }",
            "ASK { SERVICE:s{} }",
            "ASK { {} SERVICEex:s {} }",
        ],
    )
    def test_service(self, query: str) -> None:
        assert outline(query).forbidden == "service"

    def test_reading_takes_no_more_than_proportional_time(self) -> None:
        """Read piece by piece, each of these would take the square of its length: minutes, not milliseconds."""
        for piece in ("a.b-", "'''x ", "<a", "PREFIX a.b", "...", "@a-", "_:", "a:%", "\\", "1e"):
            outline("ASK { service " + piece * 10_000)

    def test_reading_stops_at_an_open_string(self) -> None:
        assert [token.kind for token in tokens("ASK { 'abc")] == ["word", "mark", "open"]


HIDDEN = st.sampled_from(
    [
        "?s ?p 'SERVICE'", "?s ?p \"it's SERVICE\"", "?s ?p '''a 'SERVICE' b'''", '?s ?p """a" SERVICE ""b"""',
        "?s ?p 'a\\'SERVICE <http://e/>'", "?s ?p 'a'@en-SERVICE", "?SERVICE $SERVICE ?o", "<http://e/SERVICE> ?p ?o",
        "<http://e/'> ?p <http://e/SERVICE#>", "ex:SERVICE SERVICE:p SERVICE:SERVICE", "_:SERVICE ?p ?o",
        "# SERVICE <http://e/> {}\n", "#'\n", "?s ex:a\\#b 'SERVICE'", "FILTER(?a<'SERVICE>')", "FILTER(?a <?b)",
        "FILTER('>' > ?b || ?a<ex:SERVICE)", "?s (ex:a|<http://e/SERVICE>)+ ?o", "?s ?p (?a <http://e/SERVICE>)",
        "VALUES (?x ?y) { ('a' <http://e/SERVICE>) }", "?s ?p ''", "?s ?p 1.5e3", "?s a ex:a",
        "?s ?p <<( ?a <http://e/SERVICE> ?o )>>",
        "BIND(<<( ?a <http://e/SERVICE> ?o )>> AS ?b2)",
        "FILTER(?x IN (<http://e/>, 'SERVICE'))",
        "GRAPH SERVICE:g { ?s ?p ?o }", "FILTER ex:f(?a<'SERVICE>')", "BIND(<http://e/SERVICE> AS ?b1)",
    ]
)  # fmt: skip
GROUPS = st.sampled_from(
    ["%s", "{ %s }", "OPTIONAL { %s }", "{ SELECT ?s { %s } }", "MINUS { %s }", "FILTER EXISTS { %s }"]
)
# Oxigraph refuses port 1 without trying it, so nothing is asked where a pattern is evaluated at once.
SERVICES = st.sampled_from(
    ["SERVICE <http://127.0.0.1:1/> {}", "service silent ?w { ?s ?p 'SERVICE' }", "SeRvIcE nowhere:1 { }"]
)
PROLOGUE = (
    "PREFIX nowhere: <http://127.0.0.1:> PREFIX ex: <http://e/> PREFIX SERVICE: <http://e/> PREFIX SURVICE: <http://e/>"
)


def reads(query: str) -> bool:
    try:
        Store().query(query)
    except SyntaxError:
        return False
    except (RuntimeError, ValueError, OSError):
        return True
    return True


@st.composite
def patterns(draw: st.DrawFn, extra: st.SearchStrategy[str] | None = None) -> str:
    """What can stand in a group; once with one of `extra` in it, if that is given."""
    parts = [draw(GROUPS) % draw(HIDDEN) for _ in range(draw(st.integers(0, 4)))]
    if extra is not None:
        parts.insert(draw(st.integers(0, len(parts))), draw(GROUPS) % draw(extra))
    return "".join(f"{{ {part}\n }}" for part in parts)


SERVICE_WORD = re.compile("SERVICE", re.IGNORECASE)


class TestServiceAgainstOxigraph:
    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(patterns())
    def test_no_false_alarm(self, body: str) -> None:
        query = f"{PROLOGUE} SELECT * {{ {body} }}"
        assume(reads(query))
        assert outline(query).forbidden is None

    @settings(max_examples=100, deadline=None, derandomize=True)
    @given(patterns(SERVICES))
    def test_none_missed(self, body: str) -> None:
        query = f"{PROLOGUE} SELECT * {{ {body} }}"
        assume(reads(query))
        assert outline(query).forbidden == "service"

    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(st.lists(HIDDEN | SERVICES | st.sampled_from("{}()[].,;<>'\"|=# "), max_size=5), st.sampled_from(["", " "]))
    def test_a_keyword_is_what_cannot_be_misspelt(self, parts: list[str], glue: str) -> None:
        """Where a query reads with SERVICE, but not with another word in its place, it was the keyword."""
        body = glue.join(parts)
        query = f"{PROLOGUE} SELECT * {{ {body} }}"
        if reads(query):
            misspelt = f"{PROLOGUE} SELECT * {{ {SERVICE_WORD.sub('SURVICE', body)} }}"
            assert (outline(query).forbidden == "service") == (not reads(misspelt))


class TestAsking:
    @pytest.mark.parametrize(
        "request_of",
        [
            {"method": "GET", "query_string": {"query": SELECT}},
            {"method": "POST", "data": {"query": SELECT}},
            {"method": "POST", "data": SELECT.encode(), "content_type": QUERY},
            {"method": "POST", "data": SELECT.encode(), "content_type": f"{QUERY}; charset=UTF-8"},
            {"method": "POST", "data": f"query={quote(SELECT)}".encode(), "content_type": f"{FORM}; charset=utf-8"},
        ],
    )
    def test_the_three_ways(self, client: FlaskClient, request_of: dict[str, Any]) -> None:
        response = client.open("/sparql", **request_of)
        assert rows_of(response) == 4
        assert response.mimetype == JSON_ROWS
        assert "Accept" in response.vary

    def test_letters_beyond_ascii(self, client: FlaskClient) -> None:
        query = "SELECT ('Köln Ж 😀' AS ?x) {}"
        raw = f"query={query}".replace("+", "%2B").encode()
        for response in (
            client.get("/sparql", query_string={"query": query}),
            client.post("/sparql", data=query.encode(), content_type=QUERY),
            client.post("/sparql", data=raw, content_type=FORM),
        ):
            assert json.loads(response.data)["results"]["bindings"][0]["x"]["value"] == "Köln Ж 😀"

    @pytest.mark.parametrize(
        ("dataset", "expected"),
        [
            ({}, 4),
            ({"default-graph-uri": EVIDENCE}, 1),
            ({"default-graph-uri": [EVIDENCE, NAMES.graph("asserted").value]}, 5),
            ({"named-graph-uri": EVIDENCE}, 0),
            ({"default-graph-uri": "file:///etc/passwd"}, 0),
        ],
    )
    def test_dataset(self, client: FlaskClient, dataset: dict[str, Any], expected: int) -> None:
        assert rows_of(client.get("/sparql", query_string={"query": SELECT, **dataset})) == expected
        assert rows_of(client.post("/sparql", data={"query": SELECT, **dataset})) == expected
        assert rows_of(client.post("/sparql", query_string=dataset, data=SELECT, content_type=QUERY)) == expected

    @pytest.mark.parametrize(
        ("accept", "query", "media_type"),
        [
            ("application/sparql-results+xml", SELECT, "application/sparql-results+xml"),
            ("text/csv, */*;q=0.1", SELECT, "text/csv"),
            ("text/tab-separated-values", "ASK {}", "text/tab-separated-values"),
            ("application/json", "ASK {}", JSON_ROWS),
            ("*/*", CONSTRUCT, "text/turtle"),
            ("application/xml", CONSTRUCT, "application/rdf+xml"),
            ("application/ld+json", "DESCRIBE <id/1>", "application/ld+json"),
            ("application/n-quads", CONSTRUCT, "application/n-quads"),
        ],
    )
    def test_accept(self, client: FlaskClient, accept: str, query: str, media_type: str) -> None:
        response = client.get("/sparql", query_string={"query": query}, headers={"Accept": accept})
        assert (response.status_code, response.mimetype) == (200, media_type)

    def test_format_wins_over_accept(self, client: FlaskClient) -> None:
        asked = {"query": SELECT, "format": "csv"}
        assert client.get("/sparql", query_string=asked, headers={"Accept": BROWSER}).mimetype == "text/csv"
        asked = {"query": CONSTRUCT, "format": "xml"}
        assert client.get("/sparql", query_string=asked).mimetype == "application/rdf+xml"

    def test_relative_iris(self, client: FlaskClient) -> None:
        response = client.get("/sparql", query_string={"query": "CONSTRUCT { <s> <p> 1 } {}"})
        (quad,) = parse(response.data, format=RdfFormat.TURTLE)
        assert quad.subject == NamedNode(f"{BASE}s")

    def test_head(self, client: FlaskClient) -> None:
        response = client.head("/sparql", query_string={"query": SELECT})
        assert (response.status_code, response.mimetype, response.data) == (200, JSON_ROWS, b"")

    def test_whole_answers_say_so(self, client: FlaskClient) -> None:
        assert client.get("/sparql", query_string={"query": SELECT}).headers["Result-Status"] == "complete;rows=4"
        assert client.get("/sparql", query_string={"query": "ASK {}"}).headers["Result-Status"] == "complete"

    @pytest.mark.parametrize("limits", [Settings(base=BASE, query_rows=2), Settings(base=BASE, query_bytes=400)])
    def test_cut_answers_say_so(self, app: Flask, engine: Engine, limits: Settings, monkeypatch: Any) -> None:
        monkeypatch.setattr(engine, "_settings", limits)
        monkeypatch.setitem(app.config, "SETTINGS", limits)
        reason, limit = ("rows", 2) if limits.query_rows == 2 else ("bytes", 400)
        response = app.test_client().get("/sparql", query_string={"query": SELECT})
        rows = rows_of(response)
        assert 0 < rows < 4
        assert response.headers["Result-Status"] == f"truncated;reason={reason};limit={limit};rows={rows}"
        assert response.cache_control.no_store


class TestCaching:
    def test_unchanged_without_running(self, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
        first = client.get("/sparql", query_string={"query": SELECT})
        tag = first.headers["ETag"]
        assert tag.startswith("W/")  # rows have no order of their own
        monkeypatch.setattr(sparql, "_answer", None)
        for held in (tag, f'"other", {tag}', tag.removeprefix("W/")):
            again = client.get("/sparql", query_string={"query": SELECT}, headers={"If-None-Match": held})
            assert (again.status_code, again.data) == (304, b"")
            assert again.headers["ETag"] == tag
            assert "Accept" in again.vary

    def test_another_format_has_another_tag(self, client: FlaskClient) -> None:
        tags = {
            client.get("/sparql", query_string={"query": query, **other}).headers["ETag"]
            for query in (SELECT, SELECT + " LIMIT 3")
            for other in ({}, {"format": "csv"}, {"default-graph-uri": EVIDENCE})
        }
        assert len(tags) == 6
        response = client.get("/sparql", query_string={"query": SELECT}, headers={"If-None-Match": '"other"'})
        assert response.status_code == 200

    @pytest.mark.parametrize("query", ["SELECT (NOW() AS ?x) {}", "SELECT (RAND() AS ?x) {}"])
    def test_what_varies_is_not_kept(self, client: FlaskClient, query: str) -> None:
        response = client.get("/sparql", query_string={"query": query})
        assert "ETag" not in response.headers
        assert response.cache_control.no_store

    def test_posted_is_not_kept(self, client: FlaskClient) -> None:
        assert "ETag" not in client.post("/sparql", data={"query": SELECT}).headers


class TestRefusing:
    def test_place_of_a_mistake(self, client: FlaskClient) -> None:
        response = client.get("/sparql", query_string={"query": "SELECT *\nWHERE { ?s ex:p ?o }"})
        assert response.status_code == 400
        assert response.json is not None
        assert (response.json["line"], response.json["column"]) == (2, 12)
        assert "PREFIX ex:" in response.json["detail"]

    def test_a_mistake_comes_before_a_format(self, client: FlaskClient) -> None:
        response = client.get("/sparql", query_string={"query": "SELEC"}, headers={"Accept": "text/turtle"})
        assert response.status_code == 400

    @pytest.mark.parametrize(
        "request_of",
        [
            {"method": "POST", "data": {"update": "DROP ALL"}},
            {"method": "POST", "data": "DROP ALL", "content_type": "application/sparql-update"},
            {"method": "GET", "query_string": {"update": "DROP ALL"}},
            {"method": "GET", "query_string": {"query": "DROP ALL"}},
            {"method": "POST", "data": "INSERT DATA { <a> <b> <c> }", "content_type": QUERY},
            {"method": "GET", "query_string": {"query": "SELECT * { SERVICE SILENT <http://e/> {} }"}},
        ],
    )
    def test_403(self, client: FlaskClient, request_of: dict[str, Any]) -> None:
        assert client.open("/sparql", **request_of).status_code == 403

    @pytest.mark.parametrize(
        "request_of",
        [
            {"method": "GET", "query_string": "query=SELECT%2"},
            {"method": "GET", "query_string": "query=%zz"},
            {"method": "GET", "query_string": "query=%ff"},
            {"method": "GET", "query_string": [("query", SELECT), ("query", SELECT)]},
            {"method": "GET", "query_string": {"query": SELECT, "timeout": "soon"}},
            {"method": "GET", "query_string": {"query": SELECT, "timeout": "0"}},
            {"method": "GET", "query_string": {"query": SELECT, "default-graph-uri": "no iri"}},
            {"method": "GET", "query_string": "&".join(["query=ASK{}", *("named-graph-uri=a:b" for _ in range(200))])},
            {"method": "GET", "query_string": {"query": ""}},
            {"method": "POST", "data": b"query=\xff", "content_type": FORM},
            {"method": "POST", "data": b"SELECT \xff", "content_type": QUERY},
            {"method": "POST", "data": {"format": "csv"}},
            {"method": "POST", "data": SELECT, "content_type": QUERY, "query_string": {"query": SELECT}},
        ],
    )
    def test_400(self, client: FlaskClient, request_of: dict[str, Any]) -> None:
        assert client.open("/sparql", **request_of).status_code == 400

    @pytest.mark.parametrize(
        "query",
        [{"query": SELECT, "format": "ttl"}, {"query": CONSTRUCT, "format": "csv"}, {"query": SELECT, "format": "pdf"}],
    )
    def test_406_by_name(self, client: FlaskClient, query: dict[str, str]) -> None:
        assert client.get("/sparql", query_string=query).status_code == 406

    @pytest.mark.parametrize(("query", "accept"), [(SELECT, "text/turtle"), (CONSTRUCT, "text/csv"), ("", "image/png")])
    def test_406_by_accept(self, client: FlaskClient, query: str, accept: str) -> None:
        asked = {"query": query} if query else {}
        response = client.get("/sparql", query_string=asked, headers={"Accept": accept})
        assert response.status_code == 406
        assert "text/html (html)" in response.text

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
    def test_405(self, client: FlaskClient, method: str) -> None:
        response = client.open("/sparql", method=method)
        assert response.status_code == 405
        assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST", "OPTIONS"}

    def test_413(self, client: FlaskClient) -> None:
        body = b"ASK {} #" + b" " * (1 << 20)
        assert client.post("/sparql", data=body, content_type=QUERY).status_code == 413

    def test_414(self, client: FlaskClient) -> None:
        assert client.get("/sparql", query_string={"query": "ASK {} #" + "x" * (64 << 10)}).status_code == 414

    @pytest.mark.parametrize(
        "content_type",
        ["text/plain", "application/json", "multipart/form-data; boundary=x", f"{QUERY}; charset=latin1", ""],
    )
    def test_415(self, client: FlaskClient, content_type: str) -> None:
        assert client.post("/sparql", data=b"ASK {}", content_type=content_type).status_code == 415

    def test_503_after_the_time(self, client: FlaskClient) -> None:
        response = client.get("/sparql", query_string={"query": ENDLESS, "timeout": "0.1"})
        assert response.status_code == 503
        assert "0.1 seconds" in response.text
        assert int(response.headers["Retry-After"]) > 0

    @pytest.mark.parametrize(
        ("error", "status"),
        [
            (QuerySyntaxError("x", 1, 2), 400),
            (QueryError("x"), 400),
            (QueryTimeoutError(1), 503),
            (EngineBusyError("x"), 503),
            (QueryTooLargeError("x"), 422),
            (KgError("x"), 500),
        ],
    )
    def test_problem(self, error: KgError, status: int) -> None:
        found, title, detail, extra = sparql.problem(error)
        assert (found, detail) == (status, str(error))
        assert title
        assert extra == ({"line": 1, "column": 2} if isinstance(error, QuerySyntaxError) else {})


class TestOtherSites:
    def test_preflight(self, client: FlaskClient) -> None:
        asked = {"Origin": "https://e.org", "Access-Control-Request-Method": "POST"}
        response = client.options("/sparql", headers=asked)
        assert response.status_code == 204
        assert "POST" in response.headers["Access-Control-Allow-Methods"]
        assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]
        assert response.headers["Allow"] == "GET, HEAD, POST, OPTIONS"
        assert "Access-Control-Allow-Credentials" not in response.headers

    def test_headers_that_scripts_may_read(self, client: FlaskClient) -> None:
        exposed = client.get("/sparql", query_string={"query": SELECT}).headers["Access-Control-Expose-Headers"]
        assert {"ETag", "Result-Status"} <= set(exposed.split(", "))


class TestWithoutAQuery:
    @pytest.mark.parametrize(
        ("accept", "media_type"),
        [
            ("*/*", "text/turtle"),
            ("application/rdf+xml", "application/rdf+xml"),
            ("application/n-triples", "application/n-triples"),
        ],
    )
    def test_the_service_is_described(self, client: FlaskClient, accept: str, media_type: str) -> None:
        response = client.get("/sparql", headers={"Accept": accept})
        assert (response.status_code, response.mimetype) == (200, media_type)
        described = {
            (quad.predicate.value, quad.object.value)
            for quad in parse(response.data, format=RdfFormat.from_media_type(media_type))
        }
        sd = "http://www.w3.org/ns/sparql-service-description#"
        assert (f"{sd}endpoint", f"{PUBLIC}sparql") in described
        assert (f"{sd}name", EVIDENCE) in described
        assert "ETag" in response.headers

    def test_a_browser_gets_the_page(self, client: FlaskClient) -> None:
        response = client.get("/sparql", headers={"Accept": BROWSER})
        assert (response.status_code, response.mimetype) == (200, "text/html")
        assert response.vary.as_set() == {"accept", "accept-language"}


class TestPage:
    def shown(self, client: FlaskClient, query: str, status: int = 200, **data: str) -> dict[str, Any]:
        response = client.get("/sparql", query_string={"query": query, **data}, headers={"Accept": BROWSER})
        assert (response.status_code, response.mimetype) == (status, "text/html")
        content: dict[str, Any] = json.loads(response.data)
        assert content["query"] == query
        return content

    def test_table(self, client: FlaskClient) -> None:
        table = self.shown(client, "SELECT ?s ?o ?n { ?s ?p ?o FILTER(STR(?o) = 'eins') }")["table"]
        assert table["header"] == ["s", "o", "n"]
        ((first, second, third),) = table["rows"]
        assert first == {"value": f"{BASE}id/0", "type": "uri", "lang": None, "datatype": None}
        assert (second["value"], second["lang"]) == ("eins", "de")
        assert third["value"] is None

    def test_a_long_table_is_cut(self, client: FlaskClient) -> None:
        shown = self.shown(client, "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o . ?q ?r ?s }")
        assert len(shown["table"]["rows"]) == 1000
        assert shown["truncated"] == "rows"

    def test_truth(self, client: FlaskClient) -> None:
        assert self.shown(client, "ASK {}")["answer"] is True

    def test_graph(self, client: FlaskClient) -> None:
        assert '"eins"@de' in self.shown(client, CONSTRUCT)["answer"]

    def test_nothing_asked(self, client: FlaskClient) -> None:
        assert self.shown(client, "")["error"] is None

    def test_mistake(self, client: FlaskClient) -> None:
        error = self.shown(client, "SELECT * {\n ?s }", status=400)["error"]
        assert (error["line"], error["column"]) == (2, 2)
        assert "?s" in error["message"]

    def test_timeout(self, client: FlaskClient) -> None:
        assert "0.1 seconds" in self.shown(client, ENDLESS, status=503, timeout="0.1")["error"]["message"]


@pytest.fixture(scope="module")
def address(app: Flask, engine: Engine) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/sparql"
    server.shutdown()
    thread.join()
    server.server_close()


class TestSparqlWrapper:
    @pytest.mark.parametrize("method", ["GET", POST])
    @pytest.mark.parametrize("request_method", ["urlencoded", POSTDIRECTLY])
    def test_rows_as_json(self, address: str, method: str, request_method: str) -> None:
        client = SPARQLWrapper(address)
        client.setMethod(method)
        if method == POST:
            client.setRequestMethod(request_method)
        client.setReturnFormat(JSON)
        client.setQuery(SELECT)
        rows = client.queryAndConvert()["results"]["bindings"]
        assert [row["o"]["value"] for row in rows] == ["drei", "eins", "vier", "zwei"]

    @pytest.mark.parametrize(("form", "needle"), [(XML, "drei"), (CSV, b"drei"), (TSV, b'"drei"@de')])
    def test_rows(self, address: str, form: str, needle: str | bytes) -> None:
        client = SPARQLWrapper(address, returnFormat=form)
        client.setQuery(SELECT)
        found = client.queryAndConvert()
        assert needle in (found.toxml() if form == XML else found)

    @pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")
    @pytest.mark.parametrize("form", [XML, RDFXML, TURTLE, N3, JSONLD])
    def test_graphs(self, address: str, form: str) -> None:
        client = SPARQLWrapper(address, returnFormat=form)
        client.setQuery(CONSTRUCT)
        found = client.queryAndConvert()
        graph = found if isinstance(found, Graph) else Graph().parse(data=found, format="turtle")
        assert len(graph) == 4

    def test_truth(self, address: str) -> None:
        client = SPARQLWrapper(address, returnFormat=JSON)
        client.setQuery("ASK {}")
        assert client.queryAndConvert()["boolean"] is True

    def test_dataset(self, address: str) -> None:
        client = SPARQLWrapper(address, returnFormat=JSON, defaultGraph=EVIDENCE)
        client.setQuery(SELECT)
        assert len(client.queryAndConvert()["results"]["bindings"]) == 1

    def test_mistake(self, address: str) -> None:
        client = SPARQLWrapper(address, returnFormat=JSON)
        client.setQuery("SELECT * { ?s ex:p ?o }")
        with pytest.raises(QueryBadFormed, match="PREFIX ex:"):
            client.query()
