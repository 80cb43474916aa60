"""What the pages are told: the right things, in the right language, with their sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.lookup import (
    LISTS,
    ActorPage,
    AuthorityPage,
    ConceptPage,
    CountryPage,
    Label,
    PartnershipPage,
    Reader,
    SourcePage,
    read_list,
    read_page,
    read_quality,
    summaries,
)
from kg.packing import pack
from kg.settings import Settings
from kg.store import Release, open_release
from tests.conftest import ROOT

BASE = "https://w3id.org/municipal-partnerships/"
NAMED = """
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix mpo: <https://w3id.org/municipal-partnerships/def/> .
@base <https://w3id.org/municipal-partnerships/id/> .
<place/a> a mpo:Place ; rdfs:label "Eins"@de , "One"@en , "Один"@uk .
<place/b> a mpo:Place ; rdfs:label "Zwei"@de , "Два"@uk .
<place/c> a mpo:Place ; rdfs:label "Tri"@mul , "Три"@uk .
<place/d> a mpo:Place ; rdfs:label "plain" , "Чотири"@uk .
<place/e> a mpo:Place ; rdfs:label "П’ять"@uk , "Cinq"@fr .
<place/f> a mpo:Place .
"""


@pytest.fixture(scope="module")
def german(release: Release) -> Reader:
    return Reader(release, "de")


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("named")
    (folder / "names.ttl").write_text(NAMED, encoding="utf-8")
    return open_release(
        pack([folder / "names.ttl"], Settings(ontology=ROOT / "ontology", releases=folder / "releases"))
    )


@pytest.mark.parametrize(
    ("key", "german_name", "english_name"),
    [
        ("a", Label("Eins", "de"), Label("One", "en")),
        ("b", Label("Zwei", "de"), Label("Zwei", "de")),
        ("c", Label("Tri", "mul"), Label("Tri", "mul")),
        ("d", Label("plain"), Label("plain")),
        ("e", Label("Cinq", "fr"), Label("Cinq", "fr")),
        ("f", Label(""), Label("")),
    ],
)
def test_the_best_name_is_chosen(named: Release, key: str, german_name: Label, english_name: Label) -> None:
    iri = f"{BASE}id/place/{key}"
    assert Reader(named, "de").label(iri) == german_name
    assert Reader(named, "en").label(iri) == english_name


def test_an_authority_lists_its_partnerships_with_sources(german: Reader) -> None:
    page = read_page(german, f"{BASE}id/authority/de-dortmund")
    assert isinstance(page, AuthorityPage)
    amiens = next(item for item in page.partnerships if item.ref.iri.endswith("de-dortmund--fr-amiens"))
    assert [party.ref.label.text for party in amiens.partners] == ["Amiens"]
    assert amiens.standing.since == "1960"
    assert page.oldest == amiens
    assert amiens.marks
    assert set(amiens.marks) <= {source.number for source in page.sources}
    assert len(page.sure) < len(page.lasting)
    assert all(not item.standing.unsure for item in page.sure)


def test_sources_are_numbered_in_the_order_of_their_marks(german: Reader) -> None:
    page = read_page(german, f"{BASE}id/authority/de-dortmund")
    assert isinstance(page, AuthorityPage)
    marks = [mark for item in page.partnerships for mark in item.marks]
    assert list(dict.fromkeys(marks)) == list(range(1, len(set(marks)) + 1))
    assert [source.number for source in page.sources] == list(range(1, len(page.sources) + 1))


def test_conflicting_claims_stand_side_by_side(german: Reader) -> None:
    page = read_page(german, f"{BASE}id/partnership/de-dortmund--us-buffalo")
    assert isinstance(page, PartnershipPage)
    group = next(group for group in page.claims if group.stated.iri.endswith("/startDate") and group.conflicting)
    values = {claim.value.text: claim.preferred for claim in group.claims}  # type: ignore[union-attr]
    assert values == {"1977": False, "1978": True}
    assert all(claim.source.label.text for claim in group.claims)


def test_a_partnership_shows_its_phases_in_order(german: Reader) -> None:
    page = read_page(german, f"{BASE}id/partnership/de-dortmund--ua-schytomyr")
    assert isinstance(page, PartnershipPage)
    assert [phase.standing.mark for phase in page.phases] == ["solidarity", "twinning"]
    assert page.form_since.startswith("2025")
    assert page.standing.since == "2023-02-23"


@pytest.mark.parametrize(
    ("country", "key", "form", "since", "form_since", "status_since"),
    [
        ("ua", "de-koeln--ua-dnipro", "twinning", "2022-10-27", "2024-08-28", ""),
        ("ua", "de-dortmund--ua-schytomyr", "twinning", "2023-02-23", "2025", ""),
        ("ua", "de-bochum--ua-donezk", "twinning", "1987", "", "2014"),
        ("pl", "de-bottrop--pl-gliwice", "twinning", "1951", "2007", "2007"),
        ("fr", "de-dortmund--fr-amiens", "twinning", "1960", "", ""),
    ],
)
def test_a_list_knows_since_when_the_present_form_and_status_hold(
    german: Reader, country: str, key: str, form: str, since: str, form_since: str, status_since: str
) -> None:
    page = read_page(german, f"{BASE}id/country/{country}")
    assert isinstance(page, CountryPage)
    stands = next(item.standing for item in page.partnerships if item.ref.iri.endswith(f"/{key}"))
    assert (stands.mark, stands.since) == (form, since)
    assert (stands.form_since, stands.status_since) == (form_since, status_since)
    assert summaries(german, [f"{BASE}id/partnership/{key}"])[0].standing == stands


def test_who_looks_after_all_partnerships_of_a_party_looks_after_each(german: Reader) -> None:
    page = read_page(german, f"{BASE}id/partnership/de-dortmund--ua-schytomyr")
    assert isinstance(page, PartnershipPage)
    office = next(item for item in page.carriers if item.ref.iri.endswith("/dortmund-internationale-beziehungen"))
    assert [thing.iri for item in office.engagements for thing in item.things] == [f"{BASE}id/authority/de-dortmund"]


def test_who_is_there_for_one_country_is_not_named_with_partners_elsewhere(german: Reader) -> None:
    confined = "buero-nrw-israel"
    for partnership in german.values(f"{BASE}id/authority/de-nordrhein-westfalen", "isPartyOf"):
        page = read_page(german, partnership)
        assert isinstance(page, PartnershipPage)
        abroad = {party.country.iri for party in page.parties if party.country}
        named = any(item.ref.iri.endswith(f"/{confined}") for item in page.involved)
        assert named == (f"{BASE}id/country/il" in abroad), partnership


def test_no_form_but_the_present_one_is_preferred(german: Reader) -> None:
    page = read_page(german, f"{BASE}id/partnership/de-dortmund--ua-schytomyr")
    assert isinstance(page, PartnershipPage)
    forms = [claim for group in page.claims if group.stated.iri.endswith("/form") for claim in group.claims]
    assert any(claim.value != page.standing.form for claim in forms)
    assert all(claim.value == page.standing.form for claim in forms if claim.preferred)


def test_the_carrier_of_a_partnership_has_a_way_to_be_reached(german: Reader) -> None:
    page = read_page(german, f"{BASE}id/partnership/de-dortmund--gb-leeds")
    assert isinstance(page, PartnershipPage)
    assert page.carriers
    assert page.carriers[0].homepage.startswith("http")


def test_a_town_stated_to_have_no_partnership_says_so_with_the_source(german: Reader) -> None:
    page = read_page(german, f"{BASE}id/authority/de-hattingen")
    assert isinstance(page, AuthorityPage)
    assert not page.partnerships
    assert any(claim.source.label.text for group in page.claims if group.existence for claim in group.claims)


def test_an_actor_a_topic_a_country_and_a_source_gather_what_belongs_to_them(german: Reader) -> None:
    actor = read_page(german, f"{BASE}id/actor/auslandsgesellschaft-de")
    topic = read_page(german, f"{BASE}vocab/topics/jugend")
    country = read_page(german, f"{BASE}id/country/fr")
    source = read_page(german, f"{BASE}id/source/dortmund-de-2025")
    assert isinstance(actor, ActorPage)
    assert actor.activities
    assert isinstance(topic, ConceptPage)
    assert topic.broader
    assert topic.users
    assert isinstance(country, CountryPage)
    assert country.lasting > 200
    assert country.lasting + country.ended + country.declined + country.planned == country.pages.total
    assert sum(count for _, count in country.decades) + country.undated == country.pages.total
    assert isinstance(source, SourcePage)
    assert source.claims > 20
    assert source.subjects


def test_long_lists_come_in_pages_that_join(german: Reader) -> None:
    first, second = (read_page(german, f"{BASE}id/country/fr", number) for number in (1, 2))
    assert isinstance(first, CountryPage)
    assert isinstance(second, CountryPage)
    assert first.pages.number == 1
    assert second.pages.number == 2
    assert not {item.ref for item in first.partnerships} & {item.ref for item in second.partnerships}
    assert max(item.standing.since for item in first.partnerships) <= second.partnerships[0].standing.since


@pytest.mark.parametrize("name", LISTS)
def test_every_list_has_named_things(german: Reader, name: str) -> None:
    page = read_list(german, name, 1)
    assert page is not None
    assert page.things
    assert all(item.ref.label.text for item in page.things)


def test_an_unknown_list_and_an_unknown_thing_are_none(german: Reader) -> None:
    assert read_list(german, "unicorns", 1) is None
    assert read_page(german, f"{BASE}id/authority/de-atlantis") is None
    assert read_page(german, "no iri at all <>") is None


def test_every_family_of_things_has_a_page_within_few_queries(
    release: Release, german: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    ask = Release.query
    monkeypatch.setattr(Release, "query", lambda self, text, **values: asked.append(text) or ask(self, text, **values))
    families = {}
    for quad in release.store.quads_for_pattern(None, release.names.term("status"), None, None):
        families.setdefault("phase", quad.subject.value)
    for kind in ("authority", "partnership", "actor", "source", "place", "country", "event", "claim", "engagement"):
        subjects = (quad.subject.value for quad in release.store)
        families[kind] = next(iri for iri in subjects if f"/id/{kind}/" in iri)
    for kind, iri in families.items():
        asked.clear()
        assert read_page(german, iri) is not None, kind
        assert len(asked) <= 10, kind


def test_findings_are_counted_and_filtered_by_rule(german: Reader) -> None:
    everything = read_quality(german, "", 1)
    assert everything.pages.total == sum(count for _, count in everything.severities)
    shape, _, count = everything.shapes[-1]
    assert read_quality(german, shape.iri, 1).pages.total == count


def test_a_release_without_a_focus_is_complete_for_all(named: Release, tmp_path: Path) -> None:
    reader = Reader(named, "de")
    assert reader.focus == ""
    assert reader.in_focus(f"{BASE}id/authority/anything")
