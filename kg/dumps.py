"""The whole graph and its classes as files, in canonical order, so that the same content has the same bytes."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import zstandard
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, parse, serialize

from kg.namespaces import ENTITY_CLASSES, RDF_TYPE, Names, prefixes
from kg.queries import read_query
from kg.store import GRAPH_FILE, select, sorted_lines

TRIPLES: Final = "graph.nt"
_OTHERS: Final = {
    "graph.ttl": (TRIPLES, RdfFormat.N_TRIPLES, RdfFormat.TURTLE),
    "graph.rdf": (TRIPLES, RdfFormat.N_TRIPLES, RdfFormat.RDF_XML),
    "graph.jsonld": (TRIPLES, RdfFormat.N_TRIPLES, RdfFormat.JSON_LD),
    "graph.trig": (GRAPH_FILE, RdfFormat.N_QUADS, RdfFormat.TRIG),
}
_LIST_SEPARATOR: Final = "|"


def write_graph(store: Store, folder: Path, names: Names) -> None:
    """The store as sorted N-Quads and N-Triples, Turtle, TriG, RDF/XML and JSON-LD.

    The triple formats hold the union of the named graphs; no triple stands in two of them.
    """
    lines = sorted_lines(store)
    write_lines(folder / GRAPH_FILE, lines)
    write_lines(folder / TRIPLES, sorted(line[: line.rindex(b" <")] + b" ." for line in lines))
    for name, (source, read, write) in _OTHERS.items():
        with (folder / source).open("rb") as content, (folder / name).open("wb") as output:
            serialize(parse(content, read), output, write, prefixes=prefixes(names.base))


def write_classes(store: Store, folder: Path, names: Names) -> None:
    """Each class as CSV, all described by one CSVW file; several values of a cell are separated by `|`."""
    folder.mkdir()
    query = read_query("class-rows", names.base)
    tables = []
    for kind, class_name in ENTITY_CLASSES.items():
        if class_name == "Geometry":
            continue
        things: dict[str, dict[str, list[str]]] = {}
        for solution in select(store, query, **{"class": names.term(class_name)}):
            column = _column_of(solution["property"], solution["value"])
            things.setdefault(solution["thing"].value, {}).setdefault(column, []).append(solution["value"].value)
        columns = sorted({column for values in things.values() for column in values})
        _write_csv(folder / f"{kind}.csv", columns, things)
        tables.append(_described(kind, columns))
    description = {"@context": "http://www.w3.org/ns/csvw", "tables": tables}
    write_json(folder / "csv-metadata.json", description)


def write_geojson(store: Store, path: Path, names: Names) -> None:
    """The authorities with a position as GeoJSON (RFC 7946)."""
    features = []
    for solution in select(store, read_query("placed-authorities", names.base)):
        properties = {"name": solution["label"].value}
        properties |= {name: solution[name].value for name in ("level", "country") if solution[name] is not None}
        position = [float(solution["long"].value), float(solution["lat"].value)]
        features.append(
            {
                "type": "Feature",
                "id": solution["authority"].value,
                "geometry": {"type": "Point", "coordinates": position},
                "properties": properties,
            }
        )
    write_json(path, {"type": "FeatureCollection", "features": features})


def compress(paths: Iterable[Path]) -> None:
    """A gzip and a zstd twin beside each file, without times or names inside; both run at once."""
    jobs = [(pack, path) for path in paths for pack in (_gzip, _zstd)]
    with ThreadPoolExecutor(max_workers=2) as pool:
        for done in [pool.submit(pack, path) for pack, path in jobs]:
            done.result()


def write_json(path: Path, content: Any) -> None:  # noqa: ANN401  whatever JSON can hold
    """JSON with sorted keys, readable by people."""
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")


def _column_of(predicate: NamedNode, value: NamedNode | Literal) -> str:
    name = "type" if predicate == RDF_TYPE else predicate.value.replace("#", "/").rsplit("/", 1)[-1]
    return f"{name}_{value.language}" if isinstance(value, Literal) and value.language else name


def _write_csv(path: Path, columns: list[str], things: Mapping[str, Mapping[str, list[str]]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["iri", *columns])
    for iri in sorted(things):
        writer.writerow([iri, *(_LIST_SEPARATOR.join(things[iri].get(column, ())) for column in columns)])
    path.write_text(text.getvalue(), encoding="utf-8")


def _described(kind: str, columns: list[str]) -> dict[str, Any]:
    described: list[dict[str, Any]] = [{"name": "iri", "titles": "iri", "datatype": "anyURI", "required": True}]
    described += [{"name": name, "titles": name, "separator": _LIST_SEPARATOR} for name in columns]
    return {"url": f"{kind}.csv", "tableSchema": {"primaryKey": "iri", "columns": described}}


def write_lines(path: Path, lines: list[bytes]) -> None:
    """Lines with their ends."""
    with path.open("wb") as output:
        output.writelines(line + b"\n" for line in lines)


def _gzip(path: Path) -> None:
    with (
        path.open("rb") as content,
        (path.parent / f"{path.name}.gz").open("wb") as output,
        gzip.GzipFile(filename="", mode="wb", fileobj=output, compresslevel=6, mtime=0) as packed,
    ):
        shutil.copyfileobj(content, packed, 1 << 20)


def _zstd(path: Path) -> None:
    with path.open("rb") as content, (path.parent / f"{path.name}.zst").open("wb") as output:
        zstandard.ZstdCompressor(level=3).copy_stream(content, output)
