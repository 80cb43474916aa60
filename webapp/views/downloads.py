"""Files of the release, the catalogue, and what points machines to them."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, abort, current_app, redirect, request, send_from_directory
from pyoxigraph import NamedNode, Quad
from werkzeug.wrappers import Response as BaseResponse

from kg.namespaces import PREFIXES
from kg.serializing import write_triples
from webapp.formats import BY_NAME, pick_format
from webapp.responses import release, validated
from webapp.urls import Urls

bp = Blueprint("downloads", __name__)
_CATALOGUE_FORMATS: Final = tuple(BY_NAME[name] for name in ("ttl", "rdf", "jsonld", "nt"))
_FETCHED: Final = frozenset(
    [f"{PREFIXES['dcat']}{name}" for name in ("downloadURL", "accessURL", "endpointURL", "endpointDescription")]
    + [f"{PREFIXES['void']}{name}" for name in ("dataDump", "sparqlEndpoint")]
)
_MEDIA_TYPES: Final = {
    ".gz": "application/gzip", ".zst": "application/zstd", ".csv": "text/csv", ".json": "application/json",
    ".geojson": "application/geo+json", ".jsonl": "application/x-ndjson",
    ".rq": "application/sparql-query",
} | {f".{name}": item.media_type for name, item in BY_NAME.items() if item.kind == "graph"}  # fmt: skip


@bp.get("/release/<version>/<path:name>")
def file(version: str, name: str) -> BaseResponse:
    """One file of a release, in parts if asked so; `latest` is redirected to the version that is served."""
    opened = release()
    if version == "latest":
        return redirect(_urls().download(opened.version, name), code=302)
    if version != opened.version or name not in opened.manifest["files"]:
        abort(404, f"Only release {opened.version} is served here, and it has no file {name} of release {version}.")
    suffix = name[name.rindex(".") :] if "." in name else ""
    response = send_from_directory(
        opened.folder,
        name,
        mimetype=_MEDIA_TYPES.get(suffix),
        etag=opened.manifest["files"][name]["sha256"],
        max_age=31_536_000,
    )
    response.cache_control.immutable = True
    return response


@bp.get("/catalog")
@bp.get("/catalog.<extension>")
@bp.get("/.well-known/void", endpoint="void")
def catalogue(extension: str = "") -> BaseResponse:
    """DCAT-AP.de and VoID of what is served here, with addresses to fetch from."""
    formats = [item for item in _CATALOGUE_FORMATS if not extension or item.extension == extension]
    if not formats:
        abort(404, f"The catalogue has no format .{extension}.")
    chosen = formats[0] if extension else pick_format(request.headers.get("Accept", ""), formats, default=formats[0])
    if chosen is None:
        abort(406, f"The catalogue is offered as {', '.join(item.media_type for item in formats)}.")
    opened = release()
    triples = sorted((_fetchable(quad).triple for quad in _catalogue_quads()), key=str)
    content = write_triples(triples, chosen.extension, opened.names.base, opened.folder)
    response = Response(content, mimetype=chosen.media_type)
    response.vary.add("Accept")
    return validated(response, chosen.name)


@bp.get("/robots.txt")
def robots() -> Response:
    """What crawlers should leave alone: addresses with a query string."""
    return validated(Response("User-agent: *\nDisallow: /*?\n", mimetype="text/plain"), "robots")


def _catalogue_quads() -> list[Quad]:
    opened = release()
    return list(opened.store.quads_for_pattern(None, None, None, opened.names.graph("catalogue")))


def _fetchable(quad: Quad) -> Quad:
    if quad.predicate.value not in _FETCHED or not isinstance(quad.object, NamedNode):
        return quad
    path = quad.object.value.removeprefix(_urls().base)
    return Quad(quad.subject, quad.predicate, NamedNode(_urls().public_address(path)), quad.graph_name)


def _urls() -> Urls:
    urls: Urls = current_app.config["URLS"]
    return urls
