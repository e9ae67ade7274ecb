from collections.abc import Callable

import pytest
from django.test import Client

from portal.accounts.models import User
from tests.support.headers import assert_safe_headers


@pytest.mark.parametrize("path", ["/accounts/login/", "/tenants/", "/nowhere/", "/healthz"])
def test_a_strangers_answers_are_guarded(db: None, path: str) -> None:
    assert_safe_headers(Client().get(path))


@pytest.mark.parametrize("path", ["/tenants/", "/history/", "/accounts/sessions/", "/nowhere/"])
def test_pages_are_guarded(client_of: Callable[[User], Client], administrator: User, path: str) -> None:
    assert_safe_headers(client_of(administrator).get(path))


def test_a_form_without_its_token_is_refused_just_as_guarded(db: None) -> None:
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/")
    assert answer.status_code == 403
    assert_safe_headers(answer)
