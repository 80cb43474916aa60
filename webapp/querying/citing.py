"""How an answer is cited, and what makes it checkable: query, release, rows and checksums."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final, cast

from markupsafe import Markup
from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results, serialize

from kg.engine import Answer
from kg.lookup import read_dataset
from webapp.querying.addresses import public_answer
from webapp.rendering import reader
from webapp.wording import translated

_SPECIAL: Final = re.compile(r"[\\{}%&#_$~^]")
_WORDS: Final = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


@dataclass(frozen=True, slots=True)
class Citations:
    """An answer as it is cited in a text and in BibTeX, with both checksums on their own."""

    text: str
    bibtex: str
    query_sum: str
    answer_sum: str


def citations(query: str, received: Answer, title: str = "") -> Citations:
    """How the answer `received` to `query` is cited; `title` is that of the example, if it is one."""
    dataset = read_dataset(reader())
    text = query.replace("\r\n", "\n").strip()
    sums = hashlib.sha256(text.encode()).hexdigest(), _answer_sum(received)
    author, year = dataset.attribution or dataset.title, dataset.date[:4]
    named = title or translated("sparql.cite.untitled")
    note = _plain(translated(
        "sparql.cite.note", version=dataset.version, date=dataset.date, query=sums[0],
        rows=_rows(received), form=_form(received), answer=sums[1],
    ))  # fmt: skip
    address = public_answer(text)
    whole = f"{author} ({year}): {named} – {dataset.title}. {note} {address}"
    fields = {"author": f"{{{_tex(author)}}}", "title": f"{{{_tex(f'{named} – {dataset.title}')}}}", "year": year}
    fields |= {"version": dataset.version, "note": _tex(note), "url": address}
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return Citations(whole, f"@misc{{query-{sums[0][:12]}-{dataset.version},\n{lines}}}", *sums)


def _answer_sum(received: Answer) -> str:
    """The SHA-256 of the rows as CSV, of a graph that of its N-Triples lines in the order of their bytes."""
    if received.kind == "graph":
        lines = cast(bytes, serialize(parse(received.body, format=RdfFormat.TURTLE), format=RdfFormat.N_TRIPLES))
        content = b"".join(sorted(lines.splitlines(keepends=True)))
    else:
        results = parse_query_results(received.body, format=QueryResultsFormat.JSON)
        content = cast(bytes, results.serialize(format=QueryResultsFormat.CSV))
    return hashlib.sha256(content).hexdigest()


def _rows(received: Answer) -> str:
    return _plain(translated("sparql.cite.rows", n=1 if received.rows is None else received.rows))


def _form(received: Answer) -> str:
    return _plain(translated("sparql.cite.lines" if received.kind == "graph" else "sparql.cite.csv"))


def _plain(text: Markup) -> str:
    return str(text.unescape())


def _tex(text: str) -> str:
    return _SPECIAL.sub(lambda found: _WORDS.get(found[0], f"\\{found[0]}"), text)
