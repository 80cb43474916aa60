"""The API of the questions as one document (OpenAPI 3.1), made from the questions and the release."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final

from kg.binding import IRI, LARGEST, LONGEST, MOST_VALUES, YEAR, Binder
from kg.lookup import Reader, read_dataset, read_kind
from kg.namespaces import KEY
from kg.questions import Parameter, Question
from webapp.asking import MOST_ROWS, ROWS, formats_of

Document = dict[str, Any]

_PLAIN: Final[dict[str, Document]] = {
    "integer": {"type": "integer", "minimum": -LARGEST, "maximum": LARGEST},
    "date": {"type": "string", "format": "date"},
    "year": {"type": "string", "pattern": f"^{YEAR}$"},
    "boolean": {"type": "boolean"},
    "text": {"type": "string", "minLength": 1, "maxLength": LONGEST},
    "iri": {"type": "string", "pattern": f"^{IRI}$"},
}
_PROBLEM: Final[Document] = {
    "type": "object",
    "description": "What is wrong and what would be right (RFC 9457).",
    "required": ["type", "status", "title", "detail"],
    "properties": {
        "type": {"type": "string"},
        "status": {"type": "integer"},
        "title": {"type": "string"},
        "detail": {"type": "string"},
        "parameter": {"type": "string", "description": "The parameter that is wrong."},
        "parameters": {"type": "array", "items": {"type": "string"}, "description": "Those that there are."},
        "nearest": {"type": "string", "description": "The value that looks most like the one given."},
        "near": {"type": "array", "items": {"type": "string"}, "description": "The questions named alike."},
    },
}
_ERRORS: Final = {
    "400": "A parameter or value that there is not; the detail says what is right.",
    "404": "No question, or no thing, is called so; the detail names what is called alike.",
    "406": "No such format; the detail lists them.",
    "422": "The answer needs more memory than a query may have.",
    "503": "Too many queries at once, or this one took too long; try again later.",
}
_HEADERS: Final[Document] = {
    "ETag": {"description": "Of this representation, for If-None-Match.", "schema": {"type": "string"}},
    "Result-Status": {
        "description": "`complete`, or `truncated;reason=…` when a limit of the server cut the answer.",
        "schema": {"type": "string"},
    },
}
_PAGED: Final[Document] = {
    "Link": {"description": "Pages: first, prev, next and last (RFC 8288).", "schema": {"type": "string"}},
    "X-Total-Count": {"description": "Rows on all pages.", "schema": {"type": "integer"}},
}
_RESULTS: Final[Document] = {"type": "object", "required": ["head", "results"]}


def describe_api(questions: Collection[Question], binder: Binder, reader: Reader, server: str) -> Document:
    """The document, with titles in the language of `reader`; `server` is the address that the paths go behind."""
    dataset = read_dataset(reader)
    licence = {"license": {"name": dataset.licence, "url": dataset.licence}} if dataset.licence else {}
    own = {item.prefix: item for question in questions for item in question.parameters if item.prefix}
    return {
        "openapi": "3.1.0",
        "info": {"title": dataset.title, "version": dataset.version, "description": dataset.description, **licence},
        "servers": [{"url": server}],
        "tags": [{"name": topic} for topic in sorted({question.topic for question in questions if question.topic})],
        "paths": {
            "/api/openapi.json": {"get": _document_operation()},
            **{f"/api/{item.name}": {"get": _operation(item, binder, reader)} for item in questions},
        },
        "components": {
            "schemas": {
                "Problem": _PROBLEM,
                "Cell": {"type": ["string", "number", "boolean", "null"]},
                **{item.kind: _keys(item, binder) for _, item in sorted(own.items())},
            },
            "headers": _HEADERS | _PAGED,
            "parameters": _paging(),
            "responses": {"304": {"description": "What the client holds is still right."}, **_errors()},
        },
    }


def _operation(question: Question, binder: Binder, reader: Reader) -> Document:
    shared = [] if question.is_graph else [_ref("parameters", "limit"), _ref("parameters", "offset")]
    form = {"type": "string", "enum": [item.name for item in formats_of(question)]}
    chosen = {"name": "format", "in": "query", "description": "Instead of the Accept header.", "schema": form}
    headers = {name: _ref("headers", name) for name in (*_HEADERS, *(() if question.is_graph else _PAGED))}
    return {
        "operationId": question.name,
        "summary": question.titles[reader.language],
        "description": question.abouts[reader.language],
        "tags": [question.topic] if question.topic else [],
        "parameters": [*(_parameter(item, binder, reader) for item in question.parameters), *shared, chosen],
        "responses": {
            "200": {"description": "The answer.", "headers": headers, "content": dict(_contents(question))},
            **{status: _ref("responses", status) for status in ("304", *_ERRORS)},
        },
    }


def _parameter(parameter: Parameter, binder: Binder, reader: Reader) -> Document:
    value = _ref("schemas", parameter.kind) if parameter.prefix else _PLAIN[parameter.kind]
    several = {"type": "array", "items": value, "minItems": 1, "maxItems": MOST_VALUES}
    preset: list[Any] = [parameter.written(item) for item in parameter.preset]
    if parameter.kind in ("integer", "boolean"):
        preset = [int(text) if parameter.kind == "integer" else text == "true" for text in preset]
    example = {"example": preset if parameter.many else preset[0]} if binder.knows_preset(parameter) else {}
    return {
        "name": parameter.name,
        "in": "query",
        "description": read_kind(reader, parameter.prefix).label.text if parameter.prefix else parameter.kind,
        "style": "form",
        "explode": False,
        "schema": several if parameter.many else value,
        **example,
    }


def _contents(question: Question) -> Iterator[tuple[str, Document]]:
    schemas = {"jsonld": {}} if question.is_graph else {"json": _table(question), "srj": _RESULTS}
    for item in formats_of(question):
        yield item.media_type, {"schema": schemas.get(item.name, {"type": "string"})}


def _table(question: Question) -> Document:
    row: Document = {"type": "object", "additionalProperties": _ref("schemas", "Cell")}
    if question.columns:
        cells = {name: _ref("schemas", "Cell") for name in question.columns}
        row = {"type": "object", "required": list(cells), "properties": cells, "additionalProperties": False}
    properties: Document = {
        "question": {"const": question.name},
        "release": {"type": "string"},
        "parameters": {"type": "object", "additionalProperties": {"type": "string"}},
        "total": {"type": "integer"},
        "complete": {"type": "boolean"},
        "limit": {"type": "integer"},
        "offset": {"type": "integer"},
        "columns": {"type": "array", "items": {"type": "string"}},
        "rows": {"type": "array", "items": row},
    }
    return {"type": "object", "required": list(properties), "properties": properties}


def _keys(parameter: Parameter, binder: Binder) -> Document:
    """The keys of our own things; of very many only what they look like."""
    described = {"type": "string", "description": f"A key, or the IRI: the key behind {parameter.prefix}"}
    listed = binder.choices(parameter)
    return described | ({"enum": listed} if listed else {"pattern": f"^{KEY.pattern}$"})


def _paging() -> Document:
    limit = {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": ROWS}
    offset = {"type": "integer", "minimum": 0, "maximum": LARGEST, "default": 0}
    return {
        "limit": {"name": "limit", "in": "query", "description": "Rows of a page.", "schema": limit},
        "offset": {"name": "offset", "in": "query", "description": "Rows before the page.", "schema": offset},
    }


def _errors() -> Document:
    content = {"application/problem+json": {"schema": _ref("schemas", "Problem")}}
    return {status: {"description": text, "content": content} for status, text in _ERRORS.items()}


def _document_operation() -> Document:
    answer = {"description": "This document.", "content": {"application/json": {"schema": {"type": "object"}}}}
    return {
        "operationId": "openapi",
        "summary": "This document",
        "responses": {"200": answer, "304": _ref("responses", "304")},
    }


def _ref(family: str, name: str) -> Document:
    return {"$ref": f"#/components/{family}/{name}"}
