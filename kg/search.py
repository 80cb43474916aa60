"""Finds things by any of their names, forgiving umlauts, other alphabets and typing errors."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import tantivy
from rapidfuzz import fuzz, process
from tantivy import Occur, Query
from unidecode import unidecode

from kg.search_documents import SEARCH_FILE

_MOST_CHARACTERS: Final = 200
_MOST_WORDS: Final = 8
# Han, Kana, Hangul, Arabic and Hebrew stay as they are: in Latin letters 県 would be one more “xian”.
_KEPT: Final = (
    "\u0591-\u05f2\u0620-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u1100-\u11ff\u3005-\u3007"
    "\u3041-\u30ff\u3105-\u318f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_WORD: Final = re.compile(f"[a-z0-9]+|[{_KEPT}]+")
_SCRIPTS: Final = re.compile(f"([{_KEPT}]+)")
_APOSTROPHES: Final = str.maketrans("", "", "'`’‘´ʼʹʻ′")
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "aa", "ø": "oe", "æ": "ae"})
_EXACT_NAME, _NAME_BEGINS, _WORD_EQUAL, _WORD_BEGINS, _WORD_NEAR = 100.0, 30.0, 10.0, 6.0, 2.0
_CLASS_SCORES: Final = {
    "TerritorialAuthority": 3.0, "Country": 2.5, "Partnership": 2.0, "Concept": 1.5, "Actor": 1.0,
}  # fmt: skip
_WEIGHT_STEPS: Final = (1, 2, 4, 8, 16, 32)
_WEIGHT_SCORE: Final = 0.2
_NEAR_ENOUGH: Final = 60
_WRITER_BYTES: Final = 20_000_000


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that was found; `context` is the other name that it was found under, if its label does not show why."""

    iri: str
    kind: str
    label: str
    label_lang: str
    context: str


@dataclass(frozen=True, slots=True)
class Results:
    """How many things fit, and those that were asked for, the best first."""

    total: int
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class _Document:
    iri: str
    kind: str
    labels: Mapping[str, str]
    names: tuple[str, ...]

    def label(self, language: str) -> tuple[str, str]:
        for tag in (language, "de", "en", "", "mul", *sorted(self.labels)):
            if tag in self.labels:
                return self.labels[tag], tag
        return (self.names[0] if self.names else ""), ""

    def all_names(self) -> tuple[str, ...]:
        return (*self.labels.values(), *self.names)


class SearchIndex:
    """An index in memory. It keeps no thread, so it may be made before a process forks."""

    def __init__(self, documents: Iterable[Mapping[str, Any]]) -> None:
        self._schema = _schema()
        self._index = tantivy.Index(self._schema)
        self._index.register_tokenizer("words", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
        self._documents: list[_Document] = []
        self._names: list[str] = []
        self._numbers: list[int] = []
        writer = self._index.writer(heap_size=_WRITER_BYTES, num_threads=1)
        for content in documents:
            writer.add_document(self._prepared(content))
        writer.commit()
        writer.wait_merging_threads()
        self._index.config_reader(reload_policy="manual")
        self._index.reload()

    @classmethod
    def open(cls, folder: Path) -> SearchIndex:
        """The index of the release in `folder`."""
        with (folder / SEARCH_FILE).open(encoding="utf-8") as lines:
            return cls(json.loads(line) for line in lines)

    def search(
        self, text: str, language: str, limit: int = 20, offset: int = 0, kinds: Collection[str] | None = None
    ) -> Results:
        """Things with a name like `text`: the same name first, then its beginning, then similar ones.

        At equal likeness authorities come first, then what has more partnerships. `kinds` are local names of
        classes. Names far from `text` are tried only when nothing else fits.
        """
        words = _words(text)
        if not words:
            return Results(0, ())
        searcher = self._index.searcher()
        for generous in (False, True):
            found = searcher.search(self._query(words, kinds, generous=generous), limit=max(1, limit), offset=offset)
            total: int = found.count or 0  # type: ignore[attr-defined]  # missing in the stubs of tantivy 0.27
            if total:
                break
        hits = (self._hit(searcher.doc(address), language, words) for _, address in found.hits)
        return Results(total, tuple(hits))

    def nearest(self, text: str, language: str = "de", limit: int = 5) -> tuple[Hit, ...]:
        """Things whose names look most like `text`, for proposals."""
        wanted = " ".join(_words(text))
        if not wanted:
            return ()
        close = process.extract(
            wanted, self._names, scorer=fuzz.ratio, limit=limit * 4, score_cutoff=_NEAR_ENOUGH, processor=None
        )
        numbers = dict.fromkeys(self._numbers[position] for _, _, position in close)
        return tuple(_shown(self._documents[number], language, "") for number in list(numbers)[:limit])

    def _prepared(self, content: Mapping[str, Any]) -> tantivy.Document:
        kind = re.split(r"[/#]", content["class"])[-1]
        document = _Document(content["iri"], kind, content["labels"], tuple(content["names"]))
        number = len(self._documents)
        prepared = tantivy.Document(number=number, kind=kind)
        self._documents.append(document)
        for spelling in sorted({spelling for name in document.all_names() for spelling in _spellings(name)}):
            prepared.add_text("name", spelling)
            prepared.add_text("words", spelling)
            self._names.append(spelling)
            self._numbers.append(number)
        for step in _WEIGHT_STEPS:
            if content["weight"] >= step:
                prepared.add_text("weight", str(step))
        return prepared

    def _query(self, words: list[str], kinds: Collection[str] | None, *, generous: bool) -> Query:
        share = 1 / len(words)
        parts = [(Occur.Must, self._word(word, share, generous=generous)) for word in words]
        name = " ".join(words)
        parts.append((Occur.Should, self._scored(self._term("name", name), _EXACT_NAME)))
        begins = Query.regex_query(self._schema, "name", f"{name}.*")
        parts.append((Occur.Should, self._scored(begins, _NAME_BEGINS)))
        parts += [
            (Occur.Should, self._scored(self._term("kind", kind), score)) for kind, score in _CLASS_SCORES.items()
        ]
        parts += [
            (Occur.Should, self._scored(self._term("weight", str(step)), _WEIGHT_SCORE)) for step in _WEIGHT_STEPS
        ]
        if kinds is not None:
            wanted = Query.boolean_query([(Occur.Should, self._term("kind", kind)) for kind in sorted(kinds)])
            parts.append((Occur.Must, self._scored(wanted, 0.0)))
        return Query.boolean_query(parts)

    def _word(self, word: str, share: float, *, generous: bool) -> Query:
        ways = [
            self._scored(self._term("words", word), _WORD_EQUAL * share),
            self._scored(Query.regex_query(self._schema, "words", f"{word}.*"), _WORD_BEGINS * share),
        ]
        distance = _typing_errors(word, generous=generous)
        if distance:
            near = Query.fuzzy_term_query(self._schema, "words", word, distance=distance, transposition_cost_one=True)
            ways.append(self._scored(near, _WORD_NEAR * share))
        return Query.disjunction_max_query(ways)

    def _term(self, field: str, value: str) -> Query:
        return Query.term_query(self._schema, field, value)

    @staticmethod
    def _scored(query: Query, score: float) -> Query:
        return Query.const_score_query(query, score)

    def _hit(self, found: tantivy.Document, language: str, words: list[str]) -> Hit:
        number = found.get_first("number")
        document = self._documents[number if isinstance(number, int) else 0]
        shown = {word for spelling in _spellings(document.label(language)[0]) for word in spelling.split()}
        if all(any(word.startswith(wanted) for word in shown) for wanted in words):
            return _shown(document, language, "")
        name = next((name for name in document.all_names() if _fits(name, words)), "")
        return _shown(document, language, name)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("number", stored=True)
    for field in ("kind", "name", "weight"):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("words", tokenizer_name="words", index_option="basic")
    return builder.build()


def _shown(document: _Document, language: str, context: str) -> Hit:
    label, tag = document.label(language)
    return Hit(document.iri, document.kind, label, tag, context if context != label else "")


def _fits(name: str, words: list[str]) -> bool:
    return any(
        all(any(part.startswith(word) for part in spelling.split()) for word in words) for spelling in _spellings(name)
    )


def _words(text: str) -> list[str]:
    """The words of what a person typed, in plain letters; of very long texts only the beginning."""
    return _WORD.findall(_plain(text[:_MOST_CHARACTERS]))[:_MOST_WORDS]


def _spellings(name: str) -> Iterator[str]:
    """How people write a name on a plain keyboard: Münster as `munster` and as `muenster`, Xi’an also as `xian`."""
    folded = name.casefold()
    for text in dict.fromkeys((folded, folded.translate(_UMLAUTS))):
        plain = _plain(text)
        yield from dict.fromkeys(" ".join(_WORD.findall(way)) for way in (plain, plain.translate(_APOSTROPHES)))


def _plain(text: str) -> str:
    """Small Latin letters without marks for all scripts but those that lose too much by it."""
    parts = _SCRIPTS.split(unicodedata.normalize("NFKC", text))
    return "".join(f" {part} " if number % 2 else unidecode(part).casefold() for number, part in enumerate(parts))


def _typing_errors(word: str, *, generous: bool) -> int:
    """How many letters may be wrong; short words have too many neighbours."""
    if generous:
        return 0 if len(word) < 4 else 1 if len(word) < 6 else 2
    return 0 if len(word) < 5 else 1
