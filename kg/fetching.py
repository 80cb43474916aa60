"""FETCH: asks Wikidata, or an endpoint that answers alike, for partnerships that our tables lack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, cast
from urllib.error import URLError

from pyoxigraph import NamedNode
from SPARQLWrapper import JSON, POST, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

from kg.errors import KgError
from kg.queries import read_query
from kg.store import Release

WIKIDATA: Final = "https://query.wikidata.org/sparql"
_ITEMS_A_REQUEST: Final = 200
_SECONDS: Final = 60


class FetchError(KgError):
    """The other endpoint cannot be reached or does not answer."""


@dataclass(frozen=True, slots=True, order=True)
class Proposal:
    """A partnership that the endpoint states and the release lacks; IRIs, and the name of the other party."""

    authority: str
    item: str
    twin: str
    name: str


def propose(release: Release, endpoint: str) -> list[Proposal]:
    """What the endpoint knows of the authorities of our territory beyond what the release says, sorted.

    Raises `FetchError` when it gives no answer.
    """
    authorities, known = _linked(release)
    items = sorted(authorities)
    return sorted(
        Proposal(authorities[row["item"]["value"]], row["item"]["value"], row["twin"]["value"], _name(row))
        for batch in _batches(items)
        for row in _ask(endpoint, batch)
        if (row["item"]["value"], row["twin"]["value"]) not in known and row["item"]["value"] in authorities
    )


def _linked(release: Release) -> tuple[dict[str, str], set[tuple[str, str]]]:
    focus = release.names.entity("authority", release.manifest["dataset"]["focus"])
    authorities, known = {}, set()
    for row in release.query(read_query("linked-authorities", release.names.base), thing=focus):
        authorities[row["same"].value] = row["authority"].value
        if row["partnerSame"] is not None:
            known.add((row["same"].value, row["partnerSame"].value))
    return authorities, known


def _batches(items: Sequence[str]) -> Iterator[list[str]]:
    remaining = iter(items)
    while batch := list(islice(remaining, _ITEMS_A_REQUEST)):
        yield batch


def _ask(endpoint: str, items: Sequence[str]) -> list[dict[str, Any]]:
    values = " ".join(str(NamedNode(item)) for item in items)
    client = SPARQLWrapper(endpoint, returnFormat=JSON, agent="municipal-partnerships (kg fetch)")
    client.setMethod(POST)
    client.setTimeout(_SECONDS)
    client.setQuery(read_query("wikidata-twins").replace("VALUES ?item { }", f"VALUES ?item {{ {values} }}"))
    try:
        rows = cast(dict[str, Any], client.query().convert())["results"]["bindings"]
    except (SPARQLWrapperException, URLError, TimeoutError, ValueError) as error:
        raise FetchError(f"{endpoint}: gave no answer: {error}") from error
    return cast(list[dict[str, Any]], rows)


def _name(row: dict[str, Any]) -> str:
    return str(row["name"]["value"]) if "name" in row else ""
