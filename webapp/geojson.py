"""The position of one thing as a GeoJSON feature."""

from __future__ import annotations

from typing import Any

from pyoxigraph import Literal, NamedNode

from kg.namespaces import WGS
from kg.store import Release


def feature_of(release: Release, thing: NamedNode) -> dict[str, Any] | None:
    """The feature (RFC 7946) of a place, or of the place of an authority; None when the position is not known."""
    placed = release.store.quads_for_pattern(thing, release.names.term("place"), None, None)
    for place in (thing, *(quad.object for quad in placed if isinstance(quad.object, NamedNode))):
        position = [_number(release, place, name) for name in ("long", "lat")]
        if None not in position:
            geometry = {"type": "Point", "coordinates": position}
            return {"type": "Feature", "id": thing.value, "geometry": geometry, "properties": {}}
    return None


def _number(release: Release, place: NamedNode, name: str) -> float | None:
    quad = next(release.store.quads_for_pattern(place, WGS[name], None, None), None)
    return float(quad.object.value) if quad and isinstance(quad.object, Literal) else None
