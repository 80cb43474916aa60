"""What a page worker and a query worker say to each other: one query a connection.

job     length (4 bytes), JSON
begun   `+`, when a worker takes the job up
reply   `=`, length of the head (4 bytes), length of the body (8), head as JSON, body
end     anything else, up to the end: the words of Python's fault handler while the worker dies
"""

from __future__ import annotations

import json
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final, Literal

from kg.errors import (
    EngineBusyError,
    QueryError,
    QueryForbiddenError,
    QuerySyntaxError,
    QueryTimeoutError,
    QueryTooLargeError,
)

Kind = Literal["select", "ask", "graph"]
BEGUN: Final = b"+"
_REPLY: Final = b"="
_LENGTH: Final = struct.Struct("!I")
_LENGTHS: Final = struct.Struct("!IQ")
_CHUNK: Final = 1 << 16
_GRACE_SECONDS: Final = 5.0
_DEEP: Final = 500
_ERRORS: Final = {
    error.__name__: error for error in (QueryError, QueryForbiddenError, QuerySyntaxError, QueryTooLargeError)
}


@dataclass(frozen=True)
class Job:
    """One query with all that its answer depends on; `graphs` None means the dataset of the query itself.

    `graphs` are the graphs merged into the default graph; `named_graphs` None means all.
    """

    query: str
    media_type: str | None
    graphs: list[str] | None
    named_graphs: list[str] | None
    base_iri: str
    seconds: float
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A serialized answer. `rows` counts solutions or triples; `truncated` says which limit cut it, if any."""

    kind: Kind
    media_type: str
    body: bytes
    rows: int | None
    truncated: str | None
    seconds: float


def send_job(connection: socket.socket, job: Job) -> None:
    """Asks for `job`."""
    content = json.dumps(vars(job)).encode()
    connection.sendall(_LENGTH.pack(len(content)) + content)


def receive_job(connection: socket.socket) -> Job:
    """The job asked for; raises `EOFError` when the asker hangs up."""
    stream = _Stream(connection)
    (length,) = _LENGTH.unpack(stream.take(_LENGTH.size))
    return Job(**json.loads(stream.take(length)))


def send_answer(connection: socket.socket, answer: Answer) -> None:
    """Replies with `answer`."""
    _send(connection, {name: getattr(answer, name) for name in Answer.__slots__ if name != "body"}, answer.body)


def send_error(connection: socket.socket, error: QueryError) -> None:
    """Replies that the query cannot be answered."""
    arguments: list[str | int | None] = [str(error)]
    if isinstance(error, QuerySyntaxError):
        arguments += (error.line, error.column)
    _send(connection, {"error": type(error).__name__, "arguments": arguments}, b"")


def receive_reply(connection: socket.socket, job: Job) -> Answer:
    """The answer to `job`, once a worker takes it up within the timeout of `connection`.

    Raises `TimeoutError` when none does, and the `QueryError` that the worker replied with or died of.
    """
    stream = _Stream(connection)
    if stream.take(1) != BEGUN:
        raise EOFError
    # The worker keeps the time; this only guards against one that cannot even be killed.
    connection.settimeout(job.seconds + _GRACE_SECONDS)
    try:
        if stream.take(1) != _REPLY:
            raise _fate(stream.rest(), job)
        head_length, body_length = _LENGTHS.unpack(stream.take(_LENGTHS.size))
        head: dict[str, Any] = json.loads(stream.take(head_length))
        body = stream.take(body_length)
    except TimeoutError:
        raise QueryTimeoutError(job.seconds) from None
    except (ConnectionError, EOFError):
        raise _fate(b"", job) from None
    if "error" in head:
        raise _ERRORS[head["error"]](*head["arguments"])
    return Answer(body=body, **head)


def _fate(words: bytes, job: Job) -> QueryError:
    """Why the worker died, from the words that the fault handler wrote (their first character is missing)."""
    if b"atal Python error: Aborted" in words:
        return QueryTooLargeError("the query needed more memory than a query may have")
    if b"atal Python error" in words:
        needed = "nesting" if _depth(job.query) > _DEEP else "memory or nesting"
        return QueryTooLargeError(f"the query needed more {needed} than a query may have")
    if words:
        return QueryTimeoutError(job.seconds)
    return EngineBusyError("the worker that ran this query was stopped; try again")


def _depth(query: str) -> int:
    steps = accumulate((character in "{([") - (character in "})]") for character in query)
    return max(steps, default=0)


class _Stream:
    """Bytes from a connection, received in as few calls as there can be."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection, self._kept = connection, b""

    def take(self, length: int) -> bytes:
        """The next `length` bytes; raises `EOFError` when they never come."""
        if len(self._kept) < length:
            self._receive(length)
        taken, self._kept = self._kept[:length], self._kept[length:]
        return taken

    def rest(self) -> bytes:
        """All up to the end, for which it waits."""
        content = bytearray(self._kept)
        with suppress(ConnectionError):
            while data := self._connection.recv(_CHUNK):
                content += data
        return bytes(content)

    def _receive(self, length: int) -> None:
        parts, missing = [self._kept], length - len(self._kept)
        while missing > 0:
            part = self._connection.recv(max(missing, _CHUNK))
            if not part:
                raise EOFError
            parts.append(part)
            missing -= len(part)
        self._kept = b"".join(parts)


def _send(connection: socket.socket, head: dict[str, Any], body: bytes) -> None:
    content = json.dumps(head).encode()
    start = _REPLY + _LENGTHS.pack(len(content), len(body)) + content
    if len(body) < 1 << 16:
        connection.sendall(start + body)
    else:
        connection.sendall(start)
        connection.sendall(body)
