"""What the search index is filled from: a line for each thing with all its names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pyoxigraph import Store

from kg.namespaces import Names
from kg.queries import read_query
from kg.store import select

SEARCH_FILE: Final = "search.jsonl"


def write_documents(store: Store, path: Path, names: Names) -> None:
    """One JSON object a line, sorted by IRI: iri, class, names by language ("" for none), weight."""
    with path.open("w", encoding="utf-8") as output:
        for document in _documents(store, names):
            output.write(json.dumps(document, ensure_ascii=False, sort_keys=True) + "\n")


def _documents(store: Store, names: Names) -> Iterator[dict[str, Any]]:
    weights = {
        solution["thing"].value: int(solution["weight"].value)
        for solution in select(store, read_query("weights", names.base))
    }
    things: dict[str, dict[str, Any]] = {}
    for solution in select(store, read_query("search-documents", names.base)):
        iri = solution["thing"].value
        thing = things.setdefault(iri, {"iri": iri, "class": solution["class"].value, "labels": {}, "names": []})
        name = solution["name"]
        if solution["property"].value.endswith("altLabel"):
            thing["names"].append(name.value)
        else:
            thing["labels"][name.language or ""] = name.value
    for iri in sorted(things):
        yield {**things[iri], "names": sorted(things[iri]["names"]), "weight": weights.get(iri, 0)}
