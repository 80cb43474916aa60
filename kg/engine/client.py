"""The engine as the rest of the program sees it: start it once, ask it from any process and thread."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from pyoxigraph import Store

from kg.engine.messages import Answer, Job, receive_reply, send_job
from kg.engine.supervisor import END, supervise
from kg.engine.worker import Task
from kg.errors import EngineBusyError
from kg.namespaces import DEFAULT_GRAPHS, Names, prefixes
from kg.settings import Settings


class Engine:
    """Answers public queries in killable worker processes.

    `start` forks them and belongs in the main thread of the process that loaded the store, before it has other
    threads. `answer` may then be called there and in every process forked from it, by any thread. `workers`
    queries run at once, about `queue` more wait, each for `wait_seconds` at most.
    """

    def __init__(
        self,
        store: Store,
        names: Names,
        settings: Settings,
        *,
        workers: int = 2,
        queue: int = 8,
        wait_seconds: float = 5.0,
    ) -> None:
        self.names = names
        self._task = Task(store, prefixes(names.base), settings.query_memory)
        self._settings = settings
        self._workers, self._queue, self._wait_seconds = workers, queue, wait_seconds
        self._graphs = [names.graph(name).value for name in DEFAULT_GRAPHS]
        self._address = ""
        self._owner = self._supervisor = 0

    def start(self) -> None:
        """Starts the workers, and returns when they are there.

        Raises `EngineBusyError` when they cannot be started.
        """
        # Only this user may enter the folder, so only our processes can ask.
        self._address = str(Path(tempfile.mkdtemp(prefix="kg-engine-")) / "queries")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self._address)
            listener.listen(max(self._queue - 1, 0))
            there, ready = os.pipe()
            self._owner = os.getpid()
            self._supervisor = os.fork()
            if not self._supervisor:  # pragma: no cover
                supervise(listener, self._task, self._workers, self._owner, ready)
        os.close(ready)
        begun = os.read(there, 1)
        os.close(there)
        if not begun:
            self.stop()
            raise EngineBusyError("the query engine could not be started")

    def stop(self) -> None:
        """Ends the workers at once; in a process that did not start them it does nothing."""
        if self._supervisor and self._owner == os.getpid():
            os.kill(self._supervisor, END)
            os.waitpid(self._supervisor, 0)
            self._supervisor = 0
            shutil.rmtree(Path(self._address).parent, ignore_errors=True)

    def __enter__(self) -> Engine:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def answer(
        self,
        query: str,
        *,
        media_type: str | None = None,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        base_iri: str | None = None,
        seconds: float | None = None,
        rows: int | None = None,
    ) -> Answer:
        """The answer to a public query, serialized.

        `media_type` None means JSON for rows and booleans, Turtle for graphs. The graphs are those that the
        protocol names; they win over FROM in the query, and where neither names any, the default graph is the
        union of what is asserted, derived, linked and coded. `seconds` and `rows` can only lower the limits.
        Raises a `QueryError`.
        """
        limits = self._settings
        by_protocol = bool(default_graphs or named_graphs)
        job = Job(
            query=query,
            media_type=media_type,
            graphs=list(default_graphs) if by_protocol else self._graphs,
            named_graphs=list(named_graphs) if by_protocol else None,
            base_iri=base_iri or self.names.base,
            seconds=min(seconds or limits.query_seconds, limits.query_seconds),
            rows=min(rows or limits.query_rows, limits.query_rows),
            bytes=limits.query_bytes,
        )
        return self._asked(job)

    def _asked(self, job: Job) -> Answer:
        with self._connected() as connection:
            send_job(connection, job)
            return receive_reply(connection, job)

    @contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(self._wait_seconds)
            try:
                connection.connect(self._address)
                yield connection
            except (BlockingIOError, TimeoutError):
                raise EngineBusyError("too many queries are running and waiting; try again later") from None
            except (OSError, EOFError):
                raise EngineBusyError("the query engine is not running; try again later") from None
