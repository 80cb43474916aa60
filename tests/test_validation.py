"""Validation with a prefilter finds what pySHACL alone finds, and says where it comes from."""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import replace

import pytest
from pyoxigraph import Quad, RdfFormat, Store, parse
from rdflib import RDF, SH, Graph
from rdflib.plugins.sparql import processor

from kg.namespaces import Names
from kg.pipeline import assemble
from kg.settings import Settings
from kg.tables import read_tables
from kg.validation import Finding, located, validate, validate_fully
from kg.validation.prefilter import Prefilter
from kg.validation.shapes import shapes_graph, subclasses
from tests.examples import INVALID, MODEL, VALID, store_of
from tests.tables import add_row, set_cell

NAMES = Names()
PREFIXES = """
PREFIX mpo: <https://w3id.org/municipal-partnerships/def/>
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX : <https://example.org/>
"""
DATA = """
:a a :Thing ; :name "Eins"@de , "One"@en ; :size 1 ; :limit 5 ; :next :b ; :kind :red .
:b a :Thing ; :name "Zwei"@de , "Deux"@de ; :size 7 , 8 ; :limit 5 ; :next :nothing ; :kind "blue" .
:c a :Special ; :name "drei" ; :size "groß" ; :limit 3.5 ; :day "2021-02-30"^^xsd:date ; :next _:d .
:d a :Other ; :name "Vier\\n"@de-CH ; :day "2021-02-28"^^xsd:date ; :open "vielleicht"^^xsd:boolean ; :self :d .
:Special rdfs:subClassOf :Thing .
"""

_EIGHT = "SELECT $this ?value WHERE { $this $PATH ?value FILTER(?value = 8) }"
_FIVE = "SELECT $this { $this <https://example.org/limit> ?limit FILTER(?limit = 5) }"


@pytest.fixture
def prepared_queries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each constraint is parsed once; pySHACL hands its text to rdflib anew for each node."""
    parsed = functools.cache(lambda text: processor.translateQuery(processor.parseQuery(text), None, {}))

    def query(self, text, bindings=None, namespaces=None, base=None, debug=False):
        return processor.evalQuery(self.graph, parsed(text), bindings, base)

    monkeypatch.setattr(processor.SPARQLProcessor, "query", query)


@pytest.mark.usefixtures("prepared_queries")
def test_the_same_is_found_as_by_pyshacl_alone() -> None:
    store = store_of([*VALID, *INVALID])
    found = validate(store, MODEL, NAMES)
    assert found == validate_fully(store, MODEL, NAMES)
    silent = set(map(str, shapes_graph(MODEL).subjects(RDF.type, SH.PropertyShape))) - {one.shape for one in found}
    assert silent == set()


@pytest.mark.parametrize(
    ("constraint", "faults"),
    [
        ("sh:path :name ; sh:minCount 0", 0),
        ("sh:path :name ; sh:minCount 1", 0),
        ("sh:path :day ; sh:minCount 1", 2),
        ("sh:path :name ; sh:minCount 2", 1),
        ("sh:path :size ; sh:maxCount 0", 3),
        ("sh:path :size ; sh:maxCount 1", 1),
        ("sh:path :name ; sh:uniqueLang true", 1),
        ("sh:path :name ; sh:uniqueLang false", 0),
        ("sh:path :name ; sh:datatype rdf:langString", 1),
        ("sh:path :name ; sh:datatype xsd:string", 4),
        ("sh:path :size ; sh:datatype xsd:integer", 1),
        ("sh:path :day ; sh:datatype xsd:date", 1),
        ("sh:path :limit ; sh:datatype xsd:decimal", 2),
        ("sh:path :limit ; sh:datatype xsd:dateTime", 3),
        ("sh:path :limit ; sh:datatype :length", 3),
        ("sh:path :next ; sh:nodeKind sh:IRI", 1),
        ("sh:path :kind ; sh:nodeKind sh:BlankNodeOrIRI", 1),
        ("sh:path :kind ; sh:nodeKind sh:IRIOrLiteral", 0),
        ("sh:path :next ; sh:class :Thing", 2),
        ("sh:path :kind ; sh:in ( :red :green )", 1),
        ("sh:path :kind ; sh:hasValue :red", 2),
        ("sh:path :size ; sh:minInclusive 7", 2),
        ("sh:path :size ; sh:maxExclusive 8", 2),
        ("sh:path :size ; sh:minExclusive 1 ; sh:maxInclusive 7", 3),
        ("sh:path :size ; sh:lessThan :limit", 3),
        ("sh:path :size ; sh:lessThanOrEquals :limit", 3),
        ("sh:path :limit ; sh:disjoint :size", 0),
        ("sh:path :name ; sh:minLength 4 ; sh:maxLength 4", 1),
        ('sh:path :name ; sh:pattern "^d" ; sh:flags "i"', 3),
        ('sh:path :name ; sh:pattern "^(?!Z)"', 1),
        ('sh:path :name ; sh:languageIn ( "de" )', 2),
        ("sh:path :name ; sh:qualifiedValueShape :German ; sh:qualifiedMinCount 1", 1),
        ("sh:path :name ; sh:qualifiedValueShape :German ; sh:qualifiedMinCount 2", 2),
        ("sh:path :name ; sh:qualifiedValueShape :German ; sh:qualifiedMaxCount 1", 1),
        ("sh:path :name ; sh:node :German", 2),
        ("sh:path :name ; sh:or ( :German :English )", 1),
        ("sh:path :name ; sh:and ( :German :English )", 5),
        ("sh:path :name ; sh:not :German", 3),
        ("sh:path :name ; sh:xone ( :German :Short )", 3),
        ("sh:path ( :next :name ) ; sh:maxCount 1", 1),
        ("sh:path [ sh:inversePath :next ] ; sh:minCount 1", 2),
        ("sh:path [ sh:alternativePath ( :day :open ) ] ; sh:maxCount 0", 1),
        ("sh:path :next ; sh:property [ sh:path :name ; sh:minCount 1 ]", 2),
        (f'sh:path :size ; sh:sparql [ sh:select "{_EIGHT}" ]', 1),
        (f'sh:path :size ; sh:sparql [ sh:select "{_FIVE}" ]', 2),
    ],
)  # fmt: skip
def test_a_constraint_is_judged_alike_by_both(constraint: str, faults: int) -> None:
    shapes = f":Shape a sh:NodeShape ; sh:targetClass :Thing ; sh:property [ {constraint} ] ."
    assert len(both(shapes)) == faults


@pytest.mark.parametrize(
    ("shapes", "faults"),
    [
        (":Shape a sh:NodeShape ; sh:targetClass :Thing ; sh:nodeKind sh:IRI ; sh:class :Special .", 2),
        (":Shape a sh:NodeShape ; sh:targetClass :Thing , :Other ; sh:property [ sh:path :day ; sh:minCount 1 ] .", 2),
        (":Shape a sh:NodeShape ; sh:targetNode :a , :z ; sh:property [ sh:path :name ; sh:minCount 1 ] .", 1),
        (":Shape a sh:NodeShape ; sh:targetObjectsOf :next ; sh:nodeKind sh:IRI .", 1),
        (":Shape a sh:NodeShape ; sh:targetSubjectsOf :self ; sh:property [ sh:path :self ; sh:maxCount 0 ] .", 1),
        (":Thing a sh:NodeShape , rdfs:Class ; sh:property [ sh:path :day ; sh:minCount 1 ] .", 2),
        (
            ":Shape a sh:NodeShape ; sh:targetClass :Other ; sh:property [ sh:path :open ; sh:datatype xsd:boolean ] .",
            1,
        ),
        (":Shape a sh:NodeShape ; sh:targetClass :Absent ; sh:property [ sh:path :open ; sh:minCount 1 ] .", 0),
    ],
)
def test_a_target_is_found_alike_by_both(shapes: str, faults: int) -> None:
    assert len(both(shapes)) == faults


def test_an_unknown_component_is_left_to_pyshacl_for_every_node() -> None:
    shapes = Graph().parse(
        data=f"{PREFIXES} :Shape a sh:NodeShape ; sh:targetClass :Thing ; sh:property :Property . "
        ":Property sh:path :name ; sh:not [ sh:minLength 99 ] .",
        format="turtle",
    )
    store = store_of_data()
    suspicions = list(Prefilter(shapes, subclasses(store)).suspicions(store))
    assert [len(suspicion.nodes) for suspicion in suspicions] == [3]


def both(shapes: str) -> list[Finding]:
    """What validation finds in `DATA`, the same with and without the prefilter."""
    helpers = """
    :German a sh:NodeShape ; sh:languageIn ( "de" ) .
    :English a sh:NodeShape ; sh:languageIn ( "en" ) .
    :Short a sh:NodeShape ; sh:maxLength 4 .
    """
    graph = Graph().parse(data=f"{PREFIXES} {helpers} {shapes}", format="turtle")
    store = store_of_data()
    found = validate(store, graph, NAMES)
    assert found == validate_fully(store, graph, NAMES)
    return found


def store_of_data() -> Store:
    store, graph = Store(), NAMES.graph("asserted")
    quads = parse(PREFIXES + DATA, RdfFormat.TURTLE)
    store.extend(Quad(quad.subject, quad.predicate, quad.object, graph) for quad in quads)
    return store


def test_findings_are_in_order_and_say_both_messages() -> None:
    found = validate(store_of([*VALID, *INVALID]), MODEL, NAMES)
    severities = [finding.severity for finding in found]
    assert severities == sorted(severities, key=["violation", "warning", "info"].index)
    assert min(Counter(severities).values()) > 5
    assert all(set(finding.messages) == {"de", "en"} for finding in found)
    assert len({(one.shape, one.focus, one.path, one.value) for one in found}) == len(found)


PARTNERSHIP = "de-musterstadt--fr-exempleville"


@pytest.mark.parametrize(
    ("edits", "shape", "place"),
    [
        ([("partnerships", 2, "until", "1950")], "PartnershipPhase-endDate-order", ("partnerships.csv", 2, "until")),
        ([("partnerships", 2, "since", "2031")], "PartnershipPhase-startDate-future", ("partnerships.csv", 2, "since")),
        (
            [("partnerships", 2, "parties", "de-musterstadt")],
            "Partnership-hasParty",
            ("partnerships.csv", 2, "parties"),
        ),
        ([("authorities", 3, "ags", "05913")], "TerritorialAuthority-ags-length", ("authorities.csv", 3, "ags")),
        ([("places", 3, "lat", "61.5")], "Place-lat-country", ("places.csv", 3, "lat")),
        ([("events", 2, "title_en", "")], "Event-label-recommended", ("events.csv", 2, "title_de")),
        ([("engagements", 2, "amount", "5")], "Engagement-amount-complete", ("engagements.csv", 2, "amount")),
        ([("actors", 2, "note_de", "Nur dies")], "Actor-comment-recommended", ("actors.csv", 2, "note_de")),
        ([("statements", 3, "since", "2030-01")], None, None),
        ([("acts", 2, "date", "")], "LegalAct-date-recommended", ("acts.csv", 2, None)),
        ([("partnerships", 2, "form", "")], "PartnershipPhase-form-recommended", ("partnerships.csv", 2, None)),
    ],
)
def test_a_finding_leads_to_the_cell_that_an_editor_has_to_mend(region: Settings, edits, shape, place) -> None:
    for table, row, column, value in edits:
        set_cell(region.data / f"{table}.csv", row, column, value)
    found = assemble(region, lambda _line: None).findings
    places = [(one.file, one.row, one.column) for one in found if one.shape.rpartition("/")[2] == shape]
    assert places == ([place] if place else [])


def test_phases_lead_to_their_own_rows(region: Settings) -> None:
    for column in ("form", "since", "status"):
        set_cell(region.data / "partnerships.csv", 2, column, "")
    phase = {"partnership": PARTNERSHIP, "status": "active", "sources": "survey"}
    add_row(region.data / "phases.csv", key=f"{PARTNERSHIP}.p1", form="contact", since="1950", **phase)
    add_row(region.data / "phases.csv", key=f"{PARTNERSHIP}.p2", form="twinning", since="1960", **phase)
    found = [one for one in assemble(region, lambda _line: None).findings if one.severity == "violation"]
    assert [(one.shape.rpartition("/")[2], one.file, one.row, one.column) for one in found] == [
        ("PartnershipPhase-form-overlap", "phases.csv", 3, "form")
    ]


def test_what_no_row_makes_leads_to_the_row_of_its_value_or_to_its_file(region: Settings) -> None:
    tables = read_tables(region.data, MODEL.concepts)
    finding = Finding("", "", None, None, "info", {})
    base = NAMES.base
    unmade = replace(finding, focus=f"{base}id/actor/nobody")
    cases = [
        (unmade, (None, None, None)),
        (replace(unmade, value=f"{base}id/actor/musterverein"), ("actors.csv", 2, None)),
        (replace(finding, focus=f"{base}vocab/forms/twinning"), ("codes/forms.ttl", None, None)),
        (replace(finding, focus="https://example.org/elsewhere"), (None, None, None)),
    ]
    found = located([case for case, _ in cases], tables, NAMES)
    assert [(one.file, one.row, one.column) for one in found] == [place for _, place in cases]
