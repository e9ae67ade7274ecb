"""The review says what a run would do, and offers none where there is nothing to send."""

import pytest
from django.urls import reverse

from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from provisioning.models import Setup
from provisioning.wizard.actions import begin_setup, save_step
from tests.provisioning import kaleyra
from tests.provisioning.kaleyra import Visitor

pytestmark = pytest.mark.django_db(transaction=True)


def review(onlooker: Visitor, draft: Setup) -> str:
    page = onlooker.client.get(reverse("setup_review", args=[draft.pk])).content.decode()
    return " ".join(page.split())


def test_nothing_to_send_is_no_run(actor: Actor, queued: Setup, onlooker: Visitor) -> None:
    kaleyra.run(queued)
    page = review(onlooker, begin_setup(actor, queued.tenant, "kaleyra"))
    assert "Digital Channels has all services with these values, so there is nothing to send." in page
    assert "Run the set-up" not in page
    assert "created in Digital Channels" not in page


def test_a_replacement_is_not_called_a_creation(actor: Actor, queued: Setup, onlooker: Visitor) -> None:
    kaleyra.run(queued)
    draft = begin_setup(actor, queued.tenant, "kaleyra")
    account = kaleyra.ACCOUNT | {"kaleyraURL": "http://new.example"}
    page = review(onlooker, save_step(actor, draft, "account", account, draft.version))
    assert "1 service is sent again to replace what Digital Channels has for" in page
    assert "created in Digital Channels" not in page
    assert "Run the set-up" in page


def test_a_first_run_creates(reviewer: Visitor) -> None:
    assert "2 services are created in Digital Channels for" in review(reviewer, reviewer.setup)


def test_what_is_not_verified_is_not_said_to_be_there(
    actor: Actor, queued: Setup, sandbox: Control, onlooker: Visitor
) -> None:
    sandbox.fault("empty_201", match={"path_contains": "mGageSMS", "method": "POST"}, after_effect=False)
    kaleyra.run(queued)
    page = review(onlooker, begin_setup(actor, queued.tenant, "kaleyra"))
    assert "Accepted, not verified" in page
    assert "mGageSMS stands in Digital Channels, not verified." in page
    assert "Run the set-up" not in page


def test_a_colleagues_draft_is_said_to_be_one(actor: Actor, queued: Setup, onlooker: Visitor) -> None:
    kaleyra.run(queued)
    draft = begin_setup(actor, queued.tenant, "kaleyra")
    assert "changed this draft last." not in review(onlooker, draft)
    Setup.objects.filter(pk=draft.pk).update(changed_by_label="colleague@example.com")
    step = onlooker.client.get(reverse("setup_step", args=[draft.pk, "account"])).content.decode()
    theirs = "colleague@example.com changed this draft last. If you go on, you use those answers too."
    assert theirs in " ".join(step.split())
    assert theirs in review(onlooker, draft)


def test_the_run_button_sends_only_what_its_review_showed(
    actor: Actor, queued: Setup, onlooker: Visitor, wake_ups: object
) -> None:
    kaleyra.run(queued)
    draft = begin_setup(actor, queued.tenant, "kaleyra")
    account = kaleyra.ACCOUNT | {"kaleyraURL": "http://new.example"}
    draft = save_step(actor, draft, "account", account, draft.version)
    page = review(onlooker, draft)
    seen = draft.version
    assert f'name="version" value="{seen}"' in page
    save_step(actor, draft, "account", account | {"kaleyraURL": "http://other.example"}, seen)
    start = reverse("setup_start", args=[draft.pk])
    answer = onlooker.client.post(start, {"version": seen}, follow=True).content.decode()
    assert "changed this draft after you opened its review" in answer
    assert Setup.objects.get(pk=draft.pk).state == "draft"
    onlooker.client.post(start, {"version": seen + 1})
    assert Setup.objects.get(pk=draft.pk).state == "queued"


def test_answers_are_called_as_their_steps_call_them(reviewer: Visitor) -> None:
    page = review(reviewer, reviewer.setup)
    for label, name in {
        "Contact centre id": "ccid",
        "Kaleyra API URL": "kaleyraURL",
        "Kaleyra password": "kaleyraPassword",
    }.items():
        assert f"<dt>{label}</dt>" in page
        assert f">${name}</code>" in page
    assert "<dt>ccid</dt>" not in page
