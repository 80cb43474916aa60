"""Addresses that hold a query: this page with other values, the answer in a format, the endpoint itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from flask import current_app, request

from webapp.urls import Urls
from webapp.wording import page_language

_DATASET: Final = ("default-graph-uri", "named-graph-uri")


def again(query: str, **values: str | int) -> str:
    """The page with the same query and `values`, from its answer on; an example stays one."""
    example = request.args.get("example", "")
    asked = {"example": example} if example and "query" not in request.args else {"query": query}
    return f"{_address({'lang': page_language(), **asked, **values})}#answer"


def example_address(name: str) -> str:
    """The page with an example and its answer."""
    return f"/sparql?{urlencode({'lang': page_language(), 'example': name})}#answer"


def answer_address(query: str, form: str = "") -> str:
    """The path of the answer to `query`, in a format or negotiated."""
    return _address({"query": query} | ({"format": form} if form else {}))


def public_answer(query: str) -> str:
    """The whole address of the answer to `query` at this copy."""
    return _urls().public_address(answer_address(query))


def endpoint() -> str:
    """The whole address of this copy's endpoint, with the graphs that were chosen."""
    graphs = _graphs()
    return _urls().public_address("sparql") + (f"?{urlencode(graphs)}" if graphs else "")


def _address(values: Mapping[str, str | int]) -> str:
    return f"/sparql?{urlencode([*values.items(), *_graphs()])}"


def _graphs() -> list[tuple[str, str]]:
    return [(name, value) for name in _DATASET for value in request.args.getlist(name)]


def _urls() -> Urls:
    urls: Urls = current_app.config["URLS"]
    return urls
