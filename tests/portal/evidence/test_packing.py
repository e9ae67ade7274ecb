"""The extracts of a pack hold the events that their readers look for."""

import pytest
from django.db import transaction

from portal.audit.actors import command_line
from portal.audit.recording import Target, record
from portal.audit.verbs import Verb
from portal.audit.verifier.verify import EXTRACTS, WHOLE
from portal.evidence.actions import erase
from tests.portal.audit.conftest import ANN
from tests.portal.evidence.conftest import ONE, Witness
from tests.portal.evidence.packs import contents, judged, made
from tests.portal.evidence.test_a_pack_proves_its_events import table

VERB = 3


@pytest.mark.parametrize(
    ("verb", "extracts"),
    [
        (Verb.RELEASE_ASKED, {"orders.csv"}),
        (Verb.RELEASE_APPROVED, {"orders.csv", "approvals.csv"}),
        (Verb.RELEASE_DECLINED, {"orders.csv", "approvals.csv"}),
        (Verb.RELEASE_DONE, {"orders.csv"}),
        (Verb.ORDER_POLICY_SET, {"orders.csv"}),
        (Verb.RATE_SET, {"orders.csv"}),
        (Verb.FACTOR_REMOVED, {"roles.csv"}),
        (Verb.PASSKEY_ADDED, {"roles.csv"}),
        (Verb.INVITED, {"roles.csv"}),
        (Verb.CLUSTER_KEY_MADE, {"credentials.csv"}),
        (Verb.HISTORY_BROKEN, set()),
    ],
)
def test_an_event_stands_in_the_extracts_of_its_verb(witness: Witness, verb: Verb, extracts: set[str]) -> None:
    with transaction.atomic():
        record(verb, Target("thing", "1", "A thing"), ANN, tenant_id=ONE)
    pack = made()
    assert {name for name in EXTRACTS if verb in [row[VERB] for row in table(pack, name)]} == extracts
    assert judged(pack).code == WHOLE


def test_an_address_inside_a_text_is_told_beside_the_events_until_it_is_erased(witness: Witness) -> None:
    with transaction.atomic():
        record(Verb.TENANT_CHANGED, Target("thing", "1", "A thing"), ANN, tenant_id=ONE, reason="bob@example.com asked")
    pack = made()
    assert b"bob@example.com" not in contents(pack)["events.jsonl"]
    assert b"bob@example.com" in contents(pack)["people.jsonl"]
    assert b"bob@example.com asked" in contents(pack)["events.csv"]  # the tables name people, for those who read them
    assert judged(pack, witness.known).code == WHOLE
    erase(command_line(), "bob@example.com", reason="as asked")
    later = made()
    assert b"bob@example.com" not in b"".join(contents(later).values())
    assert judged(later, witness.known).code == WHOLE
    assert judged(pack, witness.known).code == WHOLE
