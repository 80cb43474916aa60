"""What may be chosen: every thing of a class or concept of a scheme, by the beginning of its IRI."""

from __future__ import annotations

from functools import lru_cache

from kg.lookup.reader import Reader
from kg.lookup.values import Ref
from kg.namespaces import CLASSES, ENTITY_CLASSES


@lru_cache(128)
def read_choices(reader: Reader, prefix: str) -> tuple[Ref, ...]:
    """Everything of ours that is called `prefix` and a key, by name."""
    family, _, kind = prefix.removeprefix(reader.names.base).strip("/").partition("/")
    if family == "vocab":
        return reader.refs(reader.things("concepts-of", prefix.removesuffix("/")))
    name = ENTITY_CLASSES.get(kind, "")
    return reader.refs(reader.things("things-of-class", reader.names.term(name).value)) if name in CLASSES else ()


def read_kind(reader: Reader, prefix: str) -> Ref:
    """The class or scheme whose members are called `prefix` and a key."""
    family, _, kind = prefix.removeprefix(reader.names.base).strip("/").partition("/")
    return reader.ref(
        prefix.removesuffix("/") if family == "vocab" else f"{reader.names.base}def/{ENTITY_CLASSES.get(kind, kind)}"
    )
