"""The questions as an API: their parameters, answers, pages, and the document that describes them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from werkzeug.http import parse_options_header

from kg.errors import EngineBusyError, ModelError
from kg.namespaces import DEFAULT_BASE
from kg.questions import questions_of, read_questions
from kg.settings import Settings
from kg.store import Release
from tests.conftest import ROOT
from tests.test_pages import page_of
from webapp import create_app
from webapp.asking import Asked

PARTNERS = "/api/01-partners-of-country-on-topic"
ANNIVERSARIES = "/api/06-round-anniversaries"
KINDS = """# title@de: Was ist von jeder Art?
# topic: oddities
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX topics: <https://w3id.org/municipal-partnerships/vocab/topics/>
SELECT ?number ?day ?year ?whether ?words ?thing ?topic ?kept ("x"@de AS ?tagged) (1.5 AS ?part) (1/0 AS ?nothing)
WHERE {
  VALUES ?number { 7 }
  VALUES ?day { "2020-01-31"^^xsd:date }
  VALUES ?year { "1990"^^xsd:gYear }
  VALUES ?whether { true }
  VALUES ?words { "a \\"b\\"" }
  VALUES ?thing { <http://example.org/a> }
  VALUES ?topic { topics:klimapartnerschaft }
  VALUES ?kept { "de"@de }
  VALUES (?two ?more) { (1 2) }
  VALUES ?inner { 3 }
}
"""
GRAPH = """# about@en: Countries.
PREFIX mpo: <https://w3id.org/municipal-partnerships/def/>
CONSTRUCT { ?country a mpo:Country }
WHERE {
  VALUES ?country { <https://w3id.org/municipal-partnerships/id/country/pl> }
  ?country a mpo:Country .
}
"""
MANY = "SELECT * WHERE { VALUES ?of { 1 2 3 } ?s ?p ?of }"
ASK = "ASK WHERE { VALUES ?number { 1 } FILTER(?number > 0) }"
COUNT = "SELECT ?kind (COUNT(*) AS ?number) { ?thing a ?kind } GROUP BY ?kind"


@pytest.fixture(scope="module")
def own(app: Flask, release: Release, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """A site with questions of its operator beside ours."""
    folder = tmp_path_factory.mktemp("own")
    for name, text in {
        "kinds": KINDS,
        "graph": GRAPH,
        "many": MANY,
        "ask": ASK,
        "now": "SELECT (NOW() AS ?n) {}",
    }.items():
        (folder / f"{name}.rq").write_text(text, encoding="utf-8")
    (folder / "05-changes-of-form.rq").write_text(COUNT, encoding="utf-8")
    return create_app(release, app.config["ENGINE"], Settings(questions=str(folder)))


def rows(client: FlaskClient, path: str, **values: str) -> list[dict[str, str]]:
    response = client.get(f"{path}.csv", query_string=values)
    assert response.status_code == 200, response.get_data(as_text=True)
    return list(csv.DictReader(io.StringIO(response.get_data(as_text=True))))


def links(response: Any) -> dict[str, str]:
    found = re.findall(r'<([^>]*)>; rel="([\w-]+)"', response.headers["Link"])
    return {relation: address.removeprefix(DEFAULT_BASE[:-1]) for address, relation in found}


def test_every_question_of_the_ontology_is_in_the_release(release: Release) -> None:
    ours = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "ontology" / "questions").glob("*.rq")}
    assert {name: item.text for name, item in questions_of(release, Settings()).items()} == ours


def test_the_columns_and_parameters_are_those_of_the_query(client: FlaskClient, app: Flask) -> None:
    questions = app.config["QUESTIONS"]
    for name, question in questions.items():
        answer = client.get(f"/api/{name}").get_json()
        assert (answer["columns"], answer["parameters"]) == (list(question.columns), question.presets)
    partners = questions["01-partners-of-country-on-topic"]
    assert [(item.name, item.kind, item.default, item.many) for item in partners.parameters] == [
        ("region", "authority", "de-nordrhein-westfalen", False),
        ("country", "country", "pl", False),
        ("topic", "topics", "jugendaustausch", False),
    ]
    assert questions["06-round-anniversaries"].presets == {"years": "25,40,50,60"}


def test_an_answer_says_what_was_asked_and_of_which_release(client: FlaskClient, release: Release) -> None:
    answer = client.get(PARTNERS, query_string={"country": "pl", "topic": "jugendaustausch"}).get_json()
    told = {name: answer[name] for name in ("question", "release", "total", "complete", "limit", "offset")}
    assert told == {
        "question": PARTNERS.rpartition("/")[2], "release": release.version,
        "total": len(answer["rows"]), "complete": True, "limit": 100, "offset": 0,
    }  # fmt: skip
    assert answer["parameters"]["country"] == "pl"
    assert {"authorityLabel": "Arnsberg", "partnerLabel": "Olesno"}.items() <= answer["rows"][0].items()


def test_other_values_give_other_answers(client: FlaskClient) -> None:
    preset, other = rows(client, PARTNERS), rows(client, PARTNERS, country="fr")
    assert preset != other
    assert all("/fr-" in row["partner"] for row in other)
    assert rows(client, PARTNERS, country=f"{DEFAULT_BASE}id/country/fr") == other
    assert {row["years"] for row in rows(client, ANNIVERSARIES, years="25,60")} == {"25", "60"}


@pytest.mark.parametrize(
    ("path", "values", "status", "told"),
    [
        (PARTNERS, {"land": "pl"}, 400, {"parameter": "land", "parameters": [
            "region", "country", "topic", "limit", "offset", "format",
        ]}),
        (PARTNERS, {"country": "polen"}, 400, {"parameter": "country", "nearest": "pl"}),
        (PARTNERS, {"country": ""}, 400, {"parameter": "country"}),
        (PARTNERS, {"country": "fr,pl"}, 400, {"parameter": "country"}),
        (PARTNERS, {"country": ["fr", "pl"]}, 400, {"parameter": "country"}),
        (PARTNERS, {"topic": "Jugend-Austausch"}, 400, {"parameter": "topic", "nearest": "jugendaustausch"}),
        (PARTNERS, {"country": "pl> } INSERT DATA { <a:b> <a:b> <a:b"}, 400, {"parameter": "country"}),
        (PARTNERS, {"region": "de-dortmnud"}, 404, {"parameter": "region", "nearest": "de-dortmund"}),
        (PARTNERS, {"region": "de dortmund"}, 400, {"parameter": "region", "nearest": "de-dortmund"}),
        (ANNIVERSARIES, {"years": "25,many"}, 400, {"parameter": "years"}),
        (ANNIVERSARIES, {"years": ",".join(["1"] * 101)}, 400, {"parameter": "years"}),
        (ANNIVERSARIES, {"years": "9" * 17}, 400, {"parameter": "years"}),
        (ANNIVERSARIES, {"limit": "0"}, 400, {"parameter": "limit"}),
        (ANNIVERSARIES, {"limit": "10001"}, 400, {"parameter": "limit"}),
        (ANNIVERSARIES, {"offset": "-1"}, 400, {"parameter": "offset"}),
        (ANNIVERSARIES, {"offset": ["1", "2"]}, 400, {"parameter": "offset"}),
        (ANNIVERSARIES, {"format": ["csv", "json"]}, 400, {"parameter": "format"}),
        (ANNIVERSARIES, {"format": "ttl"}, 406, {}),
        (ANNIVERSARIES, {"format": ""}, 406, {}),
        (f"{ANNIVERSARIES}.ttl", {}, 404, {}),
        ("/api/20-british-partnerships-after-brexit", {"brexit": "2020-02-31"}, 400, {"parameter": "brexit"}),
        ("/api/round-anniversary", {}, 404, {"near": ["06-round-anniversaries"]}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_what_is_right(
    client: FlaskClient, path: str, values: dict[str, Any], status: int, told: dict[str, Any]
) -> None:
    response = client.get(path, query_string=values)
    problem = response.get_json()
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert problem["status"] == status
    assert problem["near"][0] == told["near"][0] if "near" in told else told.items() <= problem.items()
    if told.get("nearest"):
        assert f"did you mean {told['nearest']}?" in problem["detail"]


@pytest.mark.parametrize(
    ("address", "accept", "media_type"),
    [
        (ANNIVERSARIES, "*/*", "application/json"),
        (ANNIVERSARIES, "text/html,*/*;q=0.8", "application/json"),
        (ANNIVERSARIES, "text/csv", "text/csv"),
        (ANNIVERSARIES, "application/sparql-results+json", "application/sparql-results+json"),
        (f"{ANNIVERSARIES}?format=srj", "text/csv", "application/sparql-results+json"),
        (f"{ANNIVERSARIES}.csv", "application/json", "text/csv"),
        (ANNIVERSARIES, "image/png", "application/problem+json"),
        ("/api", "text/html", "text/html"),
        ("/api", "application/json", "application/json"),
        ("/api", "image/png", "application/problem+json"),
    ],
)
def test_the_format_is_what_was_asked_for(client: FlaskClient, address: str, accept: str, media_type: str) -> None:
    response = client.get(address, headers={"Accept": accept})
    assert response.mimetype == media_type
    assert (response.status_code == 406) == (media_type == "application/problem+json")
    assert "Accept" in response.headers["Vary"]
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_the_formats_agree(client: FlaskClient) -> None:
    plain = client.get(ANNIVERSARIES).get_json()
    table = rows(client, ANNIVERSARIES)
    bindings = client.get(f"{ANNIVERSARIES}.srj").get_json()["results"]["bindings"]
    assert table == [{name: "" if cell is None else str(cell) for name, cell in row.items()} for row in plain["rows"]]
    assert table == [{name: row.get(name, {"value": ""})["value"] for name in plain["columns"]} for row in bindings]
    assert {type(row["years"]) for row in plain["rows"]} == {int}


@pytest.mark.parametrize("offset", [0, 7])
def test_the_links_lead_through_all_pages(client: FlaskClient, offset: int) -> None:
    whole = rows(client, ANNIVERSARIES)
    address, read, before = f"{ANNIVERSARIES}.csv?limit=20&offset={offset}", [], ""
    while address:
        response = client.get(address)
        found = links(response)
        assert response.headers["X-Total-Count"] == str(len(whole))
        assert found["first"].endswith("limit=20&offset=0")
        assert found.get("prev", "") == before or (not before and offset)
        read += list(csv.DictReader(io.StringIO(response.get_data(as_text=True))))
        before, last, address = address, found["last"], found.get("next", "")
    assert read == whole[offset:]
    assert before == last


@pytest.mark.parametrize(
    ("total", "limit", "offset", "expected"),
    [
        (0, 10, 0, {"first": 0, "last": 0}),
        (10, 10, 0, {"first": 0, "last": 0}),
        (11, 10, 0, {"first": 0, "last": 10, "next": 10}),
        (11, 10, 10, {"first": 0, "last": 10, "prev": 0}),
        (30, 10, 5, {"first": 0, "last": 25, "prev": 0, "next": 15}),
        (30, 10, 1000, {"first": 0, "last": 20, "prev": 20}),
        (3, 10, 5, {"first": 0, "last": 0, "prev": 0}),
    ],
)
def test_where_the_pages_begin(app: Flask, total: int, limit: int, offset: int, expected: dict[str, int]) -> None:
    question = app.config["QUESTIONS"]["06-round-anniversaries"]
    asked = Asked(question, {}, question.text, None, limit, offset)
    assert {relation: values["offset"] for relation, values in asked.pages(total)} == expected


def test_an_answer_that_the_client_holds_is_not_sent_again(client: FlaskClient, own: Flask) -> None:
    first = client.get(f"{PARTNERS}.csv?country=fr", headers={"Accept-Encoding": "identity"})
    held = first.headers["ETag"]
    assert client.get(f"{PARTNERS}.csv?country=fr", headers={"If-None-Match": held}).status_code == 304
    packed = client.get(f"{PARTNERS}.csv?country=fr", headers={"If-None-Match": f'{held[:-1]}:br"'})
    assert (packed.status_code, packed.headers["ETag"]) == (304, f'{held[:-1]}:br"')
    for other in (f"{PARTNERS}.csv?country=pl", f"{PARTNERS}?country=fr", f"{PARTNERS}.csv?country=fr&limit=5"):
        assert client.get(other, headers={"If-None-Match": held}).status_code == 200
    assert "ETag" not in own.test_client().get("/api/now").headers


def test_an_operators_questions_take_every_kind_of_value(own: Flask) -> None:
    client = own.test_client()
    [preset] = client.get("/api/kinds").get_json()["rows"]
    assert preset == {
        "number": 7, "day": "2020-01-31", "year": "1990", "whether": True, "words": 'a "b"',
        "thing": "http://example.org/a", "topic": f"{DEFAULT_BASE}vocab/topics/klimapartnerschaft", "kept": "de",
        "tagged": "x", "part": 1.5, "nothing": None,
    }  # fmt: skip
    values = {
        "number": "-12", "day": "2024-02-29", "year": "2001", "whether": "false", "words": 'x" } # \\ \n\x00é',
        "thing": "https://de.dbpedia.org/resource/Köln#a",
    }  # fmt: skip
    [given] = client.get("/api/kinds", query_string=values).get_json()["rows"]
    assert {name: given[name] for name in values} == {**values, "number": -12, "whether": False}
    for name, value in {
        "year": "90",
        "whether": "yes",
        "words": "",
        "thing": "javascript:x",
        "kept": "x",
        "two": "1",
    }.items():
        assert client.get("/api/kinds", query_string={name: value}).status_code == 400, name


def test_an_operators_questions_take_every_form(own: Flask) -> None:
    client = own.test_client()
    graph = client.get("/api/graph?country=fr", headers={"Accept": "text/turtle"})
    assert (graph.status_code, graph.mimetype) == (200, "text/turtle")
    assert "id/country/fr" in graph.get_data(as_text=True)
    assert client.get("/api/graph.nt").mimetype == "application/n-triples"
    assert client.get("/api/graph?limit=5").status_code == 400
    assert client.get("/api/ask").get_json()["rows"] == [{"answer": True}]
    assert rows(client, "/api/ask", number="0") == [{"answer": "false"}]
    assert client.get("/api/05-changes-of-form").get_json()["columns"] == ["kind", "number"]


def test_a_cut_answer_says_so(app: Flask, own: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = app.config["ENGINE"]
    original = engine.answer
    monkeypatch.setattr(engine, "answer", lambda query, **rest: original(query, **rest, rows=5))
    cut = own.test_client().get("/api/03-dormant-suspended-ended")
    assert (cut.get_json()["complete"], cut.get_json()["total"]) == (False, 5)
    assert cut.headers["Result-Status"] == "truncated;reason=rows"
    assert cut.headers["Cache-Control"] == "no-store"
    assert {"ETag", "X-Total-Count"}.isdisjoint(cut.headers.keys())


def test_a_busy_engine_asks_for_patience(app: Flask, own: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_query: str, **_rest: object) -> NoReturn:
        raise EngineBusyError("too many queries")

    monkeypatch.setattr(app.config["ENGINE"], "answer", busy)
    refused = own.test_client().get("/api/many")
    assert (refused.status_code, refused.mimetype) == (503, "application/problem+json")
    assert refused.headers["Retry-After"] == "10"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("Große Frage", "SELECT * {}", "made of a-z, 0-9"),
        ("a", "SELECT * {", "a.rq: "),
        ("a", "DELETE WHERE { ?s ?p ?o }", "only reads"),
        ("a", "SELECT * WHERE { SERVICE <http://example.org/> { ?s ?p ?o } }", "only reads"),
        ("a", "SELECT * WHERE { VALUES ?limit { 1 } }", "limit already means something"),
    ],
)
def test_a_file_that_cannot_be_asked_is_refused(tmp_path: Path, name: str, text: str, told: str) -> None:
    (tmp_path / f"{name}.rq").write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=re.escape(told)):
        read_questions([tmp_path], DEFAULT_BASE)
    with pytest.raises(ModelError, match="is no folder with questions"):
        read_questions([tmp_path / "none"], DEFAULT_BASE)


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_leads_to_every_answer(client: FlaskClient, app: Flask, language: str) -> None:
    response = client.get(f"/api?lang={language}", headers={"Accept": "text/html"})
    page = response.get_data(as_text=True)
    assert not page_of(client, f"/api?lang={language}").faults
    assert links(response)["service-desc"] == "/api/openapi.json"
    assert {"Accept", "Accept-Language"} <= {*parse_options_header(response.headers["Vary"])[0].split(", ")}
    for question in app.config["QUESTIONS"].values():
        assert f"<summary>{question.titles[language]}</summary>" in page
        assert f'action="/api/{question.name}"' in page
    for address in re.findall(r'href="(/api/[^"]*)"', page):
        assert client.get(address.replace("&amp;", "&")).status_code == 200
    assert re.search(r'href="/sparql\?lang=\w+&amp;query=[^"]*VALUES', page)


def test_the_document_is_valid_in_both_languages(own: Flask) -> None:
    for language, kind in (("de", "Staat"), ("en", "Country")):
        content = own.test_client().get(f"/api/openapi.json?lang={language}").get_json()
        OpenAPIV31SpecValidator(content).validate()
        assert set(content["paths"]) == {"/api/openapi.json", *(f"/api/{name}" for name in own.config["QUESTIONS"])}
        parameters = content["paths"]["/api/graph"]["get"]["parameters"]
        assert [(item["name"], item["description"], item["example"]) for item in parameters[:1]] == [
            ("country", kind, "pl")
        ]
        assert "pl" in content["components"]["schemas"]["country"]["enum"]


def failures(app: Flask, examples: int, *, only: str = ".", coverage: bool = True) -> Iterator[str]:
    """What schemathesis finds with all its checks."""
    phases = {"coverage": {"enabled": coverage}}
    generation = {"max-examples": examples, "deterministic": True, "database": "none"}
    # It asks for zstd, but does not unpack it when it talks to an application without a network.
    headers = {"Accept-Encoding": "identity"}
    config = SchemathesisConfig.from_dict({"phases": phases, "generation": generation, "headers": headers, "seed": 1})
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app, config=config)
    ran = 0
    for event in from_schema(schema.include(path_regex=only)).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            yield str(vars(event) if hasattr(event, "__dict__") else event)
        if isinstance(event, events.ScenarioFinished):
            ran += len(event.recorder.cases)
            for case, checks in event.recorder.checks.items():
                address = event.recorder.interactions[case].request.uri
                yield from (f"{address}: {check.failure_info}" for check in checks if check.failure_info)
    assert ran


def test_schemathesis_finds_nothing(own: Flask) -> None:
    assert list(failures(own, 1, only="/(0[679]|1[1-9]|2[4-9])-", coverage=False)) == []
    assert list(failures(own, 5, only="/(07-|kinds|many|ask|graph|openapi)")) == []


@pytest.mark.slow
def test_schemathesis_finds_nothing_in_a_long_run(app: Flask) -> None:
    assert list(failures(app, 10)) == []
