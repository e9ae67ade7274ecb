from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.rights import Role
from portal.tenants.models import Tenant
from provisioning.models import Setup
from tests.provisioning.kaleyra import ACCOUNT, Visitor, facts
from tests.support.cast import new_member


def test_a_draft_goes_on_at_its_first_open_step(visitor: Visitor, tenant: Tenant) -> None:
    visitor.save("prerequisites", facts(tenant))
    answer = visitor.client.get(reverse("setup", args=[visitor.setup.pk]))
    assert answer["Location"] == visitor.url("account")


def test_answers_are_there_again(visitor: Visitor) -> None:
    visitor.save("account", ACCOUNT)
    assert 'value="http://directtext.mgage.com"' in visitor.see("account").content.decode()


def test_another_administrator_goes_on_with_it(
    visitor: Visitor, tenant: Tenant, client_of: Callable[[User], Client]
) -> None:
    visitor.save("account", ACCOUNT)
    colleague = Visitor(client_of(new_member("colleague", tenant, Role.ADMINISTRATOR)), visitor.setup)
    begun = colleague.client.post(reverse("setup_begin", args=[tenant.pk, "kaleyra"]))
    assert begun["Location"] == reverse("setup", args=[visitor.setup.pk])
    assert 'value="http://directtext.mgage.com"' in colleague.see("account").content.decode()
    assert colleague.save("sender", {"tfn": "12345"}).status_code == 302
    assert Setup.objects.get().changed_by_label == "colleague@example.com"


def test_back_and_forward_lose_nothing(visitor: Visitor, tenant: Tenant) -> None:
    visitor.save("prerequisites", facts(tenant))
    visitor.save("account", ACCOUNT)
    page = visitor.see("account").content.decode()
    assert f'href="{visitor.url("prerequisites")}"' in page
    visitor.save("prerequisites", facts(tenant))
    assert 'value="http://directtext.mgage.com"' in visitor.see("account").content.decode()


def test_review_of_an_incomplete_draft_leads_to_the_first_open_step(visitor: Visitor, tenant: Tenant) -> None:
    visitor.save("prerequisites", facts(tenant))
    page = visitor.client.get(visitor.url("review"), follow=True)
    assert page.redirect_chain == [(visitor.url("account"), 302)]
    assert "Not complete yet: Kaleyra account comes first." in page.content.decode()


def test_a_step_that_does_not_exist_is_not_found(visitor: Visitor) -> None:
    assert visitor.see("nonsense").status_code == 404


def test_a_discarded_draft_forgets_its_answers_and_the_next_one_begins_empty(reviewer: Visitor) -> None:
    answer = reviewer.do("discard")
    reviewer.setup.refresh_from_db()
    assert (reviewer.setup.state, reviewer.setup.answers) == ("discarded", None)
    assert (
        "The draft was discarded, and so were the secrets that were entered in it."
        in reviewer.client.get(answer["Location"]).content.decode()
    )
    reviewer.client.post(reverse("setup_begin", args=[reviewer.setup.tenant_id, "kaleyra"]))
    assert Setup.objects.exclude(pk=reviewer.setup.pk).get().answers is None
