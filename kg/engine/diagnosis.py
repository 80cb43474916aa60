"""What is wrong with a query that cannot be read: in words, with line and column.

Oxigraph tells the furthest place that its parser looked at, and what it expected there. It compares a keyword
with as many characters as the keyword has and then stands behind them, so the mistake lies that much earlier.
The mistakes that people make most are found here without it and pointed at exactly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from kg.errors import QuerySyntaxError
from kg.sparql_syntax import Token, tokens

_PLACE: Final = re.compile(r"error at (\d+):(\d+): expected (?:one of )?")
_EXPECTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\[[^\]]*\]|[A-Za-z_]+(?: [A-Za-z]+)*')
_ANYTHING: Final = "[_]"
_SCHEME: Final = re.compile(r"(?:https?|urn|mailto|tag|file):", re.IGNORECASE)
_CLOSING: Final = {"{": "}", "(": ")", "[": "]"}
_Finding = tuple[Token, str]


def diagnosed(query: str, message: str) -> QuerySyntaxError:
    """The error to tell for `query`, which Oxigraph refused with `message`."""
    words = list(tokens(query))
    found = _unclosed_string(words) or _broken_iri(words) or _undeclared_prefix(words) or _unbalanced(words)
    if found:
        return QuerySyntaxError(found[1], *_place(query, found[0].start))
    match = _PLACE.match(message)
    if match is None:
        return QuerySyntaxError(message)
    line, column = int(match[1]), int(match[2])
    expected = _EXPECTED.findall(message, match.end())
    sentence = next((item for item in expected if " " in item and item[0].isalpha()), None)
    if sentence:
        return QuerySyntaxError(sentence, line, column)
    offset = len("".join(query.splitlines(keepends=True)[: line - 1])) + column - 1
    return _unexpected(query, words, offset, expected)


def _unclosed_string(words: list[Token]) -> _Finding | None:
    if words and words[-1].kind == "open":
        return words[-1], f"the string that begins with {words[-1].text} is never closed on its line"
    return None


def _broken_iri(words: list[Token]) -> _Finding | None:
    for before, word in pairwise(words):
        if before.text == "<" and word.start == before.start + 1 and _SCHEME.match(word.text):
            return before, "this IRI holds a blank or another character that no IRI may hold"
    return None


def _undeclared_prefix(words: list[Token]) -> _Finding | None:
    declared = set()
    for before, word in pairwise([Token("mark", "", 0), *words]):
        if word.kind != "name":
            continue
        prefix = word.text.partition(":")[0]
        if before.text.upper() == "PREFIX":
            declared.add(prefix)
        elif prefix not in declared and prefix.upper() != "PREFIX":
            return word, f"the prefix {prefix}: is not declared; write PREFIX {prefix}: <…> in front of the query"
    return None


def _unbalanced(words: Iterable[Token]) -> _Finding | None:
    opened: list[Token] = []
    for word in words:
        if word.kind != "mark":
            continue
        if word.text in _CLOSING:
            opened.append(word)
        elif word.text in _CLOSING.values():
            if not opened:
                return word, f"this {word.text} closes nothing"
            if _CLOSING[opened[-1].text] != word.text:
                return opened[-1], f"this {opened[-1].text} is not closed before a {word.text}"
            opened.pop()
    return (opened[-1], f"this {opened[-1].text} is never closed") if opened else None


def _unexpected(query: str, words: list[Token], furthest: int, expected: list[str]) -> QuerySyntaxError:
    """Points at the word that could not stand where it stands."""
    steps = [len(item) if item.isidentifier() else 0 for item in expected if item != _ANYTHING]
    if not words:
        return QuerySyntaxError("the query is empty", 1, 1)
    if not steps:
        return QuerySyntaxError("the query cannot be read up to its end", *_place(query, words[-1].start))
    offset = furthest - min(steps)
    word = next((word for word in reversed(words) if word.start <= offset), words[0])
    if offset >= len(query.rstrip()):
        return QuerySyntaxError(f'something is missing behind "{word.text[:40]}"', *_place(query, word.start))
    return QuerySyntaxError(f'the query cannot be read from "{word.text[:40]}" on', *_place(query, word.start))


def _place(query: str, offset: int) -> tuple[int, int]:
    return query.count("\n", 0, offset) + 1, offset - (query.rfind("\n", 0, offset) + 1) + 1
