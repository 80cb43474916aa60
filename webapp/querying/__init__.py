"""The query page: examples, tables, charts, texts for other programs, citations. All of it works without scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from webapp.querying.addresses import again, answer_address, example_address
from webapp.querying.charts import chart_of
from webapp.querying.choosing import chosen_example, examples, text_of_example
from webapp.querying.citing import citations
from webapp.querying.programs import clients
from webapp.querying.tables import arranged, statements

__all__ = ["functions", "text_of_example"]

_FUNCTIONS: Final[tuple[Callable[..., Any], ...]] = (
    again, answer_address, arranged, chart_of, chosen_example, citations, clients, example_address, examples,
    statements,
)  # fmt: skip


def functions() -> dict[str, Any]:
    """What the template of the query page can call; nothing is computed before it does."""
    return {function.__name__: function for function in _FUNCTIONS}
