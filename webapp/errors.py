"""Errors as people and machines need them: a page, or application/problem+json (RFC 9457); never a trace."""

from __future__ import annotations

import json
import logging
from typing import Any

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from kg.errors import KgError, WithdrawnError
from webapp.formats import BY_NAME, pick_format
from webapp.responses import link_header
from webapp.urls import LANGUAGES
from webapp.views.sparql import problem

_log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Lets `app` answer every error in one of the two shapes."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(WithdrawnError, _withdrawn)
    app.register_error_handler(KgError, _kg_error)
    app.register_error_handler(Exception, _unforeseen)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    response = answer(status, error.name, error.description or "", {})
    for name, value in error.get_headers(request.environ):
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _withdrawn(error: WithdrawnError) -> Response:
    members: dict[str, Any] = {"since": error.since, "reasons": dict(error.reasons)}
    if error.successor:
        members["successor"] = error.successor
    response = answer(410, "Gone", str(error), members)
    if error.successor:
        response.headers["Link"] = link_header([(error.successor, "successor-version", "")])
    return response


def _kg_error(error: KgError) -> Response:
    status, title, detail, extra = problem(error)
    return answer(status, title, detail, extra)


def _unforeseen(error: Exception) -> Response:
    _log.error("unforeseen error at %s", request.path, exc_info=error)
    return answer(500, "Internal Server Error", "Something went wrong here; it has been logged.", {})


def answer(status: int, title: str, detail: str, extra: dict[str, Any]) -> Response:
    """The error as a page for browsers, as a problem document for everybody else."""
    chosen = pick_format(request.headers.get("Accept", ""), (BY_NAME["html"], BY_NAME["json"]), default=BY_NAME["json"])
    if chosen is BY_NAME["html"]:
        language = request.path.split("/")[1]
        if language not in LANGUAGES:
            language = request.accept_languages.best_match(LANGUAGES, default="de") or "de"
        text = render_template("error.html", language=language, status=status, title=title, detail=detail, **extra)
        response = Response(text, status, mimetype="text/html")
    else:
        body = {"type": "about:blank", "status": status, "title": title, "detail": detail, **extra}
        response = Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/problem+json")
    response.cache_control.no_store = True
    response.vary.add("Accept")
    return response
