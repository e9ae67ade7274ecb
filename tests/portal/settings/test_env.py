"""What stands in the environment is taken as it is, or refused in one line; nothing becomes something else."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from portal.http_client.destinations import Destination
from portal.settings.env import Environment
from tests.portal.settings.test_checks import (  # noqa: F401 - fixtures
    checkpoint_key,
    keyset,
    reasons,
    safe,
    start,
)
from tests.support.environment import setting_names, settings_text

pytestmark = pytest.mark.sweep

_SHOW = "import json; from portal import settings; print(json.dumps({expression}))"


def shown(expression: str, environment: dict[str, str]) -> str:
    """What a setting is in this environment, as JSON."""
    ran = subprocess.run(
        [sys.executable, "-c", _SHOW.format(expression=expression)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def refused(name: str, value: str, var: Path, **more: str) -> str:
    [reason] = reasons({name: value, "VAR_DIR": str(var)} | more)
    return reason


LISTS = {
    "ALLOWED_HOSTS": "a.example, .b.example ,127.0.0.1,[::1]\n",
    "CSRF_TRUSTED_ORIGINS": " https://a.example ,https://*.b.example:8443, http://[::1]:8000",
    "SECRET_KEY_FALLBACKS": " first$key , $second-key(x) ,",
    "OUTBOUND_ALLOW_PRIVATE": "nexus, webhook",
    "OUTBOUND_PRIVATE_NETWORKS": "10.20.0.0/16 , 192.168.7.9,fd12::/16, 100.64.0.0/10\n",
}
BAD_PARTS = {
    "ALLOWED_HOSTS": [
        "'a.example, b.example'",
        '"a.example"',
        "'a.example', 'b.example'",
        '["a.example"]',
        "[a.example]",
        "(a.example,b.example)",
        "a.example,https://b.example",
        "a.example:8000",
        "a.example/path",
        "a b.example",
        "a..example",
        "bücher.example",
        "a.example;b.example",
    ],
    "CSRF_TRUSTED_ORIGINS": [
        "'https://a.example'",
        "a.example",
        "https://a.example/",
        "https://a.example/path",
        "https://a.example:65536",
        "ftp://a.example",
        "https://",
        "https://A.example",
        "https://a.example https://b.example",
        "[https://a.example]",
    ],
    "SECRET_KEY_FALLBACKS": [
        "\u201ca-key\u201d",
        "\u2018a-key\u2019, another",
        "'a-key, another-key'",
        "'a-key'",
        '["a-key","another"]',
        "(a-key,another)",
    ],
    "OUTBOUND_ALLOW_PRIVATE": ["nexus,gateway", "'nexus'", "[nexus]", "Nexus", "nexus webhook", "all", "true"],
    "OUTBOUND_PRIVATE_NETWORKS": [
        *("10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "010.0.0.0/8", "10.0.0.0 /8", "10.0.0.0/8;fc00::/7"),
        *(
            "nexus.example",
            "private",
            "all",
            "true",
            "*",
            "10.*",
            "10.0.0.0-10.255.255.255",
            "'10.0.0.0/8'",
            "[fc00::]/7",
        ),
        *("127.0.0.0/8", "127.0.0.1", "::1", "::1/128", "::ffff:127.0.0.1", "::ffff:127.0.0.0/104", "64:ff9b::7f00:1"),
        *("10.0.0.0/8,127.0.0.0/8", "169.254.0.0/16", "169.254.169.254", "fe80::/10", "fe80::1", "fe80::1%eth0"),
        *("::ffff:169.254.0.0/112", "64:ff9b::/96", "64:ff9b:1::/48", "2002:7f00:1::/48", "2002::/16", "fc00::%1/7"),
        *("100.100.100.200", "fd00:ec2::254", "fd00:ec2::/32", "fd20:ce::254", "168.63.129.16", "::ffff:10.0.0.0/104"),
        *("0.0.0.0/0", "::/0", "0.0.0.0/32", "10.0.0.0/7", "172.0.0.0/8", "8.8.8.0/24", "2606:4700::/32", "fc00::/6"),
        *("224.0.0.0/4", "ff00::/8", "203.0.113.0/24", "198.18.0.0/15", "240.0.0.0/4", "2001:db8::/32"),
    ],
}


@pytest.mark.parametrize("name", LISTS)
def test_blanks_around_the_parts_of_a_list_are_left_out(name: str, tmp_path: Path) -> None:
    parts = [part.strip() for part in LISTS[name].split(",") if part.strip()]
    assert shown(f"settings.{name}", {name: LISTS[name], "VAR_DIR": str(tmp_path)}) == str(parts).replace("'", '"')


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD_PARTS.items() for value in values])
def test_quotes_brackets_and_what_is_none_of_its_kind_are_one_line(name: str, value: str, tmp_path: Path) -> None:
    reason = refused(name, value, tmp_path)
    assert reason.startswith(f"{name} ")
    assert "a-key" not in reason


def test_every_list_of_the_settings_is_tried_here() -> None:
    assert (
        set(re.findall(r'env\.(?:list|hosts|origins|names|networks)\(\s*"([A-Z_]+)"', settings_text()))
        == set(LISTS)
        == set(BAD_PARTS)
    )


@pytest.mark.parametrize("value", ["", " ", ","])
def test_no_private_network_may_be_named_too(value: str, tmp_path: Path) -> None:
    shows = {"OUTBOUND_PRIVATE_NETWORKS": value, "VAR_DIR": str(tmp_path)}
    assert shown("settings.OUTBOUND_PRIVATE_NETWORKS", shows) == "[]"


def test_a_network_that_is_refused_says_what_may_stand_there(tmp_path: Path) -> None:
    assert refused("OUTBOUND_PRIVATE_NETWORKS", "10.0.0.0/8, 127.0.0.0/8", tmp_path) == (
        "OUTBOUND_PRIVATE_NETWORKS holds '127.0.0.0/8'; it must hold only private networks like 10.20.0.0/16, "
        "and no loopback, link-local or public address."
    )


def test_the_names_of_private_destinations_are_the_destinations() -> None:
    [names] = re.findall(r'"OUTBOUND_ALLOW_PRIVATE", \((.+?)\)', settings_text())
    assert [name.strip(' "') for name in names.split(",")] == Destination.values


SECRETS = (
    "SECRET_KEY",
    "METRICS_TOKEN",
    "OIDC_CLIENT_SECRET",
    "OIDC_CLIENT_ID",
    "OIDC_NAME",
    "VAULT_KEYSET",
    "VAULT_KEYSET_FILE",
    "CHECKPOINT_KEY_FILE",
    "CHECKPOINT_FOLDER",
)


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("value", ["$HOME", "$ecret#with'signs\"", "$", "\\$x", "$$twice", "a+b%41"])
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_text_is_taken_as_it_is_without_the_line_break_at_its_end(
    name: str, value: str, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/root")
    monkeypatch.setenv(name, value + end)
    assert Environment().str(name, default="") == value


def test_secrets_reach_the_settings_as_they_are(tmp_path: Path) -> None:
    values = {name: f"$HOME-{name}" for name in SECRETS}
    environment = values | {"VAR_DIR": str(tmp_path), "HOME": "/root"}
    names = ", ".join(f"settings.{name}" for name in SECRETS)
    assert shown(f"[{names}]", environment) == str([*values.values()]).replace("'", '"')


@pytest.mark.parametrize("written", ["$ecret", "a+b", "%24x%40y", "$HOME", "p%2Fq%3Fr%23s", "a;b", "a,b", "p%s"])
def test_passwords_in_urls_are_taken_as_they_are(written: str, tmp_path: Path) -> None:
    meant = written.replace("%24", "$").replace("%40", "@").replace("%2F", "/").replace("%3F", "?").replace("%23", "#")
    environment = {
        "VAR_DIR": str(tmp_path),
        "HOME": "/root",
        "DATABASE_URL": f"postgres://user:{written}@host:5432/name\n",
        "REDIS_URL": f"redis://:{written}@host:6379/3\n",
        "EMAIL_URL": f"smtp+tls://user:{written}@host:587\n",
    }
    show = (
        "[settings.DATABASES['default']['PASSWORD'], settings.EMAIL_HOST_PASSWORD, "
        "__import__('redis').connection.parse_url(settings.REDIS_URL)['password'], "
        "__import__('kombu').Connection(settings.CELERY_BROKER_URL).password]"
    )
    assert shown(show, environment) == str([meant] * 4).replace("'", '"')


@pytest.mark.parametrize(
    ("query", "named"),
    [
        (
            "sslmode=verify-full&sslrootcert=/etc/ssl/ca.pem",
            {"sslmode": "verify-full", "sslrootcert": "/etc/ssl/ca.pem"},
        ),
        ("options=-csearch_path%3Dportal", {"options": "-csearch_path=portal"}),
        (
            "options=-c+search_path%3Dportal&connect_timeout=5",
            {"options": "-c search_path=portal", "connect_timeout": 5},
        ),
        ("connect_timeout=30&tcp_user_timeout=60000", {"connect_timeout": 30, "tcp_user_timeout": 60_000}),
        ("", {}),
    ],
)
def test_options_of_the_database_url_are_kept_beside_an_odd_password(
    query: str, named: dict[str, Any], tmp_path: Path
) -> None:
    own = {"connect_timeout": 5, "tcp_user_timeout": 15_000}
    own |= {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
    environment = {"VAR_DIR": str(tmp_path), "DATABASE_URL": f"postgres://user:a+b%40$c@host/name?{query}"}
    show = "[settings.DATABASES['default'].get('OPTIONS', {}), settings.DATABASES['default']['PASSWORD']]"
    assert json.loads(shown(show, environment)) == [own | named, "a+b@$c"]


def test_options_of_an_sqlite_url_are_kept_beside_the_portals_own(tmp_path: Path) -> None:
    environment = {"VAR_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/x.sqlite3?timeout=45"}
    options = json.loads(shown("settings.DATABASES['default']['OPTIONS']", environment))
    assert (options["timeout"], options["transaction_mode"]) == (45, "IMMEDIATE")


@pytest.mark.parametrize(("query", "own", "age"), [("", "", 60), ("conn_max_age=7", "", 7), ("conn_max_age=7", "9", 9)])
def test_connections_are_kept_for_as_long_as_the_url_says(query: str, own: str, age: int, tmp_path: Path) -> None:
    environment = {
        "VAR_DIR": str(tmp_path),
        "DATABASE_URL": f"postgres://u:p@h/n?{query}",
        "DATABASE_CONN_MAX_AGE": own,
    }
    assert shown("settings.DATABASES['default']['CONN_MAX_AGE']", environment) == str(age)


@pytest.mark.parametrize("sign", "/?#")
@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("DATABASE_URL", "postgres://user:12{}34@host:5432/name"),
        ("REDIS_URL", "redis://:12{}34@host:6379/0"),
        ("EMAIL_URL", "smtp+tls://user:12{}34@host:587"),
    ],
)
def test_a_password_that_would_end_the_host_is_one_line(name: str, url: str, sign: str, tmp_path: Path) -> None:
    reason = refused(name, url.format(sign), tmp_path)
    assert reason.startswith(f"{name} ")
    assert "34" not in reason
    assert "%2F" in reason


#: A value that no setting of this name can have, and how its line begins. What takes any text has none.
NO_FILE = "/nowhere/at/all"
WRONG: dict[str, list[str]] = {
    "PORTAL_ENV": ["prod", "$PORTAL", ""],
    "DEBUG": ["ja", "nein", "2", "'true'", "maybe", "$x"],
    "SECURE_SSL_REDIRECT": ["ja", "-1", "tru e"],
    "BEHIND_TLS_PROXY": ["ja", "wahr"],
    "OUTBOUND_ALLOW_LOOPBACK": ["ja", "0.5"],
    "OUTBOUND_LOOPBACK_ONLY": ["oui"],
    "LOG_LEVEL": ["info", "20", "TRACE", "$x", "'INFO'"],
    "LOG_FORMAT": ["JSON", "xml", "logfmt"],
    "MFA_REQUIRED": ["all", "Everyone", "true"],
    "PORTAL_URL": ["portal.example.com", "https://", "//a.example", "ftp://a.example", "https://a b", "https://a:x",
                   "https://u:p@a.example", "https://a.example/?x=1", "'https://a.example'", "https://*"],
    "OIDC_ISSUER": ["id.example", "https://", "https://a.example#x"],
    "OUTBOUND_CA_FILE": [NO_FILE, "/etc/hostname", "/", "$HOME"],
    "REDIS_CA_FILE": [NO_FILE, "/etc/hostname", "/"],
    "DEFAULT_FROM_EMAIL": ["nobody", "a@b\nBcc: c@d", "<a@b", "a@b, c@d", "Portal <nobody>"],
    "METRICS_TOKEN": ["schlüssel", " x", "a\tb"],
    "QUEUE_PREFIX": ["a b", "a\nb", "ä", "'x'"],
    "EMAIL_URL": ["mail.example", "smtp://host:port", "post://x", "smtp://host:99999"],
    "DATABASE_URL": ["nonsense", "postgres://host", "postgres://h:port/db", "'sqlite:///x'", "postgres://h:99999/d"],
    "REDIS_URL": ["127.0.0.1", "http://h", "redis://", "redis://h:port", "redis://h:99999", "redis://h/x", "redis://h:0",
                  "redis://a,b", "redis://a;redis://b", "redis+cluster://h", "rediss+cluster://h", "sentinel://h",
                  "redis-sentinel://h", "redis+socket:///run/x", "unix://", "unix:///x?virtual_host=1", "redis:///0",
                  "rediss://h?ssl_cert_reqs=none", "redis://h?db=1", "'redis://h'", "redis://h/-1", "redis://h/0/1",
                  "redis://h:6379,i:6379/0", "valkey://h", "rediss://h/0#x"],
    **BAD_PARTS,
}  # fmt: skip
NUMBERS = ["five", "nan", "inf", "-1", "1e9", "1_000", "0x10", "99999999999", "1,5", "\u0665", "5 s", "$x"]
#: Any text will do; files and folders are looked at when production needs them, or the text is a secret.
ANY_TEXT = {"VAR_DIR", "CRASH_AT", *SECRETS}


def _numbers() -> list[str]:
    return sorted(set(re.findall(r'(?:env\.number|env\.whole_number)\(\s*"([A-Z_]+)"', settings_text())))


def test_every_setting_is_tried_here() -> None:
    assert set(setting_names()) == set(WRONG) | set(_numbers()) | ANY_TEXT


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_value_that_cannot_be_is_one_line(name: str, value: str, tmp_path: Path) -> None:
    more = {"REDIS_URL": "rediss://:x@h/0"} if name == "REDIS_CA_FILE" else {}
    more |= {"OIDC_CLIENT_ID": "a", "OIDC_CLIENT_SECRET": "b"} if name == "OIDC_ISSUER" else {}
    assert refused(name, value, tmp_path, **more).startswith(f"{name} ")


def test_every_number_refuses_what_is_none_and_what_is_out_of_range(tmp_path: Path) -> None:
    for value in NUMBERS:
        said = reasons(dict.fromkeys(_numbers(), value) | {"VAR_DIR": str(tmp_path)})
        assert [reason.split()[0] for reason in said] == sorted(_numbers(), key=_place)


def test_an_empty_number_is_as_usual(tmp_path: Path) -> None:
    ran = start(dict.fromkeys(_numbers(), "") | {"VAR_DIR": str(tmp_path)})
    assert (ran.returncode, ran.stderr) == (0, "")


def _place(name: str) -> int:
    return settings_text().index(f'"{name}"')


@pytest.mark.parametrize("name", ["SETUP_MAX_ATTEMPTS", "DATABASE_CONN_MAX_AGE"])
def test_half_a_try_is_refused(name: str, tmp_path: Path) -> None:
    assert refused(name, "2.5", tmp_path) == f"{name} is 2.5; it must be a whole number."


@pytest.mark.parametrize(
    ("value", "meant"),
    [("true", True), ("TRUE", True), ("1", True), ("yes", True), ("on", True), (" true\n", True), ("false", False),
     ("0", False), ("No", False), ("off", False), ("", True)],
)  # fmt: skip
def test_a_switch_knows_these_words_and_an_empty_one_is_as_usual(
    value: str, meant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECURE_SSL_REDIRECT", value)
    environment = Environment()
    assert environment.bool("SECURE_SSL_REDIRECT", default=True) is meant
    assert environment.reasons == []


def test_all_that_is_wrong_is_named_at_one_start(safe: dict[str, str]) -> None:  # noqa: F811 - the fixture
    wrong = {"LOG_LEVEL": "info", "SECURE_SSL_REDIRECT": "ja", "ALLOWED_HOSTS": "'a'", "SECRET_KEY": "", "DEBUG": "1"}
    said = [reason.split()[0] for reason in reasons(safe | wrong)]
    assert sorted(set(said)) == ["ALLOWED_HOSTS", "DEBUG", "LOG_LEVEL", "SECRET_KEY", "SECURE_SSL_REDIRECT"]


@pytest.mark.parametrize("url", ["redis://h/0", "redis://user@h", "rediss://h", "redis://:@h", "redis://"])
def test_production_wants_a_password_for_redis(safe: dict[str, str], url: str) -> None:  # noqa: F811 - the fixture
    assert all(reason.startswith("REDIS_URL must ") for reason in reasons(safe | {"REDIS_URL": url}))


@pytest.mark.parametrize(
    "url", ["redis://:pw@h/0", "rediss://user:pw@h:1/2", "unix:///run/redis/redis.sock", "unix://:pw@/run/r.sock?db=2"]
)
def test_production_starts_with_a_password_or_a_socket(safe: dict[str, str], url: str) -> None:  # noqa: F811 - the same
    ran = start(safe | {"REDIS_URL": url})
    assert (ran.returncode, ran.stderr) == (0, "")


def test_an_authority_for_redis_without_tls_is_one_line(tmp_path: Path) -> None:
    authority = "/etc/ssl/certs/ca-certificates.crt"
    if not Path(authority).exists():
        pytest.skip("no certificates on this machine")
    assert "rediss://" in refused("REDIS_CA_FILE", authority, tmp_path, REDIS_URL="redis://:x@h/0")
