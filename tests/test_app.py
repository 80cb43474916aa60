"""What the site does around every view: errors without traces, headers, and proxies believed only when named."""

from __future__ import annotations

import pytest
from flask import Flask, request

from kg.engine import Engine
from kg.errors import KgError, SettingError
from kg.settings import Settings
from kg.store import Release
from webapp import create_app

PROXY = "192.0.2.1"


@pytest.fixture(scope="module")
def own_app(release: Release) -> Flask:
    """A site behind a proxy, with two views that only the tests have; its engine is never started."""
    settings = Settings(trusted_proxies=frozenset({PROXY}))
    app = create_app(release, Engine(release.store, release.names, settings), settings)
    app.add_url_rule("/test/who", view_func=lambda: request.remote_addr or "", endpoint="who")

    def break_down() -> str:
        raise RuntimeError("secret of the house")

    def refuse() -> str:
        raise KgError("the reason")

    app.add_url_rule("/test/broken", view_func=break_down, endpoint="broken")
    app.add_url_rule("/test/refused", view_func=refuse, endpoint="refused")
    return app


@pytest.mark.parametrize(
    ("peer", "expected"), [(PROXY, "203.0.113.9"), ("198.51.100.7", "198.51.100.7"), ("127.0.0.1", "127.0.0.1")]
)
def test_forwarded_addresses_count_from_named_proxies_only(own_app: Flask, peer: str, expected: str) -> None:
    headers = {"X-Forwarded-For": "203.0.113.9"}
    response = own_app.test_client().get("/test/who", headers=headers, environ_overrides={"REMOTE_ADDR": peer})
    assert response.get_data(as_text=True) == expected


@pytest.mark.parametrize("accept", ["text/html", "application/json", "text/turtle"])
def test_what_nobody_foresaw_is_500_without_a_trace(own_app: Flask, accept: str) -> None:
    response = own_app.test_client().get("/test/broken", headers={"Accept": accept})
    text = response.get_data(as_text=True)
    assert response.status_code == 500
    assert "secret" not in text
    assert "Traceback" not in text
    assert response.mimetype == ("text/html" if accept == "text/html" else "application/problem+json")


def test_an_error_of_ours_gives_its_reason(own_app: Flask) -> None:
    assert own_app.test_client().get("/test/refused").get_json()["detail"] == "the reason"


def test_a_wrong_method_is_405_with_the_right_ones(own_app: Flask) -> None:
    response = own_app.test_client().post("/health", headers={"Accept": "application/json"})
    assert response.status_code == 405
    assert {"GET", "HEAD"} <= {method.strip() for method in response.headers["Allow"].split(",")}


@pytest.mark.parametrize("path", ["/de/", "/health", "/doc/authority/de-dortmund.ttl", "/nowhere", "/static/style.css"])
def test_every_answer_has_the_security_headers(own_app: Flask, path: str) -> None:
    response = own_app.test_client().get(path, buffered=True)
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert "Set-Cookie" not in response.headers


def test_settings_come_from_the_environment_and_yield_to_flags() -> None:
    environment = {
        "KG_QUERY_ROWS": "7",
        "KG_TRUSTED_PROXIES": "10.0.0.1, 10.0.0.2",
        "KG_PUBLIC_URL": "https://a.example/",
    }
    settings = Settings.from_env(environment, query_rows=9, data=None)
    assert settings.query_rows == 9
    assert settings.trusted_proxies == {"10.0.0.1", "10.0.0.2"}
    assert (settings.public, Settings().public) == ("https://a.example/", Settings().base)
    with pytest.raises(SettingError, match="KG_QUERY_SECONDS"):
        Settings.from_env({"KG_QUERY_SECONDS": "soon"})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("KG_BASE", 'https://x/"/'),
        ("KG_BASE", "https://example.org/no-slash"),
        ("KG_BASE", "ftp://example.org/"),
        ("KG_QUERY_SECONDS", "-1"),
        ("KG_QUERY_SECONDS", "nan"),
        ("KG_QUERY_ROWS", "0"),
        ("KG_TRUSTED_PROXIES", "127.0.0.1,foo"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(variable: str, value: str) -> None:
    with pytest.raises(SettingError):
        Settings.from_env({variable: value})
