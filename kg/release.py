"""RELEASE: a directory, written aside, made durable, renamed, and only then pointed to."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pyoxigraph import Store

from kg import catalogue, dumps, report, statistics
from kg.errors import ReleaseError
from kg.namespaces import Names
from kg.search_documents import SEARCH_FILE, write_documents
from kg.serializing import CONTEXT_FILE, write_triples
from kg.store import CATALOGUE_FILE, CURRENT, MANIFEST, QUESTIONS, sorted_lines
from kg.tables import Row
from kg.validation import Finding

_VERSION: Final = re.compile(r"(\d{4})\.(\d{2})\.(\d+)")
_PART: Final = ".part-"


@dataclass(frozen=True, slots=True)
class Content:
    """What a release is made of.

    `context` is its JSON-LD context, `questions` are texts by file name; `inputs` are the SHA-256 sums of what
    was read.
    """

    store: Store
    dataset: Row
    attributions: Sequence[Row]
    withdrawn: Sequence[Row]
    findings: Sequence[Finding]
    date: str
    context: str
    questions: Mapping[str, str]
    inputs: Mapping[str, str]


def write_release(content: Content, releases: Path, names: Names) -> Path:
    """Writes the next version under `releases` and points `current` to it; returns its folder.

    Everything is written into a sibling, flushed to the disk and renamed, then the pointer is replaced, so
    that a crash at any moment leaves the old release whole and current. Raises `ReleaseError` when the disk
    refuses or another build is writing.
    """
    try:
        releases.mkdir(parents=True, exist_ok=True)
        with _locked(releases):
            _remove_leftovers(releases)
            part = Path(tempfile.mkdtemp(prefix=_PART, dir=releases))
            try:
                return _publish(part, content, releases, names)
            finally:
                shutil.rmtree(part, ignore_errors=True)
    except OSError as error:
        raise ReleaseError(f"{releases}: the release could not be written ({error}); the old one stays") from error


def current_inputs(releases: Path) -> Mapping[str, str]:
    """The sums of the files that the current release was made from; empty when there is none."""
    try:
        manifest = json.loads((releases / CURRENT / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    inputs: Mapping[str, str] = manifest["inputs"]
    return inputs


def sha256_of(path: Path) -> str:
    """The SHA-256 sum of a file, in hexadecimal digits."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _publish(part: Path, content: Content, releases: Path, names: Names) -> Path:
    month = content.date[:7].replace("-", ".")
    version = f"{month}.{max(_numbers(releases, month), default=0) + 1}"
    _write(part, content, version, names)
    part.chmod(0o755)
    _flush(part)
    target = part.rename(releases / version)
    _flush_folder(releases)
    _point(releases, version)
    return target


def _write(part: Path, content: Content, version: str, names: Names) -> None:
    store = content.store
    found = list(report.report_quads(content.findings, names))
    store.extend(found)
    counts = statistics.count(store, names)
    dumps.write_json(part / "statistics.json", counts)
    dumps.write_json(part / "report.json", report.report_json(content.findings))
    triples = [quad.triple for quad in found]
    (part / "report.ttl").write_bytes(write_triples(triples, "ttl", names.base, part))
    dumps.write_graph(store, part, names)
    dumps.write_classes(store, part / "classes", names)
    dumps.write_geojson(store, part / "authorities.geojson", names)
    write_documents(store, part / SEARCH_FILE, names)
    (part / CONTEXT_FILE).write_text(content.context, encoding="utf-8")
    _write_questions(part / QUESTIONS, content.questions)
    described = catalogue.Described(content.dataset, version, content.date, counts, _files(part))
    described_store = Store()
    described_store.extend(catalogue.describe(described, names))
    dumps.write_lines(part / CATALOGUE_FILE, sorted_lines(described_store))
    dumps.compress(sorted(path for path in part.iterdir() if path.name.startswith("graph.")))
    manifest = {
        "version": version,
        "date": content.date,
        "base": names.base,
        "dataset": dict(content.dataset.cells),
        "attributions": [dict(row.cells) for row in content.attributions],
        "withdrawn": {row["id"]: dict(row.cells) for row in content.withdrawn},
        "triples": counts["triples"],
        "findings": {
            severity: sum(1 for finding in content.findings if finding.severity == severity)
            for severity in ("violation", "warning", "info")
        },
        "inputs": dict(content.inputs),
        "inputs_sum": hashlib.sha256(json.dumps(dict(content.inputs), sort_keys=True).encode()).hexdigest(),
        "files": _files(part),
    }
    dumps.write_json(part / MANIFEST, manifest)


def _write_questions(folder: Path, questions: Mapping[str, str]) -> None:
    folder.mkdir()
    for name, text in questions.items():
        (folder / name).write_text(text, encoding="utf-8")


def _files(folder: Path) -> dict[str, dict[str, Any]]:
    return {
        path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": sha256_of(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _numbers(releases: Path, month: str) -> Iterator[int]:
    for path in releases.iterdir():
        match = _VERSION.fullmatch(path.name)
        if match and path.name.startswith(f"{month}."):
            yield int(match[3])


def _point(releases: Path, version: str) -> None:
    new = releases / f"{_PART}{CURRENT}"
    new.unlink(missing_ok=True)
    new.symlink_to(version)
    new.replace(releases / CURRENT)
    _flush_folder(releases)


def _flush(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as content:
                os.fsync(content.fileno())
        else:
            _flush_folder(path)
    _flush_folder(folder)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _locked(releases: Path) -> Iterator[None]:
    with (releases / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ReleaseError(f"{releases}: another build is writing; wait for it to end") from error
        yield


def _remove_leftovers(releases: Path) -> None:
    for path in releases.glob(f"{_PART}*"):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
