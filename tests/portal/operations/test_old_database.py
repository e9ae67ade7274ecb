"""A database from before 1.0.0, or from a newer version, is refused in one sentence; all others are not."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.core.checks import Tags, run_checks
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from portal import VERSION
from tests.support.files import PROJECT

pytestmark = [pytest.mark.databases, pytest.mark.django_db]
FOREIGN = [("outbound", "0001_initial"), ("notices", "0003_of_before"), ("provisioning", "0099_of_before")]


def refusal(name: object, unknown: str) -> str:
    return (
        f"The database {str(name)!r} has migrations that version {VERSION} does not have ({unknown}), so it is from "
        "before 1.0.0 or from a newer version: make a new database (nothing was released before 1.0.0) or "
        "install the newer version."
    )


def applied(*rows: tuple[str, str]) -> None:
    for app, name in rows:
        MigrationRecorder(connection).record_applied(app, name)


def found() -> list[str]:
    messages = run_checks(tags=[Tags.database], databases=["default"])
    return [message.msg for message in messages if message.id == "portal.operations.E001"]


@pytest.mark.parametrize(("app", "name"), [*FOREIGN, ("tollfree", "0002_orders"), ("vault", "0001_another")])
def test_one_migration_of_ours_without_a_file_is_enough(app: str, name: str) -> None:
    applied((app, name))
    sentence = refusal(connection.settings_dict["NAME"], f"{app}.{name}")
    assert found() == [sentence]
    with pytest.raises(CommandError) as refused:
        call_command("migrate", verbosity=0, interactive=False)
    assert str(refused.value) == sentence


def test_further_ones_are_counted() -> None:
    applied(*FOREIGN)
    assert found() == [refusal(connection.settings_dict["NAME"], "notices.0003_of_before and 2 more")]


def test_it_is_refused_for_this_reason_also_where_django_finds_the_history_inconsistent() -> None:
    MigrationRecorder(connection).record_unapplied("accounts", "0001_initial")
    applied(("provisioning", "0002_of_before"))
    with pytest.raises(CommandError, match=r"\(provisioning\.0002_of_before\), so it is from before 1\.0\.0"):
        call_command("migrate", verbosity=0, interactive=False)


@pytest.mark.parametrize("app", ["auth", "mfa", "an_app_that_was_removed"])
def test_migrations_of_other_peoples_apps_do_not_count(app: str) -> None:
    applied((app, "0099_of_another_time"))
    assert found() == []
    call_command("migrate", verbosity=0, interactive=False)


def test_the_database_of_this_version_is_migrated_and_a_new_one_too() -> None:
    assert found() == []
    call_command("migrate", verbosity=0, interactive=False)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE django_migrations")
    assert found() == []


def test_every_app_of_ours_counts() -> None:
    ours = [app for app in apps.get_app_configs() if "site-packages" not in app.path]
    assert len(ours) > 10
    for app in ours:
        applied((app.label, "0099_of_another_time"))
    assert f" and {len(ours) - 1} more)" in found()[0]


@pytest.mark.parametrize("command", [("migrate",), ("migrate", "--skip-checks"), ("migrate", "--plan")])
def test_the_command_prints_one_line_and_changes_nothing(command: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "old.sqlite3"
    with sqlite3.connect(file) as old:
        old.execute("CREATE TABLE django_migrations (id integer PRIMARY KEY, app text, name text, applied datetime)")
        rows = [*FOREIGN, ("contenttypes", "0001_initial"), ("provisioning", "0001_initial")]
        old.executemany("INSERT INTO django_migrations (app, name, applied) VALUES (?, ?, '2026-01-01')", rows)
    old.close()
    ran = subprocess.run(
        [sys.executable, str(PROJECT / "manage.py"), *command],
        env={"VAR_DIR": str(tmp_path / "var"), "DATABASE_URL": f"sqlite:///{file}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == f"CommandError: {refusal(file, 'notices.0003_of_before and 2 more')}\n"
    with sqlite3.connect(file) as old:
        assert old.execute("SELECT count(*) FROM sqlite_master").fetchone() == (1,)
        assert old.execute("SELECT count(*) FROM django_migrations").fetchone() == (5,)
    old.close()
