"""An editor's mistake is answered by file, row, column and remedy; all at once, and nothing slips through."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import TablesInvalidError
from kg.mapping import check_rows
from kg.model import Model
from kg.namespaces import Names, is_key
from kg.settings import Settings
from kg.tables import Reading, read_schemas, read_table, read_tables
from tests.conftest import ROOT
from tests.tables import add_row, set_cell


def problems(settings: Settings) -> list[str]:
    model = Model(settings.ontology, Names())
    try:
        return [str(problem) for problem in check_rows(read_tables(settings.data, model.concepts))]
    except TablesInvalidError as error:
        return [str(problem) for problem in error.problems]


def test_the_untouched_region_has_no_problems(region: Settings) -> None:
    assert problems(region) == []


@pytest.mark.parametrize(
    ("table", "column", "value", "expected"),
    [
        ("partnerships", "since", "19960", '"19960" is no year; write YYYY, YYYY-MM or YYYY-MM-DD'),
        ("partnerships", "since", "31.04.1987", '"31.04.1987" is no date; write YYYY, YYYY-MM or YYYY-MM-DD'),
        (
            "partnerships", "since", "1987-04-31",
            '"1987-04-31" is not in the calendar; write YYYY, YYYY-MM or YYYY-MM-DD',
        ),
        ("partnerships", "since", "１９６０", '"１９６０" is no year; write YYYY, YYYY-MM or YYYY-MM-DD'),
        (
            "partnerships", "parties", "de-musterstadt;fr-exemplevile",
            'there is no authority "fr-exemplevile"; did you mean "fr-exempleville"?',
        ),
        ("partnerships", "parties", "de-musterstadt;;fr-exempleville", 'has nothing between two ";"'),
        ("partnerships", "parties", "", "is empty, but has to be filled"),
        ("partnerships", "form", "twining", 'the scheme forms has no "twining"; did you mean "twinning"?'),
        (
            "partnerships", "key", "Dortmund Amiens",
            '"Dortmund Amiens" is no key; write a-z, 0-9 and single hyphens, such as de-dortmund',
        ),
        ("partnerships", "note_de", "<b>fett</b>", '"<b>" is markup; write plain text'),
        (
            "partnerships", "note_de", "zwei\nZeilen",
            "holds a line break or another control character; write it on one line",
        ),
        ("authorities", "population", "1.000", '"1.000" is no whole number; write digits only'),
        ("authorities", "ags", "0591", '"0591" does not have the form [0-9]{2}([0-9]{3}([0-9]{3})?)?'),
        ("places", "lat", "51,5", '"51,5" is no number; write digits with a decimal point, such as 51.5142'),
        ("places", "lat", "1e3", '"1e3" is no number; write digits with a decimal point, such as 51.5142'),
        ("places", "lat", "NaN", '"NaN" is no number; write digits with a decimal point, such as 51.5142'),
        ("places", "local_language", "français", '"français" is no language tag; write one such as de, uk or pt-BR'),
        ("sources", "retrieved", "2024", '"2024" is no day; write YYYY-MM-DD'),
        ("actors", "parent", "nobody-known", 'there is no actor or authority "nobody-known"'),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_named_with_its_remedy(
    region: Settings, table: str, column: str, value: str, expected: str
) -> None:
    set_cell(region.data / f"{table}.csv", 2, column, value)
    assert f"{table}.csv, row 2, column {column}: {expected}" in problems(region)


@pytest.mark.parametrize(
    "value", ["javascript:alert(1)", "ftp://example.org/", "www.example.org", "https://a b/", "https://"]
)
def test_only_whole_web_addresses_are_addresses(region: Settings, value: str) -> None:
    set_cell(region.data / "sources.csv", 2, "url", value)
    assert [
        line for line in problems(region) if line.startswith(f'sources.csv, row 2, column url: "{value}" is no web')
    ]


def test_all_problems_of_all_files_come_at_once_and_sorted(region: Settings) -> None:
    set_cell(region.data / "sources.csv", 3, "kind", "gossip")
    set_cell(region.data / "authorities.csv", 2, "level", "planet")
    set_cell(region.data / "partnerships.csv", 2, "since", "60")
    found = [line.partition(":")[0] for line in problems(region)]
    assert found == [
        "authorities.csv, row 2, column level",
        "partnerships.csv, row 2, column since",
        "sources.csv, row 3, column kind",
    ]


def test_a_key_is_used_once(region: Settings) -> None:
    add_row(region.data / "sources.csv", key="survey", title="Noch einmal", kind="press")
    assert problems(region) == [
        'sources.csv, row 4, column key: "survey" stands already in row 3; each key is used once'
    ]


def test_wrong_encoding_names_the_row(region: Settings) -> None:
    path = region.data / "actors.csv"
    path.write_bytes(path.read_bytes().replace(b"Musterverein", "Förderverein".encode("latin-1")))
    assert "actors.csv, row 2: is not UTF-8 here; save the file as CSV in UTF-8" in problems(region)


def test_a_byte_order_mark_is_no_mistake(region: Settings) -> None:
    path = region.data / "actors.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert problems(region) == []


def test_missing_and_unknown_columns_are_named(region: Settings) -> None:
    path = region.data / "sources.csv"
    path.write_text(path.read_text().replace("publisher", "publischer", 1))
    assert "sources.csv, row 1, column publisher: this column is missing; add it, empty if need be" in problems(region)
    assert (
        "sources.csv, row 1, column publischer: no such column is described in csv-metadata.json; "
        'did you mean "publisher"?'
    ) in problems(region)


def test_a_stray_quote_names_the_row(region: Settings) -> None:
    path = region.data / "sources.csv"
    path.write_text(path.read_text().replace("Beispielzeitung", '"Beispiel" zeitung', 1))
    assert [line for line in problems(region) if line.startswith("sources.csv, row 2: the quotes do not match")]


def test_a_row_with_too_many_cells_is_named(region: Settings) -> None:
    path = region.data / "sources.csv"
    path.write_text(path.read_text() + "late,Titel,,,press,,,,,,,\n")
    assert "sources.csv, row 4: has 12 cells, but the header has 9; check commas and quotes" in problems(region)


def test_a_table_nobody_described_is_named(region: Settings) -> None:
    (region.data / "mayors.csv").write_text("key\n")
    assert problems(region) == ["mayors.csv: is not described in csv-metadata.json; add it there"]


def test_a_free_text_name_resolves_through_the_alias_table(region: Settings) -> None:
    set_cell(region.data / "engagements.csv", 2, "agent", "Stadt Musterstadt")
    assert problems(region) == []
    tables = read_tables(region.data, Model(region.ontology, Names()).concepts)
    assert tables["engagements"][0]["agent"] == "de-musterstadt"


def test_an_alias_of_nothing_is_named(region: Settings) -> None:
    set_cell(region.data / "aliases.csv", 2, "key", "de-mustersadt")
    assert (
        'aliases.csv, row 2, column key: there is no authority "de-mustersadt"; did you mean "de-musterstadt"?'
        in problems(region)
    )


def test_a_phase_stands_in_one_table_only(region: Settings) -> None:
    add_row(
        region.data / "phases.csv",
        key="de-musterstadt--fr-exempleville.p1",
        partnership="de-musterstadt--fr-exempleville",
        form="friendship",
        sources="survey",
    )
    assert (
        'partnerships.csv, row 2, column form: "twinning" belongs into phases.csv, '
        "which has phases of de-musterstadt--fr-exempleville; empty it"
    ) in problems(region)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({}, "column partnership: says not in what; fill partnership, authority, country or activity"),
        (
            {"partnership": "de-musterstadt--fr-exempleville", "activity": "musterfest"},
            "column activity: partnership and activity are both filled; write one row for each",
        ),
    ],
)
def test_an_engagement_is_in_one_thing(region: Settings, cells: dict[str, str], message: str) -> None:
    row = {"key": "another", "agent": "musterverein", "role": "carrier", "sources": "survey", **cells}
    add_row(region.data / "engagements.csv", **row)
    assert problems(region) == [f"engagements.csv, row 3, {message}"]


@given(st.lists(st.lists(st.text(), min_size=1, max_size=12), max_size=6), st.binary(max_size=40))
def test_whatever_stands_in_a_file_gives_rows_or_problems_and_no_crash(
    tmp_path_factory: pytest.TempPathFactory, lines: list[list[str]], tail: bytes
) -> None:
    schema = read_schemas(ROOT / "data")["sources"]
    text = io.StringIO(newline="")
    csv.writer(text).writerows([list(schema.columns), *lines])
    path = tmp_path_factory.mktemp("hostile") / "sources.csv"
    path.write_bytes(text.getvalue().encode("utf-8", "surrogatepass") + tail)
    reading = Reading()
    rows = read_table(path, schema, reading)
    places = {problem.row for problem in reading.problems}
    assert all(is_key(row["key"]) and row["title"] and row["kind"] for row in rows if row.number not in places)


def test_the_real_tables_have_no_problems_and_are_sorted_by_key() -> None:
    model = Model(ROOT / "ontology", Names())
    tables = read_tables(ROOT / "data", model.concepts)
    for name, rows in tables.rows.items():
        key = tables.schemas[name].key
        keys = [row[key] for row in rows]
        assert keys == sorted(keys), name
        assert Path(ROOT / "data" / f"{name}.csv").read_bytes().count(b"\r") == 0


@pytest.mark.parametrize(
    ("table", "old", "new", "expected"),
    [
        ("partnerships", ",twinning,", ",twinning", "partnerships.csv, row 2: has 12 cells, but the header has 13"),
        ("sources", "Beispielerhebung", '"Beispiel"erhebung', "sources.csv, row 3: the quotes do not match"),
        ("authorities", "key,", "schluessel,", "authorities.csv, row 1, column key: this column is missing"),
    ],
)
def test_one_slip_is_not_told_as_a_hundred(region: Settings, table: str, old: str, new: str, expected: str) -> None:
    path = region.data / f"{table}.csv"
    path.write_text(path.read_text().replace(old, new, 1))
    found = problems(region)
    assert [line for line in found if line.startswith(expected)]
    assert {line.split(",")[0] for line in found} == {f"{table}.csv"}


def test_a_table_without_rows_that_others_need_is_told_once(region: Settings) -> None:
    (region.data / "sources.csv").unlink()
    assert problems(region) == [
        "sources.csv: has no rows, but 10 cells of other tables name some; is the right file here?"
    ]
