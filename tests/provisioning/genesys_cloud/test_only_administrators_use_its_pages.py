from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from provisioning.models import Setup
from provisioning.wizard.actions import begin_setup

PAGES = [("get", "genesys_cloud_make_key"), ("post", "genesys_cloud_make_key"), ("post", "genesys_cloud_test")]
SignIn = Callable[[User], Client]


def ask(client: Client, setup: Setup, method: str, name: str) -> HttpResponse:
    answer: HttpResponse = getattr(client, method)(reverse(name, args=[setup.pk]), {"test": "1"})
    return answer


@pytest.mark.parametrize(("method", "name"), PAGES)
def test_an_outsider_finds_nothing(draft: Setup, outsider: User, client_of: SignIn, method: str, name: str) -> None:
    assert ask(client_of(outsider), draft, method, name).status_code == 404


@pytest.mark.parametrize(("method", "name"), PAGES)
def test_an_auditor_may_not(  # noqa: PLR0917 - the table's columns and the parts
    draft: Setup, auditor: User, client_of: SignIn, sandbox: Control, method: str, name: str
) -> None:
    assert ask(client_of(auditor), draft, method, name).status_code == 403
    assert sandbox.ledger() == []


@pytest.mark.parametrize(("method", "name"), PAGES)
def test_another_options_set_up_has_no_such_pages(  # noqa: PLR0917 - the table's columns and the parts
    actor: Actor, tenant: Tenant, administrator: User, client_of: SignIn, method: str, name: str
) -> None:
    other = begin_setup(actor, tenant, "kaleyra")
    assert ask(client_of(administrator), other, method, name).status_code == 404
