from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from provisioning.models import Setup
from tests.provisioning.kaleyra import ACCOUNT, Visitor


@pytest.fixture
def late(queued: Setup, administrator: User, client_of: Callable[[User], Client]) -> Visitor:
    """A person whose wizard is open in another tab."""
    return Visitor(client_of(administrator), queued)


@pytest.mark.parametrize("step", ["prerequisites", "account", "sender", "review"])
def test_its_pages_lead_to_the_run(late: Visitor, step: str) -> None:
    answer = late.see(step)
    assert answer["Location"] == reverse("setup", args=[late.setup.pk])
    assert "This set-up was started, so its answers cannot change now." in late.client.get(answer["Location"]).content.decode()


def test_a_save_changes_nothing(late: Visitor) -> None:
    before = Setup.objects.get()
    assert late.save("account", ACCOUNT | {"kaleyraURL": "http://late.example"}).status_code == 302
    after = Setup.objects.get()
    assert (after.answers, after.version) == (before.answers, before.version)


def test_it_cannot_be_discarded(late: Visitor) -> None:
    page = late.client.get(late.do("discard")["Location"]).content.decode()
    assert "Only a draft can be discarded." in page
    assert Setup.objects.get().state == "queued"
