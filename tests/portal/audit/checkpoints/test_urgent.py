import pytest
from django.db import transaction

from portal.audit.actors import SYSTEM
from portal.audit.checkpoints import urgent
from portal.audit.models import Event
from portal.audit.recording import Target, record
from portal.audit.verbs import Verb


@pytest.mark.databases
@pytest.mark.django_db(transaction=True)
def test_a_listener_that_fails_undoes_no_event_and_silences_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []

    def fail() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(urgent, "_listeners", [])
    urgent.register(fail)
    urgent.register(lambda: heard.append("heard"))
    with transaction.atomic():
        record(Verb.ROLE_GRANTED, Target("person", "1", "Ann"), SYSTEM)
        assert heard == []
    assert heard == ["heard"]
    assert Event.objects.filter(verb=Verb.ROLE_GRANTED).exists()
