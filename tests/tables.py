"""Edit the cells of a table in a test, as an editor would."""

from __future__ import annotations

import csv
from pathlib import Path


def set_cell(path: Path, row: int, column: str, value: str) -> None:
    """Puts `value` into the row as a spreadsheet counts it (the header is row 1)."""
    with path.open(encoding="utf-8", newline="") as content:
        lines = list(csv.reader(content))
    lines[row - 1][lines[0].index(column)] = value
    _write(path, lines)


def add_row(path: Path, **cells: str) -> None:
    """Adds a row at the end."""
    with path.open(encoding="utf-8", newline="") as content:
        lines = list(csv.reader(content))
    lines.append([cells.get(name, "") for name in lines[0]])
    _write(path, lines)


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows as dictionaries."""
    with path.open(encoding="utf-8", newline="") as content:
        return list(csv.DictReader(content))


def _write(path: Path, lines: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as output:
        csv.writer(output, lineterminator="\n").writerows(lines)
