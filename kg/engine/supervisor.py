"""The process that keeps the workers: forks them, and a new one for each that ends."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Final, NoReturn

from kg.engine.worker import Task, confine, end_with_parent, work

END: Final = signal.SIGUSR1
_RETRY_SECONDS: Final = 1.0
_log = logging.getLogger(__name__)


def supervise(listener: socket.socket, task: Task, workers: int, parent: int, address: str) -> NoReturn:
    """Keeps `workers` workers at `listener` until END comes or `parent` is gone, then removes `address`.

    SIGTERM and SIGINT mean the parent, which may still have requests to finish.
    """
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(END, lambda *_: sys.exit(0))
        end_with_parent(parent, END)
        gc.freeze()
        _keep(listener, task, workers)
    finally:
        shutil.rmtree(Path(address).parent, ignore_errors=True)
        os._exit(0)


def _keep(listener: socket.socket, task: Task, workers: int) -> NoReturn:
    for _ in range(workers):
        _fork_worker(listener, task)
    while True:
        pid, status = os.wait()
        _log.log(*_words(pid, os.waitstatus_to_exitcode(status)))
        if status and not os.WIFSIGNALED(status):
            time.sleep(_RETRY_SECONDS)  # it could not even begin: do not spin
        _fork_worker(listener, task)


def _fork_worker(listener: socket.socket, task: Task) -> None:
    supervisor = os.getpid()
    if os.fork():
        return
    code = 1
    try:
        end_with_parent(supervisor, signal.SIGKILL)
        work(confine(listener, task.memory), task)
        code = 0
    finally:
        os._exit(code)


def _words(pid: int, code: int) -> tuple[int, str, int, str]:
    if code == 0:
        return logging.DEBUG, "query worker %d made room (%s)", pid, "it had grown"
    if code < 0:
        return logging.INFO, "query worker %d was ended by %s", pid, signal.Signals(-code).name
    return logging.ERROR, "query worker %d could not work (exit code %s)", pid, str(code)
