"""Questions as an API: each is asked by its name, with values of one's own for its parameters."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from flask import Blueprint, Response, abort, current_app, render_template, request
from markupsafe import Markup
from rapidfuzz import fuzz, process

from kg.binding import MOST_CHOICES, Binder
from kg.engine import Answer, Engine
from kg.errors import ParameterError, UnknownQuestionError, UnknownThingError
from kg.lookup import read_choices, read_kind
from kg.questions import Parameter, Question
from kg.sparql_syntax import may_vary
from webapp import errors
from webapp.asking import Asked, choose_format, formats_of, read_request
from webapp.formats import BY_NAME, Format, pick_format
from webapp.openapi import describe_api
from webapp.rendering import name as name_of
from webapp.rendering import reader
from webapp.responses import link_header, release, unchanged, validated
from webapp.tables import read_table
from webapp.urls import Urls
from webapp.wording import page_language, translated

bp = Blueprint("api", __name__)
_PAGE: Final = BY_NAME["html"]
_DOCUMENT: Final = Format("json", "application/json", "json", "page")
_TOPICS: Final = {
    "overview": "api.topic.overview", "partners": "api.topic.partners", "history": "api.topic.history",
    "actors": "api.topic.actors", "activities": "api.topic.activities", "funding": "api.topic.funding",
    "evidence": "api.topic.evidence",
}  # fmt: skip
_KINDS: Final = {
    "integer": "api.integer", "date": "api.date", "year": "api.year", "boolean": "api.boolean",
    "text": "api.text", "iri": "api.iri",
}  # fmt: skip
_NEAR_ENOUGH: Final = 60
_SECONDS_TO_RETRY: Final = 10


@bp.get("/api")
def index() -> Response:
    """Every question by topic, for people; the OpenAPI document for who asks for JSON."""
    chosen = pick_format(request.headers.get("Accept"), (_PAGE, _DOCUMENT), default=_PAGE)
    if chosen is None:
        abort(406, "This page comes as text/html, the description of the API as application/json.")
    if chosen is _DOCUMENT:
        return openapi()
    response = Response(_page(_questions().values()), mimetype="text/html")
    response.headers["Link"] = link_header([(_urls().public_address("api/openapi.json"), "service-desc", "")])
    return validated(response, _described("page"))


@bp.get("/api/openapi.json")
def openapi() -> Response:
    """What can be asked, for machines (OpenAPI 3.1)."""
    server = current_app.config["SETTINGS"].public_url.rstrip("/") or "/"
    content = describe_api(_questions().values(), _binder(), reader(), server)
    response = Response(json.dumps(content, ensure_ascii=False), mimetype="application/json")
    return validated(response, _described("openapi"))


@bp.get("/api/<name>")
@bp.get("/api/<name>.<extension>")
def question(name: str, extension: str = "") -> Response:
    """The answer to one question."""
    asked = read_request(_question(name), _binder())
    chosen = choose_format(asked, extension)
    representation = f"{chosen.name} {_sum([asked.query])}"
    held = None if may_vary(asked.query) else unchanged(chosen.media_type, representation)
    return held or _answered(asked, chosen, representation)


@bp.errorhandler(ParameterError)
def _wrong_parameter(error: ParameterError) -> Response:
    extra = {"parameter": error.parameter, **error.better}
    if isinstance(error, UnknownThingError):
        return errors.answer(404, "There is no such thing", str(error), extra)
    return errors.answer(400, "The parameters cannot be used", str(error), extra)


@bp.errorhandler(UnknownQuestionError)
def _unknown_question(error: UnknownQuestionError) -> Response:
    return errors.answer(404, "There is no such question", str(error), {"near": list(error.near)})


@bp.after_request
def _finished(response: Response) -> Response:
    response.vary.update(("Accept",) if request.endpoint == "api.question" else ("Accept", "Accept-Language"))
    response.headers["Access-Control-Expose-Headers"] = "ETag, Link, Result-Status, Retry-After, X-Total-Count"
    if response.status_code == 503:
        response.headers["Retry-After"] = str(_SECONDS_TO_RETRY)
    return response


def _question(name: str) -> Question:
    questions = _questions()
    if name in questions:
        return questions[name]
    near = process.extract(name[:200], list(questions), scorer=fuzz.WRatio, limit=3, score_cutoff=_NEAR_ENOUGH)
    raise UnknownQuestionError(name[:200], [match[0] for match in near])


def _answered(asked: Asked, chosen: Format, representation: str) -> Response:
    engine: Engine = current_app.config["ENGINE"]
    answer = engine.answer(asked.query, media_type=chosen.media_type if asked.question.is_graph else None)
    response = Response(mimetype=chosen.media_type)
    if asked.question.is_graph:
        response.set_data(answer.body)
    else:
        _fill(response, asked, answer, chosen.name)
    response.headers["Result-Status"] = f"truncated;reason={answer.truncated}" if answer.truncated else "complete"
    if answer.truncated or may_vary(asked.query):
        response.cache_control.no_store = True
        return response
    return validated(response, representation)


def _fill(response: Response, asked: Asked, answer: Answer, form: str) -> None:
    """Puts the part of the rows that is asked for into `response`, and says where the others are."""
    table = read_table(answer.body)
    part, total = table.part(asked.offset, asked.limit), len(table.rows)
    if form == "json":
        frame = _frame(asked, total, complete=not answer.truncated)
        content = json.dumps({**frame, "columns": part.columns, "rows": part.plain()}, ensure_ascii=False)
    else:
        content = part.as_csv() if form == "csv" else part.as_results()
    response.set_data(content)
    response.headers["Link"] = link_header(
        (_urls().public_address(_urls().with_values(request.path, values)), relation, "")
        for relation, values in asked.pages(total)
    )
    if not answer.truncated:
        response.headers["X-Total-Count"] = str(total)


def _frame(asked: Asked, total: int, *, complete: bool) -> dict[str, Any]:
    return {
        "question": asked.question.name,
        "release": release().version,
        "parameters": asked.parameters(),
        "total": total,
        "complete": complete,
        "limit": asked.limit,
        "offset": asked.offset,
    }


def _page(questions: Collection[Question]) -> str:
    by_topic: dict[str, list[Question]] = {topic: [] for topic in _TOPICS}
    for item in questions:
        by_topic.setdefault(item.topic, []).append(item)
    parameters = {parameter.kind: parameter for item in questions for parameter in item.parameters}
    choices = {kind: read_choices(reader(), parameter.prefix) for kind, parameter in parameters.items()}
    return render_template(
        "api/index.html",
        topics=[(topic, _TOPICS.get(topic, "api.topic.other"), found) for topic, found in by_topic.items() if found],
        kinds={kind: _kind(parameter) for kind, parameter in parameters.items()},
        choices={kind: found for kind, found in choices.items() if 0 < len(found) <= MOST_CHOICES},
        formats_of=formats_of,
    )


def _kind(parameter: Parameter) -> Markup:
    """What a parameter takes, in the language of the page."""
    return name_of(read_kind(reader(), parameter.prefix)) if parameter.prefix else translated(_KINDS[parameter.kind])


def _described(what: str) -> str:
    return f"{what} {page_language()} {_sum(item.text for item in _questions().values())}"


def _sum(texts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def _questions() -> Mapping[str, Question]:
    questions: Mapping[str, Question] = current_app.config["QUESTIONS"]
    return questions


def _binder() -> Binder:
    binder: Binder = current_app.config["BINDER"]
    return binder


def _urls() -> Urls:
    urls: Urls = current_app.config["URLS"]
    return urls
