"""The SPARQL 1.1 Protocol over the engine, and the query page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs

from flask import Blueprint, Response, abort, current_app, render_template, request

from kg.engine import Answer, Engine
from kg.errors import (
    EngineBusyError,
    KgError,
    QueryError,
    QueryForbiddenError,
    QuerySyntaxError,
    QueryTimeoutError,
    QueryTooLargeError,
)
from kg.sparql_syntax import form_of, may_vary
from webapp.formats import BY_NAME, Format, pick_format
from webapp.responses import release, validated
from webapp.service_description import describe_service
from webapp.urls import LANGUAGES

bp = Blueprint("sparql", __name__)
_PAGE: Final = BY_NAME["html"]
_ROWS: Final = tuple(BY_NAME[name] for name in ("json", "xml", "csv", "tsv"))
_GRAPHS: Final = tuple(BY_NAME[name] for name in ("ttl", "nt", "rdf", "jsonld", "trig", "nq"))
_STATUSES: Final[Mapping[type[KgError], tuple[int, str]]] = {
    QuerySyntaxError: (400, "The query is not SPARQL 1.1"),
    QueryForbiddenError: (403, "This endpoint only reads"),
    QueryTimeoutError: (503, "The query took too long"),
    EngineBusyError: (503, "Too many queries at once"),
    QueryTooLargeError: (500, "The query needs too much memory"),
    QueryError: (400, "The query cannot be answered"),
}


def problem(error: KgError) -> tuple[int, str, str, dict[str, Any]]:
    """Status, title, detail and further members of the answer to `error`."""
    for kind, (status, title) in _STATUSES.items():
        if isinstance(error, kind):
            place = {name: getattr(error, name, None) for name in ("line", "column")}
            return status, title, str(error), {name: value for name, value in place.items() if value}
    return 500, "Internal Server Error", str(error), {}


@bp.route("/sparql", methods=["GET", "POST"])
def sparql() -> Response:
    """A query answered (SPARQL 1.1 Protocol, section 2.1); without a query, the page or the service description."""
    asked = _asked()
    if asked.text is None:
        return _unasked()
    chosen = _choose(asked)
    if chosen is _PAGE:
        return _query_page(asked)
    return _answered(_ask(asked, chosen.media_type), chosen)


@bp.route("/sparql", methods=["OPTIONS"])
def preflight() -> Response:
    """What a browser may send from another site (Fetch standard, CORS preflight)."""
    response = Response(status=204)
    response.headers["Allow"] = response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST, OPTIONS"
    response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type"
    response.headers["Access-Control-Max-Age"] = "86400"
    return response


@dataclass(frozen=True, slots=True)
class Asked:
    """A request in the terms of the protocol; `text` is None when it holds no query."""

    text: str | None
    default_graphs: list[str]
    named_graphs: list[str]
    format: str


def _asked() -> Asked:
    fields = _fields(request.query_string)
    text = None
    if request.method == "POST":
        body = request.get_data()
        if request.mimetype == "application/sparql-query":
            text = _utf8(body)
        elif request.mimetype == "application/x-www-form-urlencoded":
            fields = {**fields, **_fields(body)}
        elif request.mimetype == "application/sparql-update":
            raise QueryForbiddenError("this endpoint is read-only; updates are refused")
        else:
            abort(415, "POST a form (application/x-www-form-urlencoded) or a query (application/sparql-query).")
    if "update" in fields:
        raise QueryForbiddenError("this endpoint is read-only; updates are refused")
    queries = fields.get("query", [])
    if len(queries) > 1 or (queries and text is not None):
        abort(400, "More than one query was sent; send one.")
    return Asked(
        text if text is not None else next(iter(queries), None),
        fields.get("default-graph-uri", []),
        fields.get("named-graph-uri", []),
        next(iter(fields.get("format", [])), ""),
    )


def _fields(encoded: bytes) -> dict[str, list[str]]:
    try:
        if re.search(rb"%(?![0-9A-Fa-f]{2})", encoded):
            raise ValueError("a % is not followed by two hexadecimal digits")
        return parse_qs(encoded.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        abort(400, f"The percent-encoding is broken: {error}.")


def _utf8(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        abort(400, f"The query is not UTF-8 at byte {error.start}.")


def _choose(asked: Asked) -> Format:
    possible = _ROWS if form_of(asked.text or "") in ("SELECT", "ASK", None) else _GRAPHS
    if asked.format:
        named = BY_NAME.get(asked.format)
        if named not in (_PAGE, *possible):
            abort(406, f"format={asked.format} does not fit; this query comes as {_names(possible)}.")
        return named
    # On equal terms a machine's format comes before the page: only browsers ask for the page by name.
    chosen = pick_format(request.headers.get("Accept", ""), (*possible, _PAGE), default=possible[0])
    if chosen is None:
        abort(406, f"Nothing fits the Accept header; this query comes as {_names(possible)}.")
    return chosen


def _names(formats: tuple[Format, ...]) -> str:
    return ", ".join(item.media_type for item in formats)


def _ask(asked: Asked, media_type: str | None) -> Answer:
    engine: Engine = current_app.config["ENGINE"]
    return engine.answer(
        asked.text or "",
        media_type=media_type,
        default_graphs=asked.default_graphs,
        named_graphs=asked.named_graphs,
    )


def _answered(answer: Answer, chosen: Format) -> Response:
    response = Response(answer.body, content_type=f"{chosen.media_type}; charset=utf-8")
    response.vary.add("Accept")
    if answer.truncated:
        response.headers["X-Truncated"] = f"{answer.truncated}; rows={answer.rows}"
        response.cache_control.no_store = True
        return response
    if request.method != "POST" and not may_vary(request.args.get("query", "")):
        return validated(response, chosen.name)
    response.cache_control.no_store = True
    return response


def _query_page(asked: Asked) -> Response:
    status, context = 200, {}
    try:
        context = _shown(_ask(asked, None))
    except QueryError as error:
        status, _, message, place = problem(error)
        context = {"error": {"message": message, **place}}
    page = render_template("sparql/query.html", language=_language(), query=asked.text, **context)
    response = Response(page, status, mimetype="text/html")
    response.vary.update(("Accept", "Accept-Language"))
    return response


def _shown(answer: Answer) -> dict[str, Any]:
    if answer.kind == "graph":
        return {"answer": answer.body.decode(), "truncated": answer.truncated, "formats": [f.name for f in _GRAPHS]}
    content = json.loads(answer.body)
    if answer.kind == "ask":
        return {"answer": content["boolean"], "formats": [item.name for item in _ROWS[:2]]}
    header = content["head"]["vars"]
    rows = [[_cell(row.get(name)) for name in header] for row in content["results"]["bindings"]]
    return {
        "table": {"header": header, "rows": rows},
        "truncated": answer.truncated,
        "formats": [item.name for item in _ROWS],
    }


def _cell(binding: Mapping[str, str] | None) -> dict[str, str | None]:
    found = binding or {}
    names = {"value": "value", "type": "type", "lang": "xml:lang", "datatype": "datatype"}
    return {name: found.get(member) for name, member in names.items()}


def _unasked() -> Response:
    chosen = pick_format(request.headers.get("Accept", ""), (*_GRAPHS[:4], _PAGE), default=BY_NAME["ttl"])
    if chosen is _PAGE:
        page = render_template("sparql/query.html", language=_language(), query="", formats=[])
        return Response(page, mimetype="text/html")
    if chosen is None:
        abort(406, f"The service is described as {_names(_GRAPHS[:4])}.")
    content = describe_service(release(), current_app.config["URLS"], chosen)
    response = Response(content, content_type=f"{chosen.media_type}; charset=utf-8")
    response.vary.add("Accept")
    return validated(response, chosen.name)


def _language() -> str:
    wanted = request.args.get("lang", "")
    return wanted if wanted in LANGUAGES else request.accept_languages.best_match(LANGUAGES, default="de") or "de"
