"""What was published once never turns into 404: it answers 410 with the reason and what took its place."""

from __future__ import annotations

import pytest

from kg import pipeline
from kg.engine import Engine
from kg.settings import Settings
from kg.store import open_release
from tests.tables import add_row
from tests.test_tables import problems
from webapp import create_app


@pytest.fixture
def region_client(region: Settings):
    built = pipeline.build(region, progress=lambda _line: None)
    assert built.release
    release = open_release(built.release)
    return create_app(release, Engine(release.store, release.names, region), region).test_client()


def test_a_withdrawn_thing_says_why_and_what_replaced_it(region_client) -> None:
    successor = "https://w3id.org/municipal-partnerships/id/actor/musterverein"
    for path in ("/id/actor/altverein", "/doc/actor/altverein", "/doc/actor/altverein.ttl"):
        response = region_client.get(path, headers={"Accept": "text/turtle"})
        assert response.status_code == 410
        assert response.get_json()["successor"] == successor
        assert f'<{successor}>; rel="successor-version"' in response.headers["Link"]
    for language, reason in (("de", "Mit dem Musterverein vereinigt"), ("en", "Merged with the Sample Association")):
        page = region_client.get(f"/{language}/actor/altverein", headers={"Accept": "text/html"})
        assert page.status_code == 410
        assert reason in page.text
        assert f'href="/{language}/actor/musterverein"' in page.text
    assert region_client.get("/doc/actor/nobody.ttl").status_code == 404


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"id": "actor/musterverein"}, 'column id: "actor/musterverein" is withdrawn, but a row has this key again'),
        ({"id": "actor/a", "successor": "actor/b"}, 'column successor: "actor/b" is no key in use'),
        ({"id": "Verein A"}, 'column id: "Verein A" does not have the form'),
    ],
)
def test_a_withdrawal_that_cannot_be_is_named(region: Settings, row: dict[str, str], message: str) -> None:
    cells = {"since": "2024", "reason_de": "Grund", "reason_en": "reason", **row}
    add_row(region.data / "withdrawn.csv", **cells)
    assert [line for line in problems(region) if line.startswith(f"withdrawn.csv, row 3, {message}")]
