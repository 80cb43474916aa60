"""What a SPARQL text asks for, told from its words before it runs.

Strings, IRIs, comments, variables and prefixed names are known, so a `SERVICE` inside one is no keyword. `<`
is both the start of an IRI and an operator; as in Oxigraph, the place decides: behind an operand inside the
parentheses of an expression it compares.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

Form = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]
Forbidden = Literal["update", "service"]

FORMS: Final[tuple[Form, ...]] = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_PROLOGUE: Final = frozenset({"BASE", "PREFIX", "VERSION"})
_UPDATES: Final = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
_VOLATILE: Final = ("NOW", "RAND", "UUID", "BNODE")
_WORTH_READING_ON: Final = re.compile("service|from|now|rand|uuid|bnode", re.IGNORECASE | re.ASCII)

_LETTER: Final = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_DIGIT: Final = "0-9\u00b7\u0300-\u036f\u203f\u2040"
_ESCAPED: Final = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_PREFIX: Final = rf"[{_LETTER}](?:[{_LETTER}_{_DIGIT}-]|\.+(?=[{_LETTER}_{_DIGIT}-]))*"
_LOCAL: Final = (
    rf"(?:[{_LETTER}_0-9:]|{_ESCAPED})"
    rf"(?:[{_LETTER}_{_DIGIT}:-]|{_ESCAPED}|\.+(?=[{_LETTER}_{_DIGIT}:%\\-]))*"
)
_TOKEN: Final = re.compile(
    rf"""
      (?P<blank>   [\x20\t\r\n]+ | \#[^\r\n]* )
    | (?P<string>  '''(?:[^'\\]|\\.|'(?!''))*+''' | \"\"\"(?:[^"\\]|\\.|"(?!""))*+\"\"\"
                 | '(?:[^'\\\r\n]|\\.)*+'(?!') | "(?:[^"\\\r\n]|\\.)*+"(?!") | '' | "" )
    | (?P<iri>     <(?:[^\x00-\x20<>"{{}}|^`\\]|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})*> )
    | (?P<node>    _:[{_LETTER}_0-9](?:[{_LETTER}_{_DIGIT}-]|\.+(?=[{_LETTER}_{_DIGIT}-]))* )
    | (?P<name>    (?:{_PREFIX})?:(?:{_LOCAL})? )
    | (?P<variable>[?$][{_LETTER}_0-9][{_LETTER}_{_DIGIT}]* )
    | (?P<language>@[A-Za-z]+(?:-+[A-Za-z0-9]+)* )
    | (?P<number>  (?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)? )
    | (?P<word>    [A-Za-z_][A-Za-z0-9_]* )
    | (?P<open>    ['"] )
    | (?P<mark>    << | \^\^ | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_OPERANDS: Final = frozenset({"string", "iri", "node", "name", "variable", "language", "number"})
_OPENING: Final = {"{": "}", "(": ")", "[": "]"}


class Token(NamedTuple):
    """One word of a query; `kind` is a group of `_TOKEN`, `start` the offset of its first character."""

    kind: str
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Outline:
    """What a query text asks for.

    `form` is None when no query form could be told. `dataset` tells whether the query names its own dataset
    (FROM); `volatile` whether its answer may differ from one moment to the next (NOW, RAND, UUID, BNODE).
    """

    form: Form | None
    forbidden: Forbidden | None = None
    dataset: bool = False
    volatile: bool = False


def outline(query: str) -> Outline:
    """What `query` asks for; any text may be given."""
    words = tokens(query)
    verb = next((word.text.upper() for word in words if _is_verb(word)), "")
    form = next((form for form in FORMS if verb.startswith(form)), None)
    if form is None and verb.startswith(_UPDATES):
        return Outline(None, "update")
    if not _WORTH_READING_ON.search(query):
        return Outline(form)
    rest = list(words)
    keywords = [word.text.upper() for word in rest if word.kind == "word"]
    return Outline(
        form,
        "service" if _calls_service(rest) else None,
        any(keyword.startswith("FROM") for keyword in keywords),
        any(name in keyword for keyword in keywords for name in _VOLATILE),
    )


def tokens(query: str) -> Iterator[Token]:
    """The words of `query` without blanks and comments, up to a string that is never closed (kind `open`)."""
    place, offset = _Place(), 0
    while match := _TOKEN.match(query, offset):
        kind, text = match.lastgroup or "", match[0]
        if kind == "iri" and place.compares:
            kind, text = "mark", "<"
        offset += len(text)
        if kind != "blank":
            token = Token(kind, text, offset - len(text))
            yield token
            if kind == "open":
                return
            place.enter(token)


def _is_verb(token: Token) -> bool:
    return token.kind == "word" and token.text.upper() not in _PROLOGUE


def _calls_service(words: list[Token]) -> bool:
    """Whether SERVICE stands among `words`, with or without a blank behind it (`SERVICE?s`, `SERVICEex:s`)."""
    for before, word, after in zip([None, *words], words, [*words[1:], None], strict=False):
        if "SERVICE" not in word.text.upper():
            continue
        if word.kind == "word":
            return True
        in_front = before.text.upper() if before else ""
        if word.kind == "name" and after and after.text == "{" and in_front not in ("GRAPH", "FROM", "NAMED"):
            return True
    return False


class _Place:
    """Where reading stands: which brackets are open, and whether they hold an expression."""

    def __init__(self) -> None:
        self._open: list[tuple[str, bool]] = []
        self._last = self._before_last = Token("mark", "", 0)

    @property
    def compares(self) -> bool:
        """Whether a `<` here is an operator."""
        inside = bool(self._open) and self._open[-1] == ("(", True)
        return inside and (
            self._last.kind in _OPERANDS
            or self._last.text == ")"
            or (self._last.kind == "word" and self._last.text.lower() in ("true", "false"))
        )

    def enter(self, token: Token) -> None:
        """Go on past `token`."""
        if token.text == "(":
            self._open.append(("(", self._opens_expression()))
        elif token.text in ("{", "["):
            self._open.append((token.text, False))
        elif token.text in _OPENING.values() and self._open:
            self._open.pop()
        elif token.kind == "word" and token.text.upper().startswith("SELECT") and self._open:
            self._open[-1] = (self._open[-1][0], True)
        self._before_last, self._last = self._last, token

    def _opens_expression(self) -> bool:
        if self._last.text == "<<":
            return False
        if not self._open or self._open[-1][1]:
            return True
        if self._last.kind == "word":
            return self._last.text.lower() not in ("a", "true", "false", "values")
        return self._last.kind in ("name", "iri") and self._before_last.text.upper() == "FILTER"
