"""Check an editor's own file: a CSV against our tables, RDF against our shapes."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, parse

from kg.deriving import derive
from kg.errors import CellProblem, KgError, ReleaseError
from kg.model import Model
from kg.namespaces import Names
from kg.settings import Settings
from kg.store import open_release, release_folder
from kg.tables import check_table, read_schemas
from kg.validation import Finding, validate


class UncheckableError(KgError):
    """The file is neither a table of ours nor RDF."""


def check_file(path: Path, table: str | None, settings: Settings) -> tuple[list[CellProblem], list[Finding]]:
    """The problems of a CSV file, or the findings about what an RDF file describes.

    RDF is seen in the context of the current release, where there is one. Raises `UncheckableError` for
    other files and for CSV whose table is not known.
    """
    model = Model(settings.ontology, Names(settings.base))
    if path.suffix == ".csv":
        table = table or path.stem
        known = read_schemas(settings.data)
        if table not in known:
            raise UncheckableError(f'{path}: there is no table "{table}"; use --table with one of {", ".join(known)}')
        return check_table(path, table, settings.data, model.concepts), []
    return [], _check_rdf(path, model, settings)


def read_rdf(path: Path) -> list[Quad]:
    """The statements of a Turtle, TriG, N-Triples, N-Quads, RDF/XML or JSON-LD file.

    Raises `UncheckableError` when its extension is none of theirs, or with the place of the mistake.
    """
    extension = path.suffix.removeprefix(".")
    form = RdfFormat.from_extension(extension)
    if form is None:
        raise UncheckableError(f"{path}: .{extension} is no RDF format; use .ttl, .trig, .nt, .nq, .rdf or .jsonld")
    try:
        return list(parse(path=path, format=form, base_iri=path.resolve().as_uri()))
    except (SyntaxError, OSError) as error:
        raise UncheckableError(f"{path}: {error}") from error


def _check_rdf(path: Path, model: Model, settings: Settings) -> list[Finding]:
    names = model.names
    statements = read_rdf(path)
    try:
        store = open_release(release_folder(settings.releases)).store
    except ReleaseError:
        store = Store()
        store.extend(model.quads)
    asserted = names.graph("asserted")
    for quad in statements:
        graph = asserted if quad.graph_name == DefaultGraph() else quad.graph_name
        store.add(Quad(quad.subject, quad.predicate, quad.object, graph))
    list(derive(store, model.rules, names))
    described = {quad.subject.value for quad in statements if isinstance(quad.subject, NamedNode)}
    return [finding for finding in validate(store, model, names) if finding.focus in described]
