"""`kg-serve`: load once, fork the query workers and the page workers, answer until told to stop."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
from flask import Flask
from granian.constants import Interfaces
from granian.server import MPServer

from kg.engine import Engine
from kg.engine.worker import end_with_parent
from kg.errors import KgError, ReleaseError, ServingError
from kg.questions import questions_of
from kg.search import SearchIndex
from kg.settings import Settings
from kg.store import open_release, release_folder
from webapp import create_app
from webapp.observing import AccessLog, Numbers

_THREADS: Final = 16  # more than can run and wait in the query engine, so that pages never do
_SECONDS_TO_STOP: Final = 3


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--release", "folder", type=click.Path(file_okay=False, path_type=Path), help="Folder of one release.")
@click.option(
    "--data", "files", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="RDF file to serve instead of a release; may be given again (.ttl .trig .nt .nq .rdf .jsonld).",
)  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Page worker processes.")
@click.option("--access-log", metavar="FILE", help="Log each request as a line of JSON; - means standard error.")
def main(
    folder: Path | None, files: Sequence[Path], host: str, port: int, workers: int, access_log: str | None
) -> None:
    """Serve the current release, another one, or any RDF files."""
    if folder and files:
        raise click.UsageError("--release and --data exclude each other")
    try:
        settings = Settings.from_env()
        with tempfile.TemporaryDirectory(prefix="kg-serve-") as scratch:
            if files:
                folder = _packed(files, Path(scratch))
            numbers = Path(scratch) / "numbers"
            numbers.mkdir()
            folder = folder or release_folder(settings.releases)
            _serve(folder, settings, _server(host, port, workers), numbers, access_log)
    except KgError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)


def _server(host: str, port: int, workers: int) -> MPServer:
    # Granian's sockets share their port, so it would not notice another server there.
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        message = f"{host}:{port} cannot be listened on ({reason}); choose another with --port"
        raise ServingError(message) from error
    return MPServer(
        "webapp",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=_THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=_SECONDS_TO_STOP,
        log_enabled=False,
        websockets=False,
    )


def _serve(folder: Path, settings: Settings, server: MPServer, shared: Path, access_log: str | None) -> None:
    release = open_release(folder)
    engine = Engine(release.store, release.names, settings)
    engine.start()  # before anything has threads, as it forks
    try:
        index = SearchIndex.open(folder)
        questions = questions_of(release, settings)
        log = AccessLog(access_log) if access_log else None
        numbers = Numbers(shared)
        address = f"http://{server.bind_addr}:{server.bind_port}/"
        click.echo(f"Release {release.version} with {len(release.store):,} triples: {address}", err=True)
        # Each worker is forked from here, so all share the one loaded store.
        parent = os.getpid()

        def load() -> Flask:
            end_with_parent(parent, signal.SIGKILL)
            return create_app(release, engine, settings, index, questions, numbers, log)

        multiprocessing.set_start_method("fork", force=True)
        server.serve(target_loader=load, wrap_loader=False)
    finally:
        engine.stop()


def _packed(files: Sequence[Path], scratch: Path) -> Path:
    """A temporary release of `files`; packed by another process, since this half builds nothing."""
    command = [sys.executable, "-m", "kg", "pack", "--releases", str(scratch), *map(str, files)]
    if subprocess.run(command, check=False).returncode:  # noqa: S603  our own command, no shell
        raise ReleaseError("the files could not be packed into a release")
    return release_folder(scratch)


if __name__ == "__main__":
    main()
