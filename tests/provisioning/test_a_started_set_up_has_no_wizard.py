import pytest
from django.urls import reverse

from provisioning.models import Setup
from tests.provisioning.kaleyra import ACCOUNT, Visitor


@pytest.mark.parametrize("step", ["prerequisites", "account", "sender", "review"])
def test_its_pages_lead_to_the_run(onlooker: Visitor, step: str) -> None:
    answer = onlooker.see(step)
    assert answer["Location"] == reverse("setup", args=[onlooker.setup.pk])
    assert (
        "This set-up was started, so its answers cannot change now."
        in onlooker.client.get(answer["Location"]).content.decode()
    )


def test_a_save_changes_nothing(onlooker: Visitor) -> None:
    before = Setup.objects.get()
    assert onlooker.save("account", ACCOUNT | {"kaleyraURL": "http://late.example"}).status_code == 302
    after = Setup.objects.get()
    assert (after.answers, after.version) == (before.answers, before.version)


def test_it_cannot_be_discarded(onlooker: Visitor) -> None:
    page = onlooker.client.get(onlooker.do("discard")["Location"]).content.decode()
    assert "Only a draft can be discarded." in page
    assert Setup.objects.get().state == "queued"
