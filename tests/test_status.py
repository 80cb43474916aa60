"""The service seen from outside: health, readiness, numbers that add up, and a log without personal data."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from kg.engine import Answer, Engine
from kg.errors import (
    EngineBusyError,
    QueryError,
    QueryForbiddenError,
    QuerySyntaxError,
    QueryTimeoutError,
    QueryTooLargeError,
)
from kg.settings import Settings
from kg.store import Release
from tests.test_serve import fetch, serving
from webapp import create_app
from webapp.observing import AccessLog, Numbers, ObservedEngine

ASK = "ASK {}"
SELECT = "SELECT ?s { ?s ?p ?o } LIMIT 3"
FIELDS = {"time", "method", "endpoint", "path", "status", "bytes", "milliseconds", "release"}
PERSONAL = ("198.51.100.7", "127.0.0.1", "Mosaic", "Ersonnenstadt", "Geheimnis", "referred.example", "cookie-of-mine")
HOSTILE = [
    "/" + "a" * 3000, "/%0a%7B%22status%22%3A1%7D", "/%ff%fe", '/"}\\', "/de/authority/%00", "//evil.example/x",
    '/x"} 1\nkg_forged 1', "/doc/authority/‮x.ttl", "/release/<script>/x",
]  # fmt: skip
Sample = tuple[str, frozenset[tuple[str, str]]]


def parsed(text: str) -> dict[Sample, float]:
    families = text_string_to_metric_families(text)
    return {(item.name, frozenset(item.labels.items())): item.value for family in families for item in family.samples}


def total(numbers: dict[Sample, float], name: str, **labels: str) -> float:
    wanted = set(labels.items())
    return sum(value for (found, having), value in numbers.items() if found == name and wanted <= having)


def change(client: FlaskClient, happen: Callable[[], object], name: str, **labels: str) -> float:
    """How much a number grows while something happens."""
    before = parsed(client.get("/metrics").text)
    happen()
    return total(parsed(client.get("/metrics").text), name, **labels) - total(before, name, **labels)


def site(release: Release, engine: Any, log: AccessLog | None = None) -> FlaskClient:
    return create_app(release, engine, Settings(), log=log).test_client()


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
def test_how_it_is_now_is_not_kept(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")
    assert client.head(path).status_code == 200


def test_ready_names_the_release(client: FlaskClient, release: Release) -> None:
    assert client.get("/ready").get_json() == {"status": "ready", "release": release.version}


def test_without_a_query_engine_it_is_healthy_but_not_ready(release: Release) -> None:
    client = site(release, Engine(release.store, release.names, Settings()))
    response = client.get("/ready")
    assert (client.get("/health").status_code, response.status_code) == (200, 503)
    assert (response.mimetype, response.headers["Cache-Control"]) == ("application/problem+json", "no-store")


def test_a_query_engine_that_does_not_answer_is_waited_for_a_second_and_asked_once(release: Release) -> None:
    asked: list[str] = []

    def hang(query: str, **_: object) -> Answer:
        asked.append(query)
        time.sleep(1.5)
        raise QueryTimeoutError(1)

    client, begun = site(release, SimpleNamespace(answer=hang)), time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda _: client.application.test_client().get("/ready").status_code, range(4)))
    assert (statuses, asked) == ([503] * 4, [ASK])
    assert time.monotonic() - begun < 1.4


def test_readiness_comes_back(release: Release) -> None:
    answers: Iterator[bytes] = iter([b"", b'{"boolean":true}'])
    client = site(release, SimpleNamespace(answer=lambda *_, **__: SimpleNamespace(body=next(answers))))
    assert client.get("/ready").status_code == 503
    assert client.get("/ready").status_code == 503, "remembered for a second"
    time.sleep(1.1)
    assert client.get("/ready").status_code == 200


def test_the_numbers_are_prometheus_text(client: FlaskClient, release: Release) -> None:
    response = client.get("/metrics")
    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    numbers = parsed(response.text)
    assert numbers["kg_release_info", frozenset({("version", release.version)})] == 1
    assert 0 <= time.time() - total(numbers, "kg_start_time_seconds") < 3600


@pytest.mark.parametrize(
    ("method", "path", "labels"),
    [
        ("GET", "/health", {"method": "GET", "endpoint": "status.health", "status": "2xx"}),
        ("HEAD", "/catalog", {"method": "HEAD", "endpoint": "downloads.catalogue", "status": "2xx"}),
        ("GET", "/static/style.css", {"method": "GET", "endpoint": "static", "status": "2xx"}),
        ("POST", "/health", {"method": "POST", "endpoint": "none", "status": "4xx"}),
        ("BREW", "/sparql", {"method": "other", "endpoint": "none", "status": "4xx"}),
        ("GET", "/id/authority/de-dortmund", {"method": "GET", "endpoint": "documents.thing", "status": "3xx"}),
    ],
)
def test_a_request_is_counted_by_its_endpoint(
    client: FlaskClient, method: str, path: str, labels: dict[str, str]
) -> None:
    client.get("/metrics")

    def ask() -> None:
        client.open(path, method=method).close()

    assert change(client, ask, "kg_http_requests_total", **labels) == 1


def test_latency_is_counted_into_buckets(client: FlaskClient) -> None:
    name, labels = "kg_http_request_seconds_bucket", {"endpoint": "status.health"}
    assert change(client, lambda: client.get("/health"), name, le="+Inf", **labels) == 1
    assert change(client, lambda: client.get("/health"), name, le="30.0", **labels) == 1


def test_what_was_not_modified_is_counted(client: FlaskClient) -> None:
    etag = client.get("/catalog.ttl").headers["ETag"]
    name = "kg_http_not_modified_total"
    assert change(client, lambda: client.get("/catalog.ttl", headers={"If-None-Match": etag}), name) == 1
    assert change(client, lambda: client.get("/catalog.ttl"), name) == 0


def broken(_environ: object, _start_response: object) -> list[bytes]:
    raise RuntimeError


def test_a_request_that_breaks_everything_is_counted_as_500(release: Release) -> None:
    app = Flask(__name__)
    app.config.update(ENGINE=None, RELEASE=release)
    app.wsgi_app = broken  # type: ignore[method-assign]
    from webapp import observing

    numbers = Numbers()
    observing.install(app, numbers, None)
    with pytest.raises(RuntimeError):
        app.test_client().get("/")
    assert total(parsed(numbers.text("1").decode()), "kg_http_requests_total", status="5xx", endpoint="none") == 1


@pytest.mark.parametrize(
    ("query", "outcome"),
    [
        (SELECT, "ok"),
        ("SELECT nonsense", "syntax error"),
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "forbidden"),
    ],
)
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_a_public_query_is_counted_by_its_outcome(client: FlaskClient, query: str, outcome: str, accept: str) -> None:
    def ask() -> None:
        client.post("/sparql", data={"query": query}, headers={"Accept": accept})

    assert change(client, ask, "kg_queries_total", outcome=outcome) == 1
    assert change(client, ask, "kg_queries_total") == 1


def test_a_refused_update_counts_as_forbidden(client: FlaskClient) -> None:
    def update() -> None:
        client.post("/sparql", data={"update": "DROP ALL"})

    assert change(client, update, "kg_queries_total", outcome="forbidden") == 1


@pytest.mark.parametrize(
    ("happens", "outcome"),
    [
        (Answer("select", "text/csv", b"", 0, None, 0), "ok"),
        (Answer("select", "text/csv", b"", 0, "rows", 0), "truncated"),
        (QuerySyntaxError("no"), "syntax error"),
        (QueryForbiddenError("no"), "forbidden"),
        (QueryTimeoutError(1), "timeout"),
        (QueryTooLargeError("no"), "too large"),
        (EngineBusyError("no"), "busy"),
        (QueryError("no"), "refused"),
        (RuntimeError("no"), "failed"),
    ],
)
def test_every_end_of_a_query_has_its_number(happens: Answer | Exception, outcome: str) -> None:
    numbers = Numbers()

    def answer(_query: str, **_: object) -> Answer:
        assert total(parsed(numbers.text("1").decode()), "kg_queries_under_way") == 1
        if isinstance(happens, Exception):
            raise happens
        return happens

    with suppress(QueryError, RuntimeError):
        ObservedEngine(SimpleNamespace(answer=answer), numbers).answer(ASK)  # type: ignore[arg-type]
    seen = parsed(numbers.text("1").decode())
    assert total(seen, "kg_queries_under_way") == 0
    assert {dict(labels)["outcome"]: n for (name, labels), n in seen.items() if name == "kg_queries_total" and n} == {
        outcome: 1
    }


def test_hostile_paths_and_methods_make_no_new_labels(client: FlaskClient) -> None:
    def labels() -> set[tuple[str, str]]:
        return {pair for name, pairs in parsed(client.get("/metrics").text) for pair in pairs if pair[0] != "le"}

    own = {rule.endpoint for rule in client.application.url_map.iter_rules()} | {"none"}
    for number, path in enumerate([*HOSTILE, *(f"/x{number}/y" for number in range(30))]):
        client.get(path)
        client.open(path, method=f"M{number}")
    seen = labels()
    assert {value for name, value in seen if name == "endpoint"} <= own
    methods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"}
    assert {value for name, value in seen if name == "method"} <= methods
    assert {value for name, value in seen if name == "status"} <= {"1xx", "2xx", "3xx", "4xx", "5xx"}


@pytest.fixture
def logged(release: Release, app: Flask, tmp_path: Path) -> tuple[FlaskClient, Callable[[], list[dict[str, Any]]]]:
    """A client of a site that logs, and what it has logged so far."""
    file = tmp_path / "access.log"
    client = site(release, app.config["ENGINE"].unobserved, AccessLog(str(file)))
    return client, lambda: [json.loads(line) for line in file.read_text(encoding="ascii").splitlines()]


Logged = tuple[FlaskClient, Callable[[], list[dict[str, Any]]]]


def test_a_request_is_a_line(logged: Logged, release: Release) -> None:
    client, lines = logged
    body = client.get("/catalog.ttl").data
    (line,) = lines()
    assert set(line) == FIELDS
    assert line["time"].endswith("+00:00")
    assert 0 < line["milliseconds"] < 60_000
    assert (line["method"], line["endpoint"], line["path"]) == ("GET", "downloads.catalogue", "/catalog.ttl")
    assert (line["status"], line["bytes"], line["release"]) == (200, len(body), release.version)


def test_the_log_knows_a_query_by_its_hash_only(logged: Logged) -> None:
    client, lines = logged
    address = f"/sparql?query={quote(SELECT)}"
    etag = client.get(address).headers["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    client.post("/sparql", data={"query": SELECT})
    client.post("/sparql", data=SELECT, content_type="application/sparql-query")
    client.get(address, headers={"Accept": "image/png"})
    expected = hashlib.sha256(SELECT.encode()).hexdigest()[:16]
    assert [(line["status"], line["query"]) for line in lines()[:4]] == [
        (status, expected) for status in (200, 304, 200, 200)
    ]
    assert [line["query"] for line in lines()[4:]] == [expected]
    assert [line["bytes"] for line in lines() if line["status"] == 304] == [0]


def test_the_log_holds_nothing_personal(logged: Logged) -> None:
    client, lines = logged
    headers = {
        "User-Agent": "Mosaic", "Referer": "http://referred.example/", "Cookie": "id=cookie-of-mine",
        "X-Forwarded-For": "198.51.100.7", "Authorization": "Basic Geheimnis",
    }  # fmt: skip
    client.get("/de/search?q=Ersonnenstadt", headers=headers)
    client.get("/sparql?query=" + quote('ASK { ?s ?p "Geheimnis" }'), headers=headers)
    client.post("/sparql", data={"query": 'ASK { ?s ?p "Geheimnis" }'}, headers=headers)
    assert len(lines()) == 3
    assert not [word for word in PERSONAL if word in json.dumps(lines())]


@pytest.mark.parametrize("path", HOSTILE)
def test_nobody_writes_lines_of_their_own(logged: Logged, path: str) -> None:
    client, lines = logged
    client.get(path)
    (line,) = lines()
    assert set(line) == FIELDS
    assert len(json.dumps(line)) < 4096


def test_a_log_that_breaks_costs_no_request(release: Release, app: Flask) -> None:
    client = site(release, app.config["ENGINE"], AccessLog("/dev/full"))
    assert client.get("/health").status_code == 200


def sent(address: str, path: str) -> None:
    """Asks for `path` on a connection of its own, so that either worker may take it."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        while connection.recv(65536):
            pass


def workers_of(process_id: int, folder: Path) -> set[int]:
    """Page workers that have counted something."""
    owners = {int(path.stem.rpartition("_")[2]) for path in folder.glob("counter_*.db")}
    return {owner for owner in owners if owner != process_id and Path(f"/proc/{owner}").exists()}


def test_numbers_and_lines_add_up_over_the_workers(release: Release, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    arguments = ("--release", str(release.folder), "--workers", "2", "--access-log", str(log))
    with serving(*arguments, TMPDIR=str(tmp_path)) as (address, process):
        (folder,) = tmp_path.glob("kg-serve-*/numbers")
        asked = 0
        while asked < 40 or (len(workers_of(process.pid, folder)) < 2 and asked < 2000):
            sent(address, "/catalog.ttl")
            asked += 1
        first, second = workers_of(process.pid, folder)
        for _ in range(5):  # whichever worker is asked
            numbers = parsed(fetch(f"{address}/metrics")[2].decode())
            assert total(numbers, "kg_http_requests_total", endpoint="downloads.catalogue", status="2xx") == asked
        os.kill(first, signal.SIGKILL)
        for _ in range(500):
            if Path(f"/proc/{first}").exists():
                time.sleep(0.02)
        numbers = parsed(until_answered(f"{address}/metrics").decode())
        assert total(numbers, "kg_http_requests_total", endpoint="downloads.catalogue", status="2xx") == asked
        assert not list(folder.glob(f"gauge_live*_{first}.db")), "what a dead worker had under way is forgotten"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    lines = [json.loads(line) for line in log.read_text(encoding="ascii").splitlines()]
    assert len([line for line in lines if line["path"] == "/catalog.ttl"]) == asked
    assert not list(tmp_path.glob("kg-serve-*")), "nothing is left behind"
    assert second != first


def until_answered(address: str) -> bytes:
    for _ in range(100):
        with suppress(OSError):
            return fetch(address)[2]
        time.sleep(0.05)
    pytest.fail(f"{address} does not answer")


def test_the_log_goes_to_standard_error_when_asked(release: Release) -> None:
    with serving("--release", str(release.folder), "--workers", "1", "--access-log", "-") as (address, process):
        assert process.stderr
        assert process.stderr.readline().startswith("Release ")
        sent(address, "/nowhere")
        lines = [json.loads(process.stderr.readline()) for _ in range(2)]
    assert [(line["path"], line["status"]) for line in lines] == [("/health", 200), ("/nowhere", 404)]


def test_without_the_option_nothing_is_logged_and_a_bad_one_is_refused(release: Release) -> None:
    with serving("--release", str(release.folder), "--workers", "1") as (address, process):
        sent(address, "/nowhere")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert process.stderr
        assert len(process.stderr.read().splitlines()) == 1
    with pytest.raises(pytest.fail.Exception, match="--access-log: /nowhere/log cannot be written"):  # noqa: SIM117
        with serving("--release", str(release.folder), "--access-log", "/nowhere/log"):
            pass
