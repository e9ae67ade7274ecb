import pytest
from django.urls import reverse

from provisioning.models import Setup
from provisioning.runs import engine
from provisioning.wizard.drafts import answers_of
from tests.provisioning.kaleyra import ACCOUNT, Visitor, verbs

SENTENCE = "does not open with the vault&#x27;s keys"


@pytest.fixture
def tampered(reviewer: Visitor) -> Visitor:
    """The administrator at a draft in whose answers somebody turned one bit."""
    sealed = bytearray(reviewer.setup.answers or b"")
    sealed[-1] ^= 1
    Setup.objects.update(answers=bytes(sealed))
    return reviewer


@pytest.mark.parametrize("step", ["prerequisites", "account", "sender", "review"])
def test_every_page_of_the_wizard_shows_a_sentence(tampered: Visitor, step: str) -> None:
    page = tampered.client.get(tampered.url(step), follow=True)
    assert page.status_code == 200
    assert SENTENCE in page.content.decode()


def test_its_own_page_leads_to_the_first_step(tampered: Visitor) -> None:
    page = tampered.client.get(reverse("setup", args=[tampered.setup.pk]), follow=True)
    assert page.redirect_chain == [(tampered.url("prerequisites"), 302)]
    assert SENTENCE in page.content.decode()


def test_run_is_refused_with_the_sentence(tampered: Visitor) -> None:
    page = tampered.client.post(reverse("setup_start", args=[tampered.setup.pk]), follow=True)
    assert page.status_code == 200
    assert SENTENCE in page.content.decode()
    assert Setup.objects.get().state == "draft"


def test_answering_again_mends_it(tampered: Visitor) -> None:
    assert tampered.save("account", ACCOUNT).status_code == 302
    tampered.setup.refresh_from_db()
    assert answers_of(tampered.setup) == {"kaleyraURL": ACCOUNT["kaleyraURL"]}


def test_a_late_save_of_it_is_told(tampered: Visitor) -> None:
    assert tampered.save("account", ACCOUNT, version=0).status_code == 409


def test_a_queued_one_stops_with_the_sentence_and_an_event(queued: Setup) -> None:
    Setup.objects.update(answers=b"\x00" * 60)
    engine.run(queued.pk)
    queued.refresh_from_db()
    assert queued.state == "failed"
    assert "does not open with the vault's keys" in queued.sentence
    assert verbs(queued.tenant)[-1] == "setup.failed"
