"""The web half: reads a release and answers HTTP; builds nothing."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from flask import Flask, Response
from flask_compress import Compress
from werkzeug.middleware.proxy_fix import ProxyFix

from kg.binding import Binder
from kg.engine import Engine
from kg.questions import Question, questions_of
from kg.search import SearchIndex
from kg.settings import Settings
from kg.store import Release
from webapp import errors, observing, rendering
from webapp.urls import Urls
from webapp.views import api, documents, downloads, pages, search, sparql, status

_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Location, ETag, Link",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer-when-downgrade",
    "X-Content-Type-Options": "nosniff",
}


def create_app(
    release: Release,
    engine: Engine,
    settings: Settings,
    search_index: SearchIndex | None = None,
    questions: Mapping[str, Question] | None = None,
    numbers: observing.Numbers | None = None,
    log: observing.AccessLog | None = None,
) -> Flask:
    """The site of one opened release; public queries are asked of `engine`."""
    app = Flask(__name__)
    app.config.update(
        RELEASE=release,
        ENGINE=engine,
        SETTINGS=settings,
        URLS=Urls(release.names.base, settings.public_url or release.names.base),
        SEARCH=search_index or SearchIndex.open(release.folder),
        QUESTIONS=questions_of(release, settings) if questions is None else questions,
        BINDER=Binder(release),
        COMPRESS_MIMETYPES=_COMPRESSED,
        COMPRESS_MIN_SIZE=1024,
        COMPRESS_STREAMS=False,  # files have their packed twins
        MAX_CONTENT_LENGTH=2 << 20,
    )
    rendering.install(app)
    errors.install(app)
    # Order matters: the pages have a route for any path and come last.
    for view in (documents, downloads, status, sparql, api, search, pages):
        app.register_blueprint(view.bp)
    app.after_request(_add_headers)
    Compress(app)
    if settings.trusted_proxies:
        _trust_proxies(app, settings.trusted_proxies)
    observing.install(app, numbers or observing.Numbers(), log)
    return app


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    # Werkzeug builds the redirect to a missing last slash from the Host header, which we never trust.
    if response.status_code == HTTPStatus.PERMANENT_REDIRECT:
        parts = urlsplit(response.location or "")
        response.location = urlunsplit(("", "", parts.path, parts.query, ""))
        response.data = b""
    return response


def _trust_proxies(app: Flask, addresses: frozenset[str]) -> None:
    inner, fixed = app.wsgi_app, ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)

    def choose(environ: dict[str, Any], start_response: Any) -> Any:  # noqa: ANN401  PEP 3333
        trusted = environ.get("REMOTE_ADDR") in addresses
        return (fixed if trusted else inner)(environ, start_response)

    app.wsgi_app = choose  # type: ignore[method-assign]


_COMPRESSED = [
    "text/html", "text/css", "text/csv", "text/plain", "text/turtle", "text/tab-separated-values",
    "application/json", "application/problem+json", "application/ld+json", "application/n-triples",
    "application/n-quads", "application/rdf+xml", "application/trig", "application/geo+json",
    "application/sparql-results+json", "application/sparql-results+xml", "image/svg+xml", "application/xml",
]  # fmt: skip
