"""Which request gets a fault: in order, as often as asked, matched, skipped, or by seeded chance."""

from typing import Any

import pytest

from portal.devtools.sandbox.control import Control, ControlError


def statuses(nexus: Any, times: int, service: str = "SMS") -> list[int]:
    return [nexus.create(service).status for _ in range(times)]


def test_faults_are_taken_in_order_and_used_up(nexus: Any, sandbox: Control) -> None:
    sandbox.fault("server_error", status=503, times=2)
    sandbox.fault("too_many_requests")
    assert statuses(nexus, 5) == [503, 503, 429, 201, 409]


def test_a_fault_for_ever_lasts_until_it_is_cleared(nexus: Any, sandbox: Control) -> None:
    sandbox.fault("server_error", times=-1)
    assert statuses(nexus, 5) == [500] * 5
    sandbox.clear()
    assert statuses(nexus, 1) == [201]


def test_a_fault_hits_only_what_it_matches(nexus: Any, sandbox: Control) -> None:
    sandbox.fault("unauthorized", match={"method": "POST", "path_contains": "/mGageSMS"})
    assert nexus.call("GET", nexus.path("mGageSMS")).status == 404
    assert statuses(nexus, 1) == [201]
    assert statuses(nexus, 2, "mGageSMS") == [401, 201]


def test_a_fault_can_let_some_requests_pass_first(nexus: Any, sandbox: Control) -> None:
    sandbox.fault("server_error", skip=2)
    assert statuses(nexus, 4) == [201, 409, 500, 409]


def test_a_random_fault_hits_as_often_as_its_rate_and_repeats_with_its_seed(nexus: Any, sandbox: Control) -> None:
    sandbox.fault("server_error", rate=0.3, seed=7)
    first = statuses(nexus, 100)
    sandbox.clear()
    sandbox.fault("server_error", rate=0.3, seed=7)
    assert [status == 500 for status in statuses(nexus, 100)] == [status == 500 for status in first]
    assert 15 <= first.count(500) <= 45


def test_whether_the_effect_happens_can_be_chosen(nexus: Any, sandbox: Control) -> None:
    sandbox.fault("server_error", after_effect=True)
    sandbox.fault("empty_201", after_effect=False)
    assert nexus.create("SMS").status == 500
    assert nexus.create("mGageSMS").status == 201
    assert [line["effect"] for line in sandbox.ledger()] == ["created SMS", None]


def test_an_option_of_the_fault_can_be_set(nexus: Any, sandbox: Control) -> None:
    sandbox.fault("too_many_requests", retry_after=17)
    assert nexus.create("SMS").headers["Retry-After"] == "17"


def test_faults_leave_the_control_plane_alone(nexus: Any, sandbox: Control) -> None:
    sandbox.fault("closed_at_once", times=-1)
    sandbox.fault("black_hole", times=-1)
    assert [rule["fault"] for rule in sandbox.faults()] == ["closed_at_once", "black_hole"]


@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        ("no_such_fault", {}, "no such fault"),
        ("reset", {"interval": 1}, "no option interval"),
        ("reset", {"times": "often"}, "wrong type"),
        ("reset", {"times": 0}, "at least 1"),
        ("reset", {"match": {"host": "x"}}, "match knows"),
        ("dripped_head", {"interval": "slow"}, "wrong type"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    sandbox: Control, name: str, options: dict[str, object], reason: str
) -> None:
    with pytest.raises(ControlError, match=reason):
        sandbox.fault(name, **options)
    assert sandbox.faults() == []
