"""What a verb means for readers stands at the verb: its kind, whether it is unusual or urgent, its extracts."""

import re
from pathlib import Path

import pytest

from portal.audit.attributes import EXTRACTS, EventKind, Mark
from portal.audit.verbs import Verb, known
from portal.audit.verifier import verify

ROOT = Path(__file__).parents[3]

#: Each is a fact that an auditor asks about first, whatever its text is.
UNUSUAL = [
    *(Verb.REFUSED, Verb.WORK_REFUSED, Verb.SIGN_IN_REFUSED, Verb.SIGN_IN_LOCKED, Verb.SIGN_ON_REFUSED),
    *(Verb.PASSWORD_RESET, Verb.FACTOR_REMOVED, Verb.PASSKEY_REMOVED, Verb.RECOVERY_CODE_USED),
    *(Verb.SECOND_FACTOR_RESET, Verb.PERSON_DISABLED, Verb.PERSON_ENABLED),
    *(Verb.SITE_ADMINISTRATOR_MADE, Verb.SITE_ADMINISTRATOR_UNMADE),
    *(Verb.ROLE_GRANTED, Verb.ROLE_CHANGED, Verb.ROLE_WITHDRAWN, Verb.TENANT_ARCHIVED),
    *(Verb.CREDENTIAL_REVEALED, Verb.KEYS_PROMOTED, Verb.KEYS_ROTATED, Verb.CHECKPOINT_KEY_ROTATED),
    *(Verb.HISTORY_BROKEN, Verb.HISTORY_ERASED, Verb.HISTORY_EXPORTED, Verb.EVIDENCE_DOWNLOADED),
    *(Verb.ORDER_UNKNOWN, Verb.ORDER_UNDER_REVIEW, Verb.ORDER_NOT_PLACED, Verb.ORDER_REFUSED, Verb.ORDER_RELEASED),
    *(Verb.RELEASE_ASKED, Verb.RELEASE_APPROVED, Verb.RELEASE_DONE, Verb.RELEASE_UNKNOWN, Verb.RELEASE_REFUSED),
    *(Verb.SETUP_FAILED, Verb.SETUP_EXPORTED, Verb.SERVICE_REFUSED),
]
#: Whoever did one of these by another's hand would want it to have never happened.
URGENT_KINDS = {
    *(EventKind.ORDERS, EventKind.ORDER_RULES, EventKind.RELEASES, EventKind.ROLES, EventKind.PEOPLE),
    *(EventKind.CREDENTIALS, EventKind.KEYS),
}
#: Anybody can cause these as often as they like.
CHEAP = {Verb.SIGNED_IN, Verb.SIGNED_OUT, Verb.SIGN_IN_REFUSED, Verb.SIGN_ON_REFUSED}


@pytest.mark.parametrize("verb", Verb)
def test_every_verb_has_its_attributes(verb: Verb) -> None:
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", verb.value)
    assert isinstance(verb.kind, EventKind)
    assert isinstance(verb.marks, Mark)
    assert verb.label[0].islower()
    assert verb == verb.value == str(verb)
    assert known(verb.value) is verb


def test_every_kind_has_verbs_and_words() -> None:
    assert {verb.kind for verb in Verb} == set(EventKind)
    assert len({kind.label for kind in EventKind}) == len(EventKind)
    assert "unusual" not in EventKind.values  # the filter of the history's page has that word for itself


def test_the_verifier_that_stands_alone_knows_the_same_extracts() -> None:
    ours = {name: {verb.value for verb in Verb if name in verb.extracts} for name in EXTRACTS.values()}
    assert ours == verify.EXTRACTS
    assert list(ours) == list(verify.EXTRACTS)  # the files of a pack stand in this order


@pytest.mark.parametrize("verb", UNUSUAL)
def test_what_an_auditor_asks_about_first_is_unusual(verb: Verb) -> None:
    assert verb.is_unusual


def test_daily_work_is_not_unusual() -> None:
    daily = [Verb.SIGNED_IN, Verb.ORDER_CONFIRMED, Verb.ORDER_PLACED, Verb.SETUP_STEP_SAVED, Verb.HISTORY_VERIFIED]
    assert not [verb for verb in daily if verb.is_unusual]


def test_what_lets_people_in_costs_money_or_proves_is_urgent() -> None:
    assert not [verb for verb in Verb if verb.kind in URGENT_KINDS and not verb.is_urgent]
    proofs = {Verb.EVIDENCE_ASKED, Verb.EVIDENCE_DOWNLOADED, Verb.HISTORY_ERASED, Verb.HISTORY_BROKEN}
    assert not [verb for verb in proofs if not verb.is_urgent]
    assert not [verb for verb in Verb if verb.kind is EventKind.SIGN_INS and not verb.is_urgent and verb not in CHEAP]


def test_what_anybody_can_cause_waits_for_the_next_checkpoint() -> None:
    assert not [verb for verb in (*CHEAP, Verb.REFUSED, Verb.CALL_MADE) if verb.is_urgent]


def test_every_decision_of_a_second_person_is_an_approval() -> None:
    decisions = {Verb.ORDER_APPROVED, Verb.ORDER_DECLINED, Verb.RELEASE_APPROVED, Verb.RELEASE_DECLINED}
    assert not [verb for verb in decisions if "approvals.csv" not in verb.extracts]


@pytest.mark.parametrize(
    ("extract", "kinds"),
    [
        ("orders.csv", {EventKind.ORDERS, EventKind.RELEASES, EventKind.ORDER_RULES}),
        ("roles.csv", {EventKind.PEOPLE, EventKind.ROLES, EventKind.SIGN_INS}),
        ("credentials.csv", {EventKind.CREDENTIALS, EventKind.KEYS}),
    ],
)
def test_an_extract_is_complete(extract: str, kinds: set[EventKind]) -> None:
    assert not [verb for verb in Verb if verb.kind in kinds and extract not in verb.extracts]


def test_no_code_reads_a_verbs_text() -> None:
    reads = re.compile(
        r"\bverbs?(?:\.value)?\.(?:startswith|endswith|partition|split|replace|removeprefix|find)\(", re.IGNORECASE
    )
    found = [
        f"{file.relative_to(ROOT)}: {match[0]}"
        for folder in ("portal", "numbers", "provisioning")
        for file in (ROOT / folder).rglob("*.py")
        for match in reads.finditer(file.read_text())
    ]
    assert found == []
