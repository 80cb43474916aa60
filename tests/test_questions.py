"""The competency questions: exact answers in a small invented region, and what they have to find in the real data."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, RdfFormat, Store

from kg.deriving import derive
from kg.model import Model
from kg.namespaces import CLASSES, DEFAULT_GRAPHS, PROPERTIES, RDF_TYPE, Names
from kg.store import Release
from tests.conftest import ROOT
from tests.tables import read_rows

Row = dict[str, str]

FOLDER = Path(__file__).parent / "questions"
NAMES = Names()
MODEL = Model(ROOT / "ontology", NAMES)
QUESTIONS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("ontology/questions/*.rq"))}
HEADING = re.compile(
    r"# title@de: \S.+\?\n# title@en: \S.+\?\n# about@de: \S.+\.\n# about@en: \S.+\.\n"
    r"# topic: (partners|overview|history|actors|activities|funding|evidence)\n(?:PREFIX [^\n]+\n)+SELECT "
)
STAND_INS = {
    "id/actor/netzwerkstelle-staedtepartnerschaften-nrw": "id/actor/network-office",
    "id/authority/de-dortmund": "id/authority/de-example-a",
    "id/authority/de-nordrhein-westfalen": "id/authority/de-example-state",
    "id/partnership/de-dortmund--gb-leeds": "id/partnership/de-example-a--gb-example-g",
    "id/partnership/de-dortmund--ua-schytomyr": "id/partnership/de-example-a--ua-example-u--pl-example-p",
    "id/partnership/de-dortmund--us-buffalo": "id/partnership/de-example-a--gb-example-g",
    "id/place/ua-oblast-dnipropetrowsk": "id/place/ua-example-oblast",
    "id/programme/betreiberplattform-2024": "id/programme/laboratory",
    "id/programme/betreiberplattform-pilot": "id/programme/utilities",
    "id/programme/europaaktive-kommune": "id/programme/award",
    "vocab/topics/nachwuchsgewinnung": "vocab/topics/ehrenamt",
}
"""What a question is asked about in the real data, and in its place in the invented region."""

ASKED_FOR = {
    3: ("since", "phaseNote"),
    5: ("changed",),
    7: ("homepage",),
    15: ("amount", "year"),
    20: ("lastListed", "renewed"),
    22: ("partnership",),
    25: ("language",),
}
"""Columns that a question asks for outright but that a source may leave open."""

EMPTY_TODAY = {"15-funded-projects: amount", "22-operator-partnerships: partnership"}
"""What the real data has no value for yet: a whole question, or one of the columns above."""

UNASKED = {"eastBound", "northBound", "southBound", "westBound"}
"""Terms that carry data and occur in no question: the box of a country serves only the shape that checks positions."""


def ask(store: Store, text: str, graphs: list[NamedNode]) -> str:
    """The answer as CSV, over the default graph that public queries see."""
    answer = store.query(text, default_graph=graphs).serialize(format=QueryResultsFormat.CSV)
    return answer.decode().replace("\r\n", "\n")


@pytest.fixture(scope="module")
def example() -> Store:
    """The invented region with all that the rules derive."""
    store = Store()
    store.extend(MODEL.quads)
    store.load(path=FOLDER / "fixture.trig", format=RdfFormat.TRIG)
    for _rule, _added in derive(store, MODEL.rules, NAMES):
        pass
    return store


@pytest.fixture(scope="module")
def answers(release: Release) -> dict[int, list[Row]]:
    """The answer to every question on the real data, by its number."""
    texts = {int(name[:2]): ask(release.store, text, release.default_graphs) for name, text in QUESTIONS.items()}
    return {number: list(csv.DictReader(io.StringIO(text))) for number, text in texts.items()}


def test_there_are_thirty_questions_each_with_its_heading() -> None:
    assert [int(name[:2]) for name in QUESTIONS] == list(range(1, 31))
    assert [name for name, text in QUESTIONS.items() if not HEADING.match(text)] == []


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_answer_in_the_invented_region_is_exact(example: Store, name: str) -> None:
    text = QUESTIONS[name]
    for real, invented in STAND_INS.items():
        text = text.replace(f"<{NAMES.base}{real}>", f"<{NAMES.base}{invented}>")
    expected = (FOLDER / "expected" / f"{name}.csv").read_text(encoding="utf-8")
    assert expected.count("\n") > 1
    assert ask(example, text, [NAMES.graph(graph) for graph in DEFAULT_GRAPHS]) == expected


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_names_only_things_that_exist(release: Release, name: str) -> None:
    prefixes = dict(re.findall(r"PREFIX ([\w-]+): <([^>]+)>", QUESTIONS[name]))
    body = QUESTIONS[name].partition("SELECT ")[2]
    named = set(re.findall(rf"<({re.escape(NAMES.base)}(?:id|vocab|dataset)/[^>]+)>", body))
    shortened = re.findall(r"(?<![\w?:/<-])([\w-]+):([\w-]+)", re.sub(r"<[^>]*>", "", body))
    concepts = {prefix: iri for prefix, iri in prefixes.items() if iri.startswith(f"{NAMES.base}vocab/")}
    named |= {concepts[prefix] + local for prefix, local in shortened if prefix in concepts}
    missing = {iri for iri in named if not any(release.store.quads_for_pattern(NamedNode(iri), None, None, None))}
    assert missing == set()


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_depends_on_no_clock_and_no_order_of_storage(name: str) -> None:
    assert "NOW(" not in QUESTIONS[name]
    assert QUESTIONS[name].rpartition("\n}\n")[2].count("ORDER BY ") == 1


def test_every_term_that_carries_data_occurs_in_a_question(release: Release) -> None:
    graphs = {release.names.graph(graph) for graph in (*DEFAULT_GRAPHS, "evidence")}
    data = [quad for quad in release.store if quad.graph_name in graphs]
    carried = {quad.predicate for quad in data} | {quad.object for quad in data if quad.predicate == RDF_TYPE}
    asked = set(re.findall(r"\bmpo:(\w+)", "".join(QUESTIONS.values())))
    prefix = f"{NAMES.base}def/"
    assert {term.value.removeprefix(prefix) for term in carried if term.value.startswith(prefix)} - asked == UNASKED
    assert asked | UNASKED == CLASSES | PROPERTIES


def test_what_is_empty_today(answers: dict[int, list[Row]]) -> None:
    empty = set()
    for name in QUESTIONS:
        rows, columns = answers[int(name[:2])], ASKED_FOR.get(int(name[:2]), ())
        empty |= {f"{name}: {column}" for column in columns if not any(row[column] for row in rows)}
        empty |= set() if rows else {name}
    assert empty == EMPTY_TODAY


@pytest.mark.parametrize(
    ("number", "cells"),
    [
        (1, {"authorityLabel": "Arnsberg", "partnerLabel": "Olesno", "reasonLabel": "Eurocamp Arnsberg"}),
        (1, {"authorityLabel": "Oberhausen", "partnerLabel": "Tychy"}),
        (2, {"municipalityLabel": "Brühl", "partnerLabel": "Marhanez"}),
        (2, {"municipalityLabel": "Köln", "partnerLabel": "Dnipro"}),
        (2, {"municipalityLabel": "Münster", "partnerLabel": "Winnyzja"}),
        (3, {"partnershipLabel": "Dortmund – Rostow am Don", "statusLabel": "ausgesetzt", "since": "2022-03-31"}),
        (3, {"partnershipLabel": "Arnsberg – Deventer", "statusLabel": "ruhend", "since": ""}),
        (3, {"partnershipLabel": "Westerkappeln – Bathmen", "statusLabel": "beendet", "actByLabel": "Deventer"}),
        (4, {"municipalityLabel": "Hattingen", "districtLabel": "Ennepe-Ruhr-Kreis", "sourcesSayingNone": "3"}),
        (4, {"municipalityLabel": "Schermbeck", "sourcesSayingNone": "1"}),
        (4, {"municipalityLabel": "Windeck", "sourcesSayingNone": "1"}),
        (4, {"municipalityLabel": "Westerkappeln", "sourcesSayingNone": "0"}),
        (5, {"partnershipLabel": "Aachen – Kapstadt", "changed": "2016-04-06"}),
        (5, {"partnershipLabel": "Bottrop – Gliwice", "formLabel": "Patenschaft", "changed": "2004"}),
        (5, {"partnershipLabel": "Bottrop – Gliwice", "newFormLabel": "Städtepartnerschaft", "changed": "2007"}),
        (5, {"partnershipLabel": "Dortmund – Schytomyr", "formLabel": "Solidaritätspartnerschaft", "changed": "2025"}),
        (5, {"partnershipLabel": "Köln – Dnipro", "formLabel": "Projektpartnerschaft", "changed": "2024-08-28"}),
        (5, {"partnershipLabel": "Oberhausen – Freital", "newFormLabel": "Städtefreundschaft", "changed": "2001"}),
        (6, {"partnershipLabel": "Dortmund – Rostow am Don", "years": "50", "year": "2027"}),
        (7, {"agentLabel": "Deutsch-Britische Gesellschaft Dortmund", "scopeLabel": "Dortmund – Leeds"}),
        (7, {"agentLabel": "Netzwerkstelle Städtepartnerschaften", "scopeLabel": "Nordrhein-Westfalen"}),
        (8, {"partnershipLabel": "Aachen – Toledo"}),
        (9, {"partnerLabel": "Leeds", "municipalityLabel": "Dortmund"}),
        (9, {"partnerLabel": "Leeds", "municipalityLabel": "Siegen"}),
        (10, {"authorityLabel": "Münster", "ukrainianLabel": "Winnyzja", "thirdLabel": "Lublin"}),
        (10, {"authorityLabel": "Bergisch Gladbach", "ukrainianLabel": "Butscha", "thirdLabel": "Pszczyna"}),
        (11, {"partnershipLabel": "Bergisch Gladbach – Butscha", "brokerLabel": "Pszczyna"}),
        (11, {"partnershipLabel": "Lüdinghausen – Kolomyja", "brokerLabel": "Nysa"}),
        (12, {"partnerLabel": "Dnipro", "authorityLabel": "Köln", "formLabel": "Städtepartnerschaft"}),
        (12, {"partnerLabel": "Rajon Nikopol", "authorityLabel": "Kreis Heinsberg"}),
        (13, {"kindLabel": "Hochschule", "sectorLabel": "Zivilgesellschaft", "roleLabel": "Teilnehmer"}),
        (14, {"fireBrigadeLabel": "Feuerwehr Hürth", "partnershipLabel": "Hürth – Peremyschljany"}),
        (14, {"fireBrigadeLabel": "Feuerwehr Nottuln", "partnershipLabel": "Nottuln – Chodzież"}),
        (15, {"projectLabel": "Youth Sports Festival", "year": "2016", "funderLabel": "Nordrhein-Westfalen"}),
        (16, {"programmeLabel": "Wettbewerb Europa bei uns zuhause"}),
        (17, {"authorityLabel": "Brühl", "partnerLabel": "Marhanez"}),
        (18, {"kindLabel": "Informationsveranstaltung", "since": "2023-06-07", "attendanceLabel": "online"}),
        (20, {"partnershipLabel": "Dortmund – Leeds", "renewed": ""}),
        (20, {"partnershipLabel": "Heiligenhaus – Basildon", "renewed": "2022"}),
        (20, {"partnershipLabel": "Kevelaer – Bury St Edmunds", "renewed": "2024-04"}),
        (21, {"authorityLabel": "Dortmund", "suspendedSince": "2022-03-31", "foundedSince": "2023-02-23"}),
        (21, {"authorityLabel": "Köln", "suspendedSince": "2022-03-03", "foundedSince": "2022-10-27"}),
        (22, {"utilityLabel": "Stadtentwässerung Köln", "counterpartLabel": "Lvivvodokanal", "partnership": ""}),
        (23, {"partnershipLabel": "Bonn – Cape Coast", "goal": "http://metadata.un.org/sdg/13"}),
        (23, {"partnershipLabel": "Münster – Monastir", "goal": "http://metadata.un.org/sdg/13"}),
        (24, {"partnershipLabel": "Bonn-Bad Godesberg – Frascati", "levelLabel": "Stadtbezirk", "party": "true"}),
        (24, {"partnershipLabel": "Ratingen – Le Quesnoy", "authorityLabel": "Hösel", "party": "false"}),
        (24, {"partnershipLabel": "Walheim – Montebourg", "successorLabel": "Aachen"}),
        (25, {"kindLabel": "Untersuchung", "language": "fr", "issued": "2018"}),
        (26, {"value": "1978", "published": "true", "publisher": "Stadt Dortmund"}),
        (26, {"value": "1977", "published": "false", "sourceKindLabel": "Nachschlagewerk"}),
        (29, {"parties": "6", "partnershipLabel": "Köln – Esch an der Alzette – Lille – Lüttich – Rotterdam – Turin"}),
        (29, {"parties": "3", "partnershipLabel": "Münster – Winnyzja – Lublin"}),
        (30, {"offerLabel": "High-School-Aufenthalt in Buffalo", "audienceLabel": "Schülerinnen und Schüler"}),
        (30, {"offerLabel": "Studienreisen in Dortmunds Partnerstädte", "audienceLabel": "Erwachsene"}),
    ],
)  # fmt: skip
def test_a_real_answer_holds(answers: dict[int, list[Row]], number: int, cells: Row) -> None:
    assert [row for row in answers[number] if cells.items() <= row.items()]


@pytest.mark.parametrize(
    ("number", "column", "label"),
    [
        (3, "partnershipLabel", "Schwerte – Nowy Sącz"),
        (4, "municipalityLabel", "Dortmund"),
        (5, "partnershipLabel", "Mülheim an der Ruhr – Kouvola"),
        (6, "statusLabel", "beendet"),
        (7, "agentLabel", "Deutsch-Französische Gesellschaft (Auslandsgesellschaft, Dortmund)"),
        (8, "authorityLabel", "Dortmund"),
        (16, "programmeLabel", "Nachhaltige Kommunalentwicklung durch Partnerschaftsprojekte"),
        (20, "partnershipLabel", "Castrop-Rauxel – Wakefield"),
        (20, "partnershipLabel", "Ratingen – Cramlington"),
        (21, "authorityLabel", "Gelsenkirchen"),
        (30, "offerLabel", "Newsletter des Reallabors Kommunaler Aufbaupartnerschaften NRW-Ukraine"),
    ],
)
def test_a_real_answer_leaves_out(
    answers: dict[int, list[Row]], release: Release, number: int, column: str, label: str
) -> None:
    assert any(release.store.quads_for_pattern(None, None, Literal(label, language="de"), None))
    assert label not in {row[column] for row in answers[number]}


def test_the_country_societies_of_dortmund(answers: dict[int, list[Row]]) -> None:
    assert [(row["society"].rpartition("/")[2], row["partnershipLabel"]) for row in answers[27]] == [
        ("dbg-dortmund", "Dortmund – Leeds"),
        ("dcg-dortmund", "Dortmund – Xi'an"),
        ("dfg-dortmund", "Dortmund – Amiens"),
        ("dtg-dortmund", "Dortmund – Trabzon"),
        ("israelkreis-dortmund", "Dortmund – Netanja"),
    ]
    assert {row["roofLabel"] for row in answers[27]} == {"Auslandsgesellschaft.de e.V."}


def test_every_municipality_has_a_partnership_or_is_listed_as_without(answers: dict[int, list[Row]]) -> None:
    levels = {row["key"]: row["level"] for row in read_rows(ROOT / "data" / "authorities.csv") if row["ags"]}
    municipalities = {key for key, level in levels.items() if level == "municipality"}
    parties = {key for row in read_rows(ROOT / "data" / "partnerships.csv") for key in row["parties"].split(";")}
    without = {row["municipality"].rpartition("/")[2] for row in answers[4]}
    assert len(municipalities) == 396
    assert without <= municipalities
    assert municipalities - parties - without == set()
    assert without & parties == {"de-westerkappeln"}


def test_the_counting_rules_add_up(answers: dict[int, list[Row]]) -> None:
    counts = {(row["rule"], row["valueLabel"]): int(row["partnerships"]) for row in answers[28]}
    parties = [row["parties"].split(";") for row in read_rows(ROOT / "data" / "partnerships.csv")]
    assert counts["1", ""] == len(parties)
    assert int(answers[28][0]["pairs"]) == len({(home, partner) for home, *others in parties for partner in others})
    for axis in ("7", "8", "9"):
        assert sum(count for (rule, _), count in counts.items() if rule == axis) == len(parties)
    assert counts["1", ""] > counts["2", ""] > counts["3", ""]
    assert counts["4", ""] < counts["5", ""] < counts["6", ""] < counts["1", ""]
    resting = sum(counts["8", status] for status in ("ruhend", "ausgesetzt", "beendet"))
    assert len({row["partnership"] for row in answers[3]}) == resting


def test_anniversaries_fall_into_the_next_year(answers: dict[int, list[Row]], release: Release) -> None:
    year = int(release.manifest["date"][:4]) + 1
    assert {int(row["since"][:4]) + int(row["years"]) for row in answers[6]} == {year}
    assert {row["year"] for row in answers[6]} == {str(year)}


def test_shared_partners_have_at_least_two_municipalities(answers: dict[int, list[Row]]) -> None:
    municipalities: dict[str, set[str]] = {}
    for row in answers[9]:
        municipalities.setdefault(row["partner"], set()).add(row["municipality"])
    assert len(municipalities) > 20
    assert min(len(sharing) for sharing in municipalities.values()) == 2


def test_partners_in_the_oblast_lie_where_it_lies(answers: dict[int, list[Row]]) -> None:
    positions = [(float(row["lat"]), float(row["long"])) for row in answers[12] if row["lat"]]
    assert len(positions) > 5
    assert all(47 < lat < 50 and 32 < long < 38 for lat, long in positions)


def test_the_first_partnerships_were_british(answers: dict[int, list[Row]]) -> None:
    first = [row for row in answers[19] if row["decade"] == answers[19][0]["decade"]]
    assert [(row["decade"], row["iso"]) for row in first] == [("1940", "GB")]
