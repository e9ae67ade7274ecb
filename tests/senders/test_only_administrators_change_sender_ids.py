from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.tenants.models import Tenant
from senders.models import SenderId
from tests.senders.senders import again, as_typed, page, post

OF_TENANT = ["add", "bulk"]
OF_SENDER = ["edit", "remove"]
BUTTONS = ["page", "edit", "tick", "remove"]
Sign = Callable[[User], Client]


@pytest.mark.parametrize(("who", "status"), [("auditor", 403), ("representative", 403), ("outsider", 404)])
def test_nobody_else_opens_a_form_or_presses_a_button(
    sender: SenderId, client_of: Sign, request: pytest.FixtureRequest, who: str, status: int
) -> None:
    client = client_of(request.getfixturevalue(who))
    answers = [client.get(reverse(f"senders:{name}", args=[sender.tenant_id])) for name in OF_TENANT]
    answers += [client.get(reverse(f"senders:{name}", args=[sender.pk])) for name in OF_SENDER]
    answers += [post(client, name, sender.tenant_id, number="12345", rows="12345") for name in OF_TENANT]
    answers += [post(client, name, sender.pk, block="a = b", **as_typed(sender)) for name in BUTTONS]
    assert {answer.status_code for answer in answers} == {status}
    assert again(sender).state == "ready"
    assert SenderId.objects.count() == 1


def test_an_auditor_looks_and_finds_no_buttons(sender: SenderId, auditor: User, client_of: Sign) -> None:
    client = client_of(auditor)
    for text in (page(client, "list", sender.tenant_id), page(client, "page", sender.pk)):
        main = text.partition("<main")[2].partition("</main>")[0]
        assert 'method="post"' not in main
        assert "/edit/" not in main
        assert "/remove/" not in main
        assert "/bulk/" not in main
    assert client.get(reverse("senders:block", args=[sender.pk])).status_code == 200


@pytest.mark.parametrize("name", ["page", "block"])
def test_an_outsider_finds_no_page(sender: SenderId, outsider: User, client_of: Sign, name: str) -> None:
    assert client_of(outsider).get(reverse(f"senders:{name}", args=[sender.pk])).status_code == 404


def test_an_outsider_finds_no_list(tenant: Tenant, outsider: User, client_of: Sign) -> None:
    assert client_of(outsider).get(reverse("senders:list", args=[tenant.pk])).status_code == 404
