"""Our own questions, one `.rq` file each."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from kg.namespaces import DEFAULT_BASE


@cache
def read_query(name: str, base: str = DEFAULT_BASE) -> str:
    """The text of `kg/queries/{name}.rq`, with our terms under `base`."""
    text = files("kg.queries").joinpath(f"{name}.rq").read_text(encoding="utf-8")
    return text.replace(DEFAULT_BASE, base)
