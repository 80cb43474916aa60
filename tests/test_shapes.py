"""Every shape says what is right, in two languages, and finds what is wrong."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import Store
from rdflib import OWL, RDF, RDFS, SH, BNode, Graph, URIRef
from rdflib.namespace import DCTERMS

from kg.namespaces import CLASSES, PREFIXES, PROPERTIES
from kg.validation import Finding, validate
from kg.validation.judging import judge
from kg.validation.prefilter import Prefilter
from kg.validation.shapes import complete, first_property, messages, shapes_graph, subclasses
from tests.examples import INVALID, MODEL, VALID, described, local, statements, store_of

SHAPES = shapes_graph(MODEL)
PROPERTY_SHAPES = sorted(SHAPES.subjects(RDF.type, SH.PropertyShape))
NODE_SHAPES = sorted(SHAPES.subjects(RDF.type, SH.NodeShape))
TARGETED = sorted(set(SHAPES.subjects(SH.targetClass)))
NAMES = {local(shape): shape for shape in [*PROPERTY_SHAPES, *NODE_SHAPES]}


def shape_of(example: Path) -> URIRef:
    """The shape that an example is named after: the longest name that its own begins with."""
    name = max((name for name in NAMES if f"{example.stem}-".startswith(f"{name}-")), key=len)
    return NAMES[name]


@cache
def findings() -> tuple[list[Finding], list[Finding]]:
    """What is found in the valid examples alone, and in all examples together."""
    alone, together = (validate(store_of(paths), SHAPES, MODEL.names) for paths in (VALID, [*VALID, *INVALID]))
    return alone, together


def about(example: Path, found: list[Finding]) -> list[Finding]:
    things = described(example)
    return [finding for finding in found if finding.focus in things]


@pytest.mark.parametrize("example", VALID, ids=lambda path: path.stem)
def test_a_valid_example_conforms(example: Path) -> None:
    assert shape_of(example)
    assert about(example, findings()[0]) == []


@pytest.mark.parametrize("example", INVALID, ids=lambda path: path.stem)
def test_an_invalid_example_fails_at_the_shape_in_its_name(example: Path) -> None:
    shape = shape_of(example)
    found = about(example, findings()[1])
    assert {finding.shape for finding in found} == {str(shape)}
    severity = SHAPES.value(shape, SH.severity) or SH.Violation
    assert {finding.severity for finding in found} == {severity.rpartition("#")[2].lower()}
    for finding in found:
        assert set(finding.messages) == {"de", "en"}
        assert all(finding.messages.values())


def test_invalid_examples_leave_the_valid_ones_alone() -> None:
    wrong = {thing for example in INVALID for thing in described(example)}
    assert [finding for finding in findings()[1] if finding.focus not in wrong] == []


@pytest.mark.slow
@pytest.mark.parametrize("example", INVALID, ids=lambda path: path.stem)
def test_an_invalid_example_fails_without_the_others(example: Path, world: Store, prefilter: Prefilter) -> None:
    quads = [quad for quad in statements(example) if quad not in world]
    world.extend(quads)
    found = list(judge(world, prefilter.shapes, prefilter.suspicions(world)))
    for quad in quads:
        world.remove(quad)
    assert {finding.shape for finding in found} == {str(shape_of(example))}


@pytest.fixture(scope="module")
def world() -> Store:
    store = store_of(VALID)
    store.extend(MODEL.quads)
    return store


@pytest.fixture(scope="module")
def prefilter(world: Store) -> Prefilter:
    below = subclasses(world)
    return Prefilter(complete(SHAPES, below, MODEL.names), below)


def test_every_property_shape_has_an_invalid_example_and_every_class_a_valid_one() -> None:
    wrong = {shape_of(example) for example in INVALID}
    right = {shape_of(example) for example in VALID}
    assert set(PROPERTY_SHAPES) - wrong == set()
    assert set(TARGETED) - right == set()
    entities = {NAMES[name] for name in CLASSES}
    assert entities <= wrong, "a property that no shape of the class names has to be found in every class"


def test_every_class_has_a_shape_of_its_name() -> None:
    for name in CLASSES:
        targets = list(SHAPES.objects(NAMES[name], SH.targetClass))
        assert targets == [URIRef(MODEL.names.term(name).value)]


def test_shapes_have_names_in_both_languages() -> None:
    for shape in [*PROPERTY_SHAPES, *NODE_SHAPES]:
        assert {name.language for name in SHAPES.objects(shape, SH.name)} == {"de", "en"}, shape


def test_shapes_that_are_shown_have_one_order() -> None:
    for shape in [*PROPERTY_SHAPES, *TARGETED]:
        assert len(list(SHAPES.objects(shape, SH.order))) == 1, shape


def test_shapes_that_judge_have_a_severity_and_sentences_in_both_languages() -> None:
    for shape in [*PROPERTY_SHAPES, NAMES["PlainText"]]:
        assert SHAPES.value(shape, SH.severity, any=False) in {SH.Violation, SH.Warning, SH.Info}
        said = messages(SHAPES, shape)
        assert set(said) == {"de", "en"}, shape
        assert len(list(SHAPES.objects(shape, SH.message))) == 2, shape
        assert all(text.endswith(".") and text == text.strip() and "  " not in text for text in said.values()), said


def test_property_shapes_of_one_class_have_different_orders_and_bear_its_name() -> None:
    for shape in TARGETED:
        properties = list(SHAPES.objects(shape, SH.property))
        orders = [SHAPES.value(each, SH.order) for each in properties]
        assert len(set(orders)) == len(orders)
        assert all(local(each).startswith(f"{local(shape)}-") for each in properties)
    used = set(SHAPES.objects(None, SH.property))
    assert used == set(PROPERTY_SHAPES)


def test_no_blank_node_but_in_lists_and_paths() -> None:
    for subject, predicate in SHAPES.subject_predicates():
        if isinstance(subject, BNode):
            assert predicate in {RDF.first, RDF.rest, SH.inversePath}


@pytest.mark.parametrize("shape", PROPERTY_SHAPES, ids=local)
def test_a_path_begins_with_a_known_property(shape: URIRef) -> None:
    first = first_property(SHAPES, SHAPES.value(shape, SH.path)) or ""
    own = f"{MODEL.names.base}def/"
    assert (
        first.removeprefix(own) in PROPERTIES if first.startswith(own) else first.startswith(tuple(PREFIXES.values()))
    )


def test_shapes_name_only_terms_schemes_and_shapes_that_exist() -> None:
    base = MODEL.names.base
    defined = {quad.subject.value for quad in MODEL.quads}
    for subject, predicate, term in SHAPES:
        if isinstance(term, URIRef) and str(term).startswith((f"{base}def/", f"{base}vocab/", f"{base}shapes/")):
            assert str(term) in defined or predicate == OWL.versionIRI, (subject, predicate, term)
    assert {str(subject) for subject in SHAPES.subjects() if subject.startswith(base)} <= defined


@pytest.mark.parametrize("path", MODEL.shape_files(), ids=lambda path: path.stem)
def test_a_file_of_shapes_stands_on_its_own(path: Path) -> None:
    graph = Graph().parse(path)
    header = graph.value(predicate=RDF.type, object=OWL.Ontology, any=False)
    assert graph.value(header, OWL.versionIRI) == URIRef(f"{header}/{graph.value(header, OWL.versionInfo)}")
    assert graph.value(header, DCTERMS.license) == URIRef("https://creativecommons.org/publicdomain/zero/1.0/")
    for predicate in (SH.property, SH.node, SH.sparql, SH.qualifiedValueShape, SH.prefixes, SH.declare):
        missing = [term for term in graph.objects(None, predicate) if (term, None, None) not in graph]
        assert missing == []
    assert (None, RDFS.subClassOf, None) not in graph
