"""Runs `kg` and kills itself with SIGKILL at the first audit event that matches, as a power cut would.

Usage: python -m tests.dying EVENT SUBSTRING kg-arguments…
"""

from __future__ import annotations

import os
import signal
import sys

from kg.cli import main


def die_at(wanted: str, part: str) -> None:
    """Arms the trap: `wanted` is a name of Python's audit event table, `part` stands in one of its arguments."""

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == wanted and any(part in str(argument) for argument in arguments):
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


if __name__ == "__main__":
    die_at(sys.argv[1], sys.argv[2])
    main(sys.argv[3:])
