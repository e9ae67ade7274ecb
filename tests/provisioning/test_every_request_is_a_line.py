"""Nothing leaves without a line: a set-up's requests are named by their steps' lines, a question is `call.made`."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from portal.audit.actors import Actor
from provisioning.models import Service, Setup
from provisioning.runs import engine
from provisioning.services import actions
from tests.provisioning import kaleyra
from tests.support.lines import verbs_of_calls

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]


def test_each_service_and_each_question_is_told(actor: Actor, queued: Setup) -> None:
    kaleyra.run(queued)
    service = Service.objects.get(name="mGageSMS")
    actions.ask_check(actor, service)
    actions.check(service.pk)
    assert [verbs for _, verbs in verbs_of_calls()] == [["service.created"], ["service.created"], ["call.made"]]


def test_a_request_whose_worker_fell_silent_is_told_and_its_late_answer_too(queued: Setup) -> None:
    with transaction.atomic():
        claimed, sending = kaleyra.claimed(queued)
    assert sending is not None
    assert verbs_of_calls()[0][1] == []  # the row is all there is while it is on its way
    Setup.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    kaleyra.run(queued)
    outcome = engine.send_request(claimed, sending)
    with transaction.atomic():
        assert engine.record_result(claimed, sending, outcome) is None
    silent, *others = [verbs for _, verbs in verbs_of_calls()]
    assert silent == ["service.unclear", "call.made"]
    assert others == [["service.created"], ["service.created"]]
