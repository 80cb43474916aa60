"""How the service is: for load balancers and monitors."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Final

from flask import Blueprint, Response, abort, current_app, jsonify

from kg.engine import Engine
from kg.errors import QueryError
from webapp.observing import CONTENT_TYPE, Numbers
from webapp.responses import release

bp = Blueprint("status", __name__)
_SECONDS: Final = 1.0


@bp.get("/health")
def health() -> Response:
    """200 with the version that is served, once it is loaded."""
    opened = release()
    return _now(status="ok", release=opened.version, date=opened.manifest["date"])


@bp.get("/ready")
def ready() -> Response:
    """200 when the release is loaded and queries are answered within a second, else 503."""
    probe: Probe = current_app.extensions.setdefault("probe", Probe())
    if not probe.passes(current_app.config["ENGINE"].unobserved):
        abort(503, f"The query engine gave no answer within {_SECONDS:g} s; pages may be served all the same.")
    return _now(status="ready", release=release().version)


@bp.get("/metrics")
def metrics() -> Response:
    """The numbers of all page workers together, in Prometheus' text format."""
    numbers: Numbers = current_app.config["NUMBERS"]
    response = Response(numbers.text(release().version), content_type=CONTENT_TYPE)
    response.cache_control.no_store = True
    return response


class Probe:
    """Whether an engine answers; it is asked at most once a second, however many want to know."""

    def __init__(self) -> None:
        self._lock, self._begun = threading.Lock(), 0.0
        self._answered: Future[bool] = Future()

    def passes(self, engine: Engine) -> bool:
        """Whether a query that has been asked less than a second ago is answered within a second."""
        with self._lock:
            if not self._begun or time.monotonic() - self._begun > _SECONDS:
                self._begun, self._answered = time.monotonic(), Future()
                threading.Thread(target=_ask, args=(engine, self._answered), daemon=True).start()
            left, answered = self._begun + _SECONDS - time.monotonic(), self._answered
        with suppress(TimeoutError):
            return answered.result(left)
        return False


def _ask(engine: Engine, answered: Future[bool]) -> None:
    passed = False
    try:
        with suppress(QueryError):
            passed = b"true" in engine.answer("ASK {}", seconds=_SECONDS).body
    finally:
        answered.set_result(passed)


def _now(**content: Any) -> Response:  # noqa: ANN401  whatever JSON can hold
    response = jsonify(**content)
    response.cache_control.no_store = True
    return response
