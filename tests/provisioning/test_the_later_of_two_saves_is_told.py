from collections.abc import Callable

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.accounts.rights import Role
from portal.tenants.models import Tenant
from portal.vault.kinds import Kind
from provisioning.wizard.drafts import answers_of
from tests.provisioning.kaleyra import ACCOUNT, Visitor, verbs
from tests.support.cast import new_member
from tests.support.stored import stored_values

LATE = {"kaleyraURL": "http://late.example", "kaleyraUserName": "late", "kaleyraPassword": "late"}


@pytest.fixture
def late(visitor: Visitor, tenant: Tenant, client_of: Callable[[User], Client]) -> Visitor:
    """A colleague whose page is older than the administrator's save."""
    visitor.save("account", ACCOUNT)
    return Visitor(client_of(new_member("late", tenant, Role.ADMINISTRATOR)), visitor.setup)


def test_the_page_says_who_saved_and_shows_both(late: Visitor) -> None:
    page = late.save("account", LATE, version=0)
    text = page.content.decode()
    assert page.status_code == 409
    assert "administrator@example.com saved it after you opened this page" in text
    assert ">http://directtext.mgage.com</td>" in text
    assert ">http://late.example</td>" in text


def test_nothing_is_overwritten(late: Visitor, tenant: Tenant) -> None:
    before = verbs(tenant)
    late.save("account", LATE, version=0)
    late.setup.refresh_from_db()
    assert answers_of(late.setup)["kaleyraURL"] == ACCOUNT["kaleyraURL"]
    assert stored_values(tenant.pk, [Kind.KALEYRA_USER_NAME])["kaleyraUserName"] == ACCOUNT["kaleyraUserName"]
    assert verbs(tenant) == before


def test_saving_the_shown_page_replaces_it_knowingly(late: Visitor) -> None:
    page = late.save("account", LATE, version=0)
    assert 'name="version" value="1"' in page.content.decode()
    assert late.save("account", LATE, version=1).status_code == 302
    late.setup.refresh_from_db()
    assert answers_of(late.setup)["kaleyraURL"] == "http://late.example"


def test_a_save_of_another_step_is_told_too(late: Visitor) -> None:
    assert late.save("sender", {"tfn": "12345"}, version=0).status_code == 409
