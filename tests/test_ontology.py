"""The ontology is code: hygiene, consistency, closed names, and a context that loses nothing."""

from __future__ import annotations

import json
import re

import owlrl
import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse, serialize
from rdflib import Graph, URIRef
from rdflib.compare import isomorphic

from kg.model import Model
from kg.namespaces import CLASSES, PREFIXES, PROPERTIES, RDF_TYPE, Names
from kg.serializing import write_triples
from kg.store import Release
from tests.conftest import ROOT

ONTOLOGY = ROOT / "ontology"
MODEL = Model(ONTOLOGY, Names())
OWL = PREFIXES["owl"]


@pytest.fixture(scope="module")
def model_store() -> Store:
    store = Store()
    store.extend(quad for quad in MODEL.quads if quad.graph_name != MODEL.names.graph("shapes"))
    return store


@pytest.mark.parametrize("path", sorted((ONTOLOGY / "hygiene").glob("*.rq")), ids=lambda path: path.stem)
def test_hygiene_finds_no_offender(path, model_store: Store) -> None:
    rows = [str(row) for row in model_store.query(path.read_text(encoding="utf-8"), use_default_graph_as_union=True)]
    assert rows == []


def test_the_names_in_code_are_those_of_the_ontology(model_store: Store) -> None:
    prefix = f"{MODEL.names.base}def/"

    def defined(*kinds: str) -> set[str]:
        types = [NamedNode(kind if kind.startswith("http") else OWL + kind) for kind in kinds]
        subjects = {
            quad.subject.value for kind in types for quad in model_store.quads_for_pattern(None, RDF_TYPE, kind)
        }
        return {iri.removeprefix(prefix) for iri in subjects if iri.startswith(prefix)}

    assert defined("Class") == CLASSES
    assert defined("ObjectProperty", "DatatypeProperty", f"{PREFIXES['rdf']}Property") == PROPERTIES


def test_rules_and_queries_use_only_terms_that_exist() -> None:
    paths = [
        *ONTOLOGY.glob("rules/*.rq"),
        *ONTOLOGY.glob("questions/*.rq"),
        *(ROOT / "kg" / "queries").glob("*.rq"),
    ]
    assert len(paths) > 50
    for path in paths:
        used = set(re.findall(r"\bmpo:(\w+)", path.read_text(encoding="utf-8")))
        assert used <= CLASSES | PROPERTIES, f"{path.name}: {used - CLASSES - PROPERTIES}"


def test_the_version_of_the_ontology_is_in_the_changelog(model_store: Store) -> None:
    ontology = NamedNode(f"{MODEL.names.base}def/")
    version = next(model_store.quads_for_pattern(ontology, NamedNode(f"{OWL}versionInfo"), None)).object.value
    assert f"ontology {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def closure(release: Release) -> Graph:
    """The OWL 2 RL closure of the model with a slice of the real data: Dortmund and all it hangs together with."""
    graph = Graph()
    wanted = {"ontology", "codes"}
    lines = [quad.triple for quad in MODEL.quads if quad.graph_name.value.rsplit("/", 1)[-1] in wanted]
    seen = {release.names.entity("authority", "de-dortmund")}
    for _ in range(2):
        for thing in list(seen):
            for quad in release.store.quads_for_pattern(thing, None, None, None):
                lines.append(quad.triple)
                if isinstance(quad.object, NamedNode) and "/id/" in quad.object.value:
                    seen.add(quad.object)
    graph.parse(data=serialize(set(lines), format=RdfFormat.N_TRIPLES), format="nt")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    return graph


def _instances(graph: Graph, iri: str) -> set[str]:
    return {str(thing) for thing in graph.subjects(URIRef(RDF_TYPE.value), URIRef(iri)) if "/id/" in str(thing)}


def test_the_rl_closure_is_consistent(closure: Graph) -> None:
    errors = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")
    assert [str(value) for value in closure.objects(None, errors)] == []
    assert _instances(closure, f"{OWL}Nothing") == set()


def test_the_rl_closure_keeps_the_classes_apart(closure: Graph) -> None:
    names = MODEL.names
    authorities = _instances(closure, names.term("TerritorialAuthority").value)
    partnerships = _instances(closure, names.term("Partnership").value)
    organisations = _instances(closure, f"{PREFIXES['org']}Organization")
    concepts = _instances(closure, f"{PREFIXES['skos']}Concept")
    assert len(authorities) > 10
    assert len(partnerships) > 10
    assert authorities <= organisations
    assert not partnerships & organisations
    assert not authorities & concepts


def test_the_rl_check_can_fail() -> None:
    graph = Graph()
    quads = [quad.triple for quad in MODEL.quads if quad.graph_name == MODEL.names.graph("ontology")]
    graph.parse(data=serialize(quads, format=RdfFormat.N_TRIPLES), format="nt")
    thing = URIRef(MODEL.names.entity("authority", "de-zwitter").value)
    for name in ("TerritorialAuthority", "Partnership"):
        graph.add((thing, URIRef(RDF_TYPE.value), URIRef(MODEL.names.term(name).value)))
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    assert list(graph.objects(None, URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")))


@pytest.mark.parametrize(
    "key",
    [
        "authority/de-koeln",
        "partnership/de-koeln--ua-dnipro",
        "source/wikidata-2016",
        "event/studienreise-buffalo-2024",
    ],
)
def test_compact_json_ld_round_trips(release: Release, key: str) -> None:
    thing = NamedNode(f"{release.names.base}id/{key}")
    triples = [quad.triple for quad in release.store.quads_for_pattern(thing, None, None, None)]
    assert triples
    compact = write_triples(triples, "jsonld", release.names.base, release.folder)
    back = list(parse(compact, RdfFormat.JSON_LD))
    left, right = Graph(), Graph()
    left.parse(data=serialize(triples, format=RdfFormat.N_TRIPLES), format="nt")
    right.parse(data=serialize([quad.triple for quad in back], format=RdfFormat.N_TRIPLES), format="nt")
    assert isomorphic(left, right)
    content = json.loads(compact)
    assert content["type"] if "type" in content else content["@graph"]


def test_another_base_moves_everything(tmp_path) -> None:
    names = Names("https://data.example.org/twins/")
    quads = Model(ONTOLOGY, names).quads
    text = serialize((Quad(quad.subject, quad.predicate, quad.object) for quad in quads), format=RdfFormat.N_QUADS)
    assert b"w3id.org/municipal-partnerships" not in text
    assert names.term("Partnership") in {quad.subject for quad in quads}
