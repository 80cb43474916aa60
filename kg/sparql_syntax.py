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
_UPDATES: Final = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
_WORTH_READING: Final = re.compile("service|from", re.IGNORECASE | re.ASCII)

_LETTER: Final = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_DIGIT: Final = "0-9\u00b7\u0300-\u036f\u203f\u2040"
_ESCAPED: Final = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"
_RUN: Final = rf"(?:[{_LETTER}_{_DIGIT}-]|\.++(?=[{_LETTER}_{_DIGIT}-]))*+"
_LOCAL: Final = (
    rf"(?:[{_LETTER}_0-9:]|{_ESCAPED})(?:[{_LETTER}_{_DIGIT}:-]|{_ESCAPED}|\.++(?=[{_LETTER}_{_DIGIT}:%\\-]))*+"
)
_BLANK: Final = r"(?:[\x20\t\r\n]|\#[^\r\n]*+)"
_VOLATILE: Final = re.compile(rf"(?:now|rand|uuid|bnode){_BLANK}*+\(", re.IGNORECASE | re.ASCII)
_STRING: Final = (
    r"""'''(?:[^'\\]|\\.|'(?!''))*+'''|\"\"\"(?:[^"\\]|\\.|"(?!""))*+\"\"\""""
    r"""|'(?:[^'\\\r\n]|\\.)*+'|"(?:[^"\\\r\n]|\\.)*+\""""
)
_IRI: Final = r"""<(?:[^\x00-\x20<>"{}|^`\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+>"""
_NAME: Final = rf"(?:[{_LETTER}]{_RUN})?+:(?:{_LOCAL})?+"
_TOKEN: Final = re.compile(
    rf"""
      (?P<blank>   {_BLANK}++ )
    | (?P<string>  {_STRING} )
    | (?P<iri>     {_IRI} )
    | (?P<node>    _:[{_LETTER}_0-9]{_RUN} )
    | (?P<name>    {_NAME} )
    | (?P<words>   [{_LETTER}_]{_RUN} )
    | (?P<variable>[?$][{_LETTER}_0-9][{_LETTER}_{_DIGIT}]*+ )
    | (?P<language>@[A-Za-z]++(?:-++[A-Za-z0-9]++)*+ )
    | (?P<number>  (?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)(?:[eE][+-]?+[0-9]++)?+ )
    | (?P<open>    ['"] )
    | (?P<mark>    << | \^\^ | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_PARTS: Final = re.compile(r"(?P<word>[A-Za-z_][A-Za-z0-9_]*+)|(?P<mark>.)", re.DOTALL)
_VERB: Final = re.compile(
    rf"""
    (?: {_BLANK} | BASE {_BLANK}*+ {_IRI} | PREFIX {_BLANK}*+ {_NAME} {_BLANK}*+ {_IRI}
      | VERSION {_BLANK}*+ (?:{_STRING}) )*+
    (?P<verb> [A-Za-z]++ )
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_OPERANDS: Final = frozenset({"string", "iri", "node", "name", "variable", "language", "number"})


class Token(NamedTuple):
    """One word of a query; `start` is the offset of its first character.

    `kind` is string, iri, node, name, word, variable, language, number, open (a string never closed) or mark.
    """

    kind: str
    text: str
    start: int


_NOTHING: Final = Token("mark", "", 0)


@dataclass(frozen=True, slots=True)
class Outline:
    """What a query text asks for.

    `form` is None when no query form could be told; `dataset` tells whether the query names its own (FROM).
    """

    form: Form | None
    forbidden: Forbidden | None = None
    dataset: bool = False


def outline(query: str) -> Outline:
    """What `query` asks for; any text may be given. Takes time in proportion to its length."""
    verb = _verb(query)
    if verb.startswith(_UPDATES):
        return Outline(None, "update")
    form = _form(verb)
    if not _WORTH_READING.search(query):
        return Outline(form)
    words = list(tokens(query))
    names_dataset = any(word.kind == "word" and word.text.upper().startswith("FROM") for word in words)
    return Outline(form, "service" if _calls_service(words) else None, names_dataset)


def form_of(query: str) -> Form | None:
    """The form of `query`, or None when it cannot be told; reads no further than that."""
    return _form(_verb(query))


def may_vary(query: str) -> bool:
    """Whether the answer may differ between two moments (NOW, RAND …); when in doubt, it may."""
    return _VOLATILE.search(query) is not None


def tokens(query: str) -> Iterator[Token]:
    """The words of `query` without blanks and comments, up to a string that is never closed."""
    place, offset = _Place(), 0
    while match := _TOKEN.match(query, offset):
        kind, text = match.lastgroup or "", match[0]
        if kind == "iri" and place.compares:
            kind, text = "mark", "<"
        start, offset = offset, offset + len(text)
        if kind == "words":
            # All at once: looking for a prefixed name again behind each of them would take quadratic time.
            found = [Token(part.lastgroup or "", part[0], start + part.start()) for part in _PARTS.finditer(text)]
        else:
            found = [Token(kind, text, start)] if kind != "blank" else []
        for token in found:
            yield token
            place.enter(token)
        if kind == "open":
            return


def _verb(query: str) -> str:
    match = _VERB.match(query)
    return match["verb"].upper() if match else ""


def _form(verb: str) -> Form | None:
    # Oxigraph asks for no blank behind a keyword: SELECTDISTINCT is a SELECT.
    return next((form for form in FORMS if verb.startswith(form)), None)


def _calls_service(words: list[Token]) -> bool:
    """Whether SERVICE stands among `words`; Oxigraph asks for no blank behind it (`SERVICE?s`, `SERVICEex:s`)."""
    for before, word, after in zip([_NOTHING, *words], words, [*words[1:], _NOTHING], strict=False):
        if "SERVICE" not in word.text.upper():
            continue
        if word.kind == "word":
            return True
        if word.kind == "name" and after.text == "{" and before.text in ("{", "}", ".", ")"):
            return True
    return False


class _Place:
    """Where reading stands: which brackets are open, and whether they hold an expression."""

    def __init__(self) -> None:
        self._open: list[tuple[str, bool]] = []
        self._last = self._before_last = _NOTHING

    @property
    def compares(self) -> bool:
        """Whether a `<` here is an operator."""
        return bool(self._open) and self._open[-1] == ("(", True) and self._ends_operand()

    def _ends_operand(self) -> bool:
        kind, text, _ = self._last
        return kind in _OPERANDS or text == ")" or (kind == "word" and text.lower() in ("true", "false"))

    def enter(self, token: Token) -> None:
        """Go on past `token`."""
        if token.kind == "mark":
            self._enter_mark(token.text)
        elif token.kind == "word" and self._open and token.text.upper().startswith("SELECT"):
            self._open[-1] = (self._open[-1][0], True)
        self._before_last, self._last = self._last, token

    def _enter_mark(self, mark: str) -> None:
        if mark == "(":
            self._open.append((mark, self._opens_expression()))
        elif mark in ("{", "["):
            self._open.append((mark, False))
        elif mark in (")", "}", "]") and self._open:
            self._open.pop()

    def _opens_expression(self) -> bool:
        if self._last.text == "<<":
            return False
        if not self._open or self._open[-1][1]:
            return True
        if self._last.kind == "word":
            return self._last.text.lower() not in ("a", "true", "false", "values")
        return self._last.kind in ("name", "iri") and self._before_last.text.upper() == "FILTER"
