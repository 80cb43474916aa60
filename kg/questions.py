"""Questions as files: what each asks, and which values in it may be replaced by others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final, cast

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from kg.errors import ModelError
from kg.namespaces import XSD, is_key, read_model_file
from kg.settings import Settings
from kg.sparql_syntax import Form, Token, outline, tokens
from kg.store import QUESTIONS, Release

Value = NamedNode | Literal

PAGING: Final = ("limit", "offset", "format")
_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_HEADING: Final = re.compile(r"^# (title@de|title@en|about@de|about@en|topic): (.+)$", re.MULTILINE)
_KINDS: Final = {XSD[name]: kind for name, kind in {
    "integer": "integer", "date": "date", "gYear": "year", "boolean": "boolean", "string": "text",
}.items()}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value of a question that may be replaced: a `VALUES` line that opens its WHERE part.

    `kind` is integer, date, year, boolean, text or iri; for our own things and concepts it is their class or scheme
    as it stands in the IRI (`country`, `topics`), and `prefix` is that IRI up to the key. `span` is the place of
    `preset` in the text of the question.
    """

    name: str
    kind: str
    prefix: str
    preset: tuple[Value, ...]
    span: tuple[int, int]

    @property
    def many(self) -> bool:
        """Whether several values may be given; so it is where several are preset."""
        return len(self.preset) > 1

    @property
    def default(self) -> str:
        """What is preset, as it stands in an address."""
        return ",".join(map(self.written, self.preset))

    def written(self, value: Value) -> str:
        """A value as it stands in an address: the key of our own things, any other as it is."""
        return value.value.removeprefix(self.prefix)


@dataclass(frozen=True, slots=True)
class Question:
    """One question: its titles and explanations by language, its columns (of a SELECT) and its parameters."""

    name: str
    titles: Mapping[str, str]
    abouts: Mapping[str, str]
    topic: str
    form: Form
    columns: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    text: str

    @property
    def is_graph(self) -> bool:
        """Whether the answer is a graph and no table."""
        return self.form in ("CONSTRUCT", "DESCRIBE")

    @property
    def presets(self) -> dict[str, str]:
        """Every parameter with what is preset for it, as it stands in an address."""
        return {parameter.name: parameter.default for parameter in self.parameters}

    def bound(self, values: Mapping[str, Sequence[Value]]) -> str:
        """The query with `values` in the place of what is preset; terms write themselves, escaped."""
        text = self.text
        for parameter in reversed(self.parameters):
            if parameter.name in values:
                begin, end = parameter.span
                text = f"{text[:begin]} {' '.join(map(str, values[parameter.name]))} {text[end:]}"
        return text


def questions_of(release: Release, settings: Settings) -> dict[str, Question]:
    """The questions of a release and those in the operator's folder (the setting `questions`)."""
    own, further = release.folder / QUESTIONS, settings.questions
    return read_questions([*([own] if own.is_dir() else []), *([Path(further)] if further else [])], release.names.base)


def read_questions(folders: Iterable[Path], base: str) -> dict[str, Question]:
    """The questions of every `.rq` file in `folders`, by name; of two with one name that of the later folder.

    Raises `ModelError` for a file that cannot be asked and a folder that is not there.
    """
    found = {}
    for folder in folders:
        if not folder.is_dir():
            raise ModelError(f"{folder}: is no folder with questions")
        for path in sorted(folder.glob("*.rq")):
            found[path.stem] = _question(path, base)
    return dict(sorted(found.items()))


def _question(path: Path, base: str) -> Question:
    text = read_model_file(path, base)
    asked = outline(text)
    if not _NAME.fullmatch(path.stem):
        raise ModelError(f"{path}: the name of a question is made of a-z, 0-9 and single hyphens")
    if asked.form is None or asked.forbidden:
        raise ModelError(f"{path}: a question only reads our own data, by SELECT, ASK, CONSTRUCT or DESCRIBE")
    try:
        Store().query(text, base_iri=base)
        words = list(tokens(text))
        parameters = tuple(_parameters(text, words, base))
    except SyntaxError as error:
        raise ModelError(f"{path}: {error}") from error
    if reserved := [parameter.name for parameter in parameters if parameter.name in PAGING]:
        raise ModelError(f"{path}: {reserved[0]} already means something in every address; choose another name")
    heading = dict(_HEADING.findall(text))
    titles = {language: heading.get(f"title@{language}", path.stem) for language in ("de", "en")}
    abouts = {language: heading.get(f"about@{language}", "") for language in ("de", "en")}
    columns = tuple(_columns(words)) if asked.form == "SELECT" else ()
    return Question(path.stem, titles, abouts, heading.get("topic", ""), asked.form, columns, parameters, text)


def _where(words: Sequence[Token]) -> int:
    """Where the first word inside the WHERE part stands; behind the last word when there is no WHERE."""
    pairs = enumerate(pairwise(words), start=2)
    return next((place for place, (a, b) in pairs if a.text.upper() == "WHERE" and b.text == "{"), len(words))


def _columns(words: Sequence[Token]) -> Iterator[str]:
    """The variables that a SELECT answers with; none where it says `*`."""
    depth = 0
    for before, word in pairwise(words[: _where(words)]):
        depth += (word.text == "(") - (word.text == ")")
        if word.kind == "variable" and (not depth or before.text.upper() == "AS"):
            yield word.text[1:]


def _parameters(text: str, words: Sequence[Token], base: str) -> Iterator[Parameter]:
    place = _where(words)
    while [word.text.upper() for word in words[place : place + 1]] == ["VALUES"]:
        if words[place + 1].kind != "variable":
            return
        end = next(index for index in range(place, len(words)) if words[index].text == "}")
        span = words[place + 2].start + 1, words[end].start
        preset = _preset(text, words[place].start, words[end].start + 1)
        kind, prefix = _kind(preset, base)
        if kind:
            yield Parameter(words[place + 1].text[1:], kind, prefix, preset, span)
        place = end + 1


def _preset(text: str, begin: int, end: int) -> tuple[Value, ...]:
    """The values in a VALUES line, as Oxigraph reads them."""
    prologue = "\n".join(re.findall(r"^\s*(?:PREFIX|BASE)\s.*$", text, re.MULTILINE | re.IGNORECASE))
    solutions = cast(QuerySolutions, Store().query(f"{prologue}\nSELECT * WHERE {{ {text[begin:end]} }}"))
    return tuple(cast(Value, solution[0]) for solution in solutions)


def _kind(preset: Sequence[Value], base: str) -> tuple[str, str]:
    """Kind and prefix that all of `preset` have; two empty texts where there is no such kind."""
    kinds = {_kind_of(value, base) for value in preset}
    return kinds.pop() if len(kinds) == 1 else ("", "")


def _kind_of(value: Value | None, base: str) -> tuple[str, str]:
    if isinstance(value, Literal):
        return ("" if value.language else _KINDS.get(value.datatype, "")), ""
    if not isinstance(value, NamedNode):
        return "", ""
    prefix, _, key = value.value.rpartition("/")
    family, _, kind = prefix.removeprefix(base).partition("/")
    if value.value.startswith(base) and family in ("id", "vocab") and is_key(kind) and is_key(key):
        return kind, f"{prefix}/"
    return "iri", ""
