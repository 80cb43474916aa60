"""Finding things by name, however they are spelled."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.search import SearchIndex
from kg.store import Release

BASE = "https://w3id.org/municipal-partnerships/id/"


@pytest.fixture(scope="module")
def index(release: Release) -> SearchIndex:
    return SearchIndex.open(release.folder)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Köln", "authority/de-koeln"),
        ("Koln", "authority/de-koeln"),
        ("Koeln", "authority/de-koeln"),
        ("koelN", "authority/de-koeln"),
        ("Cologne", "authority/de-koeln"),
        ("Münster", "authority/de-muenster"),
        ("Munster", "authority/de-muenster"),
        ("Muenster", "authority/de-muenster"),
        ("Schytomyr", "authority/ua-schytomyr"),
        ("Zhytomyr", "authority/ua-schytomyr"),
        ("Житомир", "authority/ua-schytomyr"),
        ("Schitomir", "authority/ua-schytomyr"),
        ("Xian", "authority/cn-xi-an"),
        ("Xi'an", "authority/cn-xi-an"),
        ("Xi’an", "authority/cn-xi-an"),
        ("西安", "authority/cn-xi-an"),
        ("Novi Sad", "authority/rs-novi-sad"),
        ("Нови Сад", "authority/rs-novi-sad"),
        ("Dortmund", "authority/de-dortmund"),
        ("dortm", "authority/de-dortmund"),
        ("Dortmnud", "authority/de-dortmund"),
        ("Dortmund Amiens", "partnership/de-dortmund--fr-amiens"),
        ("amiens dortmund", "partnership/de-dortmund--fr-amiens"),
        ("Auslandsgesellschaft.de e.V.", "actor/auslandsgesellschaft-de"),
        ("Auslandsgeselschaft", "actor/auslandsgesellschaft-de"),
        ("Frankreich", "country/fr"),
        ("France", "country/fr"),
    ],
)
def test_a_name_is_found_however_it_is_spelled(index: SearchIndex, text: str, first: str) -> None:
    assert index.search(text, "de", 3).hits[0].iri == BASE + first


def test_a_partnership_is_found_under_the_names_of_its_parties_in_every_language(index: SearchIndex) -> None:
    found = {hit.iri for hit in index.search("Zhytomyr", "de", 10).hits}
    assert f"{BASE}partnership/de-dortmund--ua-schytomyr" in found


def test_other_scripts_are_not_taken_for_latin_words() -> None:
    thing = {"class": f"{BASE}Actor", "labels": {"de": "Akteur"}, "weight": 0}
    names = ("県", "にほん", "서울", "القدس", "ירושלים", "Львів")
    small = SearchIndex({**thing, "iri": str(number), "names": [name]} for number, name in enumerate(names))
    assert [small.search(name, "de").hits[0].iri for name in names] == [str(number) for number in range(len(names))]
    assert [small.search(text, "de").total for text in ("Xian", "nihon", "seoul", "lqds", "yrwshlym")] == [0] * 5
    assert small.search("Lviv", "de").total == 1


def test_a_hit_says_under_which_other_name_it_was_found(index: SearchIndex) -> None:
    german, english = (index.search("Cologne", language, 1).hits[0] for language in ("de", "en"))
    assert (german.label, german.context) == ("Köln", "Cologne")
    assert (english.label, english.context) == ("Cologne", "")


def test_the_same_name_comes_before_its_beginning_and_before_similar_ones(index: SearchIndex) -> None:
    labels = [hit.label for hit in index.search("Essen", "de", 50).hits]
    similar = [position for position, label in enumerate(labels) if "essen" not in label.casefold()]
    begins = [position for position, label in enumerate(labels) if label.startswith("Essen ")]
    assert labels[0] == "Essen"
    assert begins
    assert not similar or max(begins) < min(similar)


def test_pages_of_results_join_without_gap_or_double(index: SearchIndex) -> None:
    whole = index.search("Köln", "de", 40)
    parts = [hit for offset in range(0, 40, 10) for hit in index.search("Köln", "de", 10, offset).hits]
    assert whole.total >= 40
    assert list(whole.hits) == parts


def test_only_wanted_kinds_are_found(index: SearchIndex) -> None:
    assert {hit.kind for hit in index.search("Dortmund", "de", 50, kinds=["Actor", "Event"]).hits} == {"Actor", "Event"}


def test_what_is_not_there_has_near_names(index: SearchIndex) -> None:
    assert index.search("Dortmuuuund", "de").total == 0
    assert index.nearest("Dortmuuuund", "de")[0].label == "Dortmund"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        '"',
        "*",
        "AND OR NOT",
        "name:köln",
        "[a TO z]",
        "(((",
        "\\",
        "a" * 100_000,
        "\x00\x1f",
        "x~9",
        ".*",
        "👍",
    ],
)
def test_nothing_typed_is_taken_for_query_language(index: SearchIndex, text: str) -> None:
    results = index.search(text, "de", 5)
    assert results.total >= len(results.hits)
    index.nearest(text, "de")


@settings(deadline=None, max_examples=200)
@given(text=st.text(max_size=300), offset=st.integers(0, 10_000))
def test_any_text_is_harmless(index: SearchIndex, text: str, offset: int) -> None:
    results = index.search(text, "en", 10, offset)
    assert len(results.hits) <= min(10, results.total)


def test_an_index_made_before_a_fork_answers_after_it(index: SearchIndex) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0 if index.search("Köln", "de").total else 1)
    assert os.waitpid(child, 0)[1] == 0
