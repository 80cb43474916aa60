"""Answers that stop at a limit and stay well-formed: where rows end in each format, and how to close it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from pyoxigraph import QueryResultsFormat, RdfFormat, Triple

from kg.errors import QueryTooLargeError

_BETWEEN_ROWS: Final = re.compile(rb'\},(?=\{"[^,}])')
_STRING_OR_ROW_END: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"?|\}(?=,\{)', re.DOTALL)
_CELL_OR_LINE_END: Final = re.compile(rb'"[^"]*+"?|\r\n')
_SPARE_BYTES: Final = 1 << 20


class LimitReachedError(Exception):
    """Raised while an answer is written, to stop writing."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How rows stand in a results format.

    `mark` stands between or behind rows and, in JSON and CSV, perhaps within a value too; `surplus` marks belong to no
    row. `ends` gives the offsets at which whole rows end, in an answer that may be cut off anywhere. A cut answer gets
    `closing` at its end and, behind the first `head`, the `remark` that it is cut.
    """

    mark: bytes
    surplus: int
    ends: Callable[[bytearray], list[int]]
    closing: bytes = b""
    head: bytes = b""
    remark: str = ""


def _json_ends(body: bytearray) -> list[int]:
    if b"{}" in body:  # a row without values, or these characters in one: only reading all strings can tell
        return [match.end() for match in _STRING_OR_ROW_END.finditer(body) if match[0] == b"}"]
    return [match.start() + 1 for match in _BETWEEN_ROWS.finditer(body)]


def _csv_ends(body: bytearray) -> list[int]:
    return [match.end() for match in _CELL_OR_LINE_END.finditer(body) if match[0] == b"\r\n"][1:]


def _tsv_ends(body: bytearray) -> list[int]:
    return [match.end() for match in re.finditer(b"\n", body)][1:]


def _xml_ends(body: bytearray) -> list[int]:
    return [match.end() for match in re.finditer(b"</result>", body)]


LAYOUTS: Final = {
    QueryResultsFormat.JSON: Layout(
        b"},{", -1, _json_ends, b"]}}", b"]", ',"truncated":{{"reason":"{reason}","rows":{rows}}}'
    ),
    QueryResultsFormat.XML: Layout(
        b"</result>",
        0,
        _xml_ends,
        b"</results></sparql>",
        b"</head>",
        "<!-- truncated by {reason} after {rows} rows -->",
    ),
    QueryResultsFormat.CSV: Layout(b"\r\n", 1, _csv_ends),
    QueryResultsFormat.TSV: Layout(b"\n", 1, _tsv_ends),
}
_REMARKS: Final = {
    RdfFormat.TURTLE: "# {}\n",
    RdfFormat.N_TRIPLES: "# {}\n",
    RdfFormat.TRIG: "# {}\n",
    RdfFormat.N_QUADS: "# {}\n",
    RdfFormat.RDF_XML: "\n<!-- {} -->\n",
}


class RowWriter:
    """A file in which a results serializer writes; stops it at `max_rows` or `max_bytes`.

    `truncated` says which of them was reached, if any.
    """

    def __init__(self, layout: Layout, max_rows: int, max_bytes: int) -> None:
        self.body = bytearray()
        self.truncated: str | None = None
        self._layout, self._max_rows, self._max_bytes = layout, max_rows, max_bytes
        self._marks, self._possible_marks = 0, max_rows + layout.surplus

    def write(self, data: bytes) -> int:
        """Takes `data`; raises `LimitReachedError` once there is enough."""
        if self.truncated:  # a serializer that was stopped writes what it still holds once more
            raise LimitReachedError
        layout = self._layout
        start = max(len(self.body) - len(layout.mark) + 1, 0)
        self.body += data
        self._marks += self.body.count(layout.mark, start)
        if self._marks > self._possible_marks and self._has_too_many():
            self.truncated = "rows"
            raise LimitReachedError
        if len(self.body) > self._max_bytes:
            self.truncated = "bytes"
            raise LimitReachedError
        return len(data)

    def flush(self) -> None:
        """Does nothing; serializers expect it of a file."""

    def finish(self) -> int:
        """Ends the answer, cut behind the last row that fits, and gives the number of its rows.

        Raises `QueryTooLargeError` when not even the first row fits.
        """
        ends = self._layout.ends(self.body)
        if self.truncated is None:
            rows = 0 if self.body.endswith(b"[]}}") else len(ends) + self._unended
            if rows <= self._max_rows:
                return rows
            self.truncated = "rows"
        ends = ends[: self._max_rows]
        if not ends:
            raise QueryTooLargeError("the first row of the answer is larger than a whole answer may be")
        del self.body[ends[-1] :]
        self.body += self._layout.closing
        head = self.body.index(self._layout.head) + len(self._layout.head)
        self.body[head:head] = self._layout.remark.format(reason=self.truncated, rows=len(ends)).encode()
        return len(ends)

    @property
    def _unended(self) -> int:
        """In JSON, the last row has no mark behind it."""
        return -min(self._layout.surplus, 0)

    def _has_too_many(self) -> bool:
        # Marks within values count too; so many more must come before it is worth reading all again.
        rows = len(self._layout.ends(self.body)) + self._unended
        self._possible_marks = self._marks + self._max_rows - rows
        return rows > self._max_rows


class TripleWriter:
    """Hands triples to a serializer until a limit is reached, and is the file in which that writes.

    `truncated` says which limit was reached, if any; `rows` counts the triples.
    """

    def __init__(self, max_rows: int, max_bytes: int) -> None:
        self.body = bytearray()
        self.truncated: str | None = None
        self.rows = 0
        self._max_rows, self._max_bytes = max_rows, max_bytes

    def fitting(self, triples: Iterator[Triple]) -> Iterator[Triple]:
        """The first of `triples`, as many as the answer may have."""
        for triple in islice(triples, self._max_rows):
            if len(self.body) >= self._max_bytes:
                self.truncated = "bytes"
                return
            self.rows += 1
            yield triple
        if next(triples, None) is not None:
            self.truncated = "rows"

    def write(self, data: bytes) -> int:
        """Takes `data`; one huge value may not go far beyond the limit."""
        self.body += data
        if len(self.body) > self._max_bytes + _SPARE_BYTES:
            raise QueryTooLargeError("a value of the answer is larger than a whole answer may be")
        return len(data)

    def flush(self) -> None:
        """Does nothing; serializers expect it of a file."""

    def finish(self, rdf_format: RdfFormat) -> None:
        """Says in the answer that it is cut, where the format has comments."""
        if self.truncated and rdf_format in _REMARKS:
            words = f"truncated by {self.truncated} after {self.rows} triples"
            self.body += _REMARKS[rdf_format].format(words).encode()
