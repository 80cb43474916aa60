"""Which chart an answer allows, with the places of its marks; the table says the same in words."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from webapp.querying.maps import DotMap, map_of
from webapp.querying.tables import Arranged, Row, is_numeric, number_of, text_of

_MOST_BARS: Final = 40
_LONGEST: Final = 36
_TICKS: Final = 4
_YEAR: Final = re.compile(r"year|jahr|decade|jahrzehnt", re.IGNORECASE)
_A_YEAR: Final = re.compile(r"[12]\d{3}")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it is about, in short too, its value and its length in percent; `rest` counts what it sums."""

    text: str
    value: float
    percent: float
    rest: int = 0

    @property
    def short(self) -> str:
        """The text, cut to what fits above a bar on a telephone."""
        return self.text if len(self.text) <= _LONGEST else f"{self.text[: _LONGEST - 1].rstrip()}…"


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars for texts or things with one number each."""

    kind = "bars"
    about: str
    measure: str
    bars: tuple[Bar, ...]

    @property
    def highest(self) -> Bar:
        """The longest bar that is no sum."""
        return max((bar for bar in self.bars if not bar.rest), key=lambda bar: bar.value)


@dataclass(frozen=True, slots=True)
class Upright:
    """A bar over time: its year and value, and in percent its left edge, width and height."""

    year: int
    value: float
    left: float
    width: float
    percent: float


@dataclass(frozen=True, slots=True)
class TimeChart:
    """Numbers over years; `ticks` are the bars whose years are written below."""

    kind = "time"
    about: str
    measure: str
    bars: tuple[Upright, ...]
    ticks: tuple[Upright, ...]

    @property
    def highest(self) -> Upright:
        """The longest bar."""
        return max(self.bars, key=lambda bar: bar.value)


def chart_of(table: Arranged) -> DotMap | BarChart | TimeChart | None:
    """The chart that fits the columns of an answer, if any does."""
    if len(table.rows) < 2:
        return None
    return map_of(table) or _time_chart(table) or _bar_chart(table)


def _bar_chart(table: Arranged) -> BarChart | None:
    places = _places(table)
    numeric = [place for place in places if table.columns[place].numeric]
    about = [place for place in places if place not in numeric]
    if len(numeric) != 1 or len(about) != 1 or _is_year(table, numeric[0]):
        return None
    values = [(text_of(row[about[0]]) or "–", number_of(row[numeric[0]])) for row in table.rows]
    bars = _bars([item for item in values if math.isfinite(item[1])])
    return BarChart(table.header[about[0]], table.header[numeric[0]], bars) if bars else None


def _bars(values: Sequence[tuple[str, float]]) -> tuple[Bar, ...]:
    """Bars in the order of the answer; of too many the longest, and one for the sum of the others."""
    if len(values) < 2 or min(value for _, value in values) < 0 or not any(value for _, value in values):
        return ()
    rest: list[tuple[str, float]] = []
    if len(values) > _MOST_BARS:
        values = sorted(values, key=lambda item: -item[1])
        values, rest = values[: _MOST_BARS - 1], list(values[_MOST_BARS - 1 :])
    total = sum(value for _, value in rest)
    longest = max(total, *(value for _, value in values))
    bars = [Bar(text, value, _percent(value, longest)) for text, value in values]
    return (*bars, *([Bar("", total, _percent(total, longest), len(rest))] if rest else []))


def _time_chart(table: Arranged) -> TimeChart | None:
    places = _places(table)
    years = [place for place in places if _is_year(table, place)]
    others = [place for place in places if place not in years[:1]]
    if not years or len(others) != 1 or not table.columns[others[0]].numeric:
        return None
    sums: dict[int, float] = {}
    for row in table.rows:
        year, value = row[years[0]]["value"], number_of(row[others[0]])
        if year is not None and math.isfinite(value):
            sums[int(year)] = sums.get(int(year), 0) + value
    bars = _uprights(sorted(sums.items()))
    return TimeChart(table.header[years[0]], table.header[others[0]], bars, _ticks(bars)) if bars else None


def _uprights(values: Sequence[tuple[int, float]]) -> tuple[Upright, ...]:
    """Bars at the place of their year, as wide as the shortest step between two years allows."""
    highest = max((value for _, value in values), default=0)
    if len(values) < 2 or min(value for _, value in values) < 0 or not highest:
        return ()
    step = min(later[0] - earlier[0] for earlier, later in pairwise(values))
    span = values[-1][0] - values[0][0] + step
    return tuple(
        Upright(year, value, _percent(year - values[0][0] + step / 10, span), _percent(step * 0.8, span),
                _percent(value, highest))
        for year, value in values
    )  # fmt: skip


def _ticks(bars: Sequence[Upright]) -> tuple[Upright, ...]:
    """First, last, and some between that stand far enough apart."""
    chosen: list[Upright] = []
    for bar in bars[:-1]:
        far = not chosen or bar.left - chosen[-1].left >= 100 / _TICKS
        if far and (not chosen or bars[-1].left - bar.left >= 100 / _TICKS):
            chosen.append(bar)
    return (*chosen, *bars[-1:])


def _places(table: Arranged) -> list[int]:
    """The columns that say something of their own: not ?x where there is ?xLabel too."""
    return [place for place, name in enumerate(table.header) if f"{name}Label" not in table.header]


def _is_year(table: Arranged, place: int) -> bool:
    values = [row[place] for row in table.rows if row[place]["value"] is not None]
    if not values or not all(_A_YEAR.fullmatch(cell["value"]) for cell in values):
        return False
    if all((cell["datatype"] or "").endswith("#gYear") for cell in values):
        return True
    rows: Sequence[Row] = table.rows
    return bool(_YEAR.search(table.header[place])) and is_numeric(rows, place)


def _percent(part: float, whole: float) -> float:
    return round(100 * part / whole, 2)
