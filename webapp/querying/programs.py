"""The same query for other programs: texts that can be run as they stand."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kg.sparql_syntax import form_of
from webapp.querying.addresses import endpoint

_GRAPHS: Final = ("CONSTRUCT", "DESCRIBE")
_GAP: Final = re.compile(r"ADDRESS\??|QUERY")


@dataclass(frozen=True, slots=True)
class Client:
    """A program or library, and the text that asks the query with it."""

    name: str
    title: str
    text: str


def clients(query: str) -> list[Client]:
    """How other programs ask `query` of this copy."""
    text, address = query.replace("\r\n", "\n").strip(), endpoint()
    return list(_of_graph(text, address) if form_of(text) in _GRAPHS else _of_table(text, address))


def _of_table(query: str, address: str) -> Iterator[Client]:
    join = "&" if "?" in address else "?"
    yield Client("curl", "curl", _CURL.format(accept="text/csv", query=_shell(query), address=shlex.quote(address)))
    blocks = (
        ("sparqlwrapper", "Python: SPARQLWrapper", _WRAPPER_TABLE), ("pandas", "Python: pandas", _PANDAS),
        ("rdflib", "Python: rdflib", _RDFLIB_TABLE),
    )  # fmt: skip
    for name, title, block in blocks:
        yield Client(name, title, _filled(block, _python(query), address, join))
    yield Client("r", "R", _filled(_R_TABLE, _r(query), address, join))
    yield Client("javascript", "JavaScript", _filled(_FETCH_TABLE, _javascript(query), address, join))


def _of_graph(query: str, address: str) -> Iterator[Client]:
    join = "&" if "?" in address else "?"
    yield Client("curl", "curl", _CURL.format(accept="text/turtle", query=_shell(query), address=shlex.quote(address)))
    for name, title, block in (
        ("sparqlwrapper", "Python: SPARQLWrapper", _WRAPPER_GRAPH), ("rdflib", "Python: rdflib", _RDFLIB_GRAPH),
    ):  # fmt: skip
        yield Client(name, title, _filled(block, _python(query), address, join))
    yield Client("r", "R", _filled(_R_GRAPH, _r(query), address, join))
    yield Client("javascript", "JavaScript", _filled(_FETCH_GRAPH, _javascript(query), address, join))


def _filled(block: str, query: str, address: str, join: str) -> str:
    # In one pass, as query and address may hold what looks like a gap.
    gaps = {"ADDRESS?": json.dumps(address + join), "ADDRESS": json.dumps(address), "QUERY": query}
    return _GAP.sub(lambda found: gaps[found[0]], block)


def _shell(query: str) -> str:
    return shlex.quote(f"query={query}")


def _python(text: str) -> str:
    r"""A string of Python in three quotes; it ends with a line break, so that no quote stands at its end."""
    return '"""\n' + _visible(text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')) + '\n"""'


def _r(text: str) -> str:
    return '"\n' + _visible(text.replace("\\", "\\\\").replace('"', '\\"')) + '\n"'


def _javascript(text: str) -> str:
    return "`\n" + _visible(text.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")) + "\n`"


def _visible(text: str) -> str:
    """Control characters as all three languages write them; those in a query are rare and never wanted."""
    return "".join(
        character if character in "\n\t" or character.isprintable() or ord(character) > 0x9F
        else f"\\x{ord(character):02x}"
        for character in text
    )  # fmt: skip


_CURL: Final = (
    "curl --fail --silent --show-error --header 'Accept: {accept}' \\\n  --data-urlencode {query} \\\n  {address}"
)
_WRAPPER_TABLE: Final = """\
from SPARQLWrapper import JSON, POST, SPARQLWrapper

endpoint = SPARQLWrapper(ADDRESS)
endpoint.setMethod(POST)
endpoint.setReturnFormat(JSON)
endpoint.setQuery(QUERY)
print(endpoint.queryAndConvert())
"""
_WRAPPER_GRAPH: Final = """\
from SPARQLWrapper import POST, TURTLE, SPARQLWrapper

endpoint = SPARQLWrapper(ADDRESS)
endpoint.setMethod(POST)
endpoint.setReturnFormat(TURTLE)
endpoint.setQuery(QUERY)
print(endpoint.queryAndConvert().decode())
"""
_PANDAS: Final = """\
from urllib.parse import urlencode

import pandas

query = QUERY
table = pandas.read_csv(ADDRESS? + urlencode({"query": query, "format": "csv"}))
print(table)
"""
_RDFLIB_TABLE: Final = """\
from rdflib.plugins.stores.sparqlstore import SPARQLStore

query = QUERY
for row in SPARQLStore(ADDRESS, method="POST", returnFormat="json").query(query):
    print(row)
"""
_RDFLIB_GRAPH: Final = """\
from urllib.parse import urlencode

from rdflib import Graph

query = QUERY
graph = Graph().parse(ADDRESS? + urlencode({"query": query, "format": "nt"}), format="nt")
print(len(graph))
"""
_R_TABLE: Final = """\
query <- QUERY
table <- read.csv(paste0(ADDRESS?, "format=csv&query=", URLencode(query, reserved = TRUE)))
print(table)
"""
_R_GRAPH: Final = """\
query <- QUERY
lines <- readLines(paste0(ADDRESS?, "format=nt&query=", URLencode(query, reserved = TRUE)), encoding = "UTF-8")
print(lines)
"""
_FETCH_TABLE: Final = """\
const query = QUERY;
const response = await fetch(ADDRESS, {
  method: "POST",
  headers: { Accept: "application/sparql-results+json" },
  body: new URLSearchParams({ query }),
});
console.log(JSON.stringify(await response.json()));
"""
_FETCH_GRAPH: Final = """\
const query = QUERY;
const response = await fetch(ADDRESS, {
  method: "POST",
  headers: { Accept: "text/turtle" },
  body: new URLSearchParams({ query }),
});
console.log(await response.text());
"""
