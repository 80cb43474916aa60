"""The process that keeps the workers: forks them, and a new one for each that ends.

What runs in a forked process only is left out of the coverage, which cannot be measured there.
"""

from __future__ import annotations

import gc
import logging
import os
import shutil
import signal
import socket
import time
from pathlib import Path
from typing import Final, NoReturn

from kg.engine.worker import Task, confine, end_with_parent, work

END: Final = signal.SIGUSR1
_NOT_BEGUN: Final = 1
_FAILED: Final = 2
_RETRY_SECONDS: Final = 1.0
_log = logging.getLogger(__name__)


def supervise(
    listener: socket.socket, task: Task, workers: int, parent: int, ready: int
) -> NoReturn:  # pragma: no cover
    """Keeps `workers` workers at `listener` until END comes or `parent` is gone, then removes its address.

    Writes to the descriptor `ready` when they are there. SIGTERM and SIGINT are meant for the parent, which may
    still have requests to finish.
    """
    try:
        # Waited for, not handled: a handler could run just before a wait that then never ends.
        signal.pthread_sigmask(signal.SIG_SETMASK, (END, signal.SIGCHLD))
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        for number in (signal.SIGCHLD, END):
            signal.signal(number, signal.SIG_DFL)
        end_with_parent(parent, END)
        gc.freeze()
        alive = {_forked_worker(listener, task) for _ in range(workers)}
        os.write(ready, b"!")
        os.close(ready)
        _keep(alive, listener, task)
    except OSError:
        _log.exception("the query engine has ended")
    finally:
        shutil.rmtree(Path(listener.getsockname()).parent, ignore_errors=True)
        os._exit(0)


def _keep(alive: set[int], listener: socket.socket, task: Task) -> None:  # pragma: no cover
    while signal.sigwait((END, signal.SIGCHLD)) != END:
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            pid, code = ended[0], os.waitstatus_to_exitcode(ended[1])
            alive.remove(pid)
            _log.log(*_words(pid, code))
            if code == _NOT_BEGUN:
                time.sleep(_RETRY_SECONDS)  # the next one will not fare better: do not spin
            alive.add(_forked_worker(listener, task))
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _forked_worker(listener: socket.socket, task: Task) -> int:  # pragma: no cover
    supervisor = os.getpid()
    if pid := os.fork():
        return pid
    code = _NOT_BEGUN
    try:
        end_with_parent(supervisor, signal.SIGKILL)
        confined = confine(listener, task.memory)
        code = _FAILED
        work(confined, task)
        code = 0
    finally:
        os._exit(code)


def _words(pid: int, code: int) -> tuple[int, str, int, str]:
    if code == 0:
        return logging.DEBUG, "query worker %d made room (%s)", pid, "it had grown"
    if code < 0:
        return logging.INFO, "query worker %d was ended by %s", pid, signal.Signals(-code).name
    return logging.ERROR, "query worker %d failed (exit code %s)", pid, str(code)
