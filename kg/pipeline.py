"""From tables to a release: every step, in order, on one page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.deriving import derive
from kg.errors import CellProblem, TablesInvalidError
from kg.linking import link
from kg.mapping import check_rows, map_tables
from kg.model import Model
from kg.namespaces import DCT, RDFS, XSD, Names
from kg.release import Content, current_inputs, sha256_of, write_release
from kg.settings import Settings
from kg.store import CURRENT
from kg.tables import METADATA, Row, Tables, read_tables
from kg.validation import Finding, located, validate

Progress = Callable[[str], None]


@dataclass(slots=True)
class Built:
    """What a build made: the graph, the findings, how long each step took, and the release if there is one."""

    store: Store
    names: Names
    tables: Tables
    date: str
    findings: Sequence[Finding] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    release: Path | None = None

    @property
    def conforms(self) -> bool:
        """Whether no finding is a violation, so that the graph may be released."""
        return not any(finding.severity == "violation" for finding in self.findings)


def build(settings: Settings, progress: Progress, *, date: str | None = None) -> Built:
    """Reads, maps, derives, links, validates, and writes a release unless a finding is a violation.

    `date` is the reference date (YYYY-MM-DD), by default the newest day in the tables. Raises
    `TablesInvalidError` with every problem of the tables, `ModelError` or `ReleaseError`.
    """
    built = assemble(settings, progress, date=date)
    if built.conforms:
        with _timed(built, "release", progress):
            model = Model(settings.ontology, Names(settings.base))
            content = Content(
                store=built.store,
                dataset=_dataset(built.tables),
                attributions=built.tables["attributions"],
                withdrawn=built.tables["withdrawn"],
                findings=built.findings,
                date=built.date,
                context=model.context,
                questions=model.questions,
                inputs=inputs(settings),
            )
            built.release = write_release(content, settings.releases, Names(settings.base))
    return built


def assemble(settings: Settings, progress: Progress, *, date: str | None = None) -> Built:
    """All of a build but the release: the graph and its findings, traced to rows."""
    names = Names(settings.base)
    model = Model(settings.ontology, names)
    built = Built(Store(), names, Tables({}, {}), "")
    with _timed(built, "read", progress):
        built.tables = read_tables(settings.data, model.concepts)
        built.date = date or newest_day(built.tables)
        if problems := check_rows(built.tables):
            raise TablesInvalidError(problems)
    with _timed(built, "map", progress):
        built.store.extend(model.quads)
        built.store.extend(map_tables(built.tables, names))
        built.store.extend(_reference_date(built.date, names))
    with _timed(built, "derive", progress):
        for rule, added in derive(built.store, model.rules, names):
            progress(f"    {rule}: {added:,} triples")
    with _timed(built, "link", progress):
        built.store.extend(link(built.tables, names))
    with _timed(built, "validate", progress):
        built.findings = located(validate(built.store, model, names), built.tables, names)
    return built


def inputs(settings: Settings) -> dict[str, str]:
    """The SHA-256 sums of every file that a build reads, and of our own code, by path."""
    code = Path(__file__).parent
    sums = {
        f"kg/{path.relative_to(code).as_posix()}": sha256_of(path)
        for pattern in ("*.py", "*.rq")
        for path in sorted(code.rglob(pattern))
    }
    for path in Model(settings.ontology, Names(settings.base)).files():
        sums[f"ontology/{path.relative_to(settings.ontology).as_posix()}"] = sha256_of(path)
    for path in (settings.data / METADATA, *sorted(settings.data.glob("*.csv"))):
        sums[f"data/{path.name}"] = sha256_of(path)
    return sums


def is_current(settings: Settings) -> bool:
    """Whether the current release was made from just the files that are there now."""
    return (settings.releases / CURRENT).exists() and current_inputs(settings.releases) == inputs(settings)


def newest_day(tables: Tables) -> str:
    """The newest whole day in any date column of the sources and links, which date the tables as a whole."""
    days = [
        row[column]
        for table, columns in (("sources", ("date", "retrieved")), ("links", ("date",)))
        for row in tables[table]
        for column in columns
        if len(row[column]) == len("YYYY-MM-DD")
    ]
    if not days:
        message = "no row has a whole day as its date, so the reference date is not known; use --date"
        raise TablesInvalidError([CellProblem("sources.csv", 0, "date", message)])
    return max(days)


def _dataset(tables: Tables) -> Row:
    if len(tables["dataset"]) != 1:
        message = f"has {len(tables['dataset'])} rows; it describes the one dataset, so write one row"
        raise TablesInvalidError([CellProblem("dataset.csv", 0, "", message)])
    return tables["dataset"][0]


def _reference_date(date: str, names: Names) -> Iterator[Quad]:
    reference, graph = NamedNode(f"{names.base}dataset/reference"), names.graph("asserted")
    yield Quad(reference, DCT["date"], Literal(date, datatype=XSD["date"]), graph)
    yield Quad(reference, RDFS["label"], Literal("Stichtag der Daten", language="de"), graph)
    yield Quad(reference, RDFS["label"], Literal("Reference date of the data", language="en"), graph)


@contextmanager
def _timed(built: Built, step: str, progress: Progress) -> Iterator[None]:
    progress(step)
    begun = time.perf_counter()
    yield
    built.seconds[step] = time.perf_counter() - begun
