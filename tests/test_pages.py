"""The pages as a reader gets them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.packing import pack
from kg.settings import Settings
from kg.store import Release, open_release
from tests.conftest import ROOT
from webapp import create_app
from webapp.urls import LANGUAGES
from webapp.words import read_words

PATHS = (
    "",
    "browse/municipalities",
    "browse/partnerships?page=2",
    "browse/sources",
    "data",
    "ontology",
    "quality",
    "help",
    "search",
    "search?q=Koln",
    "search?q=Dortmuuuund",
    "authority/de-dortmund",
    "authority/de-nordrhein-westfalen",
    "authority/de-hattingen",
    "authority/fr-amiens",
    "partnership/de-dortmund--fr-amiens",
    "partnership/de-koeln--ua-dnipro",
    "partnership/de-koeln--lu-esch-an-der-alzette--fr-lille--be-luettich--nl-rotterdam--it-turin",
    "actor/auslandsgesellschaft-de",
    "country/fr",
    "source/wikidata-2017",
    "source/dortmund-de-2025?page=2",
    "place/de-dortmund",
    "claim/de-dortmund--fr-amiens.dortmund-de-2025.since",
    "phase/de-dortmund--fr-amiens.p1",
    "geometry/de-dortmund",
    "link/fr-amiens.wikidata",
    "vocab/topics",
    "vocab/topics/jugend",
    "vocab/forms/twinning",
    "def",
    "def/Partnership",
    "def/hasParty",
    "shapes/Partnership",
    "dataset/municipal-partnerships-nrw",
    "catalog",
    "report/validation",
    "report/finding/1",
)
VOID = frozenset(("meta", "link", "input", "br", "img", "hr"))


class Page(HTMLParser):
    """A page taken apart: what a checker and a screen reader would look at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.attributes: list[tuple[str, dict[str, str]]] = []
        self.headings: list[int] = []
        self.links: list[tuple[str, str]] = []
        self.text = ""
        self.language = ""
        self.feed(text)
        self.close()
        self.faults += [f"<{tag}> is never closed" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.attributes.append((tag, values))
        if tag == "html":
            self.language = values.get("lang", "")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "a" and "main" in self.open:
            self.links.append((values.get("href", ""), ""))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        self.text += data
        if "a" in self.open and "main" in self.open:
            address, text = self.links.pop()
            self.links.append((address, text + data))

    def all(self, name: str) -> list[str]:
        return [values[name] for _, values in self.attributes if name in values]


def page_of(client: FlaskClient, path: str, status: int = 200) -> Page:
    response = client.get(path, headers={"Accept": "text/html"})
    assert response.status_code == status, path
    assert response.mimetype == "text/html"
    return Page(response.get_data(as_text=True))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_sound(client: FlaskClient, path: str, language: str) -> None:
    page = page_of(client, f"/{language}/{path}")
    assert not page.faults
    assert page.language == language
    assert page.headings.count(1) == 1
    assert page.headings[0] == 1
    assert all(later <= earlier + 1 for earlier, later in zip(page.headings, page.headings[1:], strict=False))
    ids = page.all("id")
    assert len(ids) == len(set(ids))
    assert {target for text in page.all("aria-labelledby") for target in text.split()} <= set(ids)
    assert {address[1:] for address, _ in page.links if address.startswith("#")} <= set(ids)
    assert not page.all("style")
    assert not [name for name in ("script", "style", "iframe") if name in dict(page.attributes)]
    assert not [values for tag, values in page.attributes if any(name.startswith("on") for name in values)]


@pytest.mark.parametrize("path", PATHS)
def test_links_are_called_by_names_and_not_by_iris(client: FlaskClient, path: str) -> None:
    for address, text in page_of(client, f"/de/{path}").links:
        assert text.strip(), address
        assert "https://w3id.org" not in text
        assert "javascript:" not in address


@pytest.mark.parametrize("path", PATHS)
def test_both_languages_lead_to_each_other(client: FlaskClient, path: str) -> None:
    page = page_of(client, f"/de/{path}")
    switches = [values for tag, values in page.attributes if tag == "a" and values.get("hreflang") == "en"]
    assert [values["href"] for values in switches] == [f"/en/{path}"]
    alternates = {values["hreflang"] for tag, values in page.attributes if tag == "link" and "hreflang" in values}
    assert alternates == set(LANGUAGES)


def test_the_start_leads_to_the_readers_language(client: FlaskClient) -> None:
    for accepted, location in (("de-DE,de;q=0.9", "/de/"), ("en-GB", "/en/"), ("fr", "/de/"), ("", "/de/")):
        response = client.get("/", headers={"Accept-Language": accepted})
        assert (response.status_code, response.headers["Location"]) == (303, location)
        assert "Accept-Language" in response.headers["Vary"]


def test_dortmund_can_be_quoted_and_lists_amiens_since_1960(client: FlaskClient) -> None:
    german, english = (page_of(client, f"/{language}/authority/de-dortmund").text for language in LANGUAGES)
    assert re.search(r"Dortmund hat \d+ Partnerschaften in \d+ Ländern, die älteste seit 1960 mit Amiens\.", german)
    assert re.search(r"Dortmund has \d+ partnerships in \d+ countries, the oldest since 1960 with Amiens\.", english)
    assert "Stand der Daten: " in german
    assert "zweifelhaft" in german
    assert "Jahr unbekannt" in german


def test_a_town_without_partnerships_is_honest(client: FlaskClient) -> None:
    text = page_of(client, "/de/authority/de-hattingen").text
    assert "noch keine Partnerschaft verzeichnet" in text
    assert "besteht keine Partnerschaft" in text


def test_a_partnership_shows_what_each_source_says(client: FlaskClient) -> None:
    text = page_of(client, "/de/partnership/de-dortmund--us-buffalo").text
    for words in ("Quellen widersprechen sich", "1977", "1978", "maßgeblich", "laut "):
        assert words in text


@pytest.mark.parametrize(
    ("path", "row"),
    [
        ("de/country/ua", "Köln – Dnipro seit 2022, Städtepartnerschaft seit 2024 aktiv"),
        ("de/country/ua", "Dortmund – Schytomyr seit 2023, Städtepartnerschaft seit 2025 aktiv"),
        ("de/country/ua", "Bochum – Donezk Städtepartnerschaft seit 1987 ausgesetzt seit 2014"),
        ("de/country/pl", "Bottrop – Gliwice seit 1951, Städtepartnerschaft seit 2007"),
        ("de/country/ph", "seit 1990, Städtepartnerschaft seit 1998 beendet 2015"),
        ("en/country/ua", "Cologne – Dnipro since 2022, Town twinning since 2024 active"),
        ("en/country/ua", "Bochum – Donetsk Town twinning since 1987 suspended since 2014"),
        ("de/search?q=Dortmund+Schytomyr", "Partnerschaft · seit 2023, Städtepartnerschaft seit 2025, aktiv"),
        ("de/search?q=Dortmund+Amiens", "Partnerschaft · Städtepartnerschaft, seit 1960"),
    ],
)
def test_a_row_says_since_when_the_present_form_and_status_hold(client: FlaskClient, path: str, row: str) -> None:
    assert row in " ".join(page_of(client, f"/{path}").text.split())


def test_the_numbers_of_a_country_add_up(client: FlaskClient) -> None:
    text = page_of(client, "/de/country/ua").text
    lead = re.search(r"Ukraine: \d+ Partnerschaften bestehen.*?\n", text)
    total = re.search(r"Partnerschaften \((\d+)\)", text)
    assert lead
    assert total
    counts = re.findall(r"(\d+|Eine) (?:Partnerschaften bestehen|weitere)", lead[0])
    assert sum(1 if count == "Eine" else int(count) for count in counts) == int(total[1])


def test_who_looks_after_all_partnerships_is_named_with_each(client: FlaskClient) -> None:
    text = page_of(client, "/de/partnership/de-dortmund--ua-schytomyr").text
    assert "Träger für alle Partnerschaften von Dortmund" in " ".join(text.split())
    assert str(read_words("de")["partnership.no_carrier"]) not in text
    assert re.search(
        "for all partnerships of Dortmund", page_of(client, "/en/partnership/de-dortmund--ua-schytomyr").text
    )


def test_what_refers_to_a_class_has_a_name(client: FlaskClient) -> None:
    texts = {text for _, text in page_of(client, "/en/def/Claim").links}
    assert "Entries of the class Claim" in texts
    assert not [text for text in texts if re.fullmatch(r"\d+-Claim", text)]


def test_a_claim_is_called_in_the_words_and_quotes_of_the_language(client: FlaskClient) -> None:
    path = "claim/de-dortmund--fr-amiens.dortmund-de-2025.since"
    assert re.search("Dortmund – Amiens: .* laut „[^“”]+“", page_of(client, f"/de/{path}").text)
    assert re.search("Dortmund – Amiens: .* according to “[^„“]+”", page_of(client, f"/en/{path}").text)
    text = page_of(client, "/de/partnership/de-dortmund--fr-amiens").text
    assert "Dortmund – Amiens: genannt laut „" in text
    assert "hat Mitglied laut" not in text


def test_a_doubtful_partnership_says_so_before_anything_else(client: FlaskClient) -> None:
    text = page_of(client, "/de/partnership/de-dortmund--br-criciuma").text
    assert text.index("Beleglage: zweifelhaft") < text.index("Beteiligte")


def test_names_in_other_languages_are_marked(client: FlaskClient) -> None:
    page = page_of(client, "/de/authority/ua-schytomyr")
    assert ("bdi", {"lang": "uk"}) in page.attributes


def test_every_page_of_a_thing_offers_its_formats(client: FlaskClient) -> None:
    response = client.get("/de/authority/de-dortmund")
    page = Page(response.get_data(as_text=True))
    documents = {values["href"] for tag, values in page.attributes if tag == "a" and "type" in values}
    assert documents == {f"/doc/authority/de-dortmund.{item}" for item in ("ttl", "jsonld", "rdf", "nt", "csv")}
    for address in documents:
        assert f"<{address}>" in response.headers["Link"]
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("path", [path for path in PATHS if "page=" not in path and "q=" not in path])
def test_every_link_of_a_page_leads_somewhere(client: FlaskClient, path: str) -> None:
    page = page_of(client, f"/en/{path}")
    own = sorted({address for address in page.all("href") if address.startswith("/")})
    for address in own[:: max(1, len(own) // 12)]:
        with client.get(address) as response:
            assert response.status_code in (200, 302, 303), address


def test_a_page_is_asked_for_again_only_when_it_changed(client: FlaskClient) -> None:
    first = client.get("/de/authority/de-dortmund")
    again = client.get("/de/authority/de-dortmund", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_search_results_are_a_list_of_headings_with_a_count(client: FlaskClient) -> None:
    text = client.get("/de/search?q=Koln").get_data(as_text=True)
    assert re.search(r'<p role="status">\d+ Treffer</p>', text)
    assert re.search(r'<ol class="results"[^>]*>\s*<li><h2><a href="/de/authority/de-koeln">Köln</a></h2>', text)
    assert 'value="Koln"' in text


def test_a_search_without_result_proposes_near_names(client: FlaskClient) -> None:
    page = page_of(client, "/de/search?q=Dortmuuuund")
    assert "Keine Treffer für „Dortmuuuund“" in page.text
    assert ("/de/authority/de-dortmund", "Dortmund") in page.links


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_there_is_a_helpful_page(client: FlaskClient, language: str) -> None:
    for path in ("authority/de-atlantis", "browse/unicorns", "nothing", "authority/<b>"):
        page = page_of(client, f"/{language}/{path}", 404)
        assert page.language == language
        assert read_words(language)["error.404.title"] in page.text


@settings(deadline=None, max_examples=50)
@given(text=st.text(max_size=200), page=st.text(max_size=8))
def test_any_question_has_a_sound_answer(app: Flask, text: str, page: str) -> None:
    response = app.test_client().get("/de/search", query_string={"q": text, "page": page})
    assert response.status_code == 200
    assert not Page(response.get_data(as_text=True)).faults


def test_both_languages_have_the_same_words_with_the_same_gaps() -> None:
    german, english = (read_words(language) for language in LANGUAGES)
    assert german.keys() == english.keys()
    for key, text in german.items():
        other = english[key]
        assert isinstance(text, str) == isinstance(other, str), key
        for form in ("",) if isinstance(text, str) else ("one", "other"):
            texts = [words[form] if form else words for words in (text, other)]  # type: ignore[index]
            assert len({frozenset(re.findall(r"{(\w+)}", str(words))) - {"day"} for words in texts}) == 1, key


def test_every_word_is_said_somewhere() -> None:
    code = "".join(
        path.read_text(encoding="utf-8")
        for folder, pattern in (("webapp", "*.py"), ("webapp/templates", "*.html"))
        for path in (ROOT / folder).rglob(pattern)
    )
    made = ("month.", "kind.", "kinds.", "list.", "language.", "term.", "error.", "severity.", "severities.", "help.")
    unsaid = [
        key
        for key in read_words("de")
        if not re.search(f"[\"']{re.escape(key)}[\"']", code) and not key.startswith((*made, "ontology."))
    ]
    assert unsaid == []


HOSTILE = """
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix mpo: <https://w3id.org/municipal-partnerships/def/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@base <https://w3id.org/municipal-partnerships/id/> .
<actor/evil> a mpo:Actor ; foaf:homepage <javascript:alert(1)> ;
    rdfs:label "<script>alert(1)</script>"@de ; rdfs:comment "\\"><img src=x onerror=alert(1)>"@de ;
    rdfs:seeAlso <javascript:alert(2)> .
<authority/long> a mpo:TerritorialAuthority ; rdfs:label "LONG"@de ; mpo:level <javascript:alert(3)> .
<authority/rtl> a mpo:TerritorialAuthority ; rdfs:label "\\u202Eevil\\u200B"@ar .
<place/nameless> a mpo:Place .
<event/never> a mpo:Event ; rdfs:label "Nie"@de ; mpo:startDate "1960-99"^^xsd:gYearMonth , "soon"^^xsd:date .
"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "hostile.ttl").write_text(HOSTILE.replace("LONG", "Aa" * 1000), encoding="utf-8")
    values = Settings(ontology=ROOT / "ontology", releases=folder / "releases")
    release: Release = open_release(pack([Path(folder / "hostile.ttl")], values))
    return create_app(release, None, values).test_client()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "path", ["actor/evil", "authority/long", "authority/rtl", "place/nameless", "event/never", "search?q=evil", ""]
)
def test_data_of_strangers_is_shown_and_never_run(hostile: FlaskClient, path: str) -> None:
    page = page_of(hostile, f"/de/{path}")
    assert not page.faults
    assert "script" not in dict(page.attributes)
    assert not [address for address in page.all("href") if address.startswith("javascript")]
    assert not [values for _, values in page.attributes if "onerror" in values]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_query_page_answers_with_names_or_says_where_the_fault_is(client: FlaskClient, language: str) -> None:
    words, select = (
        read_words(language),
        "SELECT ?thing WHERE { ?thing a <https://w3id.org/municipal-partnerships/def/Offer> }",
    )
    empty = page_of(client, f"/sparql?lang={language}")
    assert not empty.faults
    assert empty.language == language
    rows = Page(_ask(client, language, select))
    assert not rows.faults
    assert any(address.startswith(f"/{language}/offer/") for address, _ in rows.links)
    assert words["yes"] in Page(_ask(client, language, "ASK { ?s ?p ?o }")).text
    assert "w3id.org" in Page(_ask(client, language, "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 3")).text
    wrong = Page(_ask(client, language, "SELECT * WHERE {\n ?s ?p }"))
    assert not wrong.faults
    assert str(words["sparql.position"]).format(line=2, column="")[:8] in wrong.text


def _ask(client: FlaskClient, language: str, query: str) -> str:
    values = {"query": query, "lang": language}
    return client.get("/sparql", query_string=values, headers={"Accept": "text/html"}).get_data(as_text=True)
