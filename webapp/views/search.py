"""Finding things by name."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, current_app, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from kg import lookup
from kg.lookup.values import Pages
from kg.search import SearchIndex
from webapp.rendering import reader
from webapp.responses import validated

bp = Blueprint("search", __name__)
_PAGE_SIZE: Final = 20
_LAST_PAGE: Final = 500


@bp.get("/<any(de, en):language>/search")
def results(language: str) -> BaseResponse:
    """What fits the words in `q`, the best first; when nothing does, names that look like them."""
    index: SearchIndex = current_app.config["SEARCH"]
    text, number = request.args.get("q", "").strip(), _number()
    found = index.search(text, language, _PAGE_SIZE, (number - 1) * _PAGE_SIZE)
    near = index.nearest(text, language) if text and not found.total else ()
    hits = found.hits or near
    content = render_template(
        "search/results.html",
        text=text,
        found=found,
        hits=list(zip(lookup.summaries(reader(), [hit.iri for hit in hits]), hits, strict=True)),
        pages=Pages(number, max(1, -(-found.total // _PAGE_SIZE)), found.total),
    )
    return validated(Response(content), language)


def _number() -> int:
    text = request.args.get("page", "1")
    return min(max(1, int(text)), _LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 7 else 1
