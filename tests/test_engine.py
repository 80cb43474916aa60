"""The query engine from outside, with real worker processes; and its parts, which run in workers, in this process."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import (
    Literal,
    NamedNode,
    Quad,
    QueryResultsFormat,
    RdfFormat,
    Store,
    parse,
    parse_query_results,
)

from kg.engine import Answer, Engine, cutting, evaluation, messages, supervisor, worker
from kg.engine.evaluation import evaluate
from kg.engine.messages import BEGUN, Job
from kg.engine.worker import Task
from kg.errors import (
    EngineBusyError,
    QueryError,
    QueryForbiddenError,
    QuerySyntaxError,
    QueryTimeoutError,
    QueryTooLargeError,
)
from kg.namespaces import Names
from kg.settings import Settings
from kg.sparql_syntax import Outline

BASE = "https://data.example.org/"
NAMES = Names(BASE)
GRAPH = {name: NAMES.graph(name).value for name in ("asserted", "derived", "codes", "evidence")}
MEBIBYTE = 1 << 20
ENDLESS = "SELECT (COUNT(*) AS ?n) { " + "".join(f"?s{i} ?p{i} ?o{i} . " for i in range(6)) + "}"
LARGE = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a"
RESULTS = {
    item.media_type.partition(";")[0]: item
    for item in (QueryResultsFormat.JSON, QueryResultsFormat.XML, QueryResultsFormat.TSV)
}
GRAPHS = {
    item.media_type: item
    for item in (
        RdfFormat.TURTLE, RdfFormat.N_TRIPLES, RdfFormat.RDF_XML, RdfFormat.JSON_LD, RdfFormat.TRIG, RdfFormat.N_QUADS,
    )
}  # fmt: skip


def small_store() -> Store:
    """100 statements in each of three default graphs, 3 in a graph that is not one of them."""
    store = Store()
    for graph, count in (("asserted", 100), ("derived", 100), ("codes", 100), ("evidence", 3)):
        node, predicate = NAMES.graph(graph), NamedNode(f"{BASE}{graph}")
        store.extend(
            Quad(NamedNode(f"{BASE}{number}"), predicate, Literal(f"{graph} {number}"), node) for number in range(count)
        )
    return store


@pytest.fixture(scope="module")
def store() -> Store:
    return small_store()


@pytest.fixture(scope="module")
def engine(store: Store) -> Iterator[Engine]:
    with Engine(store, NAMES, Settings(query_seconds=20, query_memory=48 * MEBIBYTE)) as started:
        yield started


@pytest.fixture
def one_worker(store: Store) -> Iterator[Engine]:
    """An engine whose only worker can be watched and kept busy."""
    with Engine(store, NAMES, Settings(query_seconds=20), workers=1, queue=1, wait_seconds=20) as started:
        yield started


def count(engine: Engine, query: str, **options: Any) -> int:
    body = json.loads(engine.answer(query, **options).body)
    (row,) = body["results"]["bindings"]
    return int(row["n"]["value"])


def workers_of(engine: Engine) -> list[int]:
    pid = engine._supervisor
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def has_ended(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], 20)[0])


def occupied(engine: Engine, query: str = ENDLESS) -> socket.socket:
    """A connection over which a worker surely has begun to answer."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(20)
    connection.connect(engine._address)
    messages.send_job(connection, job(query, seconds=20.0))
    assert connection.recv(1) == BEGUN
    return connection


def job(query: str, **other: Any) -> Job:
    settings: dict[str, Any] = {
        "media_type": None,
        "graphs": [GRAPH["asserted"], GRAPH["derived"], GRAPH["codes"]],
        "named_graphs": None,
        "base_iri": BASE,
        "seconds": 10.0,
        "rows": 1000,
        "bytes": MEBIBYTE,
    }
    return Job(query=query, **(settings | other))


class TestAnswers:
    @pytest.mark.parametrize("media_type", RESULTS)
    def test_rows(self, engine: Engine, media_type: str) -> None:
        query = f"SELECT ?s ?o {{ ?s <{BASE}asserted> ?o }} ORDER BY ?o LIMIT 2"
        answer = engine.answer(query, media_type=media_type)
        solutions = parse_query_results(answer.body, format=RESULTS[media_type])
        assert [solution["o"].value for solution in solutions] == ["asserted 0", "asserted 1"]
        assert (answer.kind, answer.rows, answer.truncated) == ("select", 2, None)
        assert answer.media_type.startswith(media_type)

    def test_rows_as_csv(self, engine: Engine) -> None:
        answer = engine.answer("SELECT ?s ?o { ?s ?p ?o FILTER(?o = 'codes 7') }", media_type="text/csv")
        assert answer.body == f"s,o\r\n{BASE}7,codes 7\r\n".encode()
        assert answer.rows == 1

    @pytest.mark.parametrize("media_type", [*RESULTS, "text/csv"])
    def test_truth(self, engine: Engine, media_type: str) -> None:
        answer = engine.answer("ASK { ?s ?p 'codes 7' }", media_type=media_type)
        assert b"true" in answer.body
        assert (answer.kind, answer.rows) == ("ask", None)

    @pytest.mark.parametrize("media_type", GRAPHS)
    def test_graph(self, engine: Engine, media_type: str) -> None:
        query = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(?o IN ('codes 7', 'codes 8')) }"
        answer = engine.answer(query, media_type=media_type)
        quads = list(parse(answer.body, format=GRAPHS[media_type]))
        assert {quad.object.value for quad in quads} == {"codes 7", "codes 8"}
        assert (answer.kind, answer.rows, answer.media_type) == ("graph", 2, media_type)

    def test_formats_by_default(self, engine: Engine) -> None:
        assert engine.answer("ASK {}").media_type == "application/sparql-results+json"
        assert engine.answer(f"DESCRIBE <{BASE}7>").media_type == "text/turtle"

    def test_relative_iris_are_ours_unless_another_base_is_given(self, engine: Engine) -> None:
        query = "CONSTRUCT { <s> <p> 1 } {}"
        (ours,) = parse(engine.answer(query).body, format=RdfFormat.TURTLE)
        (other,) = parse(engine.answer(query, base_iri="http://other.org/").body, format=RdfFormat.TURTLE)
        assert ours.subject == NamedNode(f"{BASE}s")
        assert other.subject == NamedNode("http://other.org/s")

    def test_time_is_told(self, engine: Engine) -> None:
        assert engine.answer("ASK {}").seconds > 0

    @pytest.mark.parametrize(("query", "media_type"), [("ASK {}", "text/turtle"), (f"DESCRIBE <{BASE}7>", "text/csv")])
    def test_format_of_another_kind(self, engine: Engine, query: str, media_type: str) -> None:
        with pytest.raises(QueryError, match="cannot be written as"):
            engine.answer(query, media_type=media_type)


COUNT = "SELECT (COUNT(*) AS ?n) %s { ?s ?p ?o }"
COUNT_NAMED = "SELECT (COUNT(*) AS ?n) %s { GRAPH ?g { ?s ?p ?o } }"


class TestDataset:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            (COUNT % "", 300),
            (COUNT_NAMED % "", 303),
            (COUNT % f"FROM <{GRAPH['evidence']}>", 3),
            (COUNT % f"FROM <{GRAPH['asserted']}> FROM <{GRAPH['evidence']}>", 103),
            (COUNT % "FROM <graph/evidence>", 3),
            (COUNT % f"FROM <{BASE}unknown>", 0),
            (COUNT % "FROM <file:///etc/passwd>", 0),
            (COUNT % f"FROM NAMED <{GRAPH['evidence']}>", 0),
            (COUNT_NAMED % f"FROM NAMED <{GRAPH['evidence']}>", 3),
            (COUNT_NAMED % f"FROM <{GRAPH['evidence']}>", 0),
            (f"PREFIX g: <{BASE}graph/> " + COUNT % "from g:evidence", 3),
            ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER(?o != ' FROM ') }", 300),
            (f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{GRAPH['evidence']}> {{ ?s ?p ?o }} }}", 3),
            ("SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }", 100),
        ],
    )
    def test_of_the_query(self, engine: Engine, query: str, expected: int) -> None:
        assert count(engine, query) == expected

    @pytest.mark.parametrize(
        ("query", "default", "named", "expected"),
        [
            (COUNT % "", ["evidence"], [], 3),
            (COUNT % "", ["asserted", "evidence"], [], 103),
            (COUNT % "", ["evidence", "evidence"], [], 3),
            (COUNT % "", [], ["evidence"], 0),
            (COUNT_NAMED % "", [], ["evidence", "codes"], 103),
            (COUNT_NAMED % "", ["evidence"], [], 0),
            (COUNT % f"FROM <{GRAPH['asserted']}>", ["evidence"], [], 3),
            (COUNT_NAMED % f"FROM NAMED <{GRAPH['asserted']}>", ["codes"], ["evidence"], 3),
        ],
    )
    def test_of_the_protocol_wins(
        self, engine: Engine, query: str, default: list[str], named: list[str], expected: int
    ) -> None:
        graphs = {"default_graphs": [GRAPH[name] for name in default], "named_graphs": [GRAPH[name] for name in named]}
        assert count(engine, query, **graphs) == expected

    def test_unknown_graph_is_empty(self, engine: Engine) -> None:
        assert count(engine, COUNT % "", default_graphs=[f"{BASE}unknown"]) == 0

    def test_graph_that_is_no_iri(self, engine: Engine) -> None:
        with pytest.raises(QueryError, match="IRI"):
            engine.answer(COUNT % "", default_graphs=["no iri"])


class TestRefused:
    @pytest.mark.parametrize(
        ("query", "line", "column", "words"),
        [
            ("", 1, 1, "empty"),
            ("SELEC * {}", 1, 1, "SELEC"),
            ("SELECT * {}\nORDER BY ", 2, 7, "missing behind"),
            ("SELECT *\nWHERE { ?s ?p ?o\n", 2, 7, "never closed"),
            ("SELECT * { ?s ?p ?o } }", 1, 23, "closes nothing"),
            ("SELECT * {\n ?s ?p (1 }", 2, 8, "not closed before"),
            ("SELECT * {\n ?s ?p 'abc }", 2, 8, "never closed on its line"),
            ("PREFIX a: <b>\nSELECT * {\n  ?s a:b c:d }", 3, 10, "prefix c: is not declared"),
            ("SELECT * { ?s ?p <http://a b> }", 1, 18, "IRI"),
            ("SELECT * { ?s ?p ?o LIMIT 10 }", 1, 21, "LIMIT"),
            ("SELECT ?s WHERE { ?s ?p ?o }\nLIMIT ten", 2, 7, "ten"),
            ("SELECT ?s (COUNT(?o) AS ?n) { ?s ?p ?o }", 1, 41, "variable that is unbound"),
            ("SELECT * { ?s ?p ?o . FILTER ?o > 3 }", 1, 30, "?o"),
            ("SELECT * { ?s ?p ?o . BIND(1 AS ?s) }", 1, 37, "cannot be read"),
            ("ASK {} {", 1, 8, "never closed"),
        ],
    )
    def test_unreadable(self, store: Store, query: str, line: int, column: int, words: str) -> None:
        with pytest.raises(QuerySyntaxError, match=words.replace("?", r"\?")) as caught:
            evaluate(store, job(query), {})
        assert (caught.value.line, caught.value.column) == (line, column)

    def test_place_of_a_mistake(self, engine: Engine) -> None:
        with pytest.raises(QuerySyntaxError, match="prefix c: is not declared") as caught:
            engine.answer("SELECT * {\n  ?s ?p c:d }")
        assert (caught.value.line, caught.value.column) == (2, 9)

    def test_message_without_a_place_is_passed_on(self) -> None:
        error = evaluation.diagnosed("ASK {}", "too odd")
        assert (str(error), error.line, error.column) == ("too odd", None, None)

    @pytest.mark.parametrize(
        "query",
        [
            "INSERT DATA { <a> <b> <c> }",
            "PREFIX a: <b>\n# SELECT\nDELETE WHERE { ?s ?p ?o }",
            "BASE <http://e/> WITH <g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
            *(f"{verb} <a>" for verb in ("LOAD", "clear", "DROP", "CREATE GRAPH", "ADD", "MOVE", "COPY")),
        ],
    )
    def test_update(self, engine: Engine, query: str) -> None:
        with pytest.raises(QueryForbiddenError, match="read-only"):
            engine.answer(query)

    @pytest.mark.parametrize("silent", ["", "SILENT "])
    def test_service(self, engine: Engine, silent: str) -> None:
        with pytest.raises(QueryForbiddenError, match="SERVICE"):
            engine.answer(f"SELECT * {{ SERVICE {silent}<http://127.0.0.1/> {{ ?s ?p ?o }} }}")

    @pytest.mark.parametrize(
        "query",
        [
            "ASK { FILTER('SERVICE <http://e/> {}' = ?x) }",
            "ASK { } # SERVICE <http://e/> {}",
            "PREFIX SERVICE: <http://e/> ASK { ?SERVICE SERVICE:SERVICE <http://e/SERVICE> }",
        ],
    )
    def test_the_word_service_is_not(self, engine: Engine, query: str) -> None:
        assert engine.answer(query).kind == "ask"

    def test_unknown_function(self, engine: Engine) -> None:
        with pytest.raises(QueryError, match="not supported"):
            engine.answer("SELECT (<http://e/f>(1) AS ?x) {}")


class TestLimits:
    def test_time(self, engine: Engine) -> None:
        with pytest.raises(QueryTimeoutError) as caught:
            engine.answer(ENDLESS, seconds=0.2)
        assert caught.value.seconds == 0.2
        assert count(engine, COUNT % "") == 300

    def test_a_longer_time_cannot_be_had(self, store: Store) -> None:
        with (
            Engine(store, NAMES, Settings(query_seconds=0.2)) as engine,
            pytest.raises(QueryTimeoutError, match=r"0\.2"),
        ):
            engine.answer(ENDLESS, seconds=1000)

    def test_memory(self, engine: Engine) -> None:
        with pytest.raises(QueryTooLargeError, match="memory"):
            engine.answer(LARGE)
        assert count(engine, COUNT % "") == 300

    @pytest.mark.parametrize(
        "query", ["ASK " + "{" * 6000 + "}" * 6000, f"ASK {{ FILTER({'(' * 60_000}1{')' * 60_000}) }}"]
    )
    def test_nesting(self, engine: Engine, query: str) -> None:
        with pytest.raises(QueryTooLargeError, match="nesting"):
            engine.answer(query)
        assert count(engine, COUNT % "") == 300

    def test_rows(self, engine: Engine) -> None:
        answer = engine.answer("SELECT * { ?s ?p ?o }", rows=5)
        content = json.loads(answer.body)
        assert (answer.rows, answer.truncated) == (5, "rows")
        assert len(content["results"]["bindings"]) == 5
        assert content["head"]["truncated"] == {"reason": "rows", "rows": 5}

    def test_as_many_rows_as_allowed_are_whole(self, engine: Engine) -> None:
        answer = engine.answer("SELECT * { ?s ?p ?o }", rows=300)
        assert (answer.rows, answer.truncated) == (300, None)
        assert "truncated" not in json.loads(answer.body)["head"]


class TestWorkers:
    def test_nothing_can_be_opened(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        """A SERVICE that nobody noticed finds no descriptor; the listener sees nothing."""
        monkeypatch.setattr(evaluation, "outline", lambda _query: Outline("SELECT"))
        with (
            socket.create_server(("127.0.0.1", 0)) as listener,
            Engine(store, NAMES, Settings(query_seconds=20)) as engine,
        ):
            service = f"<http://127.0.0.1:{listener.getsockname()[1]}/> {{ ?s ?p ?o }}"
            with pytest.raises(QueryForbiddenError, match="open files"):
                engine.answer(f"SELECT * {{ SERVICE {service} }}")
            assert engine.answer(f"SELECT * {{ SERVICE SILENT {service} }}").rows == 1
            listener.setblocking(False)
            with pytest.raises(BlockingIOError):
                listener.accept()

    def test_what_a_worker_may_do(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        def look(_store: Store, asked: Job, _prefixes: object) -> Answer:
            found = {"open": tried(lambda: os.open("/dev/null", os.O_RDONLY)), "socket": tried(socket.socket)}
            found |= {"nice": os.nice(0), "descriptors": [number for number in range(64) if is_open(number)]}
            return Answer("ask", "", json.dumps(found).encode(), None, None, 0.0)

        niceness = os.nice(0)
        with socket.socket() as kept_open:
            monkeypatch.setattr(worker, "evaluate", look)
            with Engine(store, NAMES, Settings(query_seconds=20)) as engine:
                found = json.loads(engine.answer("").body)
            assert kept_open.fileno() > 2
        assert found["open"] == found["socket"] == "EMFILE"
        assert found["nice"] == min(niceness + 10, 19)
        assert found["descriptors"] == [0, 1, 2, 3, 4]

    def test_an_asker_who_hangs_up_ends_the_query(self, one_worker: Engine) -> None:
        (pid,) = workers_of(one_worker)
        watched = os.pidfd_open(pid)
        occupied(one_worker).close()
        assert has_ended(watched)
        os.close(watched)
        assert count(one_worker, COUNT % "") == 300

    def test_a_killed_worker_costs_one_query(self, one_worker: Engine) -> None:
        (pid,) = workers_of(one_worker)
        with occupied(one_worker) as connection:
            os.kill(pid, signal.SIGKILL)
            with pytest.raises(EngineBusyError, match="stopped"):
                messages.receive_reply(connection_that_has_begun(connection), job(ENDLESS))
        assert count(one_worker, COUNT % "") == 300

    def test_a_failure_that_nobody_foresaw_costs_one_query(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(_store: Store, asked: Job, _prefixes: object) -> Answer:
            if asked.query == "fail":
                raise ArithmeticError
            return evaluate(store, asked, {})

        monkeypatch.setattr(worker, "evaluate", fail)
        with Engine(store, NAMES, Settings(query_seconds=20), workers=1) as engine:
            with pytest.raises(EngineBusyError, match="stopped"):
                engine.answer("fail")
            assert count(engine, COUNT % "") == 300

    def test_a_worker_that_has_grown_is_replaced(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(worker, "_KEPT_KIBIBYTES", 8 << 10)
        with Engine(store, NAMES, Settings(query_seconds=20), workers=1) as engine:
            (pid,) = workers_of(engine)
            watched = os.pidfd_open(pid)
            # Larger than what malloc would take from the room that the parent has freed.
            query, xml = "SELECT * { ?a ?b ?c . ?d ?e ?f }", "application/sparql-results+xml"
            assert len(engine.answer(query, media_type=xml).body) > 32 << 20
            assert has_ended(watched)
            os.close(watched)
            assert count(engine, COUNT % "") == 300

    def test_sigterm_is_for_the_parent(self, one_worker: Engine) -> None:
        for pid in (one_worker._supervisor, *workers_of(one_worker)):
            os.kill(pid, signal.SIGTERM)
        assert count(one_worker, COUNT % "") == 300


class TestManyAskers:
    def test_threads(self, engine: Engine) -> None:
        found: list[int] = []
        asked = [COUNT % f"FROM <{graph}>" for graph in GRAPH.values()]

        def ask() -> None:
            for query in asked:
                found.append(count(engine, query))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(found) == sorted([100, 100, 100, 3] * 8)

    def test_forked_processes(self, engine: Engine) -> None:
        children = [forked(lambda: [count(engine, COUNT % "") for _ in range(10)] == [300] * 10) for _ in range(3)]
        assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children] == [0, 0, 0]

    def test_the_queue_is_bounded(self, one_worker: Engine) -> None:
        with occupied(one_worker), socket.socket(socket.AF_UNIX) as waiting:
            waiting.connect(one_worker._address)
            with pytest.raises(EngineBusyError, match="too many"):
                one_worker.answer("ASK {}")

    def test_waiting_ends(self, store: Store) -> None:
        with (
            Engine(store, NAMES, Settings(), workers=1, wait_seconds=0.05) as engine,
            occupied(engine),
            pytest.raises(EngineBusyError, match="too many"),
        ):
            engine.answer("ASK {}")


class TestStartAndStop:
    def test_not_started(self, store: Store) -> None:
        with pytest.raises(EngineBusyError, match="not running"):
            Engine(store, NAMES, Settings()).answer("ASK {}")

    def test_a_start_that_fails(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("kg.engine.client.supervise", lambda *_: os._exit(1))
        engine = Engine(store, NAMES, Settings())
        with pytest.raises(EngineBusyError, match="could not be started"):
            engine.start()
        assert not Path(engine._address).parent.exists()

    def test_stopped(self, store: Store) -> None:
        engine = Engine(store, NAMES, Settings())
        engine.start()
        folder = Path(engine._address).parent
        watched = [os.pidfd_open(pid) for pid in workers_of(engine)]
        assert folder.stat().st_mode & 0o777 == 0o700
        engine.stop()
        engine.stop()
        assert all(has_ended(descriptor) for descriptor in watched)
        for descriptor in watched:
            os.close(descriptor)
        assert not folder.exists()
        with pytest.raises(EngineBusyError, match="not running"):
            engine.answer("ASK {}")

    def test_stopping_in_a_page_worker_stops_nothing(self, engine: Engine) -> None:
        pid = forked(lambda: engine.stop() is None)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        assert count(engine, COUNT % "") == 300

    @pytest.mark.parametrize("busy", [False, True])
    def test_nobody_outlives_a_parent_that_is_killed(self, busy: bool) -> None:
        script = textwrap.dedent(
            f"""
            import sys
            from tests.test_engine import ENDLESS, Engine, NAMES, Settings, occupied, small_store, workers_of
            engine = Engine(small_store(), NAMES, Settings(query_seconds=60))
            engine.start()
            held = occupied(engine) if {busy} else None
            print(engine._address, engine._supervisor, *workers_of(engine), flush=True)
            sys.stdin.read()
            """
        )
        with subprocess.Popen(
            [sys.executable, "-c", script], cwd=Path(__file__).parent.parent, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        ) as parent:  # fmt: skip
            assert parent.stdout
            address, *pids = parent.stdout.readline().split()
            watched = [os.pidfd_open(int(pid)) for pid in pids]
            parent.kill()
            assert all(has_ended(descriptor) for descriptor in watched)
            for descriptor in watched:
                os.close(descriptor)
        assert len(pids) == 3
        assert not Path(address).parent.exists()


class TestInThisProcess:
    """What workers do, without their chains."""

    def test_attending(self, store: Store) -> None:
        task = Task(store, {"ex": BASE}, 0)
        with connected() as (asker, answerer):
            messages.send_job(asker, job("SELECT ?s { ?s ?p 'codes 7' }"))
            worker.attend(answerer, task)
            answer = messages.receive_reply(asker, job(""))
        assert answer.rows == 1
        with connected() as (asker, answerer):
            messages.send_job(asker, job("SELECT ?s {\n?s ?p"))
            worker.attend(answerer, task)
            with pytest.raises(QuerySyntaxError) as caught:
                messages.receive_reply(asker, job(""))
        assert caught.value.line == 1
        assert signal.getitimer(signal.ITIMER_REAL)[0] == 0

    def test_a_long_answer(self, store: Store) -> None:
        with connected() as (asker, answerer):
            messages.send_job(asker, job(f"SELECT ('{'x' * 100_000}' AS ?x) {{}}"))
            worker.attend(answerer, Task(store, {}, 0))
            assert len(messages.receive_reply(asker, job("")).body) > 100_000

    def test_refusing_over_a_connection(self, store: Store) -> None:
        with connected() as (asker, answerer):
            messages.send_job(asker, job("DROP ALL"))
            worker.attend(answerer, Task(store, {}, 0))
            with pytest.raises(QueryForbiddenError, match="read-only"):
                messages.receive_reply(asker, job(""))

    def test_an_asker_who_is_gone(self, store: Store) -> None:
        with connected() as (asker, answerer):
            asker.close()
            with pytest.raises(EOFError):
                worker.attend(answerer, Task(store, {}, 0))
        assert signal.getitimer(signal.ITIMER_REAL)[0] == 0

    def test_working(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        """One asker gone, one answered, then the worker has grown and ends."""
        sizes = iter([0, 0, 0, worker._KEPT_KIBIBYTES + 1])
        monkeypatch.setattr(worker.resource, "getrusage", lambda _who: SimpleNamespace(ru_maxrss=next(sizes)))
        with connected() as (gone, first), connected() as (asker, second):
            gone.close()
            messages.send_job(asker, job("ASK {}"))
            listener: Any = SimpleNamespace(accept=iter([(first, ""), (second, "")]).__next__)
            worker.work(listener, Task(store, {}, 0))
            assert messages.receive_reply(asker, job("")).kind == "ask"

    @pytest.mark.parametrize(
        ("words", "query", "kind", "told"),
        [
            (b"Fatal Python error: Aborted\n", "ASK {}", QueryTooLargeError, "memory"),
            (b"Fatal Python error: Segmentation fault\n", "ASK {}", QueryTooLargeError, "memory or nesting"),
            (b"Fatal Python error: Segmentation fault\n", "{" * 1000, QueryTooLargeError, "nesting"),
            (b"Stack (most recent call first):\n", "ASK {}", QueryTimeoutError, "within 10 seconds"),
            (b"", "ASK {}", EngineBusyError, "stopped"),
        ],
    )
    def test_last_words(self, words: bytes, query: str, kind: type[QueryError], told: str) -> None:
        with connected() as (asker, answerer):
            answerer.sendall(BEGUN + words)
            answerer.close()
            with pytest.raises(kind, match=told):
                messages.receive_reply(asker, job(query))

    def test_a_worker_that_hangs_is_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(messages, "_GRACE_SECONDS", 0.0)
        with connected() as (asker, answerer):
            answerer.sendall(BEGUN)
            with pytest.raises(QueryTimeoutError):
                messages.receive_reply(asker, job("", seconds=0.01))

    def test_an_answer_that_breaks_off(self) -> None:
        with connected() as (asker, answerer):
            answerer.sendall(BEGUN + b"=\0\0")
            answerer.close()
            with pytest.raises(EngineBusyError):
                messages.receive_reply(asker, job(""))

    def test_out_of_memory_in_python(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        def too_much(*_: object) -> None:
            raise MemoryError

        monkeypatch.setattr(evaluation, "_written", too_much)
        with pytest.raises(QueryTooLargeError, match="memory"):
            evaluate(store, job("ASK {}"), {})

    def test_a_stop_before_the_beginning(self) -> None:
        with connected() as (asker, answerer):
            answerer.close()
            with pytest.raises(EOFError):
                messages.receive_reply(asker, job(""))
        with connected() as (asker, answerer):
            answerer.sendall(b"?")
            with pytest.raises(EOFError):
                messages.receive_reply(asker, job(""))

    @pytest.mark.parametrize(
        ("query", "dataset", "expected"),
        [
            (COUNT % "", {"graphs": [GRAPH["codes"], GRAPH["codes"]]}, 100),
            (COUNT % "", {"graphs": [GRAPH["codes"]], "named_graphs": []}, 100),
            (COUNT_NAMED % "", {"graphs": [], "named_graphs": [GRAPH["evidence"]]}, 3),
            (COUNT % f"FROM <{GRAPH['evidence']}>", {}, 3),
        ],
    )
    def test_dataset(self, store: Store, query: str, dataset: dict[str, list[str]], expected: int) -> None:
        answer = evaluate(store, job(query, **dataset), {})
        assert f'"{expected}"'.encode() in answer.body

    @pytest.mark.parametrize(
        ("query", "other", "kind"),
        [
            ("ASK {}", {"media_type": "text/turtle"}, QueryError),
            ("DESCRIBE <a>", {"media_type": "text/csv"}, QueryError),
            ("DROP ALL", {}, QueryForbiddenError),
            ("SELECT * { SERVICE <a> {} }", {}, QueryForbiddenError),
            ("SELECT (<http://e/f>(1) AS ?x) {}", {}, QueryError),
        ],
    )
    def test_refusing(self, store: Store, query: str, other: dict[str, str], kind: type[QueryError]) -> None:
        with pytest.raises(kind):
            evaluate(store, job(query, **other), {})

    def test_a_service_that_went_unnoticed(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(evaluation, "outline", lambda _query: Outline("SELECT"))
        with pytest.raises(QueryForbiddenError, match="port 1"):
            evaluate(store, job("SELECT * { SERVICE <http://127.0.0.1:1/> {} }"), {})

    def test_truth(self, store: Store) -> None:
        assert evaluate(store, job("ASK {}"), {}).body == b'{"head":{},"boolean":true}'

    @pytest.mark.parametrize(("code", "words"), [(0, "grown"), (-14, "SIGALRM"), (1, "exit code 1")])
    def test_what_is_logged(self, code: int, words: str) -> None:
        _, text, *values = supervisor._words(7, code)
        assert words in text % tuple(values)


values = st.text(st.sampled_from("ab\"\\\r\n\t,;{}[]<>&'#é\U0001f600"), max_size=8) | st.sampled_from(
    ["},{", '"},{"', "},{}", "{}", '}},{"x":{', "</result>", "<result>", "\r\n", '"\r\n"', "]}}", "[]}}"]
)
tables = st.lists(st.tuples(values | st.none(), values | st.none()), max_size=6)


class TestCutting:
    """Cut answers are well-formed and hold the first rows, whatever the values are."""

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(tables, st.integers(1, 6), st.sampled_from(sorted(RESULTS)))
    def test_by_rows(self, table: list[tuple[str | None, str | None]], most: int, media_type: str) -> None:
        query = select_of(table)
        whole = evaluate(EMPTY, job(query, media_type=media_type), {})
        cut = evaluate(EMPTY, job(query, media_type=media_type, rows=most), {})
        assert whole.rows == len(table)
        assert (cut.rows, cut.truncated) == (min(most, len(table)), "rows" if most < len(table) else None)
        assert read(cut) == read(whole)[:most] == table[:most]

    @settings(max_examples=40, deadline=None, derandomize=True)
    @given(tables, st.integers(1, 6))
    def test_csv_by_rows(self, table: list[tuple[str | None, str | None]], most: int) -> None:
        whole = evaluate(EMPTY, job(select_of(table), media_type="text/csv"), {})
        cut = evaluate(EMPTY, job(select_of(table), media_type="text/csv", rows=most), {})
        assert (whole.rows, cut.rows) == (len(table), min(most, len(table)))
        assert whole.body.startswith(cut.body)
        assert (
            whole.body
            == evaluate(EMPTY, job(select_of(table[:most]), media_type="text/csv"), {}).body
            + whole.body[len(cut.body) :]
        )

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(tables, st.integers(1, 400), st.sampled_from(sorted(RESULTS)))
    def test_by_bytes(self, table: list[tuple[str | None, str | None]], most: int, media_type: str) -> None:
        query = select_of(table)
        whole = evaluate(EMPTY, job(query, media_type=media_type), {})
        try:
            cut = evaluate(EMPTY, job(query, media_type=media_type, bytes=most), {})
        except QueryTooLargeError:
            assert len(whole.body) > most
            return
        assert read(cut) == table[: cut.rows]
        assert (cut.truncated == "bytes") == (len(whole.body) > most)

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(tables, st.integers(1, 6), st.integers(1, 30), st.sampled_from(list(cutting.LAYOUTS)))
    def test_pieces_do_not_matter(
        self, table: list[tuple[str | None, str | None]], most: int, size: int, results_format: QueryResultsFormat
    ) -> None:
        body = EMPTY.query(select_of(table)).serialize(format=results_format)
        whole, pieces = (cutting.RowWriter(cutting.LAYOUTS[results_format], most, MEBIBYTE) for _ in range(2))
        with contextlib.suppress(cutting.LimitReachedError):
            whole.write(body)
        with contextlib.suppress(cutting.LimitReachedError):
            for start in range(0, len(body), size):
                pieces.write(body[start : start + size])
        whole.flush()
        assert (whole.finish(), whole.body, whole.truncated) == (pieces.finish(), pieces.body, pieces.truncated)

    def test_a_row_too_many_that_shows_at_the_end(self) -> None:
        writer = cutting.RowWriter(cutting.LAYOUTS[QueryResultsFormat.JSON], 1, MEBIBYTE)
        for piece in (b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"value":"1"}},{', b'"x":{"value":"2"}}]}}'):
            writer.write(piece)
        assert (writer.finish(), writer.truncated) == (1, "rows")

    def test_values_that_look_like_rows_do_not_stop_writing(self) -> None:
        value = "},{" * 50
        answer = evaluate(EMPTY, job(f"SELECT * {{ VALUES ?x {{ '{value}' '{value}' 3 4 }} }}", rows=3), {})
        assert (answer.rows, answer.truncated) == (3, "rows")
        assert len(json.loads(answer.body)["results"]["bindings"]) == 3

    @pytest.mark.parametrize("media_type", GRAPHS)
    @pytest.mark.parametrize(("limit", "reason"), [({"rows": 7}, "rows"), ({"bytes": 20_000}, "bytes")])
    def test_graphs(self, media_type: str, limit: dict[str, int], reason: str) -> None:
        values = " ".join(f"<{BASE}{number}>" for number in range(2000))
        query = f"CONSTRUCT {{ ?s <{BASE}p> 'value' }} WHERE {{ VALUES ?s {{ {values} }} }}"
        answer = evaluate(
            EMPTY,
            job(query, media_type=media_type, rows=limit.get("rows", 5000), bytes=limit.get("bytes", MEBIBYTE)),
            {},
        )
        assert answer.truncated == reason
        assert answer.rows == len(list(parse(answer.body, format=GRAPHS[media_type])))
        assert answer.rows == 7 or 20 < answer.rows < 2000
        assert b"truncated" in answer.body or media_type == "application/ld+json"

    def test_a_graph_that_just_fits_is_whole(self) -> None:
        query = f"CONSTRUCT {{ <{BASE}s> <{BASE}p> ?o }} WHERE {{ VALUES ?o {{ 1 2 3 }} }}"
        answer = evaluate(EMPTY, job(query, rows=3), {})
        assert (answer.rows, answer.truncated) == (3, None)

    def test_a_value_larger_than_an_answer(self) -> None:
        text = "x" * (3 * MEBIBYTE)
        for query in (f"SELECT ('{text}' AS ?x) {{}}", f"CONSTRUCT {{ <{BASE}s> <{BASE}p> '{text}' }} {{}}"):
            with pytest.raises(QueryTooLargeError, match="larger than a whole answer"):
                evaluate(EMPTY, job(query), {})


EMPTY = Store()


def select_of(table: list[tuple[str | None, str | None]]) -> str:
    rows = " ".join(f"({written(first)} {written(second)})" for first, second in table)
    return f"SELECT ?x ?y {{ VALUES (?x ?y) {{ {rows} }} }}"


def written(value: str | None) -> str:
    return "UNDEF" if value is None else str(Literal(value))


def read(answer: Answer) -> list[tuple[str | None, str | None]]:
    solutions = parse_query_results(answer.body, format=RESULTS[answer.media_type.partition(";")[0]])
    return [(text_of(solution["x"]), text_of(solution["y"])) for solution in solutions]


def text_of(term: Any) -> str | None:
    return None if term is None else term.value


def tried(action: Any) -> str:
    try:
        action()
    except OSError as error:
        return {24: "EMFILE"}.get(error.errno or 0, str(error))
    return "done"


def is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def forked(check: Any) -> int:
    """A child process that ends with 0 when `check` holds there."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        code = 0 if check() else 1
    finally:
        os._exit(code)


@contextlib.contextmanager
def connected() -> Iterator[tuple[socket.socket, socket.socket]]:
    first, second = socket.socketpair()
    first.settimeout(20)
    with first, second:
        yield first, second


def connection_that_has_begun(connection: socket.socket) -> Any:
    """`connection` again, with the sign of beginning, which was taken from it, put back in front."""
    waiting = [BEGUN]
    return SimpleNamespace(
        recv=lambda length: waiting.pop() if waiting else connection.recv(length), settimeout=connection.settimeout
    )
