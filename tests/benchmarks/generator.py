"""A synthetic region of any size in our own tables: the same size gives the same rows."""

from __future__ import annotations

import csv
import random
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import click

from kg.tables import METADATA, read_schemas
from tests.conftest import ROOT

Rows = Iterator[Mapping[str, object]]
_COUNTRIES = ("fr", "pl", "gb", "nl", "ua", "it")
_TOPICS = ("jugend", "bildung", "kultur", "sport", "integration", "wirtschaft")


def generate(folder: Path, partnerships: int, seed: int = 1) -> None:
    """Writes all tables of a region with so many partnerships; about 140 triples each."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "data" / METADATA, folder)
    chance = random.Random(seed)
    towns, partners, sources = partnerships // 4, partnerships // 2, partnerships // 3
    tables: dict[str, Rows] = {
        "countries": _countries(),
        "places": _places(towns, partners, chance),
        "authorities": _authorities(towns, partners, chance),
        "sources": _sources(sources, chance),
        "partnerships": _partnerships(partnerships, towns, partners, sources, chance),
        "statements": _statements(partnerships, towns, partners, sources, chance),
        "acts": _acts(partnerships, towns, partners, sources, chance),
        "actors": _actors(partnerships // 2, towns, sources, chance),
        "engagements": _engagements(partnerships // 2, towns, partners, sources),
        "dataset": iter([_DATASET]),
    }
    for name, schema in read_schemas(folder).items():
        _write(folder / f"{name}.csv", list(schema.columns), tables.get(name, iter(())))


_DATASET = {
    "key": "synthetic", "title_de": "Künstliche Region", "title_en": "Synthetic region",
    "description_de": "Nur zum Messen", "description_en": "For measuring only", "focus": "de-kunstland",
    "licence": "https://creativecommons.org/publicdomain/zero/1.0/", "attribution": "keine",
}  # fmt: skip


def _town(number: int) -> str:
    return f"de-stadt-{number}"


def _partner(number: int) -> str:
    return f"{_COUNTRIES[number % len(_COUNTRIES)]}-ort-{number}"


def _key(number: int, towns: int, partners: int) -> tuple[str, str, str]:
    # Two strides without a common period make every pair occur once.
    town, partner = _town(number % towns), _partner((number * 7 + number // towns) % partners)
    return f"{town}--{partner}", town, partner


def _countries() -> Rows:
    for code in ("de", *_COUNTRIES):
        yield {
            "key": code, "code": code.upper(), "name_de": f"Land {code}", "name_en": f"Country {code}",
            "south": 30, "west": -20, "north": 70, "east": 50,
        }  # fmt: skip


def _everyone(towns: int, partners: int) -> Iterator[tuple[str, str, str]]:
    yield "de-kunstland", "de", "Kunstland"
    for number in range(towns):
        yield _town(number), "de", f"Stadt {number}"
    for number in range(partners):
        yield _partner(number), _partner(number)[:2], f"Ort {number}"


def _places(towns: int, partners: int, chance: random.Random) -> Rows:
    for key, country, name in _everyone(towns, partners):
        position = {"lat": f"{chance.uniform(40, 60):.5f}", "lon": f"{chance.uniform(0, 30):.5f}"}
        yield {"key": key, "name_de": name, "country": country, **position}


def _authorities(towns: int, partners: int, chance: random.Random) -> Rows:
    for key, country, name in _everyone(towns, partners):
        inside = {"part_of": "de-kunstland"} if country == "de" and key != "de-kunstland" else {}
        level = "state" if key == "de-kunstland" else "municipality"
        population = chance.randrange(1000, 900_000)
        yield {
            "key": key, "name_de": name, "level": level, "place": key, "population": population,
            "sources": "quelle-0", **inside,
        }  # fmt: skip


def _sources(sources: int, chance: random.Random) -> Rows:
    kinds = ("authority", "association", "press", "encyclopedia", "wikidata")
    for number in range(sources):
        yield {
            "key": f"quelle-{number}", "title": f"Quelle {number}", "publisher": f"Verlag {number % 97}",
            "url": f"https://example.org/{number}", "kind": kinds[number % len(kinds)],
            "date": f"20{chance.randrange(10, 25)}-0{chance.randrange(1, 9)}-1{chance.randrange(0, 9)}",
        }  # fmt: skip


def _partnerships(partnerships: int, towns: int, partners: int, sources: int, chance: random.Random) -> Rows:
    for number in range(partnerships):
        key, town, partner = _key(number, towns, partners)
        yield {
            "key": key, "parties": f"{town};{partner}", "form": ("twinning", "friendship")[number % 2],
            "since": chance.randrange(1950, 2009), "status": "active", "verification": "confirmed",
            "topics": f"{_TOPICS[number % 6]};{_TOPICS[(number + 1) % 6]}", "sources": f"quelle-{number % sources}",
        }  # fmt: skip


def _statements(partnerships: int, towns: int, partners: int, sources: int, chance: random.Random) -> Rows:
    for number in range(partnerships):
        key, _, partner = _key(number, towns, partners)
        for source in chance.sample(range(sources), 4):
            yield {
                "key": f"{key}.quelle-{source}", "partnership": key, "source": f"quelle-{source}",
                "date": chance.randrange(2010, 2025), "name_in_source": partner,
                "since": chance.randrange(1950, 2009), "form": "twinning",
            }  # fmt: skip


def _acts(partnerships: int, towns: int, partners: int, sources: int, chance: random.Random) -> Rows:
    for number in range(0, partnerships, 2):
        key, town, _ = _key(number, towns, partners)
        date = f"{chance.randrange(1950, 2009)}-0{chance.randrange(1, 9)}-1{chance.randrange(0, 9)}"
        yield {
            "key": f"{key}.a1", "partnership": key, "kind": "signing", "date": date, "party": town,
            "sources": f"quelle-{number % sources}",
        }  # fmt: skip


def _actors(actors: int, towns: int, sources: int, chance: random.Random) -> Rows:
    for number in range(actors):
        yield {
            "key": f"verein-{number}", "name_de": f"Verein {number}", "name_en": f"Association {number}",
            "kind": "association", "sector": "civil-society", "seat": _town(number % towns), "countries": "de",
            "founded": chance.randrange(1950, 2009), "sources": f"quelle-{number % sources}",
        }  # fmt: skip


def _engagements(actors: int, towns: int, partners: int, sources: int) -> Rows:
    for number in range(actors):
        key, _, _ = _key(number * 2, towns, partners)
        yield {
            "key": f"verein-{number}.carrier.{key}", "agent": f"verein-{number}", "role": "carrier",
            "partnership": key, "basis": "stated", "sources": f"quelle-{number % sources}",
        }  # fmt: skip


def _write(path: Path, columns: list[str], rows: Iterable[Mapping[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as output:
        writer = csv.DictWriter(output, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda row: str(row["key"])))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--partnerships", default=7_500, show_default=True, help="How many; about 140 triples each.")
def main(folder: Path, partnerships: int) -> None:
    """Write the tables of a synthetic region into FOLDER."""
    generate(folder, partnerships)


if __name__ == "__main__":
    main()
