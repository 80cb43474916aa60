"""Open a release and ask it: select, construct, ask, over the graphs that public queries see."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from pyoxigraph import NamedNode, RdfFormat, Store, Variable

from kg.errors import ReleaseError
from kg.namespaces import DEFAULT_GRAPHS, Names

CURRENT: Final = "current"
MANIFEST: Final = "manifest.json"
GRAPH_FILE: Final = "graph.nq"
CATALOGUE_FILE: Final = "catalogue.nq"


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

    def query(self, text: str, **values: Any) -> Any:  # noqa: ANN401  solutions, triples or a boolean
        """The answer of one of our own queries; `values` are bound to the variables of their names.

        Asks all graphs, as internal queries name evidence and codes alike; no triple stands in two of them.
        """
        substitutions = {Variable(name): value for name, value in values.items()}
        return self.store.query(text, use_default_graph_as_union=True, substitutions=substitutions)


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
