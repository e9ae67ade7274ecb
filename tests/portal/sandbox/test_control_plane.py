"""The control plane steers the sandbox, and is no part of what it steers."""

import json
from typing import Any

import pytest

from portal.devtools.sandbox.control import Control, ControlError


def test_control_requests_are_in_no_ledger_and_no_count(sandbox: Control) -> None:
    sandbox.settings()
    sandbox.catalogue()
    assert (sandbox.ledger(), sandbox.stats()["requests"], sandbox.stats()["connections"]) == ([], 0, 0)


def test_the_counts_add_up(nexus: Any, sandbox: Control, wire: Any) -> None:
    nexus.create("SMS")
    nexus.create("SMS")
    sandbox.fault("reset")
    wire.hear(wire.request("SMS"))
    stats = sandbox.stats()
    assert (stats["requests"], stats["effects"], stats["connections"]) == (3, 1, 3)
    assert (stats["statuses"], stats["faults"]) == ({"201": 1, "409": 1, "none": 1}, {"reset": 1})


def test_a_reset_forgets_services_lines_faults_and_counts(nexus: Any, sandbox: Control) -> None:
    nexus.create("SMS")
    sandbox.fault("server_error", times=-1)
    sandbox.reset()
    assert (sandbox.ledger(), sandbox.stats()["requests"], sandbox.faults()) == ([], 0, [])
    assert nexus.create("SMS").status == 201


def test_the_catalogue_has_a_sentence_for_each_of_forty_faults_and_more(sandbox: Control) -> None:
    rows = sandbox.catalogue()
    assert len({row["name"] for row in rows}) == len(rows) >= 40
    assert all(row["sentence"].endswith(".") for row in rows)


def test_a_list_of_faults_can_replace_all_others(nexus: Any, sandbox: Control) -> None:
    sandbox.fault("teapot", times=-1)
    rules = [{"fault": "unavailable"}, {"fault": "conflict"}]
    assert nexus.call("PUT", "/_sandbox/faults", rules).status == 200
    assert [rule["fault"] for rule in sandbox.faults()] == ["unavailable", "conflict"]


@pytest.mark.parametrize(
    "changes",
    [
        {"latency_ms": -1},
        {"latency_ms": "long"},
        {"latency_ms": True},
        {"api_key": 7},
        {"surplus": 1},
        {"replace": "maybe"},
        {"readable": 0},
        {"unreadable_status": 500},
        {"genesys_cloud": {"order_words": []}},
        {"genesys_cloud": {"surplus": 1}},
        {"genesys_cloud": {"rate_limit": 0}},
        {"gws": 7},
        {"gateways": {"secrets": {"good": 7}}},
    ],
)
def test_settings_that_make_no_sense_are_refused(sandbox: Control, changes: dict[str, object]) -> None:
    with pytest.raises(ControlError):
        sandbox.settings(**changes)


def test_one_wrong_setting_changes_none_of_them(sandbox: Control) -> None:
    before = sandbox.settings()
    with pytest.raises(ControlError, match="expires_in must be a whole number"):
        sandbox.settings(latency_ms=7, replace="accept", genesys_cloud={"expires_in": -1})
    assert sandbox.settings() == before


def test_a_reset_puts_all_settings_back(sandbox: Control) -> None:
    before = sandbox.settings()
    sandbox.settings(latency_ms=7, api_key="key")
    sandbox.settings(replace="accept", genesys_cloud={"seed": 7}, gateways={"slow_seconds": 1}, gws={"expires_in": 1})
    sandbox.reset()
    assert sandbox.settings() == before


def test_the_settings_do_not_show_the_key(sandbox: Control) -> None:
    assert "hush" not in json.dumps(sandbox.settings(api_key="hush"))


def test_an_unknown_control_path_is_not_found(nexus: Any) -> None:
    assert nexus.call("GET", "/_sandbox/elsewhere").status == 404
