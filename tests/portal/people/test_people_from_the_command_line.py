"""`manage.py people`: the same actions, one line for each mistake."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from portal.accounts.models import User
from portal.audit.models import Event
from portal.tenants.models import Tenant
from tests.support.cast import CCID, OTHER_CCID, PASSWORD


def people(*arguments: str) -> str:
    """Run the command; return what it wrote."""
    out = io.StringIO()
    call_command("people", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_adding_prints_a_link_that_opens(tenant: Tenant) -> None:
    link = people("add", "ann@example.com", "--role", "auditor", "--tenant", str(CCID)).strip()
    assert link.startswith("http://localhost:8000/accounts/invitation/")
    page = Client().get(link.removeprefix("http://localhost:8000"), follow=True)
    assert b"Auditor of Acme" in page.content
    assert not User.objects.filter(email="ann@example.com").exists()


def test_a_password_from_the_standard_input_adds_at_once(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    said = people(
        "add", "Ann@Example.com", "--role", "representative", "--tenant", str(CCID), "--name", "Ann", "--password-stdin"
    )
    assert said == "ann@example.com was added as Genesys representative of Acme.\n"
    assert User.objects.get(email="ann@example.com").check_password(PASSWORD)
    assert (
        people("list", "--tenant", str(CCID)) == f"ann@example.com\tactive\trepresentative\tAcme ({CCID}@127.0.0.1:9)\n"
    )


def test_disabling_takes_a_reason_and_shows_in_the_list(auditor: User, site_administrator: User) -> None:
    assert "disabled and signed out" in people("disable", "auditor@example.com", "--reason", "left")
    assert Event.objects.latest("id").actor_kind == "command_line"
    assert "auditor@example.com\tdisabled\tauditor" in people("list")
    assert "site@example.com\tactive\tsite-administrator\tthe site" in people("list")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("add ann@example.com --role auditor", "--role auditor needs --tenant CCID."),
        (f"add ann@example.com --role auditor --tenant {OTHER_CCID}", "No tenant has the contact centre id"),
        ("add ann@example.com --role auditor --tenant 7", "8-4-4-4-12 characters"),
        (f"add ann@example.com --role site-administrator --tenant {CCID}", "leave --tenant out"),
        (
            f"add ann@example.com --role site-auditor --tenant {CCID}",
            "A site auditor has no tenant: leave --tenant out",
        ),
        ("add ann --role site-administrator", "Enter a valid email address."),
        ("add ann@example.com --name Ann --role site-administrator", "--name goes with --password-stdin"),
        (f"add auditor@example.com --role auditor --tenant {CCID}", "has that role already"),
        ("add auditor@example.com --role site-administrator --password-stdin", "Somebody signs in with this address"),
        ("add ann@example.com --role site-administrator --password-stdin", "at least 12 characters"),
        ("disable nobody@example.com --reason x", "Nobody signs in with nobody@example.com."),
        ("disable site@example.com --reason x", "last site administrator"),
        ("disable auditor@example.com --reason=", "--reason must say why"),
    ],
)
def test_what_can_be_mended_is_one_line_and_changes_nothing(
    auditor: User, site_administrator: User, monkeypatch: pytest.MonkeyPatch, arguments: str, sentence: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD if "auditor@" in arguments else "short"))
    events = Event.objects.count()
    with pytest.raises(CommandError, match=sentence.replace("(", r"\(")) as refused:
        people(*arguments.split())
    assert refused.value.returncode == 1
    assert "\n" not in str(refused.value)
    assert Event.objects.count() == events


@pytest.mark.parametrize("arguments", ["add", "add ann@example.com --role emperor", "disable x@example.com", "remove"])
def test_misuse_ends_with_two(arguments: str) -> None:
    with pytest.raises((SystemExit, CommandError), match=r"2|invalid choice"):
        people(*arguments.split())
