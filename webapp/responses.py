"""What every answer has in common: validators, caching and links."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NoReturn, cast

from flask import Response, abort, current_app, request

from kg.errors import WithdrawnError
from kg.store import Release
from webapp.urls import LANGUAGES


def release() -> Release:
    """The release that this request is answered from."""
    opened: Release = current_app.config["RELEASE"]
    return opened


def validated(response: Response, representation: str, *, max_age: int = 300) -> Response:
    """Adds a strong ETag, Last-Modified and Cache-Control; answers 304 where due.

    Nothing of the content is hashed: a release is immutable, so its version, the code and the address decide
    (RFC 9110, section 8.8).
    """
    opened = release()
    seed = f"{opened.version} {opened.manifest['inputs_sum']} {request.full_path} {representation}"
    response.set_etag(hashlib.sha256(seed.encode()).hexdigest()[:20])
    response.last_modified = datetime.fromisoformat(opened.manifest["date"]).replace(tzinfo=UTC)
    response.cache_control.public = True
    response.cache_control.max_age = max_age
    return cast(Response, response.make_conditional(request))


def unchanged(media_type: str, representation: str) -> Response | None:
    """304 before anything is computed, when the client holds this representation already."""
    response = validated(Response(mimetype=media_type), representation)
    if response.status_code == 304:
        return response
    # A compressed answer went out with its encoding behind the tag: "…:br".
    held = {tag.partition(":")[0]: tag for tag in request.if_none_match.as_set(include_weak=True)}
    own, _ = response.get_etag()
    if own not in held:
        return None
    response.set_etag(held[own])
    response.status_code = 304
    return response


def refuse(iri: str, path: str) -> NoReturn:
    """Raises `WithdrawnError` for a thing that was published once, else answers 404; `path` is its document's."""
    entry = release().manifest["withdrawn"].get(path)
    if entry is None:
        abort(404, f"Nothing is known here of {iri}.")
    reasons = {language: entry[f"reason_{language}"] for language in LANGUAGES}
    successor = entry["successor"] and f"{release().names.base}id/{entry['successor']}"
    raise WithdrawnError(iri, entry["since"], reasons, successor)


def link_header(links: Iterable[tuple[str, str, str]]) -> str:
    """A Link header (RFC 8288) from (address, relation, media type or "")."""
    return ", ".join(
        f'<{address}>; rel="{relation}"' + (f'; type="{media_type}"' if media_type else "")
        for address, relation, media_type in links
    )
