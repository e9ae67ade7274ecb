"""The version: one number, which the command, the metrics, the changelog and the footer show."""

import platform
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import django
import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from portal import VERSION
from portal.accounts.models import User
from tests.support.files import PROJECT


def run(argument: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PROJECT / "manage.py"), argument]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_the_number_is_that_of_pyproject_and_of_the_newest_entry_of_the_changelog() -> None:
    assert tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"] == VERSION
    versions = re.findall(r"^## \[(.+?)\]", (PROJECT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert next(each for each in versions if each != "Unreleased") == VERSION


@pytest.mark.parametrize("argument", ["version", "--version"])
@pytest.mark.parametrize(
    ("environment", "engine"),
    [
        ({}, "SQLite"),
        ({"PORTAL_ENV": "production"}, "SQLite"),
        ({"PORTAL_ENV": "production", "DATABASE_URL": "postgres://portal:geheim@127.0.0.1:1/portal"}, "PostgreSQL"),
        ({"LOG_LEVEL": "loud", "REDIS_URL": "nonsense"}, "SQLite"),
    ],
)
def test_the_command_needs_neither_a_database_nor_good_settings(
    argument: str, environment: dict[str, str], engine: str, tmp_path: Path
) -> None:
    ran = run(argument, environment | {"VAR_DIR": str(tmp_path / "var")})
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == [
        f"SMS portal {VERSION}",
        f"Python {platform.python_version()}, Django {django.get_version()}, {engine}",
    ]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.databases
@pytest.mark.django_db
def test_the_metrics_say_what_runs(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "scraper"
    text = client.get("/metrics", headers={"Authorization": "Bearer scraper"}).text
    engine = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.vendor]
    python, ours = platform.python_version(), django.get_version()
    assert f'portal_build_info{{version="{VERSION}",python="{python}",django="{ours}",database="{engine}"}} 1\n' in text


def test_the_footer_tells_those_who_are_signed_in(administrator: User, client_of: Callable[[User], Client]) -> None:
    assert VERSION in client_of(administrator).get("/tenants/").text.split("<footer")[1]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/accounts/login/", "/nowhere/", "/healthz", "/readyz", "/accounts/password/reset/"])
def test_a_stranger_is_told_no_version(path: str, client: Client) -> None:
    assert VERSION not in client.get(path, follow=True).text
