import pytest
from django.urls import reverse

from portal.tenants.models import Tenant
from portal.vault.models import Credential
from provisioning.models import Setup
from tests.provisioning.collisions.crowd import at_once, second_tab
from tests.provisioning.kaleyra import ACCOUNT, Visitor, verbs

GONE = "This draft was discarded, so there is nothing left to change."


@pytest.mark.databases
@pytest.mark.parametrize("round_", range(3))
def test_at_the_same_moment_one_comes_first_and_the_other_is_told(
    transactional_db: None, visitor: Visitor, tenant: Tenant, round_: int
) -> None:
    saver, other = second_tab(visitor.client), second_tab(visitor.client)
    url, discard = visitor.url("account"), reverse("setup_discard", args=[visitor.setup.pk])
    saved, discarded = at_once([lambda: saver.post(url, ACCOUNT | {"version": "0"}), lambda: other.post(discard)])
    assert (saved.status_code, discarded.status_code) == (302, 302)
    draft = Setup.objects.get()
    assert (draft.state, draft.answers) == ("discarded", None)
    came_first = "setup.step_saved" in verbs(tenant)
    assert not Credential.objects.filter(kind="kaleyraPassword").exists()  # it was the draft's
    page = saver.get(saved["Location"], follow=True).content.decode()
    assert (GONE in page) or came_first


def test_whoever_saves_afterwards_is_told_and_nothing_of_it_is_kept(visitor: Visitor, tenant: Tenant) -> None:
    visitor.do("discard")
    page = visitor.client.post(visitor.url("account"), ACCOUNT | {"version": "0"}, follow=True)
    assert page.redirect_chain[-1][0] == reverse("tenant", args=[tenant.pk])
    assert GONE in page.content.decode()
    assert "was started" not in page.content.decode()
    assert not Credential.objects.filter(kind__startswith="kaleyra").exists()


@pytest.mark.parametrize("verb", ["start", "resume", "reopen", "discard"])
def test_every_button_of_it_answers_in_words(visitor: Visitor, verb: str) -> None:
    visitor.do("discard")
    page = visitor.client.get(visitor.do(verb)["Location"], follow=True)
    assert page.status_code == 200
    assert Setup.objects.get().state == "discarded"


@pytest.mark.parametrize("step", ["prerequisites", "account", "sender", "review"])
def test_its_pages_lead_to_the_tenant(visitor: Visitor, tenant: Tenant, step: str) -> None:
    visitor.do("discard")
    page = visitor.client.get(visitor.url(step), follow=True)
    assert page.redirect_chain[-1][0] == reverse("tenant", args=[tenant.pk])
    assert GONE in page.content.decode()
