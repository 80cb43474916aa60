"""Any RDF files → a release that can be served, unvalidated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, Quad, Store

from kg.checking import read_rdf
from kg.model import Model
from kg.namespaces import GRAPHS, Names
from kg.release import Content, sha256_of, write_release
from kg.settings import Settings
from kg.tables import Row

_UNDATED = "1970-01-01"


def pack(paths: Sequence[Path], settings: Settings) -> Path:
    """Writes a release of the statements in `paths` under the setting `releases`; returns its folder.

    Statements in a named graph of ours stay there; all others make up the asserted graph, each once. The
    model comes along where the files use our terms. Raises `UncheckableError` for what is no RDF.
    """
    names = Names(settings.base)
    graphs = {names.graph(name) for name in GRAPHS}
    store = Store()
    seen: set[tuple[object, ...]] = set()
    for number, path in enumerate(paths):
        for quad in _relabelled(read_rdf(path), f"file{number}-"):
            triple = (quad.subject, quad.predicate, quad.object)
            if triple not in seen:
                seen.add(triple)
                graph = quad.graph_name if quad.graph_name in graphs else names.graph("asserted")
                store.add(Quad(*triple, graph))
    model = Model(settings.ontology, names)
    if any(quad.predicate.value.startswith(f"{names.base}def/") for quad in store):
        store.extend(quad for quad in model.quads if (quad.subject, quad.predicate, quad.object) not in seen)
    content = Content(
        store=store,
        dataset=_dataset(paths),
        attributions=(),
        withdrawn=(),
        findings=(),
        date=_UNDATED,
        context=model.context,
        questions={},
        inputs={path.name: sha256_of(path) for path in paths},
    )
    return write_release(content, settings.releases, names)


def _relabelled(quads: Sequence[Quad], prefix: str) -> Iterator[Quad]:
    for quad in quads:
        yield Quad(_own(quad.subject, prefix), quad.predicate, _own(quad.object, prefix), quad.graph_name)


def _own(term: Any, prefix: str) -> Any:  # noqa: ANN401  any RDF term
    """Blank nodes of two files are never the same (RDF 1.1 Concepts, section 3.4)."""
    return BlankNode(prefix + term.value) if isinstance(term, BlankNode) else term


def _dataset(paths: Sequence[Path]) -> Row:
    named = ", ".join(path.name for path in paths)
    cells = {
        "key": "files",
        "title_de": f"Daten aus {named}",
        "title_en": f"Data from {named}",
        "description_de": "Ungeprüfte Daten aus Dateien",
        "description_en": "Unvalidated data from files",
        "focus": "",
        "licence": "",
        "attribution": "",
    }
    return Row("dataset", 2, cells)
