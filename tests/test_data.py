"""The real data: carried over whole, doubts kept, history read out of prose."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from kg.store import Release
from tests.conftest import ROOT
from tests.tables import read_rows

DATA = ROOT / "data"
TABLES = {path.stem: read_rows(path) for path in sorted(DATA.glob("*.csv"))}
BY_KEY = {name: {row["key"]: row for row in rows} for name, rows in TABLES.items() if name != "aliases"}


def phases(partnership: str) -> list[tuple[str, str, str, str]]:
    rows = [row for row in TABLES["phases"] if row["partnership"] == partnership]
    rows = sorted(rows, key=lambda row: int(row["key"].rpartition(".p")[2]))
    rows = rows or [BY_KEY["partnerships"][partnership]]
    return [(row["form"], row["status"], row["since"], row["until"]) for row in rows]


def acts(partnership: str) -> list[tuple[str, str]]:
    rows = [row for row in TABLES["acts"] if row["partnership"] == partnership]
    return sorted((row["date"], row["kind"]) for row in rows)


def test_the_tables_validate_as_csvw() -> None:
    command = [str(Path(sys.executable).parent / "csvwvalidate"), "-v", str(DATA / "csv-metadata.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.strip()) == (0, "OK")


def test_the_facts_are_carried_over_whole() -> None:
    focus = {"de-nordrhein-westfalen"}
    inside = [row for row in TABLES["authorities"] if row["ags"].startswith("05")]
    assert Counter(len(row["ags"]) for row in inside if row["level"] in ("municipality", "district")) == {
        8: 396,
        5: 31,
    }
    assert {row["key"] for row in inside if len(row["ags"]) == 2} == focus
    assert len(TABLES["partnerships"]) == 1207
    assert sum(1 for row in TABLES["statements"] if not row["stance"]) >= 4207
    assert Counter(row["stance"] for row in TABLES["statements"] if row["stance"]) == {
        "disputes": 50,
        "none": 8,
    }
    assert len(TABLES["actors"]) >= 510
    activities = sum(len(TABLES[name]) for name in ("programmes", "projects", "offers"))
    assert activities >= 43
    assert (len(TABLES["events"]), len(TABLES["publications"])) == (66, 28)
    assert len({row["kind"] for row in TABLES["actors"]}) >= 43


def test_diffs_stay_readable() -> None:
    for path in DATA.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as content:
            lines = list(csv.reader(content))
        assert len(lines) == path.read_bytes().count(b"\n"), f"{path.name}: a record spans several lines"


@pytest.mark.parametrize(
    ("partnership", "expected"),
    [
        (
            "de-oberhausen--de-freital",
            [("twinning", "active", "1989", "2001"), ("friendship", "dormant", "2001", "")],
        ),
        (
            "de-solingen--sn-thies",
            [("friendship", "active", "1990", "2015"), ("twinning", "active", "2016", "")],
        ),
        (
            "de-bottrop--pl-gliwice",
            [
                ("sponsorship", "", "1951", "2004"),
                ("friendship", "active", "2004", "2007"),
                ("twinning", "", "2007", ""),
            ],
        ),
        (
            "de-aachen--za-kapstadt",
            [("project", "active", "1999", "2016-04-06"), ("twinning", "", "2016-04-06", "")],
        ),
        (
            "de-koeln--ua-dnipro",
            [("project", "active", "2022-10-27", "2024-08-28"), ("twinning", "active", "2024-08-28", "")],
        ),
        (
            "de-dortmund--ua-schytomyr",
            [("solidarity", "active", "2023-02-23", "2025"), ("twinning", "active", "2025", "")],
        ),
        (
            "de-duesseldorf--ru-moskau",
            [("twinning", "active", "1992", "2022-02"), ("twinning", "suspended", "2022-02", "")],
        ),
    ],
)
def test_history_became_phases(partnership: str, expected: list[tuple[str, str, str, str]]) -> None:
    assert phases(partnership) == expected


def test_the_russian_partnerships_suspended_in_2022_say_so() -> None:
    russian = {row["key"] for row in TABLES["partnerships"] if "--ru-" in row["key"]}
    suspended = {key for key in russian if phases(key)[-1][1] == "suspended"}
    assert {
        "de-duesseldorf--ru-moskau",
        "de-guetersloh--ru-rschew",
        "de-krefeld--ru-uljanowsk",
        "de-neuss--ru-pskow",
    } <= suspended
    assert all(phases(key)[-1][2].startswith("2022") for key in suspended)


def test_two_sources_of_one_beginning_are_both_kept() -> None:
    said = {row["since"] for row in TABLES["statements"] if row["partnership"] == "de-koeln--ua-dnipro"}
    assert {"2024-05", "2024-08-28"} <= said
    assert acts("de-koeln--ua-dnipro") == [
        ("2022-10-27", "signing"),
        ("2024-05", "council-vote"),
        ("2024-08-28", "signing"),
    ]


@pytest.mark.parametrize(
    ("partnership", "former", "successor"),
    [
        ("de-muelheim-an-der-ruhr--fi-kouvola", "fi-kuusankoski", "fi-kouvola"),
        ("de-ratingen--fr-le-quesnoy", "de-hoesel", "de-ratingen"),
    ],
)
def test_predecessors_are_parties_of_their_own(partnership: str, former: str, successor: str) -> None:
    assert former in BY_KEY["partnerships"][partnership]["former_parties"].split(";")
    assert BY_KEY["authorities"][former]["replaced_by"] == successor


def test_a_transfer_is_an_act() -> None:
    assert ("2009", "transfer") in acts("de-muelheim-an-der-ruhr--fi-kouvola")


@pytest.mark.parametrize(
    ("partnership", "holder", "city"),
    [
        ("de-bonn-bad-godesberg--fr-saint-cloud", "de-bonn-bad-godesberg", "de-bonn"),
        ("de-bonn-beuel--fr-mirecourt", "de-bonn-beuel", "de-bonn"),
        ("de-bonn-hardtberg--fr-villemomble", "de-bonn-hardtberg", "de-bonn"),
        ("de-aachen-walheim--fr-montebourg", "de-aachen-walheim", "de-aachen"),
    ],
)
def test_boroughs_hold_their_own_partnerships(partnership: str, holder: str, city: str) -> None:
    assert holder in BY_KEY["partnerships"][partnership]["parties"].split(";")
    assert BY_KEY["authorities"][holder]["level"] in ("borough", "former-municipality")
    assert BY_KEY["authorities"][holder]["part_of"] == city


def test_rings_and_triangles_are_one_partnership_each() -> None:
    several = {row["key"] for row in TABLES["partnerships"] if row["parties"].count(";") > 1}
    assert {
        "de-muenster--ua-winnyzja--pl-lublin",
        "de-essen--ua-riwne--pl-zabrze",
        "de-krefeld--ua-kropywnyzkyj--nl-venlo",
    } <= several
    ring = next(row for row in TABLES["partnerships"] if "de-koeln;" in row["parties"] and "it-turin" in row["parties"])
    assert len(ring["parties"].split(";")) == 6
    assert ring["since"].startswith("1958")


@pytest.mark.parametrize(
    "partnership", ["de-dortmund--tr-beyoglu", "de-paderborn--il-naharija", "de-bielefeld--fr-figeac"]
)
def test_doubtful_partnerships_are_marked(partnership: str) -> None:
    assert BY_KEY["partnerships"][partnership]["verification"] == "doubtful"


def test_what_rests_on_wikidata_alone_is_never_confirmed() -> None:
    sources = BY_KEY["sources"]
    kinds: dict[str, set[str]] = {}
    for row in TABLES["statements"]:
        if row["partnership"] and row["stance"] != "disputes":
            kinds.setdefault(row["partnership"], set()).add(sources[row["source"]]["kind"])
    for row in TABLES["partnerships"]:
        if kinds.get(row["key"]) == {"wikidata"}:
            assert row["verification"] in ("unverified", "doubtful"), row["key"]


def test_towns_without_a_partnership_say_so() -> None:
    stated = {row["authority"] for row in TABLES["statements"] if row["stance"] == "none"}
    assert {"de-schermbeck", "de-hattingen", "de-ennepe-ruhr-kreis", "de-kreis-mettmann"} <= stated


def test_ukrainian_authorities_of_the_facts_exist() -> None:
    authorities = BY_KEY["authorities"]
    for key in ("ua-czernowitz", "ua-winnyzja", "ua-riwne", "ua-luzk", "ua-rajon-sarny", "ua-schytomyr"):
        assert authorities[key]["name_local"], key
        assert authorities[key]["local_language"] == "uk"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("actors", "Auslandsgesellschaft.de e.V."),
        ("actors", "Netzwerkstelle Städtepartnerschaften"),
        ("actors", "Sister City Committee Buffalo"),
        ("actors", "Deutsch-Britische Gesellschaft"),
        ("actors", "Anglo-German Club Leeds"),
        ("actors", "Park Akademie Dortmund"),
        ("programmes", "Reallabor Kommunaler Aufbaupartnerschaften NRW-Ukraine"),
        ("events", "75 Jahre Auslandsgesellschaft"),
        ("events", "Studienreise New York und Buffalo"),
        ("offers", "Amiens"),
        ("offers", "Buffalo"),
        ("publications", "Newsletter 1/2023: Reallabor Ukraine"),
    ],
)
def test_what_the_client_says_is_found_by_label(table: str, words: str) -> None:
    texts = [" ".join(row.values()) for row in TABLES[table]]
    assert [text for text in texts if words.lower() in text.lower()]


def test_the_network_office_is_carried_supported_and_central() -> None:
    office = BY_KEY["actors"]["netzwerkstelle-staedtepartnerschaften-nrw"]
    assert office["parent"] == "auslandsgesellschaft-de"
    assert "staedtepartnerschaftennrw.org" in office["homepage"]
    engaged = {
        (row["agent"], row["role"]) for row in TABLES["engagements"] if row["activity"] == "aufbau-netzwerkstelle"
    }
    assert ("staatskanzlei-nrw", "funder") in engaged


def test_no_e_mail_address_and_no_salutation_of_a_person_stands_in_the_tables() -> None:
    for name, rows in TABLES.items():
        for row in rows:
            text = " ".join(value for column, value in row.items() if column not in ("url", "homepage"))
            assert not re.search(r"\S+@\S+\.\S+|\b(Herrn?|Frau|Mr|Mrs|Ms)\.? [A-ZÄÖÜ][a-zäöü]+", text), (
                name,
                row["key"],
            )


def test_the_focus_and_licence_are_data(release: Release) -> None:
    assert release.manifest["dataset"]["focus"] == "de-nordrhein-westfalen"
    assert release.manifest["dataset"]["licence"] == "https://creativecommons.org/licenses/by/4.0/"
    assert {row["key"] for row in TABLES["attributions"]} >= {
        "geonames",
        "wikidata",
        "bkg-outlines",
        "bkg-centroids",
    }


def test_nothing_of_the_region_is_in_the_code() -> None:
    for folder in ("kg", "webapp"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".rq", ".html", ".json", ".css") and "built" not in path.parts:
                text = path.read_text(encoding="utf-8")
                assert not re.search(r"\bNRW\b|Nordrhein|Dortmund|Ruhr\b", text.replace("Ruhr petrol", "")), path
