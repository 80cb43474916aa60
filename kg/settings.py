"""One frozen object with everything that can be set, from the environment and the command line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pyoxigraph import NamedNode

from kg.errors import SettingError
from kg.namespaces import DEFAULT_BASE


def _setting(default: Any, variable: str, meaning: str) -> Any:  # noqa: ANN401  dataclasses.field is as loose
    return field(default=default, metadata={"variable": variable, "meaning": meaning})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator may set. Each field knows its environment variable and says what it means."""

    base: str = _setting(DEFAULT_BASE, "KG_BASE", "IRI under which things are named; never changes once published")
    public_url: str = _setting("", "KG_PUBLIC_URL", "address at which this copy is served; empty: the base")
    data: Path = _setting(Path("data"), "KG_DATA", "folder with the tables")
    ontology: Path = _setting(Path("ontology"), "KG_ONTOLOGY", "folder with the model")
    releases: Path = _setting(Path("releases"), "KG_RELEASES", "folder with the releases")
    questions: str = _setting("", "KG_QUESTIONS", "folder with further questions for /api; empty: none")
    query_seconds: float = _setting(20.0, "KG_QUERY_SECONDS", "seconds a public query may take")
    query_memory: int = _setting(1 << 30, "KG_QUERY_MEMORY", "bytes of memory a public query may use")
    query_rows: int = _setting(100_000, "KG_QUERY_ROWS", "rows or triples of an answer")
    query_bytes: int = _setting(64 << 20, "KG_QUERY_BYTES", "bytes of an answer")
    trusted_proxies: frozenset[str] = _setting(
        frozenset(),
        "KG_TRUSTED_PROXIES",
        "addresses of reverse proxies, comma between, whose X-Forwarded headers count",
    )

    def __post_init__(self) -> None:
        for name in ("base", "public_url"):
            if (value := getattr(self, name)) and not _is_base(value):
                raise SettingError(f'{name}: "{value}" is no http(s) address that ends in "/"')
        for name in ("query_seconds", "query_memory", "query_rows", "query_bytes"):
            if not getattr(self, name) > 0:
                raise SettingError(f"{name}: {getattr(self, name)} is no limit; write a number above 0")
        for proxy in self.trusted_proxies:
            try:
                ip_address(proxy)
            except ValueError as error:
                raise SettingError(f'trusted_proxies: "{proxy}" is no IP address') from error

    @property
    def public(self) -> str:
        """The address that harvesters are told to fetch from, ending in `/`."""
        return self.public_url or self.base

    @classmethod
    def from_env(cls, environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:  # noqa: ANN401
        """The settings of the environment; an override that is not None wins.

        Raises `SettingError` naming the variable whose value cannot be used.
        """
        environment = os.environ if environment is None else environment
        values: dict[str, Any] = {}
        for item in fields(cls):
            variable = item.metadata["variable"]
            if variable in environment:
                values[item.name] = _parsed(variable, environment[variable], type(item.default))
        return cls(**(values | {name: value for name, value in overrides.items() if value is not None}))


def _is_base(text: str) -> bool:
    try:
        parts = urlsplit(NamedNode(text).value)
    except ValueError:
        return False
    plain = not (parts.query or parts.fragment)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and plain and text.endswith("/")


def _parsed(variable: str, text: str, kind: type) -> object:
    if kind is frozenset:
        return frozenset(part.strip() for part in text.split(",") if part.strip())
    try:
        return kind(text)
    except ValueError as error:
        raise SettingError(f'{variable}: "{text}" is no {kind.__name__}') from error
