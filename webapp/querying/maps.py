"""Places in an answer as dots on a grid of degrees."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from webapp.querying.tables import Arranged, Cell, Row, number_of, text_of

_WIDTH: Final = 360
_HEIGHTS: Final = (160, 360)
_STEPS: Final = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 45)
_LATITUDES: Final = ("lat", "latitude", "breite", "breitengrad")
_LONGITUDES: Final = ("long", "lon", "lng", "longitude", "laenge", "längengrad")
_NUMBER: Final = r"(-?\d+(?:\.\d+)?)"
_POINT: Final = re.compile(rf"\s*(?:<([^>]*)>)?\s*POINT\s*Z?\s*\(\s*{_NUMBER}\s+{_NUMBER}[^)]*\)\s*", re.IGNORECASE)

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Dot:
    """A place on the map, with what lies there."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the grid: across (a latitude) or upright (a longitude), where it runs, and its degrees."""

    across: bool
    at: float
    degrees: str


@dataclass(frozen=True, slots=True)
class DotMap:
    """A map of `rows` rows at the places of `dots`, `without` of them without a place."""

    kind = "map"
    width: int
    height: int
    dots: tuple[Dot, ...]
    grid: tuple[Line, ...]
    rows: int
    without: int


def map_of(table: Arranged) -> DotMap | None:
    """The places of an answer that has latitude and longitude, or points as WKT."""
    name = next((place for place, column in enumerate(table.columns) if not column.numeric), None)
    texts: dict[Place, list[str]] = {}
    found = 0
    for row in table.rows:
        place = _place(row, table.header)
        if place:
            found += 1
            texts.setdefault(place, []).append("" if name is None else text_of(row[name]))
    return _drawn(texts, found, len(table.rows)) if texts else None


def _place(row: Row, header: Sequence[str]) -> Place | None:
    """Latitude and longitude of a row."""
    named = {column.lower(): cell for column, cell in zip(header, row, strict=True)}
    latitude, longitude = _first(named, _LATITUDES), _first(named, _LONGITUDES)
    if latitude and longitude:
        return _sound(number_of(latitude), number_of(longitude))
    points = (_POINT.fullmatch(cell["value"]) for cell in row if (cell["datatype"] or "").endswith("#wktLiteral"))
    for point in points:
        if point:
            first, second = float(point[2]), float(point[3])
            # In WKT longitude comes first, unless the reference system says otherwise.
            turned = (point[1] or "").endswith("EPSG/0/4326")
            return _sound(first, second) if turned else _sound(second, first)
    return None


def _first(named: Mapping[str, Cell], names: Sequence[str]) -> Cell | None:
    return next((named[name] for name in names if name in named), None)


def _sound(latitude: float, longitude: float) -> Place | None:
    return (latitude, longitude) if abs(latitude) <= 89 and abs(longitude) <= 180 else None


def _drawn(texts: Mapping[Place, Sequence[str]], found: int, rows: int) -> DotMap:
    bottom, top = _padded([latitude for latitude, _ in texts])
    left, right = _padded([longitude for _, longitude in texts])
    narrow = math.cos(math.radians((bottom + top) / 2))
    height = round(min(max(_WIDTH * (top - bottom) / ((right - left) * narrow), _HEIGHTS[0]), _HEIGHTS[1]))
    # Where the height was bounded, the shorter side shows more of the world, so that nothing is stretched.
    scale = min(_WIDTH / ((right - left) * narrow), height / (top - bottom))
    across, up = _WIDTH / (scale * narrow), height / scale
    left, top = (left + right - across) / 2, (bottom + top + up) / 2
    dots = tuple(
        Dot(round((longitude - left) * scale * narrow, 1), round((top - latitude) * scale, 1), _listed(names))
        for (latitude, longitude), names in sorted(texts.items(), reverse=True)
    )
    grid = (*_grid(top - up, up, -scale, height), *_grid(left, across, scale * narrow, 0))
    return DotMap(_WIDTH, height, dots, grid, found, rows - found)


def _padded(values: Sequence[float]) -> Place:
    pad = max(0.05 * (max(values) - min(values)), 0.1)
    return min(values) - pad, max(values) + pad


def _grid(start: float, span: float, scale: float, origin: float) -> Iterator[Line]:
    step = next((step for step in _STEPS if span / step <= 6), _STEPS[-1])
    degrees = math.ceil(start / step) * step
    while degrees < start + span:
        yield Line(scale < 0, round(origin + (degrees - start) * scale, 1), f"{degrees:.4g}")
        degrees += step


def _listed(names: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(name for name in names if name))
    return ", ".join(distinct[:5]) + (" …" if len(distinct) > 5 else "")
