"""Settings that are wrong or unsafe: one line for each when the portal starts, and a system check with a hint."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from portal.audit.checkpoints.keys import new_key_text
from portal.core.secret_files import write_private
from portal.vault.keyset import new_keyset

pytestmark = pytest.mark.sweep

SECRET = "x7Kf-2mQ9vT4wZ8bN1cR5dG3hJ6kL0pS-yU4iO7aE2qW9rX5tB"
#: What each process does first.
PREPARE = (
    "import os; os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'portal.settings'); "
    "from portal.settings import startup; startup.prepare()"
)
PREFIX = "The portal does not start: "


@pytest.fixture
def keyset(tmp_path: Path) -> Path:
    path = tmp_path / "keyset.json"
    path.touch(mode=0o600)
    path.write_text(new_keyset())
    return path


@pytest.fixture
def checkpoint_key(tmp_path: Path) -> Path:
    path = tmp_path / "checkpoint-key"
    write_private(path, new_key_text())
    return path


@pytest.fixture
def safe(tmp_path: Path, keyset: Path, checkpoint_key: Path) -> dict[str, str]:
    """An environment in which production starts."""
    return {
        "PORTAL_ENV": "production",
        "SECRET_KEY": SECRET,
        "ALLOWED_HOSTS": "portal.example.com",
        "DATABASE_URL": "postgres://portal:geheim@127.0.0.1:1/portal",
        "REDIS_URL": "redis://:geheim@127.0.0.1:1/0",
        "EMAIL_URL": "smtp+tls://portal:geheim@127.0.0.1:587",
        "VAULT_KEYSET_FILE": str(keyset),
        "CHECKPOINT_KEY_FILE": str(checkpoint_key),
        "VAR_DIR": str(tmp_path / "var"),
    }


def start(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    arguments = command or ("-c", PREPARE)
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def reasons(environment: dict[str, str], *command: str) -> list[str]:
    """Why it did not start: the lines that it printed, each without the words that all begin with."""
    ran = start(environment, *command)
    assert ran.returncode == 1
    assert ran.stdout == ""
    lines = ran.stderr.splitlines()
    assert all(line.startswith(PREFIX) for line in lines), ran.stderr
    return [line.removeprefix(PREFIX) for line in lines]


def test_production_starts_when_everything_is_safe(safe: dict[str, str]) -> None:
    ran = start(safe)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


UNSAFE = {
    "no secret": ({"SECRET_KEY": ""}, "SECRET_KEY must be set to at least 50 random characters."),
    "short secret": ({"SECRET_KEY": SECRET[:49]}, "SECRET_KEY must be set to at least 50 random characters."),
    "dull secret": ({"SECRET_KEY": "abcd" * 20}, "SECRET_KEY must be set to at least 50 random characters."),
    "no hosts": ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS must name the portal's host names, and not '*'."),
    "any host": ({"ALLOWED_HOSTS": "a.example,*"}, "ALLOWED_HOSTS must name the portal's host names, and not '*'."),
    "no database": ({"DATABASE_URL": ""}, "DATABASE_URL must name the database."),
    "no queue": ({"REDIS_URL": ""}, "REDIS_URL must name the queue's Redis."),
    "debug": ({"DEBUG": "true"}, "DEBUG must be off: its error pages show settings to everyone."),
    "loopback": ({"OUTBOUND_ALLOW_LOOPBACK": "true"}, "OUTBOUND_ALLOW_LOOPBACK must be off: people could have"),
    "loopback only": ({"OUTBOUND_LOOPBACK_ONLY": "1"}, "OUTBOUND_LOOPBACK_ONLY must be off: people could have"),
    "loopback as a private network": (
        {"OUTBOUND_PRIVATE_NETWORKS": "127.0.0.0/8"},
        "OUTBOUND_PRIVATE_NETWORKS holds '127.0.0.0/8'; it must hold only private networks",
    ),
    "no mail": ({"EMAIL_URL": ""}, "EMAIL_URL must name the mail server"),
    "odd mail": ({"EMAIL_URL": "post://x:geheim@y"}, "EMAIL_URL cannot be read; it must look like smtp+tls://"),
    "half a single sign-on": ({"OIDC_ISSUER": "https://id.example"}, "OIDC_CLIENT_ID and OIDC_CLIENT_SECRET must be"),
    "single sign-on in clear": (
        {"OIDC_ISSUER": "http://id.example", "OIDC_CLIENT_ID": "a", "OIDC_CLIENT_SECRET": "geheim"},
        "OIDC_ISSUER must begin with https://.",
    ),
    "misspelt second factors": ({"MFA_REQUIRED": "all"}, "MFA_REQUIRED is 'all'; it must be nobody, "),
    "no keyset": ({"VAULT_KEYSET_FILE": ""}, "VAULT_KEYSET_FILE must name the vault's keyset;"),
    "keyset away": ({"VAULT_KEYSET_FILE": "/nowhere/keyset"}, "VAULT_KEYSET_FILE names /nowhere/keyset, which is not"),
    "keyset is a folder": ({"VAULT_KEYSET_FILE": "/"}, "VAULT_KEYSET_FILE names /, which cannot be read."),
    "nonsense keyset": ({"VAULT_KEYSET": "geheim"}, "VAULT_KEYSET holds no keyset; restore it from its copy."),
}


@pytest.mark.parametrize("what", UNSAFE)
def test_one_unsafe_thing_is_one_line(safe: dict[str, str], what: str) -> None:
    changed, sentence = UNSAFE[what]
    [reason] = reasons(safe | changed)
    assert reason.startswith(sentence)
    assert "geheim" not in reason


@pytest.mark.parametrize(("mode", "text", "why"), [(0o640, None, "read by others"), (0o600, "{}", "holds no keyset")])
def test_a_keyset_that_others_can_read_or_that_is_none_is_one_line(
    safe: dict[str, str], keyset: Path, mode: int, text: str | None, why: str
) -> None:
    keyset.write_text(text or keyset.read_text())
    keyset.chmod(mode)
    [reason] = reasons(safe)
    assert str(keyset) in reason
    assert why in reason


def test_everything_unsafe_at_once_is_one_line_each() -> None:
    said = reasons({"PORTAL_ENV": "production"})
    names = [sentence.split()[0] for sentence in said]
    assert names == [
        "SECRET_KEY",
        "ALLOWED_HOSTS",
        "DATABASE_URL",
        "REDIS_URL",
        "EMAIL_URL",
        "VAULT_KEYSET_FILE",
    ]


def test_manage_py_says_the_same_lines_without_a_traceback() -> None:
    assert len(reasons({"PORTAL_ENV": "production"}, "manage.py", "migrate")) == 6


@pytest.mark.parametrize("typo", ["prod", "Production", "development "])
def test_a_misspelt_environment_is_one_line(tmp_path: Path, typo: str) -> None:
    [reason] = reasons({"PORTAL_ENV": typo, "VAR_DIR": str(tmp_path)})
    assert reason == f"PORTAL_ENV is {typo!r}; it must be 'development' or 'production'."


@pytest.mark.parametrize(
    "url",
    ["nonsense", "postgress://u:geheim@host/db", "mysql://u:geheim@host/db", "postgres://u:geheim@host:port/db"],
)
def test_a_database_url_that_cannot_be_read_is_one_line_without_the_password(tmp_path: Path, url: str) -> None:
    [reason] = reasons({"DATABASE_URL": url, "VAR_DIR": str(tmp_path)})
    assert reason.startswith("DATABASE_URL cannot be read; it must look like postgres://")
    assert "geheim" not in reason


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SETUP_MAX_ATTEMPTS", "five"),
        ("OUTBOUND_TOTAL_SECONDS", "0"),
        ("SWEEP_SECONDS", "nan"),
        ("SWEEP_SECONDS", "-1"),
    ],
)
def test_a_number_that_cannot_be_is_one_line(tmp_path: Path, name: str, value: str) -> None:
    [reason] = reasons({name: value, "VAR_DIR": str(tmp_path)})
    assert reason.startswith(f"{name} is {value!r}; it must be a number of at least ")


@pytest.mark.parametrize(
    ("short", "sentence"),
    [
        (
            {"SETUP_LEASE_SECONDS": "70"},
            "SETUP_LEASE_SECONDS is 70; it must be longer than twice OUTBOUND_TOTAL_SECONDS (35)",
        ),
        ({"SETUP_LEASE_SECONDS": "1"}, "SETUP_LEASE_SECONDS is 1; it must be longer than twice OUTBOUND_TOTAL_SECONDS"),
        ({"OUTBOUND_TOTAL_SECONDS": "49", "SETUP_LEASE_SECONDS": "98"}, "SETUP_LEASE_SECONDS is 98; it must be longer"),
        ({"OUTBOUND_TOTAL_SECONDS": "50"}, "OUTBOUND_TOTAL_SECONDS is 50; it must be shorter than 50"),
        ({"ORDER_LEASE_SECONDS": "60"}, "ORDER_LEASE_SECONDS is 60; it must be longer than 60"),
        (
            {"ORDER_SETTLE_SECONDS": "35"},
            "ORDER_SETTLE_SECONDS is 35; it must be longer than OUTBOUND_TOTAL_SECONDS (35)",
        ),
        (
            {"HEARTBEAT_SECONDS": "40"},
            "HEARTBEAT_SECONDS is 40; it must be shorter than a third of SETUP_LEASE_SECONDS",
        ),
        (
            {"SESSION_ABSOLUTE_SECONDS": "1799"},
            "SESSION_ABSOLUTE_SECONDS is 1799; it must be at least SESSION_IDLE_SECONDS",
        ),
        (
            {"SESSION_IDLE_SECONDS": "36001"},
            "SESSION_ABSOLUTE_SECONDS is 36000; it must be at least SESSION_IDLE_SECONDS (36001)",
        ),
        ({"STEP_UP_SECONDS": "40000"}, "STEP_UP_SECONDS is 40000; it must be at most SESSION_ABSOLUTE_SECONDS (36000)"),
    ],
)
def test_a_time_that_does_not_outlast_what_it_must_is_one_line(
    safe: dict[str, str], short: dict[str, str], sentence: str
) -> None:
    said = reasons(safe | short)
    assert [reason for reason in said if reason.startswith(sentence)], said
    assert {reason.split()[0] for reason in said} <= {
        *(*short, "SETUP_LEASE_SECONDS", "SESSION_ABSOLUTE_SECONDS", "HEARTBEAT_SECONDS")
    }


def test_times_that_just_fit_are_taken(safe: dict[str, str]) -> None:
    fits = {
        "SETUP_LEASE_SECONDS": "71",
        "ORDER_LEASE_SECONDS": "61",
        "ORDER_SETTLE_SECONDS": "36",
        "HEARTBEAT_SECONDS": "23",
    }
    assert start(safe | fits).returncode == 0


def test_the_deployment_check_is_silent_in_production(safe: dict[str, str]) -> None:
    ran = start(safe, "-W", "error", "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == "System check identified no issues (0 silenced).\n"


ALL_WRONG = {
    "LOG_LEVEL": "info",
    "SECRET_KEY": "",
    "ALLOWED_HOSTS": "",
    "DATABASE_URL": "",
    "REDIS_URL": "",
    "DEBUG": "1",
    "OUTBOUND_ALLOW_LOOPBACK": "1",
    "OUTBOUND_LOOPBACK_ONLY": "1",
    "CRASH_AT": "step.sent:1000",
    "EMAIL_URL": "",
    "OIDC_ISSUER": "http://id.example",
    "OIDC_CLIENT_ID": "a",
    "OIDC_CLIENT_SECRET": "b",
    "VAULT_KEYSET_FILE": "",
    "OUTBOUND_TOTAL_SECONDS": "50",
    "SETUP_LEASE_SECONDS": "70",
    "ORDER_LEASE_SECONDS": "60",
    "ORDER_SETTLE_SECONDS": "35",
    "HEARTBEAT_SECONDS": "40",
    "SESSION_ABSOLUTE_SECONDS": "1799",
    "STEP_UP_SECONDS": "40000",
}
ALL_CHECKS = [f"portal.settings.E{number:03}" for number in range(1, 21)]


@pytest.mark.parametrize(
    ("redis", "left_out"), [("", "portal.settings.E006"), ("redis://127.0.0.1/0", "portal.settings.E005")]
)
def test_manage_py_check_shows_each_check_once_with_its_hint_and_the_rest_start_with_the_same_sentences(
    safe: dict[str, str], redis: str, left_out: str
) -> None:
    environment = safe | ALL_WRONG | {"REDIS_URL": redis}
    ran = start(environment, "manage.py", "check")
    assert ran.returncode == 1
    assert ran.stderr.startswith("SystemCheckError: System check identified some issues:")
    shown = re.findall(r"^\?: \((\S+)\) (.+)\n\tHINT: \S", ran.stderr, re.MULTILINE)
    assert sorted(check for check, _ in shown) == [check for check in ALL_CHECKS if check != left_out]
    assert [sentence for _, sentence in sorted(shown)] == reasons(environment)
    assert not Path(safe["VAR_DIR"]).exists()


def test_the_checks_can_be_run_alone(safe: dict[str, str]) -> None:
    ran = start(safe | {"SECRET_KEY": ""}, "manage.py", "check", "--tag", "settings")
    assert ran.returncode == 1
    assert re.findall(r"\((portal\.\S+)\)", ran.stderr) == ["portal.settings.E002"]


@pytest.mark.parametrize("environment", [{}, {"PORTAL_ENV": "production"}, {"PORTAL_ENV": "prod"}])
def test_reading_the_settings_does_nothing_else(tmp_path: Path, environment: dict[str, str]) -> None:
    wrong = {"VAR_DIR": str(tmp_path / "var"), "LOG_LEVEL": "info", "DATABASE_URL": "nonsense"}
    ran = start(environment | wrong, "-c", "import portal.settings")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
