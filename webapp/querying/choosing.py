"""The competency questions as examples: searched, by topic, and one of them as the query to ask."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from flask import abort, current_app, request
from unidecode import unidecode

from kg.questions import Question

_HEADING: Final = re.compile(r"\A(?:#.*\n)+")
_TOPICS: Final = {
    "overview": "api.topic.overview", "partners": "api.topic.partners", "history": "api.topic.history",
    "actors": "api.topic.actors", "activities": "api.topic.activities", "funding": "api.topic.funding",
    "evidence": "api.topic.evidence",
}  # fmt: skip


def examples(wanted: str) -> list[tuple[str, list[Question]]]:
    """The questions in which every word of `wanted` stands, by topic: the key of its title, and what is in it."""
    by_topic: dict[str, list[Question]] = {topic: [] for topic in _TOPICS}
    for question in _found(wanted):
        by_topic.setdefault(question.topic, []).append(question)
    return [(_TOPICS.get(topic, "api.topic.other"), found) for topic, found in by_topic.items() if found]


def chosen_example() -> Question | None:
    """The example that the address names, where it brings no query of its own."""
    name = "" if "query" in request.args else request.args.get("example", "")
    return _questions().get(name)


def text_of_example(name: str) -> str:
    """The query of an example without its heading; nothing without a name, 404 for one that is not there."""
    if not name:
        return ""
    if name not in _questions():
        abort(404, "There is no example of this name.")
    return _HEADING.sub("", _questions()[name].text).strip()


def _found(wanted: str) -> Iterator[Question]:
    words = _plain(wanted).split()
    for question in _questions().values():
        said = _plain(" ".join([question.name, *question.titles.values(), *question.abouts.values()]))
        if all(word in said for word in words):
            yield question


def _plain(text: str) -> str:
    return unidecode(text).lower()


def _questions() -> Mapping[str, Question]:
    questions: Mapping[str, Question] = current_app.config["QUESTIONS"]
    return questions
