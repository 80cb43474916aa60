"""The whole server as a process of its own, asked by real clients."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path

import pytest
from SPARQLWrapper import JSON, POST, SPARQLWrapper

from kg.store import Release
from tests.conftest import ROOT


@contextmanager
def serving(*arguments: str, **variables: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A running `kg-serve`: its address once it answers, and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "webapp.serve", "--port", str(port), *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **variables}, stderr=subprocess.PIPE, text=True)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_until_healthy(address, process)
        yield address, process
    finally:
        process.kill()
        process.communicate(timeout=10)


def wait_until_healthy(address: str, process: subprocess.Popen[str]) -> None:
    """Asks until the first answer; the process ending, not the clock, is the failure."""
    while process.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/health", timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            process.poll()
        else:
            return
    pytest.fail(f"kg-serve ended: {process.stderr.read() if process.stderr else ''}")


@pytest.fixture(scope="module")
def address(release: Release) -> Iterator[str]:
    with serving("--release", str(release.folder)) as (address, _):
        yield address


def fetch(address: str, **headers: str) -> tuple[int, Message, bytes]:
    request = urllib.request.Request(address, headers={name.replace("_", "-"): text for name, text in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def test_a_reader_follows_a_name_to_its_page(address: str) -> None:
    status, headers, body = fetch(f"{address}/id/authority/de-dortmund", Accept="text/html", Accept_Language="de")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "Amiens" in body.decode()


def test_a_machine_follows_a_name_to_turtle(address: str) -> None:
    status, headers, body = fetch(f"{address}/id/authority/de-dortmund", Accept="text/turtle")
    assert (status, headers["Content-Type"]) == (200, "text/turtle; charset=utf-8")
    assert b"de-dortmund--fr-amiens" in body


def test_answers_are_packed_when_asked_for(address: str) -> None:
    _, headers, body = fetch(f"{address}/doc/authority/de-dortmund.nt", Accept_Encoding="gzip")
    assert (headers["Content-Encoding"], body[:2]) == ("gzip", b"\x1f\x8b")
    assert "Accept-Encoding" in headers["Vary"]


@pytest.mark.parametrize("method", ["GET", POST])
def test_sparqlwrapper_asks_and_gets_rows(address: str, method: str) -> None:
    client = SPARQLWrapper(f"{address}/sparql", returnFormat=JSON)
    client.setMethod(method)
    client.setQuery(
        "PREFIX mpo: <https://w3id.org/municipal-partnerships/def/> "
        "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
        "SELECT ?name WHERE { <https://w3id.org/municipal-partnerships/id/authority/de-dortmund> mpo:partnerOf "
        "[ rdfs:label ?name ] FILTER(LANG(?name) = 'de') } ORDER BY ?name"
    )
    names = [row["name"]["value"] for row in client.query().convert()["results"]["bindings"]]
    assert {"Amiens", "Leeds", "Buffalo", "Schytomyr"} <= set(names)


def test_sigterm_ends_everything_cleanly(release: Release) -> None:
    with serving("--release", str(release.folder)) as (address, process):
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert children
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(f"{address}/health", timeout=1)
        assert not [child for child in children if Path(f"/proc/{child}").exists()]


def test_a_port_in_use_is_said(address: str, release: Release) -> None:
    port = address.rpartition(":")[2]
    command = [sys.executable, "-m", "webapp.serve", "--release", str(release.folder), "--port", port]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert f"Error: 127.0.0.1:{port} cannot be listened on (Address already in use)" in done.stderr


TRIPLE = '<http://example.org/a> <http://www.w3.org/2000/01/rdf-schema#label> "{}" .'
FILES = {
    "mine.ttl": TRIPLE.format("Turtle"),
    "mine.nt": TRIPLE.format("N-Triples"),
    "mine.nq": '<http://example.org/a> <http://www.w3.org/2000/01/rdf-schema#label> "N-Quads" <http://example.org/g> .',
    "mine.trig": "<http://example.org/g> { " + TRIPLE.format("TriG") + " }",
    "mine.jsonld": json.dumps({"@id": "http://example.org/a", "http://www.w3.org/2000/01/rdf-schema#label": "JSON-LD"}),
    "mine.rdf": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#"><rdf:Description rdf:about="http://example.org/a">'
    "<rdfs:label>RDF/XML</rdfs:label></rdf:Description></rdf:RDF>",
}


def test_any_rdf_files_are_served(tmp_path: Path) -> None:
    arguments = []
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
        arguments += ["--data", str(tmp_path / name)]
    with serving(*arguments) as (address, _):
        client = SPARQLWrapper(f"{address}/sparql", returnFormat=JSON)
        client.setQuery("SELECT ?label WHERE { <http://example.org/a> ?p ?label } ORDER BY ?label")
        labels = [row["label"]["value"] for row in client.query().convert()["results"]["bindings"]]
    assert labels == ["JSON-LD", "N-Quads", "N-Triples", "RDF/XML", "TriG", "Turtle"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--release", "/nowhere"], 1, "is no whole release"),
        (["--port", "0"], 2, "0 is not in the range"),
        (["--data", "README.md"], 1, ".md is no RDF format"),
    ],
)
def test_what_cannot_be_served_is_said(arguments: list[str], code: int, words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "webapp.serve", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, words in done.stderr, "Traceback" in done.stderr) == (code, True, False)


def test_fetch_proposes_what_another_endpoint_knows_and_we_do_not(release: Release, tmp_path: Path) -> None:
    wikidata = tmp_path / "wikidata.ttl"
    wikidata.write_text(
        "@prefix wd: <http://www.wikidata.org/entity/> . @prefix wdt: <http://www.wikidata.org/prop/direct/> . "
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . "
        'wd:Q1295 wdt:P190 wd:Q41604, wd:Q42 . wd:Q42 rdfs:label "Ersonnenstadt"@de .'
    )
    command = [sys.executable, "-m", "kg", "fetch", "--releases", str(release.folder.parent), "--endpoint"]
    with serving("--data", str(wikidata)) as (address, _):
        asked = subprocess.run([*command, f"{address}/sparql"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert asked.stdout.splitlines() == [
        "authority,item,twin,name",
        "https://w3id.org/municipal-partnerships/id/authority/de-dortmund,http://www.wikidata.org/entity/Q1295,"
        "http://www.wikidata.org/entity/Q42,Ersonnenstadt",
    ]
    refused = subprocess.run([*command, f"{address}/sparql"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (refused.returncode, "gave no answer" in refused.stderr) == (1, True)
