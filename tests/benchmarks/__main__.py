"""`make bench`: how long builds take, step by step, and how much memory they need."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from tests.benchmarks.generator import generate
from tests.conftest import ROOT

_PARTNERSHIPS_OF_A_MILLION = 7_500


def main() -> None:
    """Build the real data and a synthetic million triples, each in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="kg-bench-") as scratch:
        click.echo("what                triples   seconds   peak memory   steps")
        _build("real data", ROOT / "data", Path(scratch) / "real")
        synthetic = Path(scratch) / "tables"
        generate(synthetic, _PARTNERSHIPS_OF_A_MILLION)
        _build("synthetic", synthetic, Path(scratch) / "synthetic")


def _build(name: str, data: Path, releases: Path) -> None:
    environment = {**os.environ, "KG_DATA": str(data), "KG_RELEASES": str(releases)}
    begun = time.perf_counter()
    command = [sys.executable, "-m", "kg", "build", "--json"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - begun
    if done.returncode:
        click.echo(f"{name}: failed\n{done.stderr[-2000:]}{done.stdout[:2000]}")
        return
    built = json.loads(done.stdout)
    # The largest child so far: the builds come in the order of their size.
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    steps = ", ".join(f"{step} {taken:.1f}" for step, taken in built["seconds"].items())
    click.echo(f"{name:<16}{built['triples']:>11,}{seconds:>10.1f}{memory:>10,.0f} MB   {steps}")


if __name__ == "__main__":
    main()
