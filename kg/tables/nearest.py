"""A proposal for a name that does not exist."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz, process


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """The end of a message that proposes the candidate most like `name`; empty when none is."""
    found = process.extractOne(name, sorted(candidates), scorer=fuzz.ratio, score_cutoff=75)
    return f'; did you mean "{found[0]}"?' if found else ""
