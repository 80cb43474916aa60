"""The service seen from outside: numbers for Prometheus and a log of requests, neither with personal data.

A label never holds what a stranger wrote: methods and outcomes are of a fixed list, endpoints are our own. The log
holds no address, no user agent, no query string, and of a query only a hash.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flask import Flask, Request, has_request_context, request

from kg.engine import Answer, Engine
from kg.errors import (
    EngineBusyError,
    QueryError,
    QueryForbiddenError,
    QuerySyntaxError,
    QueryTimeoutError,
    QueryTooLargeError,
    SettingError,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from prometheus_client.core import Metric

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OUTCOMES: Final[Mapping[type[QueryError], str]] = {
    QuerySyntaxError: "syntax error",
    QueryForbiddenError: "forbidden",
    QueryTimeoutError: "timeout",
    QueryTooLargeError: "too large",
    EngineBusyError: "busy",
    QueryError: "refused",
}
_ENDPOINT: Final = "kg.endpoint"  # in the environment of a request, as is
_QUERY: Final = "kg.query"
_LONGEST_PATH: Final = 256  # so that a line stays below the 4,096 bytes that a pipe takes in one piece


class Numbers:
    """What has happened so far.

    Processes forked from the one that made this add up in `folder`, which only they may enter; without a folder
    there is but one process.
    """

    def __init__(self, folder: Path | None = None) -> None:
        if folder:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)  # the library looks there once, when imported
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self._folder, self._started = folder, time.time()
        self._registry = own = CollectorRegistry()
        labels = ("method", "endpoint", "status")
        self._requests = Counter("kg_http_requests", "Requests answered.", labels, registry=own)
        self._seconds = Histogram(
            "kg_http_request_seconds", "Time to answer.", ("endpoint",), buckets=_BUCKETS, registry=own
        )
        self._unchanged = Counter("kg_http_not_modified", "Requests answered by 304.", ("endpoint",), registry=own)
        self._queries = Counter("kg_queries", "Public queries by how they ended.", ("outcome",), registry=own)
        self._under_way = Gauge(
            "kg_queries_under_way", "Public queries that wait or run.", registry=own, multiprocess_mode="livesum"
        )
        self._known: dict[tuple[str, str, str], tuple[Counter, Histogram]] = {}
        for outcome in ("ok", "truncated", "failed", *_OUTCOMES.values()):
            self._queries.labels(outcome)

    def request(self, method: str, endpoint: str, status: int, seconds: float) -> None:
        """Counts a request that was answered."""
        key = method, endpoint, f"{status // 100}xx"
        if key not in self._known:  # the library's own look-up takes longer
            self._known[key] = self._requests.labels(*key), self._seconds.labels(endpoint)
        requests, latency = self._known[key]
        requests.inc()
        latency.observe(seconds)
        if status == 304:
            self._unchanged.labels(endpoint).inc()

    def query(self, outcome: str) -> None:
        """Counts a public query that ended."""
        self._queries.labels(outcome).inc()

    @contextmanager
    def query_under_way(self) -> Iterator[None]:
        """Counts a public query as under way meanwhile."""
        self._under_way.inc()
        try:
            yield
        finally:
            self._under_way.dec()

    def text(self, release: str) -> bytes:
        """All of it in Prometheus' text format, together with the version of the `release` that is served."""
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        facts, registry = CollectorRegistry(), self._registry
        facts.register(_Facts(release, self._started))
        if self._folder:
            self._forget_ended()
            registry = CollectorRegistry()
            MultiProcessCollector(registry, str(self._folder))  # type: ignore[no-untyped-call]
        return generate_latest(registry) + generate_latest(facts)

    def _forget_ended(self) -> None:
        """Takes back what killed processes had under way; what they had counted stays."""
        from prometheus_client.multiprocess import mark_process_dead

        for path in (self._folder or Path()).glob("gauge_live*.db"):
            pid = int(path.stem.rpartition("_")[2])
            if not Path(f"/proc/{pid}").exists():
                with suppress(FileNotFoundError):  # another process was quicker
                    mark_process_dead(pid)  # type: ignore[no-untyped-call]


class _Facts:
    """What is not counted but simply so."""

    def __init__(self, release: str, started: float) -> None:
        self._release, self._started = release, started

    def collect(self) -> Iterable[Metric]:
        from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

        yield InfoMetricFamily("kg_release", "The release that is served.", {"version": self._release})
        yield GaugeMetricFamily("kg_start_time_seconds", "When the service was started (Unix time).", self._started)


class AccessLog:
    """One JSON object a line and a request, written at once, so that the lines of many processes do not mix."""

    def __init__(self, target: str) -> None:
        """Opens the file `target`, or standard error for `-`; raises `SettingError` when that cannot be."""
        try:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            self._descriptor = 2 if target == "-" else os.open(target, flags, 0o640)
        except OSError as error:
            raise SettingError(f"--access-log: {target} cannot be written: {error.strerror}") from error

    def write(self, **entry: object) -> None:
        """Adds a line; a full disk or a closed pipe costs the line, not the request."""
        with suppress(OSError):
            os.write(self._descriptor, json.dumps(entry, separators=(",", ":")).encode() + b"\n")


class ObservedEngine:
    """The engine with its public queries counted; all but `answer` is the engine's own."""

    def __init__(self, engine: Engine, numbers: Numbers) -> None:
        self.unobserved, self._numbers = engine, numbers

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever the engine has
        return getattr(self.unobserved, name)

    def answer(self, query: str, **options: Any) -> Answer:  # noqa: ANN401  the engine's own
        """What `Engine.answer` gives or raises."""
        if has_request_context():
            request.environ[_QUERY] = query
        outcome = "failed"
        try:
            with self._numbers.query_under_way():
                answer = self.unobserved.answer(query, **options)
            outcome = "truncated" if answer.truncated else "ok"
            return answer
        except QueryError as error:
            outcome = next(name for kind, name in _OUTCOMES.items() if isinstance(error, kind))
            raise
        finally:
            self._numbers.query(outcome)


def install(app: Flask, numbers: Numbers, log: AccessLog | None) -> None:
    """Lets every request and public query of `app` be counted, and logged if there is a log."""
    app.config.update(NUMBERS=numbers, ENGINE=ObservedEngine(app.config["ENGINE"], numbers))
    app.url_value_preprocessor(_note_endpoint)
    app.wsgi_app = _watched(app.wsgi_app, app, numbers, log)  # type: ignore[assignment,method-assign]


def _note_endpoint(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    request.environ[_ENDPOINT] = endpoint


def _watched(inner: WSGIApplication, app: Flask, numbers: Numbers, log: AccessLog | None) -> WSGIApplication:
    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        begun = time.perf_counter()
        status, headers = "500", list[tuple[str, str]]()

        def noted(*arguments: Any) -> Any:  # noqa: ANN401  PEP 3333
            nonlocal status, headers
            status, headers = arguments[:2]
            return start_response(*arguments)

        try:
            return inner(environ, noted)
        finally:
            seconds = time.perf_counter() - begun
            _count(numbers, environ, int(status[:3]), seconds)
            if log:
                log.write(**_entry(environ, int(status[:3]), headers, seconds), release=app.config["RELEASE"].version)

    return answer


def _count(numbers: Numbers, environ: WSGIEnvironment, status: int, seconds: float) -> None:
    endpoint = _endpoint(environ)
    numbers.request(_method(environ), endpoint, status, seconds)
    if status == 403 and endpoint == "sparql.sparql" and _QUERY not in environ:
        numbers.query("forbidden")  # an update: it never came to the engine


def _entry(
    environ: WSGIEnvironment, status: int, headers: Iterable[tuple[str, str]], seconds: float
) -> dict[str, object]:
    empty = environ["REQUEST_METHOD"] == "HEAD" or status in (204, 304)
    lengths = [int(value) for name, value in headers if name.lower() == "content-length"]
    entry: dict[str, object] = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "method": _method(environ),
        "endpoint": _endpoint(environ),
        "path": environ.get("PATH_INFO", "").encode("latin-1", "replace").decode("utf-8", "replace")[:_LONGEST_PATH],
        "status": status,
        "bytes": 0 if empty else next(iter(lengths), None),
        "milliseconds": round(seconds * 1000, 2),
    }
    if query := _query(environ):
        entry["query"] = hashlib.sha256(query.encode("utf-8", "replace")).hexdigest()[:16]
    return entry


def _query(environ: WSGIEnvironment) -> str:
    if _QUERY in environ or _endpoint(environ) != "sparql.sparql":
        return str(environ.get(_QUERY, ""))
    # Unchanged, or refused before it was asked.
    return Request(environ, populate_request=False).args.get("query", "")


def _method(environ: WSGIEnvironment) -> str:
    method = environ["REQUEST_METHOD"]
    return method if method in _METHODS else "other"


def _endpoint(environ: WSGIEnvironment) -> str:
    """The name of the view that answered, or `none`."""
    return environ.get(_ENDPOINT) or "none"
