"""The query page as readers without scripts meet it: examples, tables, charts, other programs, citations."""

from __future__ import annotations

import ast
import hashlib
import html
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from kg.store import Release
from tests.test_pages import Page
from tests.test_serve import serving
from webapp.querying import charts, citing, maps, programs, tables
from webapp.urls import LANGUAGES, Urls
from webapp.words import read_words

MPO = "https://w3id.org/municipal-partnerships/def/"
GEO = "http://www.opengis.net/ont/geosparql#"
XSD = "http://www.w3.org/2001/XMLSchema#"
COUNTRIES = f"""PREFIX mpo: <{MPO}> SELECT ?country (COUNT(*) AS ?n)
{{ ?p a mpo:Partnership ; mpo:hasParty/mpo:inCountry ?country }} GROUP BY ?country ORDER BY DESC(?n) ?country"""
YEARS = f"PREFIX mpo: <{MPO}> SELECT ?year (COUNT(*) AS ?n) {{ ?p mpo:startYear ?year }} GROUP BY ?year"
PLACES = f"""PREFIX geo: <{GEO}> SELECT ?x ?at {{ VALUES (?x ?at) {{
  ("Dortmund" "POINT(7.47 51.51)"^^geo:wktLiteral) ("Nirgends" UNDEF)
  ("Leeds" "<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(53.8 -1.55)"^^geo:wktLiteral) }} }}"""
DORTMUND = "CONSTRUCT WHERE { <https://w3id.org/municipal-partnerships/id/authority/de-dortmund> ?p ?o }"
NASTY = '''SELECT ("""a'b"c\\\\d`e${f}#%&+<ü>""" AS ?x) ('\\\\' AS ?QUERY) # ADDRESS? "
{}'''
NASTY_TEXT = "a'b\"c\\d`e${f}#%&+<ü>"


def asked(client: FlaskClient, path: str = "/sparql", status: int = 200, **values: str | int) -> Page:
    response = client.get(path, query_string={"lang": "de", **values}, headers={"Accept": "text/html"})
    assert response.status_code == status, response.text
    page = Page(response.get_data(as_text=True))
    assert not page.faults
    assert not page.all("style")
    return page


def source(client: FlaskClient, **values: str | int) -> str:
    response = client.get("/sparql", query_string={"lang": "de", **values}, headers={"Accept": "text/html"})
    return response.get_data(as_text=True)


def first_column(client: FlaskClient, **values: str | int) -> list[str]:
    cells = re.findall(r"<tr><td[^>]*>(.*?)</td>", source(client, **values), re.DOTALL)
    return [html.unescape(re.sub("<[^>]*>", "", cell)).strip() for cell in cells]


class TestExamples:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_all_are_there_with_title_and_explanation(self, app: Flask, client: FlaskClient, language: str) -> None:
        page = asked(client, lang=language)
        for name, question in app.config["QUESTIONS"].items():
            assert question.titles[language] in page.text
            assert question.abouts[language] in page.text
            assert f"/sparql?lang={language}&example={name}#answer" in page.all("href")

    @pytest.mark.parametrize(
        ("wanted", "name"),
        [("oblast", "12-partners-in-an-area"), ("FORDERPROGRAMM", "15-funded-projects"), ("brexit", "20-british")],
    )
    def test_they_are_searched_in_both_languages(self, client: FlaskClient, wanted: str, name: str) -> None:
        found = [address for address in asked(client, find=wanted).all("href") if "example=" in address]
        assert any(name in address for address in found)
        assert 0 < len(found) < 10

    def test_nothing_found(self, client: FlaskClient) -> None:
        assert str(read_words("de")["sparql.examples.none"]) in asked(client, find="<Xyzzy> \"'").text

    def test_each_is_loaded_and_run(self, app: Flask, client: FlaskClient) -> None:
        for name, question in app.config["QUESTIONS"].items():
            text = source(client, example=name)
            assert 'id="answer"' in text, name
            assert 'role="alert"' not in text, name
            area = re.search(r"<textarea[^>]*>(.*?)</textarea>", text, re.DOTALL)
            assert area
            assert question.text.endswith(html.unescape(area[1]) + "\n")
            assert not Page(text).faults, name

    def test_a_release_without_questions(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(app.config, "QUESTIONS", {})
        assert "#examples" not in asked(app.test_client()).all("href")

    def test_unknown(self, client: FlaskClient) -> None:
        response = client.get("/sparql?example=99-nothing", headers={"Accept": "text/html"})
        assert response.status_code == 404

    def test_a_query_wins_over_an_example(self, client: FlaskClient) -> None:
        page = asked(client, example="12-partners-in-an-area", query="ASK {}")
        assert str(read_words("de")["yes"]) in page.text
        assert "SELECT ?partner" not in page.text


class TestTable:
    @pytest.mark.parametrize(
        ("sort", "values"), [("n", ["2", "10", "x", "ä", "y"]), ("-n", ["y", "ä", "x", "10", "2"])]
    )
    def test_numbers_before_texts_and_nothing_last(self, client: FlaskClient, sort: str, values: list[str]) -> None:
        query = 'SELECT ?n ?m { VALUES (?n ?m) { (10 1) (UNDEF 2) ("y" 3) (2 4) ("x" 5) ("ä" 6) } }'
        wanted = sorted(values, key=["2", "10", "ä", "x", "y"].index, reverse=sort.startswith("-"))
        assert first_column(client, query=query, sort=sort) == [*wanted, ""]
        assert ("descending" if sort.startswith("-") else "ascending") in asked(client, query=query, sort=sort).all(
            "aria-sort"
        )

    def test_things_are_sorted_by_name(self, client: FlaskClient) -> None:
        names = first_column(client, query=COUNTRIES, sort="country")
        assert names[0].startswith("Albanien")
        assert names == sorted(names, key=lambda name: tables.unidecode(name).casefold())

    def test_pages(self, client: FlaskClient) -> None:
        numbers = "SELECT ?n { " + " UNION ".join(f"{{ BIND({n} AS ?n) }}" for n in range(250)) + "}"
        assert first_column(client, query=numbers, sort="-n", page=3) == [str(n) for n in range(49, -1, -1)]
        assert "Zeilen 101 bis 200 von 250" in asked(client, query=numbers, page=2).text
        for page in ("0", "x", "-1", "999999999", "²"):
            assert len(first_column(client, query=numbers, page=page)) == 100

    def test_numbers_stand_right_and_texts_say_their_language(self, client: FlaskClient) -> None:
        text = source(client, query='SELECT (1.5 AS ?n) ("x"@fr AS ?t) ("y"@de AS ?u) {}')
        assert '<td class="amount">1.5' in text
        assert '<bdi lang="fr">x</bdi>' in text
        assert '<bdi lang="de">y</bdi>' in text

    @pytest.mark.parametrize(("language", "words"), [("de", "Noch keine Daten"), ("en", "No data yet")])
    @pytest.mark.parametrize("query", ["SELECT ?x { ?x ?x ?x }", "CONSTRUCT { ?x ?x ?x } WHERE { ?x ?x ?x }"])
    def test_empty(self, client: FlaskClient, language: str, words: str, query: str) -> None:
        assert words in asked(client, lang=language, query=query).text

    def test_a_graph_is_a_table_too(self, client: FlaskClient) -> None:
        page = asked(client, query=DORTMUND)
        assert f"/de/{'def/inCountry'}" in page.all("href")
        assert "Deutschland" in page.text
        assert "mpo:inCountry" in page.text
        names = first_column(client, query=DORTMUND, sort="predicate")
        assert set(names) == {"Dortmund id/authority/de-dortmund"}

    @given(sort=st.text(max_size=20), page=st.text(max_size=10), find=st.text(max_size=20))
    def test_any_values_have_a_sound_answer(self, app: Flask, sort: str, page: str, find: str) -> None:
        asked(
            app.test_client(), query="SELECT ?x ?y { VALUES (?x ?y) { (1 2) (2 3) } }", sort=sort, page=page, find=find
        )

    def test_what_is_in_a_query_is_never_markup(self, client: FlaskClient) -> None:
        query = 'SELECT ("</textarea><script>alert(1)</script>" AS ?x) (<javascript:alert(1)> AS ?y) {}'
        page = asked(client, query=query)
        assert "script" not in dict(page.attributes)
        assert not [address for address in page.all("href") if address.startswith("javascript")]


def drawing(client: FlaskClient, **values: str) -> ElementTree.Element:
    found = re.search(r"<svg.*?</svg>", source(client, **values), re.DOTALL)
    assert found, "there is no drawing"
    return ElementTree.fromstring(found[0])


class TestCharts:
    def test_bars(self, client: FlaskClient) -> None:
        picture = drawing(client, query=COUNTRIES)
        assert (picture.get("role"), picture.get("aria-labelledby")) == ("img", "chart-title chart-desc")
        assert picture.findtext("title") == "n je country"
        assert "Deutschland" in (picture.findtext("desc") or "")
        texts = [group.findall("text")[0].text or "" for group in picture.findall("g")]
        assert (len(texts), texts[0], texts[-1]) == (40, "Deutschland", "25 weitere zusammen")
        assert all(float(bar.get("width", "").rstrip("%")) <= 100 for bar in picture.iter("rect"))

    def test_bars_of_an_example_take_labels(self, client: FlaskClient) -> None:
        query = 'SELECT ?x ?xLabel ?n { VALUES (?x ?xLabel ?n) { (<a:b> "A" 1) (<a:c> "B" 3) } }'
        assert [text.text for text in drawing(client, query=query).iter("text")] == ["A", "1", "B", "3"]

    def test_years(self, client: FlaskClient) -> None:
        picture = drawing(client, query=YEARS)
        lefts = [float(bar.get("x", "").rstrip("%")) for bar in picture.findall("rect")]
        assert lefts == sorted(lefts)
        assert 0 <= lefts[0] < lefts[-1] < 100
        assert [text.text for text in picture.iter("text")][1] == "1947"

    def test_map_of_points(self, client: FlaskClient) -> None:
        picture = drawing(client, query=PLACES)
        dots = {dot.findtext("title"): dot for dot in picture.iter("circle")}
        assert dots.keys() == {"Dortmund", "Leeds"}
        assert float(dots["Leeds"].get("cx", "")) < float(dots["Dortmund"].get("cx", ""))
        assert float(dots["Leeds"].get("cy", "")) < float(dots["Dortmund"].get("cy", ""))
        assert "1 Zeile hat keine Koordinaten" in asked(client, query=PLACES).text

    def test_map_of_latitudes(self, client: FlaskClient) -> None:
        picture = drawing(client, example="04-municipalities-without-partnership")
        width, height = map(float, picture.get("viewBox", "").split()[2:])
        dots = list(picture.iter("circle"))
        assert len(dots) > 50
        assert all(0 < float(dot.get("cx", "")) < width and 0 < float(dot.get("cy", "")) < height for dot in dots)

    @pytest.mark.parametrize(
        "rows",
        [
            '("a" 1)', '("a" 1) ("b" -1)', '("a" 0) ("b" 0)', '("a" "NaN"^^xsd:double) ("b" "INF"^^xsd:double)',
            '("a" "x"^^xsd:integer) ("b" 1)', '("a" "b") ("c" "d")', '(1 2) (3 4)', '("a" 1) ("b" "c")',
        ],
    )  # fmt: skip
    def test_no_chart(self, client: FlaskClient, rows: str) -> None:
        query = f"PREFIX xsd: <{XSD}> SELECT ?x ?n {{ VALUES (?x ?n) {{ {rows} }} }}"
        assert "<svg" not in source(client, query=query).partition("<main")[2]

    @given(st.lists(st.tuples(st.floats(-89, 89), st.floats(-180, 180)), min_size=2, max_size=30))
    def test_every_place_is_on_the_map(self, places: list[tuple[float, float]]) -> None:
        found = maps._drawn({place: [str(place)] for place in places}, len(places), len(places))
        assert all(-0.1 <= dot.x <= found.width + 0.1 and -0.1 <= dot.y <= found.height + 0.1 for dot in found.dots)
        assert len(found.grid) <= 20

    @given(st.dictionaries(st.integers(1000, 2999), st.integers(0, 10**6), min_size=2, max_size=40))
    def test_every_year_is_on_the_chart(self, values: dict[int, int]) -> None:
        for bar in charts._uprights(sorted(values.items())):
            assert 0 <= bar.left <= bar.left + bar.width <= 100.01
            assert 0 <= bar.percent <= 100


class TestQuoting:
    @given(st.text(st.characters(exclude_categories=["Cs"])))
    def test_python(self, text: str) -> None:
        assert ast.literal_eval(programs._python(text)) == f"\n{text}\n"

    @given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
    def test_shell(self, text: str) -> None:
        assert shlex.split(programs._shell(text)) == [f"query={text}"]

    @given(st.text(st.characters(exclude_categories=["Cs"])))
    def test_bibtex_is_balanced(self, text: str) -> None:
        left = re.sub(r"\\text\w+\{\}|\\[{}%&#_$]", "", citing._tex(text))
        assert not re.search(r"[\\{}%&#_$~^]", left)


@pytest.fixture(scope="module")
def address(release: Release) -> Iterator[str]:
    # The page shows the public address; here that is the server itself.
    with serving("--release", str(release.folder)) as (address, _):
        yield address


@pytest.fixture
def block(client: FlaskClient, address: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], str]:
    """What the page of a copy at `address` says for a program and a query."""
    config = client.application.config
    monkeypatch.setitem(config, "URLS", Urls(config["URLS"].base, f"{address}/"))

    def read(name: str, query: str) -> str:
        found = re.search(f'id="client-{name}"><code>(.*?)</code>', source(client, query=query), re.DOTALL)
        assert found
        return html.unescape(found[1])

    return read


def run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


COMMANDS = {
    "curl": ("sh", "-c"), "sparqlwrapper": (sys.executable, "-c"), "rdflib": (sys.executable, "-c"),
    "javascript": ("node", "--input-type=module", "-e"), "r": ("Rscript", "-e"),
}  # fmt: skip


class TestOtherPrograms:
    @pytest.mark.parametrize("name", COMMANDS)
    def test_a_table(self, block: Callable[[str, str], str], name: str) -> None:
        if not shutil.which(COMMANDS[name][0]):
            pytest.skip(f"{COMMANDS[name][0]} is not here")
        told = run(*COMMANDS[name], block(name, NASTY))
        shown = {
            "curl": NASTY_TEXT.replace('"', '""'), "javascript": json.dumps(NASTY_TEXT, ensure_ascii=False)[1:-1],
            "r": json.dumps(NASTY_TEXT, ensure_ascii=False)[1:-1],
        }  # fmt: skip
        assert shown.get(name, repr(NASTY_TEXT)[1:-1]) in told

    @pytest.mark.parametrize("name", COMMANDS)
    def test_a_graph(self, block: Callable[[str, str], str], name: str) -> None:
        if not shutil.which(COMMANDS[name][0]):
            pytest.skip(f"{COMMANDS[name][0]} is not here")
        query = 'CONSTRUCT { <http://e/s> <http://e/p> \'it\'\'s\' , """${x}""" } {}'.replace("''", "\\'")
        told = run(*COMMANDS[name], block(name, query))
        assert told.strip() == "2" if name == "rdflib" else "${x}" in told

    def test_pandas_reads_the_address_as_csv(self, block: Callable[[str, str], str]) -> None:
        stub = "import sys, types, urllib.request as u\nsys.modules['pandas'] = m = types.ModuleType('pandas')\n"
        stub += "m.read_csv = lambda a: u.urlopen(a).read().decode()\n"
        told = run(sys.executable, "-c", stub + block("pandas", NASTY))
        assert NASTY_TEXT.replace('"', '""') in told

    def test_the_graphs_chosen_go_along(self, client: FlaskClient) -> None:
        graph = "https://w3id.org/municipal-partnerships/graph/evidence"
        text = source(client, query="ASK { ?s ?p ?o }", **{"default-graph-uri": graph})
        assert html.unescape(text).count("sparql?default-graph-uri=https%3A%2F%2F") >= 5


class TestCitation:
    @pytest.mark.parametrize("query", [COUNTRIES, "ASK { ?s ?p ?o }"])
    def test_a_table_is_checkable(self, client: FlaskClient, release: Release, query: str) -> None:
        text = html.unescape(source(client, query=query.replace("\n", "\r\n")))
        csv = client.get("/sparql", query_string={"query": query, "format": "csv"}).data
        for part in (query.encode(), csv):
            assert text.count(hashlib.sha256(part).hexdigest()) == 2
        assert release.version in text
        assert release.manifest["date"] in text

    def test_a_graph_is_checkable(self, client: FlaskClient) -> None:
        lines = client.get("/sparql", query_string={"query": DORTMUND, "format": "nt"}).data.splitlines(keepends=True)
        assert hashlib.sha256(b"".join(sorted(lines))).hexdigest() in source(client, query=DORTMUND)

    def test_the_address_leads_to_the_answer(self, client: FlaskClient) -> None:
        found = re.search(r"url = \{(.*?)\},", html.unescape(source(client, query=COUNTRIES)))
        assert found
        path = found[1].removeprefix(client.application.config["URLS"].public)
        page = client.get(f"/{path}", headers={"Accept": "text/html"}).get_data(as_text=True)
        assert "Deutschland" in page or "Germany" in page

    def test_an_example_is_cited_by_its_title(self, client: FlaskClient) -> None:
        text = html.unescape(source(client, example="12-partners-in-an-area"))
        assert "title = {{Welche Partner liegen in der Oblast Dnipropetrowsk? – " in text

    def test_what_was_cut_is_not_cited(self, client: FlaskClient) -> None:
        text = source(client, query="SELECT * { ?s ?p ?o }")
        assert str(read_words("de")["sparql.cite.cut"]) in text
        assert "@misc" not in text


def test_style_sheet_stays_small() -> None:
    assert (Path(citing.__file__).parents[1] / "static" / "style.css").stat().st_size <= 16 << 10
