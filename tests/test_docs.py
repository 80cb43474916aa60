"""The README tells the truth: whatever it names exists, and whatever exists is named."""

from __future__ import annotations

import re
from dataclasses import fields

import click
import pytest
from flask import Flask

from kg.cli import main as kg_main
from kg.settings import Settings
from tests.conftest import ROOT
from webapp.serve import main as serve_main

README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def options(command: click.Command) -> set[str]:
    names = {name for item in command.params if isinstance(item, click.Option) for name in item.opts}
    return {name for name in names if name.startswith("--")} - {"--help", "--version"}


def test_every_command_and_option_is_documented_and_the_other_way_round() -> None:
    text = section("The commands")
    verbs = set(re.findall(r"`kg (\w+)", text))
    assert verbs == set(kg_main.commands)
    for verb, command in {**kg_main.commands, "kg-serve": serve_main}.items():
        line = next(line for line in text.splitlines() if line.startswith(f"| `{'' if '-' in verb else 'kg '}{verb}"))
        assert set(re.findall(r"--[a-z-]+", line)) == options(command), verb


def test_every_setting_is_documented_with_its_default_and_the_other_way_round() -> None:
    rows = dict(re.findall(r"\| `(KG_\w+)` \| (?:`([^`]*)`|[^|]*) \|", section("Settings")))
    assert set(rows) == {item.metadata["variable"] for item in fields(Settings)}
    for item in fields(Settings):
        documented = rows[item.metadata["variable"]]
        if documented:
            assert type(item.default)(documented) == item.default, item.name


def test_every_make_target_is_documented_and_the_other_way_round() -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)", section("Run it"))) == targets
    assert set(re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[0].split()) == targets


def test_every_route_is_documented(app: Flask) -> None:
    text = section("The addresses")
    known = {match.strip("/").split("/")[0].partition("?")[0] for match in re.findall(r"`(/[^`]*)`", text)}
    roots = {rule.rule.strip("/").split("/")[0] for rule in app.url_map.iter_rules()} - {"", "static"}
    variable = {root for root in roots if root.startswith("<")}
    undocumented = roots - known - variable - {"robots.txt", "catalog.<extension>"}
    assert undocumented == set()


@pytest.mark.parametrize("path", re.findall(r"`((?:kg|webapp|tests|ontology|data)/[\w./-]*)`", README))
def test_every_path_in_the_readme_exists(path: str) -> None:
    assert (ROOT / path).exists()


def test_every_direct_dependency_has_its_line() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    wanted = re.findall(r'"([\w-]+)[><=]', text.split("dependencies = [")[1].split("]")[0])
    described = re.findall(r"^\| (\w[\w-]*) \|", section("Why each dependency is there"), re.MULTILINE)
    assert sorted(wanted) == sorted(set(described) - {"package"})
