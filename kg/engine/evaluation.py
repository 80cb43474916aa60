"""A job → its answer or its error; what a worker does between two messages."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from time import perf_counter
from typing import IO, Any, Final, cast

from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    serialize,
)

from kg.engine.cutting import LAYOUTS, LimitReachedError, RowWriter, TripleWriter
from kg.engine.diagnosis import diagnosed
from kg.engine.messages import Answer, Job, Kind
from kg.errors import QueryError, QueryForbiddenError, QueryTooLargeError
from kg.sparql_syntax import Outline, outline

_NO_SERVICE: Final = (
    "SERVICE is never followed here; ask the other endpoint from your own client and join the answers there"
)
_Written = tuple[Kind, str, bytes, int | None, str | None]
_NO_UPDATE: Final = "this endpoint is read-only; it answers SELECT, ASK, CONSTRUCT and DESCRIBE"


def evaluate(store: Store, job: Job, prefixes: Mapping[str, str]) -> Answer:
    """The answer of `store` to `job`, graphs written with `prefixes`.

    Raises a `QueryError` that says what is wrong with the query.
    """
    started = perf_counter()
    plan = outline(job.query)
    if plan.forbidden:
        raise QueryForbiddenError(_NO_SERVICE if plan.forbidden == "service" else _NO_UPDATE)
    try:
        result = store.query(job.query, base_iri=job.base_iri, **_dataset(job, plan))
        kind, media_type, body, rows, truncated = _written(result, job, prefixes)
    except SyntaxError as error:
        raise diagnosed(job.query, str(error)) from None
    except MemoryError:
        raise QueryTooLargeError("the query needed more memory than a query may have") from None
    except OSError as error:
        # A SERVICE that went unnoticed finds no descriptor to open; a store in memory has no other I/O.
        raise QueryForbiddenError(f"{_NO_SERVICE} ({error})") from None
    except (RuntimeError, ValueError) as error:
        raise QueryError(str(error)) from None
    return Answer(kind, media_type, body, rows, truncated, perf_counter() - started)


def _dataset(job: Job, plan: Outline) -> dict[str, Any]:
    """Which graphs to ask; nothing when the query says it, as Oxigraph would let our word win."""
    if job.graphs is None or (job.named_graphs is None and plan.dataset):
        return {}
    dataset = {"default_graph": _nodes(tuple(job.graphs))}
    if job.named_graphs is not None:
        dataset["named_graphs"] = _nodes(tuple(job.named_graphs))
    return dataset


@lru_cache(maxsize=64)
def _nodes(iris: tuple[str, ...]) -> list[NamedNode]:
    # Once each: Oxigraph would read a graph twice and count its triples twice.
    return [NamedNode(iri) for iri in dict.fromkeys(iris)]


def _written(result: Any, job: Job, prefixes: Mapping[str, str]) -> _Written:  # noqa: ANN401  any query result
    if isinstance(result, QuerySolutions):
        return _rows(result, job)
    if isinstance(result, QueryBoolean):
        results_format = _results_format(job)
        return "ask", results_format.media_type, result.serialize(format=results_format) or b"", None, None
    return _graph(result, job, prefixes)


def _rows(solutions: QuerySolutions, job: Job) -> _Written:
    results_format = _results_format(job)
    writer = RowWriter(LAYOUTS[results_format], job.rows, job.bytes)
    with suppress(LimitReachedError):
        solutions.serialize(cast("IO[bytes]", writer), format=results_format)
    rows = writer.finish()
    return "select", results_format.media_type, bytes(writer.body), rows, writer.truncated


def _graph(triples: QueryTriples, job: Job, prefixes: Mapping[str, str]) -> _Written:
    media_type = job.media_type or RdfFormat.TURTLE.media_type
    rdf_format = RdfFormat.from_media_type(media_type)
    if rdf_format is None:
        raise QueryError(f"a graph cannot be written as {media_type}")
    writer = TripleWriter(job.rows, job.bytes)
    fitting = writer.fitting(iter(triples))
    serialize(fitting, cast("IO[bytes]", writer), rdf_format, prefixes=dict(prefixes))
    writer.finish(rdf_format)
    return "graph", rdf_format.media_type, bytes(writer.body), writer.rows, writer.truncated


def _results_format(job: Job) -> QueryResultsFormat:
    media_type = job.media_type or QueryResultsFormat.JSON.media_type
    results_format = QueryResultsFormat.from_media_type(media_type)
    if results_format is None:
        raise QueryError(f"rows cannot be written as {media_type}")
    return results_format
