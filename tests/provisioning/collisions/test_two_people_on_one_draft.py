"""Two people, or two tabs, save one draft: one save counts, the others are told, and nothing of theirs is kept."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.rights import Role
from portal.audit.actors import command_line
from portal.tenants.models import Tenant
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from provisioning.models import Setup
from provisioning.wizard.actions import begin_setup
from provisioning.wizard.drafts import answers_of
from tests.provisioning.collisions.crowd import at_once, second_tab
from tests.provisioning.custom_gateway import gateway
from tests.provisioning.kaleyra import ACCOUNT, Visitor, facts, verbs
from tests.support import canaries
from tests.support.canaries import canary, hits
from tests.support.cast import new_member
from tests.support.stored import stored_values

CROWD = 6
ACCOUNT_KINDS = [Kind.KALEYRA_USER_NAME, Kind.KALEYRA_PASSWORD]


def account(number: int) -> dict[str, str]:
    """What the person of this number types."""
    return {name: f"{value}{number}" for name, value in ACCOUNT.items()}


@pytest.fixture
def crowd(visitor: Visitor, tenant: Tenant, client_of: Callable[[User], Client]) -> list[Visitor]:
    """Administrators at one draft, each in a browser of their own."""
    people = [new_member(f"person{number}", tenant, Role.ADMINISTRATOR) for number in range(CROWD)]
    return [Visitor(client_of(user), visitor.setup) for user in people]


def save_at_once(crowd: list[Visitor]) -> list[int]:
    """All save the same step, opened at the same version, at the same moment; the statuses."""
    url, version = crowd[0].url("account"), Setup.objects.get().version
    typed = [account(number) | {"version": str(version)} for number in range(len(crowd))]
    deeds = [lambda n=n: crowd[n].client.post(url, typed[n]).status_code for n in range(len(crowd))]
    return at_once(deeds)


@pytest.mark.databases
def test_one_of_many_saves_at_once_counts_with_all_that_was_typed(transactional_db: None, crowd: list[Visitor]) -> None:
    statuses = save_at_once(crowd)
    assert sorted(statuses) == [302] + [409] * (CROWD - 1)
    winner = account(statuses.index(302))
    draft = Setup.objects.get()
    assert (draft.version, draft.changed_by_label) == (1, f"person{statuses.index(302)}@example.com")
    assert answers_of(draft)["kaleyraURL"] == winner["kaleyraURL"]
    stored = stored_values(draft.tenant_id, ACCOUNT_KINDS)
    assert stored == {kind.value: winner[kind.value] for kind in ACCOUNT_KINDS}
    assert verbs(draft.tenant).count("setup.step_saved") == 1


@pytest.fixture
def late(visitor: Visitor, tenant: Tenant, client_of: Callable[[User], Client]) -> Visitor:
    """A colleague whose page is older than the administrator's save."""
    visitor.save("account", ACCOUNT)
    return Visitor(client_of(new_member("late", tenant, Role.ADMINISTRATOR)), visitor.setup)


def test_no_secret_of_the_one_who_came_late_is_kept(late: Visitor) -> None:
    typed = [canary("kaleyraUserName"), canary("kaleyraPassword")]
    before = list(Credential.objects.order_by("pk").values())
    page = late.save("account", ACCOUNT | {each.name: each.value for each in typed}, version=0)
    assert page.status_code == 409
    assert list(Credential.objects.order_by("pk").values()) == before
    assert hits([*canaries.tables(), ("the page", page.content)], typed) == []


def test_nor_the_facts_of_the_tenant_that_they_typed(late: Visitor, tenant: Tenant) -> None:
    url = tenant.nexus_url
    typed = facts(tenant) | {"nexusURL": "http://127.0.0.1:10", "apiKey": "late"}
    assert late.save("prerequisites", typed, version=0).status_code == 409
    tenant.refresh_from_db()
    assert tenant.nexus_url == url
    assert stored_values(tenant.pk, [Kind.NEXUS_API_KEY])["apiKey"] != "late"


def test_two_tabs_of_one_person_are_told_too(visitor: Visitor) -> None:
    other = Visitor(second_tab(visitor.client), visitor.setup)
    assert visitor.save("account", account(1), version=0).status_code == 302
    page = other.save("account", account(2), version=0)
    assert page.status_code == 409
    assert "administrator@example.com saved it after you opened this page" in page.content.decode()


@pytest.mark.databases
def test_one_of_two_new_keys_made_at_once_is_kept_and_the_other_is_told(
    transactional_db: None, visitor: Visitor, crowd: list[Visitor], tenant: Tenant
) -> None:
    draft = begin_setup(command_line(), tenant, "custom_gateway")
    url = reverse("setup_make_key", args=[draft.pk, "gateway", "asyncWebhookSignatureKey"])
    typed = gateway.GATEWAY | {"version": "0"}
    answers = at_once([lambda one=one: one.client.post(url, typed) for one in crowd])  # type: ignore[misc]  # the same
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * (CROWD - 1)
    shown = next(answer for answer in answers if answer.status_code == 200).content.decode()
    assert stored_values(tenant.pk, [Kind.GATEWAY_WEBHOOK_KEY])["asyncWebhookSignatureKey"] in shown
    assert verbs(tenant).count("credential.stored") == 2, "the tenant's own API key, and this one"
