"""A query worker: takes one connection after the other, and can do nothing but answer on it.

What chains the process is left out of the coverage, which cannot be measured once it is chained.
"""

from __future__ import annotations

import ctypes
import faulthandler
import fcntl
import os
import resource
import signal
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import Store

from kg.engine.evaluation import evaluate
from kg.engine.messages import BEGUN, Job, receive_job, send_answer, send_error
from kg.errors import QueryError

_LISTENER: Final = 3
_CONNECTION: Final = 4
_NICENESS: Final = 10
_TALK_SECONDS: Final = 10.0
_KEPT_KIBIBYTES: Final = 64 << 10
_PR_SET_PDEATHSIG: Final = 1
_libc: Final = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker works on, and the bytes of memory it may take beyond what it begins with."""

    store: Store
    prefixes: Mapping[str, str]
    memory: int


def end_with_parent(parent: int, signal_number: int) -> None:  # pragma: no cover
    """Lets the kernel send this process `signal_number` when `parent` ends, however that happens."""
    if _libc.prctl(_PR_SET_PDEATHSIG, signal_number) or os.getppid() != parent:
        os._exit(1)


def confine(listener: socket.socket, memory: int) -> socket.socket:  # pragma: no cover
    """Gives up everything that answering does not need; returns the listener under its new descriptor.

    One descriptor stays free: the accepted connection takes it, so while a query runs there is none, and
    nothing can be opened. Python's fault handler is told to write into that connection what ends the worker.
    """
    os.nice(_NICENESS)
    with suppress(OSError):  # no such file outside Linux' own /proc
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    address_space = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(_LISTENER):
        os.dup2(nothing, descriptor)
    os.dup2(listener.fileno(), _LISTENER)
    os.closerange(_LISTENER + 1, 1 << 20)
    _let_signals_kill()
    faulthandler.enable(file=_CONNECTION, all_threads=False)
    faulthandler.register(signal.SIGALRM, file=_CONNECTION, all_threads=False, chain=True)
    # 1, not 0: at 0 the kernel still pipes gigabytes to a core handler.
    resource.setrlimit(resource.RLIMIT_CORE, (1, 1))
    resource.setrlimit(resource.RLIMIT_AS, (address_space + memory,) * 2)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_CONNECTION + 1,) * 2)
    return socket.socket(fileno=_LISTENER)


def _let_signals_kill() -> None:  # pragma: no cover
    faulthandler.disable()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGALRM, signal.SIGIO, signal.SIGUSR1, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def work(listener: socket.socket, task: Task) -> None:
    """Answers one query after the other, until one has left this process large."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + _KEPT_KIBIBYTES
    while resource.getrusage(resource.RUSAGE_SELF).ru_maxrss <= most:
        connection, _ = listener.accept()
        with connection, suppress(OSError, EOFError):  # the asker has gone
            attend(connection, task)


def attend(connection: socket.socket, task: Task) -> None:
    """Answers the query that is asked over `connection`.

    From here on the kernel kills this process when time is up, and when the asker hangs up: the connection
    then sends SIGIO. Raises `OSError` or `EOFError` when the asker is gone before or after.
    """
    try:
        signal.setitimer(signal.ITIMER_REAL, _TALK_SECONDS)
        job = receive_job(connection)
        _end_when_hung_up(connection)
        connection.sendall(BEGUN)
        signal.setitimer(signal.ITIMER_REAL, job.seconds)
        _reply(connection, job, task)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _reply(connection: socket.socket, job: Job, task: Task) -> None:
    try:
        answer = evaluate(task.store, job, task.prefixes)
    except QueryError as error:
        _talk_on(connection)
        send_error(connection, error)
    else:
        _talk_on(connection)
        send_answer(connection, answer)


def _end_when_hung_up(connection: socket.socket) -> None:
    fcntl.fcntl(connection, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(connection, fcntl.F_SETFL, os.O_ASYNC)


def _talk_on(connection: socket.socket) -> None:
    fcntl.fcntl(connection, fcntl.F_SETFL, 0)
    signal.setitimer(signal.ITIMER_REAL, _TALK_SECONDS)
