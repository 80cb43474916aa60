"""The SPARQL 1.1 Protocol over the engine, and the query page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
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
from kg.sparql_syntax import Form, form_of, may_vary
from webapp.formats import BY_NAME, GRAPH_FORMATS, RESULTS_FORMATS, Format, named_format, pick_format
from webapp.querying import functions, text_of_example
from webapp.responses import release, validated
from webapp.service_description import describe_service

bp = Blueprint("sparql", __name__)
bp.context_processor(functions)
_PAGE: Final = BY_NAME["html"]
_DESCRIPTIONS: Final = tuple(BY_NAME[name] for name in ("ttl", "nt", "rdf", "jsonld"))
_FORMATS: Final[Mapping[Form | None, tuple[Format, ...]]] = {
    "SELECT": RESULTS_FORMATS,
    "ASK": RESULTS_FORMATS,
    "CONSTRUCT": GRAPH_FORMATS,
    "DESCRIBE": GRAPH_FORMATS,
    None: (*RESULTS_FORMATS, *GRAPH_FORMATS),  # no query at all: that is the error to tell, not 406
}
_FORM: Final = "application/x-www-form-urlencoded"
_QUERY: Final = "application/sparql-query"
_UPDATE: Final = "application/sparql-update"
_BYTES_OF_ADDRESS: Final = 64 << 10
_BYTES_OF_BODY: Final = 1 << 20
_FIELDS: Final = 100
_ROWS_OF_PAGE: Final = 1000
_SECONDS_TO_RETRY: Final = 10
_STATUSES: Final[Mapping[type[KgError], tuple[int, str]]] = {
    QuerySyntaxError: (400, "The query is not SPARQL 1.1"),
    QueryForbiddenError: (403, "This endpoint only reads"),
    QueryTimeoutError: (503, "The query took too long"),
    EngineBusyError: (503, "Too many queries at once"),
    QueryTooLargeError: (422, "The query needs too much"),
    QueryError: (400, "The query cannot be answered"),
}


def problem(error: KgError) -> tuple[int, str, str, dict[str, Any]]:
    """Status, title, detail and further members of the answer to `error`."""
    for kind, (status, title) in _STATUSES.items():
        if isinstance(error, kind):
            place = {name: getattr(error, name, None) for name in ("line", "column")}
            return status, title, str(error), {name: value for name, value in place.items() if value}
    return 500, "Internal Server Error", str(error), {}


@bp.route("/sparql", methods=["GET", "POST"], provide_automatic_options=False)
def sparql() -> Response:
    """A query answered (SPARQL 1.1 Protocol, section 2.1); without one, the page or the service description."""
    asked = _asked()
    if asked.text is None:
        return _unasked(asked)
    chosen = _chosen(asked)
    if chosen is _PAGE:
        return _query_page(asked)
    return _unchanged(asked, chosen) or _answered(asked, chosen)


@bp.route("/sparql", methods=["OPTIONS"])
def preflight() -> Response:
    """What a browser may send from another site (Fetch standard, CORS preflight)."""
    response = Response(status=204)
    response.headers["Allow"] = response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST, OPTIONS"
    response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type, If-None-Match"
    response.headers["Access-Control-Max-Age"] = "86400"
    del response.headers["Content-Type"]
    return response


@bp.after_request
def _finished(response: Response) -> Response:
    response.vary.add("Accept")
    response.headers["Access-Control-Expose-Headers"] = "ETag, Link, Result-Status, Retry-After, Server-Timing"
    if response.status_code == 503:
        response.headers["Retry-After"] = str(_SECONDS_TO_RETRY)
    return response


@dataclass(frozen=True, slots=True)
class Asked:
    """A request in the terms of the protocol; `text` is None when it holds no query."""

    text: str | None
    default_graphs: list[str]
    named_graphs: list[str]
    format: str
    seconds: float | None


def _asked() -> Asked:
    if len(request.query_string) > _BYTES_OF_ADDRESS:
        abort(414, "The address is too long; POST the query instead.")
    fields = _fields(request.query_string)
    if request.method == "POST":
        for name, values in _posted().items():
            fields.setdefault(name, []).extend(values)
    if "update" in fields:
        raise QueryForbiddenError("this endpoint is read-only; updates are refused")
    texts = fields.get("query", [])
    if len(texts) > 1:
        abort(400, "More than one query was sent; send one.")
    if not texts and request.method == "POST":
        abort(400, "No query was sent; the field is called query.")
    return Asked(
        text=texts[0] if texts else None,
        default_graphs=fields.get("default-graph-uri", []),
        named_graphs=fields.get("named-graph-uri", []),
        format=fields.get("format", [""])[0],
        seconds=_seconds(fields.get("timeout", [""])[0]),
    )


def _posted() -> dict[str, list[str]]:
    request.max_content_length = _BYTES_OF_BODY
    if request.mimetype == _UPDATE:
        raise QueryForbiddenError("this endpoint is read-only; updates are refused")
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype not in (_FORM, _QUERY) or charset not in ("utf-8", "utf8"):
        abort(415, f"POST a form ({_FORM}) or a query ({_QUERY}), in UTF-8.")
    body = request.get_data(cache=False)
    return _fields(body) if request.mimetype == _FORM else {"query": [_decoded(body)]}


def _fields(encoded: bytes) -> dict[str, list[str]]:
    if re.search(rb"%(?![0-9A-Fa-f]{2})", encoded):
        abort(400, "The percent-encoding is broken: a % must be followed by two hexadecimal digits.")
    try:
        return parse_qs(_decoded(encoded), keep_blank_values=True, errors="strict", max_num_fields=_FIELDS)
    except UnicodeDecodeError:
        abort(400, "The percent-encoding holds no UTF-8.")
    except ValueError:
        abort(400, f"More than {_FIELDS} fields were sent.")


def _decoded(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        abort(400, f"The text is not UTF-8 at byte {error.start}.")


def _seconds(text: str) -> float | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", text) or not float(text):
        abort(400, f'timeout: "{text[:40]}" is no number of seconds.')
    return float(text)


def _chosen(asked: Asked) -> Format:
    # A page comes last: on equal terms a machine's format wins, and only browsers ask for the page by name.
    possible = (*_FORMATS[form_of(asked.text or "")], _PAGE)
    if asked.format:
        chosen = named_format(asked.format, possible)
    else:
        chosen = pick_format(request.headers.get("Accept"), possible, default=possible[0])
    if chosen is None:
        abort(406, f"Nothing fits; the answer to this query comes as {_names(possible)}.")
    return chosen


def _names(formats: tuple[Format, ...]) -> str:
    return ", ".join(f"{item.media_type} ({item.name})" for item in formats)


def _unchanged(asked: Asked, chosen: Format) -> Response | None:
    """304 without running the query, when the client holds this answer already; its text alone decides that."""
    if not _lasts(asked):
        return None
    response = _validated(Response(mimetype=chosen.media_type), chosen)
    return response if response.status_code == 304 else None


def _validated(response: Response, chosen: Format) -> Response:
    # Weak: without ORDER BY the same answer may come in another order.
    response = validated(response, chosen.name)
    response.set_etag(response.get_etag()[0] or "", weak=True)
    return response


def _answered(asked: Asked, chosen: Format) -> Response:
    answer = _answer(asked, chosen.media_type)
    response = Response(answer.body, mimetype=chosen.media_type)
    response.headers["Result-Status"] = _status(answer)
    response.headers["Server-Timing"] = f"query;dur={answer.seconds * 1000:.1f}"
    if _lasts(asked) and not answer.truncated:
        return _validated(response, chosen)
    response.cache_control.no_store = True
    return response


def _lasts(asked: Asked) -> bool:
    return request.method in ("GET", "HEAD") and not may_vary(asked.text or "")


def _status(answer: Answer) -> str:
    rows = "" if answer.rows is None else f";rows={answer.rows}"
    if not answer.truncated:
        return f"complete{rows}"
    settings = current_app.config["SETTINGS"]
    limit = settings.query_rows if answer.truncated == "rows" else settings.query_bytes
    return f"truncated;reason={answer.truncated};limit={limit}{rows}"


def _answer(asked: Asked, media_type: str | None, rows: int | None = None) -> Answer:
    engine: Engine = current_app.config["ENGINE"]
    return engine.answer(
        asked.text or "",
        media_type=media_type,
        default_graphs=asked.default_graphs,
        named_graphs=asked.named_graphs,
        seconds=asked.seconds,
        rows=rows,
    )


def _query_page(asked: Asked) -> Response:
    status, shown = 200, dict[str, Any]()
    if (asked.text or "").strip():
        try:
            shown = _shown(_answer(asked, None, _ROWS_OF_PAGE))
        except QueryError as error:
            status, _, message, place = problem(error)
            shown = {"error": {"message": message, **place}}
    return _page(asked.text or "", status, shown)


def _page(query: str, status: int, shown: Mapping[str, Any]) -> Response:
    response = Response(render_template("sparql/query.html", query=query, **shown), status, mimetype="text/html")
    response.vary.add("Accept-Language")
    return response


def _shown(answer: Answer) -> dict[str, Any]:
    """What the page shows of an answer: a table, a boolean or the text of a graph."""
    formats = [item.name for item in (GRAPH_FORMATS if answer.kind == "graph" else RESULTS_FORMATS)]
    shown: dict[str, Any] = {"formats": formats, "truncated": answer.truncated, "received": answer}
    if answer.kind == "graph":
        return {**shown, "answer": answer.body.decode()}
    content = json.loads(answer.body)
    if answer.kind == "ask":
        return {**shown, "answer": content["boolean"]}
    header = content["head"]["vars"]
    rows = [[_cell(row.get(name, {})) for name in header] for row in content["results"]["bindings"]]
    return {**shown, "table": {"header": header, "rows": rows}}


def _cell(binding: Mapping[str, Any]) -> dict[str, Any]:
    names = {"value": "value", "type": "type", "lang": "xml:lang", "datatype": "datatype"}
    return {name: binding.get(member) for name, member in names.items()}


def _unasked(asked: Asked) -> Response:
    chosen = pick_format(request.headers.get("Accept"), (*_DESCRIPTIONS, _PAGE), default=_DESCRIPTIONS[0])
    if chosen is None:
        abort(406, f"Without a query this is {_names((*_DESCRIPTIONS, _PAGE))}.")
    if chosen is _PAGE:
        return _query_page(replace(asked, text=text_of_example(request.args.get("example", ""))))
    content = describe_service(release(), current_app.config["URLS"], chosen)
    return validated(Response(content, mimetype=chosen.media_type), chosen.name)
