"""`kg` from outside: exit codes, words for people, JSON for machines."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from kg.settings import Settings
from tests.conftest import ROOT
from tests.tables import set_cell

Done = subprocess.CompletedProcess[str]


def kg(environment: dict[str, str], *arguments: str, stdin: str = "") -> Done:
    return subprocess.run(
        [sys.executable, "-m", "kg", *arguments],
        env=environment, cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_build_summarises_and_query_asks_what_was_built(environment: dict[str, str], region: Settings) -> None:
    built = kg(environment, "build")
    assert built.returncode == 0, built.stdout + built.stderr
    for part in ("1  Partnership", "triples in all", "Findings: 0 violations", "Seconds: read", "2024.05.1"):
        assert part in built.stdout
    for step in ("read", "map", "derive", "link", "validate", "release"):
        assert f"· {step} …" in built.stderr
    question = "PREFIX mpo: <https://w3id.org/municipal-partnerships/def/> SELECT ?s WHERE { ?p mpo:since ?s }"
    asked = kg(environment, "query", "-", stdin=question)
    assert asked.stdout.split() == ["s", "1960-04"]
    asked = kg(environment, "query", "-", "--json", stdin=question)
    assert json.loads(asked.stdout)["results"]["bindings"][0]["s"]["value"] == "1960-04"


def test_query_says_where_the_mistake_is(environment: dict[str, str]) -> None:
    assert kg(environment, "build").returncode == 0
    asked = kg(environment, "query", "-", stdin="SELECT ?s WHERE { ?s ?p }")
    assert (asked.returncode, "Traceback" in asked.stderr) == (1, False)
    assert "error at 1:" in asked.stderr


def test_build_in_json_is_one_object(environment: dict[str, str]) -> None:
    built = json.loads(kg(environment, "build", "--json").stdout)
    assert built["date"] == "2024-05-01"
    assert built["classes"]["Partnership"] == 1
    assert set(built["seconds"]) == {"read", "map", "derive", "link", "validate", "release"}


def test_problems_come_as_lines_and_as_json_and_release_nothing(environment: dict[str, str], region: Settings) -> None:
    set_cell(region.data / "partnerships.csv", 2, "since", "19960")
    built = kg(environment, "build")
    assert built.returncode == 1
    line = 'partnerships.csv, row 2, column since: "19960" is no year; write YYYY, YYYY-MM or YYYY-MM-DD'
    assert line in built.stderr
    assert "1 problem; nothing was released." in built.stderr
    problem = json.loads(kg(environment, "validate", "--json").stdout)["problems"][0]
    assert (problem["file"], problem["row"], problem["column"]) == ("partnerships.csv", 2, "since")
    assert not (region.releases / "current").exists()


def test_check_reads_a_csv_of_an_editor(environment: dict[str, str], region: Settings, tmp_path) -> None:
    mine = tmp_path / "partnerships.csv"
    mine.write_text((region.data / "partnerships.csv").read_text().replace("fr-exempleville,", "fr-exemplevile,"))
    checked = kg(environment, "check", str(mine))
    assert checked.returncode == 1
    assert 'did you mean "fr-exempleville"?' in checked.stdout
    fine = kg(environment, "check", str(region.data / "partnerships.csv"))
    assert (fine.returncode, fine.stdout.strip().endswith("nothing to mend.")) == (0, True)


def test_check_reads_the_rdf_of_an_editor(environment: dict[str, str], tmp_path) -> None:
    mine = tmp_path / "mine.ttl"
    base = "https://w3id.org/municipal-partnerships/"
    mine.write_text(f"<{base}id/partnership/lonely> a <{base}def/Partnership> .")
    checked = kg(environment, "check", str(mine), "--json")
    assert checked.returncode == 1
    findings = json.loads(checked.stdout)["findings"]
    assert f"{base}shapes/Partnership-hasParty" in {finding["shape"] for finding in findings}
    mine.write_text("no turtle at all")
    broken = kg(environment, "check", str(mine))
    assert (broken.returncode, "Traceback" in broken.stderr) == (1, False)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["build", "--date", "yesterday"], "is no day; write YYYY-MM-DD"),
        (["fly"], "No such command"),
        (["check", "nowhere.csv"], "does not exist"),
    ],
)
def test_wrong_usage_is_exit_2(environment: dict[str, str], arguments: list[str], words: str) -> None:
    done = kg(environment, *arguments)
    assert (done.returncode, words in done.stderr) == (2, True)


def test_a_setting_that_cannot_be_used_is_named(environment: dict[str, str]) -> None:
    done = kg({**environment, "KG_BASE": "no address"}, "build")
    assert (done.returncode, 'base: "no address" is no http(s) address' in done.stderr) == (1, True)
    done = kg({**environment, "KG_QUERY_ROWS": "many"}, "build")
    assert (done.returncode, 'KG_QUERY_ROWS: "many" is no int' in done.stderr) == (1, True)


@pytest.mark.parametrize("verb", ["build", "validate", "check", "query", "pack", "fetch"])
def test_every_verb_has_help(environment: dict[str, str], verb: str) -> None:
    helped = kg(environment, verb, "--help")
    assert helped.returncode == 0
    assert len(helped.stdout.splitlines()) > 4
