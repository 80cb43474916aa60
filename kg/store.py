"""Open a release and ask it: select, construct, ask, over the graphs that public queries see."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, cast

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, QueryTriples, RdfFormat, Store, Triple, Variable

from kg.errors import ReleaseError
from kg.namespaces import DEFAULT_GRAPHS, Names

Term = NamedNode | BlankNode | Literal | Triple

CURRENT: Final = "current"
MANIFEST: Final = "manifest.json"
GRAPH_FILE: Final = "graph.nq"
CATALOGUE_FILE: Final = "catalogue.nq"
QUESTIONS: Final = "questions"


@dataclass(frozen=True)
class Release:
    """An opened release: its folder, manifest and store."""

    folder: Path
    manifest: Mapping[str, Any]
    store: Store

    @property
    def version(self) -> str:
        """The version, such as `2026.11.1`."""
        return str(self.manifest["version"])

    @cached_property
    def names(self) -> Names:
        """Our IRIs under the base of this release."""
        return Names(self.manifest["base"])

    @cached_property
    def default_graphs(self) -> list[NamedNode]:
        """The named graphs that make up the default graph of public queries."""
        return [self.names.graph(name) for name in DEFAULT_GRAPHS]

    @cached_property
    def statistics(self) -> Mapping[str, Any]:
        """Counts made when the release was built."""
        return self.read_json("statistics.json")

    def read_json(self, name: str) -> Mapping[str, Any]:
        """A JSON file of the release."""
        content: Mapping[str, Any] = json.loads((self.folder / name).read_text(encoding="utf-8"))
        return content

    def query(self, text: str, **values: Term) -> QuerySolutions:
        """The solutions of one of our own queries; see `select`."""
        return select(self.store, text, **values)


def select(store: Store, text: str, **values: Term) -> QuerySolutions:
    """The solutions of a SELECT over all graphs; `values` are bound to the variables of their names.

    Internal queries name evidence and codes alike, and no triple stands in two graphs.
    """
    substitutions: dict[Variable, Term] = {Variable(name): value for name, value in values.items()}
    answer = store.query(text, use_default_graph_as_union=True, substitutions=substitutions)
    return cast(QuerySolutions, answer)


def construct(store: Store, text: str) -> QueryTriples:
    """The triples of a CONSTRUCT over all graphs."""
    return cast(QueryTriples, store.query(text, use_default_graph_as_union=True))


def sorted_lines(store: Store) -> list[bytes]:
    """The store as N-Quads lines in canonical order, without line ends."""
    return sorted(cast(bytes, store.dump(format=RdfFormat.N_QUADS)).splitlines())


def release_folder(releases: Path, version: str | None = None) -> Path:
    """The folder of a release by version, or of the current one.

    Raises `ReleaseError` when there is none.
    """
    folder = releases / (version or CURRENT)
    if not (folder / MANIFEST).is_file():
        what = f"release {version}" if version else "current release"
        raise ReleaseError(f"{releases}: there is no {what}; `kg build` makes one")
    return folder.resolve()


def open_release(folder: Path) -> Release:
    """The release in `folder`, loaded into memory.

    Raises `ReleaseError` when the folder holds none or a file of it cannot be read.
    """
    store = Store()
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        for name in (GRAPH_FILE, CATALOGUE_FILE):
            if (folder / name).exists():
                store.bulk_load(path=folder / name, format=RdfFormat.N_QUADS)
    except (OSError, ValueError, SyntaxError) as error:
        raise ReleaseError(f"{folder}: is no whole release: {error}") from error
    return Release(folder, manifest, store)
