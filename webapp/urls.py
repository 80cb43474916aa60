"""Every address of the site is made here, and read back here; nothing else joins paths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

LANGUAGES: Final = ("de", "en")
_PROJECT: Final = "project"  # the base itself names the project
_ENDPOINT: Final = "sparql"


class Urls:
    """Addresses of one site: `base` names things, `public` is where this copy is fetched from.

    Links between pages are paths, so that the site answers alike on whatever host it runs.
    """

    def __init__(self, base: str, public: str) -> None:
        self.base, self.public = base, public

    def document_path(self, iri: str) -> str | None:
        """What stands after `/doc/` for one of our IRIs (`authority/de-dortmund`, `def/Actor`), or None."""
        if not iri.startswith(self.base):
            return None
        if iri == self.base:
            return _PROJECT
        path = iri[len(self.base) :].partition("#")[0].strip("/")
        path = path.removeprefix("id/")
        return path or None

    def iri_of(self, path: str) -> str:
        """The IRI that the document `path` is about; the inverse of `document_path`."""
        if path == _PROJECT:
            return self.base
        if path == "def":
            return f"{self.base}def/"  # the ontology itself is named like the folder of its terms
        family = path.partition("/")[0]
        return f"{self.base}{path}" if family in _FAMILIES else f"{self.base}id/{path}"

    def page(self, iri: str, language: str) -> str:
        """The page for people about `iri`; a foreign http(s) IRI is its own, any other has none ("")."""
        path = self.document_path(iri)
        if path == _PROJECT:
            return self.home(language)
        if path == _ENDPOINT:
            return self.query_page(language)
        if path is not None:
            return f"/{language}/{quote(path)}"
        return iri if urlsplit(iri).scheme in ("http", "https") else ""

    def document(self, iri: str, extension: str = "") -> str:
        """The document for machines about one of our IRIs, in the format of `extension` or negotiated."""
        path = quote(self.document_path(iri) or "")
        return f"/doc/{path}.{extension}" if extension else f"/doc/{path}"

    def home(self, language: str) -> str:
        """The home page."""
        return f"/{language}/"

    def section(self, name: str, language: str) -> str:
        """A page about the dataset (`data`, `help`) or a list (`browse/actors`)."""
        return f"/{language}/{quote(name)}"

    def query_page(self, language: str, query: str = "") -> str:
        """The page for SPARQL queries, with `query` filled in."""
        return f"/sparql?{urlencode({'lang': language} | ({'query': query} if query else {}))}"

    def questions(self, language: str) -> str:
        """The page of the questions that can be asked with values of one's own."""
        return f"/api?{urlencode({'lang': language})}"

    def question(self, name: str, values: Mapping[str, str | int]) -> str:
        """The answer to a question, with `values` for its parameters."""
        return self.with_values(f"/api/{quote(name)}", values)

    def with_values(self, path: str, values: Mapping[str, str | int]) -> str:
        """A path of ours with a query; commas stay readable in it."""
        return path + (f"?{urlencode(values, safe=',')}" if values else "")

    def search(self, language: str, values: Mapping[str, str] | None = None) -> str:
        """The search page, with its fields filled."""
        return f"/{language}/search" + (f"?{urlencode(values)}" if values else "")

    def static(self, name: str) -> str:
        """A file of ours, such as the style sheet."""
        return f"/static/{quote(name)}"

    def download(self, version: str, name: str) -> str:
        """A file of a release."""
        return f"/release/{quote(version)}/{quote(name)}"

    def public_address(self, path: str) -> str:
        """A path as the whole address that a harvester is told to fetch."""
        return self.public + path.lstrip("/")


_FAMILIES: Final = frozenset(("def", "shapes", "vocab", "dataset", "graph", "report", "release", "catalog"))
