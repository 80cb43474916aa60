"""Every word that the site says, by language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

Words = Mapping[str, str | Mapping[str, str]]
"""Texts by key; where a number decides, the forms `one` and `other`."""


@cache
def read_words(language: str) -> Words:
    """The texts of one language."""
    words: Words = json.loads(files(__name__).joinpath(f"{language}.json").read_text(encoding="utf-8"))
    return words
