"""What all tests share: the real data built once, and a small region to break."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg import pipeline
from kg.engine import Engine
from kg.search import SearchIndex
from kg.settings import Settings
from kg.store import Release, open_release, release_folder
from webapp import create_app

ROOT = Path(__file__).parent.parent
hypothesis.settings.register_profile("daily", derandomize=True, max_examples=25, deadline=None)
hypothesis.settings.register_profile("gate", derandomize=True, max_examples=200, deadline=None)
hypothesis.settings.load_profile("daily")
REGION = Path(__file__).parent / "fixtures" / "region"


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The releases folder of the real data: the current one if it is up to date, else built here."""
    settings = Settings(data=ROOT / "data", ontology=ROOT / "ontology", releases=ROOT / "releases")
    if not pipeline.is_current(settings):
        settings = Settings(
            data=settings.data,
            ontology=settings.ontology,
            releases=tmp_path_factory.mktemp("real") / "releases",
        )
        built = pipeline.build(settings, progress=lambda _line: None)
        assert built.release, [finding for finding in built.findings if finding.severity == "violation"][:5]
    return settings.releases


@pytest.fixture(scope="session")
def release(releases: Path) -> Release:
    """The real release, opened."""
    return open_release(release_folder(releases))


@pytest.fixture(scope="session")
def app(release: Release) -> Iterator[Flask]:
    """The site of the real release, with its query workers."""
    settings = Settings()
    engine = Engine(release.store, release.names, settings)
    engine.start()
    app = create_app(release, engine, settings, SearchIndex.open(release.folder))
    yield app
    engine.stop()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of the real site."""
    return app.test_client()


@pytest.fixture
def region(tmp_path: Path) -> Settings:
    """A copy of the small region in a folder of its own, to be edited by the test."""
    shutil.copytree(REGION, tmp_path / "data")
    shutil.copy(ROOT / "data" / "csv-metadata.json", tmp_path / "data")
    return Settings(data=tmp_path / "data", ontology=ROOT / "ontology", releases=tmp_path / "releases")


@pytest.fixture
def environment(region: Settings) -> dict[str, str]:
    """The environment of a `kg` process that works on the small region."""
    return {
        **os.environ,
        "KG_DATA": str(region.data),
        "KG_ONTOLOGY": str(region.ontology),
        "KG_RELEASES": str(region.releases),
    }
