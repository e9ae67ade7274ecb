import io
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from portal.accounts.models import User
from portal.audit.actors import command_line
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from tests.support.cast import CCID, OTHER_CCID
from tests.tollfree.inventory.stories import owned
from tests.tollfree.orders import buying
from tests.tollfree.orders.buying import NUMBER, OTHER
from tollfree.orders.approval_rules import set_policy
from tollfree.orders.models import NumberOrder, Release
from tollfree.orders.open_work import exit_code
from tollfree.orders.pricing import set_rate
from tollfree.orders.states import OrderState

pytestmark = pytest.mark.usefixtures("ordering", "wake_ups", "representative")

AS = ("--as", "representative@example.com")


def run(verb: str, *words: str, tenant: Any = CCID) -> tuple[int, str]:
    """The exit code, and all lines that were written."""
    out = io.StringIO()
    try:
        call_command("numbers", verb, "--tenant", str(tenant), *words, stdout=out)
    except CommandError as error:
        return error.returncode, f"{out.getvalue()}{error}"
    return 0, out.getvalue()


def order(*words: str, number: str = NUMBER, tenant: Any = CCID) -> tuple[int, str]:
    return run("order", "--number", number, "--reason", "Support line", *AS, *words, tenant=tenant)


@pytest.mark.parametrize(
    ("state", "code"),
    [
        *[(state, 0) for state in ("placed", "completed")],
        *[(state, 1) for state in ("refused", "declined", "cancelled", "not_placed", "released")],
        *[(state, 3) for state in ("unknown", "under_review")],
        *[(state, 4) for state in ("draft", "awaiting_approval", "queued", "sending")],
    ],
)
def test_each_state_has_its_code(state: str, code: int) -> None:
    assert exit_code([NumberOrder(state=state)]) == code


def test_of_many_orders_the_code_that_asks_for_most_care_wins() -> None:
    many = [NumberOrder(state=state) for state in ("completed", "queued", "refused", "unknown")]
    assert [exit_code(many[:count]) for count in (1, 2, 3, 4)] == [0, 4, 1, 3]


def test_it_orders_in_its_own_process_and_waits_for_the_end(tenant: Tenant, sandbox: Control, settings: Any) -> None:
    settings.ORDER_POLL_SECONDS = 0.05
    set_rate(command_line(), valid_from=timezone.localdate(), monthly=Decimal("2.00"), currency="USD")
    code, said = order("--inline", "--wait", "20", "--comment", "Hotline", "--email", "a@example.com")
    assert (code, said.splitlines()[0]) == (0, "Order 1 number, 1 × 2.00 USD a month")
    made = NumberOrder.objects.get()
    assert f"{NUMBER}\tcompleted\t{made.pk}" in said
    assert made.group.asked_by_label == "representative@example.com"
    assert buying.posts(sandbox) == 1
    assert run("list") == (0, f"{NUMBER}\tEXPECTED\tnot_started\tHotline\n")
    assert run("status", "--number", "+1 844 555 1212")[0] == 0
    assert str(made.pk) in run("status")[1]


def test_a_live_order_and_a_refusal_end_with_one(sandbox: Control) -> None:
    assert order() == (
        1,
        "The cost is unknown, since no rate is set. Say yes to that explicitly, or have a rate set first.",
    )
    assert order("--accept-unknown-cost")[0] == 4
    code, said = order("--accept-unknown-cost", "--inline")
    assert (code, "has a live order already" in said) == (1, True)
    assert NumberOrder.objects.count() == 1
    assert buying.posts(sandbox) == 0


def test_a_lost_answer_ends_with_three_and_is_not_sent_again(sandbox: Control) -> None:
    sandbox.fault("reply_lost", match={"method": "POST", "path_contains": "tollfreenumbers"})
    assert order("--accept-unknown-cost", "--inline")[0] == 3
    assert order("--accept-unknown-cost", "--inline")[0] == 1
    assert run("status", "--number", NUMBER)[0] == 3
    assert buying.posts(sandbox) == 1


def test_what_waits_for_a_second_person_is_under_way(tenant: Tenant) -> None:
    set_policy(command_line(), tenant, approve_from=1, approve_releases=False, monthly_cap=None)
    code, said = order("--accept-unknown-cost", "--wait", "30")
    assert (code, "Not completed: awaiting approval." in said) == (4, True)


def test_it_searches_and_releases(tenant: Tenant, sandbox: Control) -> None:
    sandbox.genesys_cloud.offer(NUMBER, OTHER)
    assert run("search", "--count", "2")[1].split() == [NUMBER, OTHER]
    assert "Enter 4 to 7 letters" in run("search", "--vanity", "abc")[1]
    owned(tenant)
    words = ("--number", NUMBER, "--reason", "Over", *AS)
    assert run("release", *words, "--confirm", OTHER)[0] == 1
    assert not Release.objects.exists()
    code, said = run("release", *words, "--confirm", NUMBER)
    assert (code, said.startswith("+1 844 555 1212: waiting. It is sent at ")) == (0, True)
    assert Release.objects.filter(due_at__gt=timezone.now() + timedelta(hours=23)).exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--number", "16504661149"), "is not toll-free"),
        (("--email", "a@example.com\nBcc: b@example.com"), "email: Enter one e-mail address"),
        (("--comment", "x" * 10_240), "comment: At most 500 characters; these are 10,240."),
        (("--as", "nobody@example.com"), "Nobody signs in as nobody@example.com."),
        (("--as", "auditor@example.com"), "You may not order numbers for it."),
        (("--as", "outsider@example.com"), f"No tenant has the contact centre id {CCID}."),
        (("--tenant", str(OTHER_CCID)), f"No tenant has the contact centre id {OTHER_CCID}."),
        (("--tenant", "acme"), "--tenant takes a whole contact centre id: 8-4-4-4-12 characters."),
    ],
)
@pytest.mark.usefixtures("auditor", "outsider")
def test_whatever_is_wrong_is_one_line(words: tuple[str, ...], sentence: str) -> None:
    code, said = order("--accept-unknown-cost", *words)
    assert (code, sentence in said, len(said.splitlines())) == (1, True, 1)
    assert not NumberOrder.objects.exists()


def test_an_order_of_another_tenant_is_none(buyer: Any, tenant: Tenant, other_tenant: Tenant) -> None:
    made = buying.order(buyer, tenant)
    assert run("status", "--order", str(made.pk), tenant=other_tenant.ccid) == (1, "Globex has no such order.")
    assert run("status", "--order", "7")[0] == 1
    assert made.state == OrderState.QUEUED
    assert User.objects.filter(email=AS[1]).exists()


def test_a_keyset_that_is_away_is_one_line(tmp_path: Path, settings: Any, sandbox: Control) -> None:
    settings.VAULT_KEYSET_FILE = str(tmp_path)
    code, said = run("search", "--count", "2")
    assert (code, len(said.splitlines())) == (1, 1)
    assert "keyset cannot be read" in said
    assert sandbox.ledger() == []
