"""The model as data: ontology, codes, shapes and rules read from `ontology/` under one base."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    NamedNode,
    Quad,
    RdfFormat,
    parse,
)

from kg.errors import ModelError
from kg.namespaces import RDF_TYPE, SKOS, Names, read_model_file

_FILES: Final = {
    "ontology": ("mpo.ttl", "graphs.ttl", "alignments/*.ttl"),
    "codes": ("codes/*.ttl",),
    "shapes": ("shapes/*.ttl",),
}
_INTO: Final = re.compile(r"^# into: (\w+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Rule:
    """A CONSTRUCT that derives triples into the named graph `into`."""

    name: str
    text: str
    into: str


@dataclass(frozen=True)
class Model:
    """What `folder` (the setting `ontology`) says, read when it is asked for."""

    folder: Path
    names: Names

    @cached_property
    def quads(self) -> list[Quad]:
        """Ontology, codes and shapes, each in its named graph."""
        return [quad for graph in _FILES for quad in self._read(graph)]

    @cached_property
    def concepts(self) -> dict[str, frozenset[str]]:
        """The keys of the concepts of each SKOS scheme."""
        found: dict[str, set[str]] = {}
        prefix = f"{self.names.base}vocab/"
        for quad in self.quads:
            if quad.object == SKOS["Concept"] and quad.predicate == RDF_TYPE and isinstance(quad.subject, NamedNode):
                scheme, _, key = quad.subject.value.removeprefix(prefix).partition("/")
                found.setdefault(scheme, set()).add(key)
        return {scheme: frozenset(keys) for scheme, keys in found.items()}

    @cached_property
    def rules(self) -> list[Rule]:
        """The derivation rules in the order in which they run, that of their names."""
        return [self._rule(path) for path in sorted((self.folder / "rules").glob("*.rq"))]

    @property
    def context(self) -> str:
        """The JSON-LD context of our documents."""
        return read_model_file(self.folder / "context.jsonld", self.names.base)

    @property
    def questions(self) -> dict[str, str]:
        """The questions of the model by the names of their files."""
        paths = sorted((self.folder / "questions").glob("*.rq"))
        return {path.name: read_model_file(path, self.names.base) for path in paths}

    def shape_files(self) -> list[Path]:
        """The files of the shapes graph."""
        return sorted((self.folder / "shapes").glob("*.ttl"))

    def files(self) -> Iterator[Path]:
        """Every file that a build reads."""
        for pattern in (pattern for patterns in _FILES.values() for pattern in patterns):
            yield from sorted(self.folder.glob(pattern))
        for folder in ("rules", "questions"):
            yield from sorted((self.folder / folder).glob("*.rq"))
        yield self.folder / "context.jsonld"

    def _rule(self, path: Path) -> Rule:
        text = read_model_file(path, self.names.base)
        into = _INTO.search(text)
        if into is None:
            raise ModelError(f"{path}: says not into which graph it derives; add a line such as “# into: derived”")
        return Rule(path.stem, text, into[1])

    def _read(self, graph: str) -> Iterator[Quad]:
        seen: set[tuple[object, ...]] = set()
        paths = [path for pattern in _FILES[graph] for path in sorted(self.folder.glob(pattern))]
        if not paths:
            raise ModelError(f"{self.folder}: has no {' or '.join(_FILES[graph])}")
        for path in paths:
            for quad in read_turtle(path, self.names.base):
                triple = (quad.subject, quad.predicate, quad.object)
                if triple not in seen:
                    seen.add(triple)
                    yield Quad(*triple, self.names.graph(graph))


def read_turtle(path: Path, base: str) -> Iterable[Quad]:
    """The triples of one Turtle file; its blank nodes are labelled canonically (RDFC-1.0), per file.

    Raises `ModelError` with file and line when it is no Turtle.
    """
    try:
        dataset = Dataset(parse(read_model_file(path, base), RdfFormat.TURTLE, base_iri=base))
    except (OSError, SyntaxError) as error:
        raise ModelError(f"{path}: {error}") from error
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    prefix = f"{path.parent.name}-{path.stem}-"
    return [
        Quad(_relabelled(quad.subject, prefix), quad.predicate, _relabelled(quad.object, prefix)) for quad in dataset
    ]


def _relabelled(term: Any, prefix: str) -> Any:  # noqa: ANN401  any RDF term
    return BlankNode(prefix + term.value) if isinstance(term, BlankNode) else term
