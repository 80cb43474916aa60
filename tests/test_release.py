"""A release is whole or not there: the same bytes for the same input, and the old one through every crash."""

from __future__ import annotations

import gzip
import hashlib
import json
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard
from pyoxigraph import RdfFormat, Store, parse

from kg.namespaces import GRAPHS, Names
from kg.settings import Settings
from kg.store import Release, open_release, release_folder
from tests.conftest import ROOT
from tests.tables import set_cell


def kg(
    environment: dict[str, str],
    *arguments: str,
    command: tuple[str, ...] = ("-m", "kg"),
    file_size: int | None = None,
) -> subprocess.CompletedProcess[str]:
    def limit() -> None:
        if file_size:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))

    return subprocess.run(
        [sys.executable, *command, *arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=limit,
    )


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_two_builds_elsewhere_give_the_same_bytes(environment: dict[str, str], tmp_path: Path) -> None:
    made = []
    for place, seed, zone in (("here", "1", "Pacific/Kiritimati"), ("there", "77", "America/Los_Angeles")):
        folder = tmp_path / place
        variables = {**environment, "KG_RELEASES": str(folder), "PYTHONHASHSEED": seed, "TZ": zone}
        assert kg(variables, "build").returncode == 0
        made.append(contents(folder / "current"))
    assert made[0] == made[1]
    assert {"graph.nq", "graph.ttl", "classes/authority.csv", "manifest.json"} <= made[0].keys()


@pytest.mark.parametrize(
    ("event", "part"),
    [
        ("tempfile.mkdtemp", ".part-"),
        ("open", "graph.nt"),
        ("open", "classes/partnership.csv"),
        ("open", "graph.nq.zst"),
        ("open", "manifest.json"),
        ("os.rename", ".part-"),
        ("os.symlink", "2024.05.2"),
        ("os.rename", ".part-current"),
    ],
)
def test_a_kill_leaves_the_old_release_whole_and_current(
    environment: dict[str, str], region: Settings, event: str, part: str
) -> None:
    assert kg(environment, "build").returncode == 0
    before = contents(region.releases / "2024.05.1")
    set_cell(region.data / "actors.csv", 2, "name_de", "Umbenannter Verein")
    died = kg(environment, event, part, "build", command=("-m", "tests.dying"))
    assert died.returncode == -signal.SIGKILL
    assert contents(release_folder(region.releases)) == before
    finished = kg(environment, "build")
    assert finished.returncode == 0, finished.stderr
    assert "Umbenannter Verein" in (release_folder(region.releases) / "graph.ttl").read_text()
    assert not list(region.releases.glob(".part-*"))
    assert contents(region.releases / "2024.05.1") == before


def test_a_full_disk_leaves_the_old_release_whole_and_current(environment: dict[str, str], region: Settings) -> None:
    assert kg(environment, "build").returncode == 0
    before = contents(region.releases / "2024.05.1")
    set_cell(region.data / "actors.csv", 2, "name_de", "Umbenannter Verein")
    # The limit is the build's alone: a coverage run has a file of its own to write.
    unmeasured = {name: value for name, value in environment.items() if not name.startswith("COVERAGE")}
    full = kg(unmeasured, "build", file_size=20_000)
    assert full.returncode == 1
    assert "the release could not be written" in full.stderr
    assert "the old one stays" in full.stderr
    assert "Traceback" not in full.stderr
    assert sorted(path.name for path in region.releases.iterdir()) == [".lock", "2024.05.1", "current"]
    assert contents(release_folder(region.releases)) == before


def test_nothing_new_is_made_of_unchanged_input(environment: dict[str, str], region: Settings) -> None:
    assert kg(environment, "build").returncode == 0
    again = kg(environment, "build")
    assert (again.returncode, "Nothing has changed" in again.stdout) == (0, True)
    assert kg(environment, "build", "--force").returncode == 0
    assert (region.releases / "current").readlink() == Path("2024.05.2")


def test_a_violation_releases_nothing(environment: dict[str, str], region: Settings) -> None:
    set_cell(region.data / "partnerships.csv", 2, "parties", "de-musterstadt")
    refused = kg(environment, "build")
    assert refused.returncode == 1
    assert "partnerships.csv, row 2, column parties: violation:" in refused.stdout
    assert not (region.releases / "current").exists()


def test_the_manifest_names_every_file_with_its_sum(release: Release) -> None:
    files = contents(release.folder)
    del files["manifest.json"]
    assert {name: entry["sha256"] for name, entry in release.manifest["files"].items()} == files


def test_all_dumps_hold_the_same_triples(release: Release) -> None:
    def triples(name: str, form: RdfFormat) -> set[bytes]:
        with (release.folder / name).open("rb") as content:
            store = Store()
            store.bulk_extend(parse(content, form))
        lines = store.dump(format=RdfFormat.N_QUADS).splitlines()
        # The labels of blank nodes differ between files, and the graph name is the dump's own.
        return {
            line.rpartition(b" <https://w3id.org/municipal-partnerships/graph/")[0] or line[:-2]
            for line in lines
            if b"_:" not in line
        }

    expected = triples("graph.nt", RdfFormat.N_TRIPLES)
    assert len(expected) > 150_000
    for name, form in (
        ("graph.ttl", RdfFormat.TURTLE),
        ("graph.nq", RdfFormat.N_QUADS),
        ("graph.trig", RdfFormat.TRIG),
        ("graph.rdf", RdfFormat.RDF_XML),
        ("graph.jsonld", RdfFormat.JSON_LD),
    ):
        assert triples(name, form) == expected, name


def test_the_packed_twins_unpack_to_the_same(release: Release) -> None:
    plain = (release.folder / "graph.ttl").read_bytes()
    assert gzip.decompress((release.folder / "graph.ttl.gz").read_bytes()) == plain
    with (release.folder / "graph.ttl.zst").open("rb") as packed:
        assert zstandard.ZstdDecompressor().stream_reader(packed).read() == plain


def test_no_triple_stands_in_two_graphs_and_none_outside(release: Release) -> None:
    store, names = release.store, Names()
    known = {names.graph(name) for name in GRAPHS}
    assert set(store.named_graphs()) == known
    total = sum(1 for _ in store)
    assert total == len({quad.triple for quad in store})
    assert total == sum(release.manifest["triples"].values()) + sum(
        1 for _ in store.quads_for_pattern(None, None, None, names.graph("catalogue"))
    )


def test_data_graphs_have_no_blank_nodes(release: Release) -> None:
    graphs = [f"graph/{name}>" for name in GRAPHS if name not in ("ontology", "shapes")]
    lines = (release.folder / "graph.nq").read_text(encoding="utf-8").splitlines()
    lines += (release.folder / "catalogue.nq").read_text(encoding="utf-8").splitlines()
    bad = [line for line in lines if "_:" in line.split('"')[0] and any(graph in line for graph in graphs)]
    assert bad == []


def test_a_release_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    from kg.errors import ReleaseError

    (tmp_path / "manifest.json").write_text(json.dumps({"version": "1"}))
    (tmp_path / "graph.nq").write_text("<no quad>")
    with pytest.raises(ReleaseError, match="is no whole release"):
        open_release(tmp_path)
    with pytest.raises(ReleaseError, match=r"there is no release 2020\.01\.1; `kg build` makes one"):
        release_folder(tmp_path, "2020.01.1")
