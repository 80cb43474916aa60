"""`kg`: a verb a step; exit 0 is ok, 1 findings or failure, 2 wrong usage."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, Final, TextIO, cast

import click
from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat

from kg import pipeline
from kg.checking import check_file
from kg.dates import date_problem
from kg.errors import KgError, QuerySyntaxError, TablesInvalidError
from kg.fetching import WIKIDATA, propose
from kg.packing import pack as write_pack
from kg.report import report_json
from kg.settings import Settings
from kg.statistics import count_classes
from kg.store import open_release, release_folder
from kg.validation import Finding

_JSON = click.option("--json", "as_json", is_flag=True, help="Write the answer as JSON, for machines.")
_SHOWN: Final = 40


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="municipal-partnerships")
def main() -> None:
    """Municipal partnerships as linked open data: from tables to a validated release."""


def _reports_errors(command: Callable[..., None]) -> Callable[..., None]:
    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:  # noqa: ANN401  click decides
        try:
            command(*args, **kwargs)
        except TablesInvalidError as error:
            if kwargs.get("as_json"):
                _say_json({"problems": [_as_object(problem) for problem in error.problems]})
            click.echo(str(error), err=True)
            number = len(error.problems)
            click.echo(f"{number:,} problem{'s' * (number != 1)}; nothing was released.", err=True)
            sys.exit(1)
        except KgError as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(1)

    return wrapped


def _day(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value and (len(value) != len("YYYY-MM-DD") or date_problem(value)):
        raise click.BadParameter(f'"{value}" is no day; write YYYY-MM-DD')
    return value


_DATE = click.option(
    "--date", callback=_day, help="Reference date, YYYY-MM-DD; by default the newest day in the tables."
)


@main.command()
@_DATE
@click.option("--data", type=click.Path(path_type=Path), help="Folder with the tables [KG_DATA; data].")
@click.option("--releases", type=click.Path(path_type=Path), help="Folder for the releases [KG_RELEASES; releases].")
@click.option("--force", is_flag=True, help="Build even when nothing has changed since the current release.")
@_JSON
@_reports_errors
def build(date: str | None, data: Path | None, releases: Path | None, force: bool, as_json: bool) -> None:
    """Read, map, derive, link, validate, release."""
    settings = Settings.from_env(data=data, releases=releases)
    if not force and date is None and pipeline.is_current(settings):
        folder = release_folder(settings.releases)
        if as_json:
            _say_json({"release": str(folder), "unchanged": True})
        else:
            click.echo(f"Nothing has changed: {folder} is current.")
        return
    built = pipeline.build(settings, _progress, date=date)
    _summarise(built, as_json)
    sys.exit(0 if built.conforms else 1)


@main.command()
@_DATE
@click.option("--data", type=click.Path(path_type=Path), help="Folder with the tables [KG_DATA; data].")
@_JSON
@_reports_errors
def validate(date: str | None, data: Path | None, as_json: bool) -> None:
    """Do all that build does but the release, and list the findings."""
    built = pipeline.assemble(Settings.from_env(data=data), _progress, date=date)
    if as_json:
        _say_json(report_json(built.findings))
    else:
        _list_findings(built.findings, all_of_them=True)
    sys.exit(0 if built.conforms else 1)


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--table", help="Name of the table the CSV file stands for; by default its file name.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder with the tables [KG_DATA; data].")
@_JSON
@_reports_errors
def check(file: Path, table: str | None, data: Path | None, as_json: bool) -> None:
    """Check your own FILE: a CSV against our tables, or RDF against our shapes."""
    problems, findings = check_file(file, table, Settings.from_env(data=data))
    if as_json:
        _say_json({"problems": [_as_object(problem) for problem in problems], "findings": report_json(findings)})
    else:
        for problem in problems:
            click.echo(str(problem))
        _list_findings(findings, all_of_them=True)
        if not problems and not findings:
            click.echo(f"{file}: nothing to mend.")
    bad = problems or any(finding.severity == "violation" for finding in findings)
    sys.exit(1 if bad else 0)


@main.command()
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--release", "version", help="Version of the release to ask; by default the current one.")
@click.option("--releases", type=click.Path(path_type=Path), help="Folder with the releases [KG_RELEASES; releases].")
@_JSON
@_reports_errors
def query(file: TextIO, version: str | None, releases: Path | None, as_json: bool) -> None:
    """Ask a release the SPARQL query in FILE (- is standard input); CSV, true or false, or Turtle comes out."""
    settings = Settings.from_env(releases=releases)
    release = open_release(release_folder(settings.releases, version))
    try:
        answer = release.store.query(
            file.read(), default_graph=list(release.default_graphs), base_iri=release.names.base
        )
    except SyntaxError as error:
        raise QuerySyntaxError(f"{file.name}: {error}") from error
    click.echo(_serialized(answer, as_json), nl=False)


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--releases", type=click.Path(path_type=Path), help="Folder for the releases [KG_RELEASES; releases].")
@_reports_errors
def pack(files: Sequence[Path], releases: Path | None) -> None:
    """Make a release of RDF FILES as they are, without validation, so that it can be served."""
    click.echo(f"Release: {write_pack(files, Settings.from_env(releases=releases))}")


@main.command()
@click.option("--endpoint", default=WIKIDATA, show_default=True, help="SPARQL endpoint to ask.")
@click.option("--releases", type=click.Path(path_type=Path), help="Folder with the releases [KG_RELEASES; releases].")
@_reports_errors
def fetch(endpoint: str, releases: Path | None) -> None:
    """Ask Wikidata for twinnings that our tables lack, as CSV to look at; the only command that uses the network."""
    settings = Settings.from_env(releases=releases)
    proposals = propose(open_release(release_folder(settings.releases)), endpoint)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["authority", "item", "twin", "name"])
    writer.writerows((proposal.authority, proposal.item, proposal.twin, proposal.name) for proposal in proposals)


def _serialized(answer: Any, as_json: bool) -> str:  # noqa: ANN401  solutions, triples or a boolean
    if isinstance(answer, QuerySolutions):
        text = answer.serialize(format=QueryResultsFormat.JSON if as_json else QueryResultsFormat.CSV)
    elif isinstance(answer, QueryBoolean):
        text = answer.serialize(format=QueryResultsFormat.JSON) if as_json else str(bool(answer)).lower().encode()
    else:
        text = answer.serialize(format=RdfFormat.JSON_LD if as_json else RdfFormat.TURTLE)
    return cast(bytes, text).decode() + "\n"


def _progress(line: str) -> None:
    click.echo(line if line.startswith(" ") else f"· {line} …", err=True)


def _summarise(built: pipeline.Built, as_json: bool) -> None:
    severities = Counter(finding.severity for finding in built.findings)
    if as_json:
        _say_json(
            {
                "release": str(built.release) if built.release else None,
                "date": built.date,
                "triples": len(built.store),
                "classes": count_classes(built.store, built.names),
                "findings": dict(severities),
                "violations": report_json(f for f in built.findings if f.severity == "violation"),
                "seconds": built.seconds,
            }
        )
        return
    _list_findings([finding for finding in built.findings if finding.severity == "violation"], all_of_them=False)
    for name, total in count_classes(built.store, built.names).items():
        click.echo(f"{total:>8,}  {name}")
    click.echo(f"{len(built.store):>8,}  triples in all")
    found = ", ".join(f"{severities[name]:,} {name}s" for name in ("violation", "warning", "info"))
    click.echo(f"Findings: {found}.")
    click.echo("Seconds: " + ", ".join(f"{step} {seconds:.1f}" for step, seconds in built.seconds.items()) + ".")
    if built.release:
        click.echo(f"Release: {built.release}, reference date {built.date}.")
    else:
        click.echo("Nothing was released: mend the violations first.")


def _list_findings(findings: Sequence[Finding], *, all_of_them: bool) -> None:
    for finding in findings if all_of_them else findings[:_SHOWN]:
        click.echo(f"{_place(finding)}: {finding.severity}: {finding.messages.get('en', finding.shape)}")
    if not all_of_them and len(findings) > _SHOWN:
        click.echo(f"… and {len(findings) - _SHOWN:,} more; `kg validate` lists them all.")


def _place(finding: Finding) -> str:
    parts = [finding.file, finding.row and f"row {finding.row}", finding.column and f"column {finding.column}"]
    return ", ".join(part for part in parts if part) or finding.focus


def _as_object(problem: Any) -> dict[str, Any]:  # noqa: ANN401  a CellProblem
    return {"file": problem.file, "row": problem.row, "column": problem.column, "message": problem.message}


def _say_json(content: Any) -> None:  # noqa: ANN401  whatever JSON can hold
    click.echo(json.dumps(content, ensure_ascii=False, indent=1))
