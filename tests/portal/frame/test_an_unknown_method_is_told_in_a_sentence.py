import pytest
from django.test import Client

from portal.accounts.models import User


@pytest.fixture
def signed_in(client: Client, administrator: User) -> Client:
    """The administrator's browser."""
    client.force_login(administrator)
    return client


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/tenants/", "/nowhere/"])
def test_nothing_takes_what_it_does_not_know(signed_in: Client, path: str, method: str) -> None:
    answer = signed_in.generic(method, path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, POST")
    assert answer.content.decode() == f"Nothing here knows {method}; use GET, HEAD, POST.\n"


def test_a_buttons_address_that_is_opened_says_what_to_do(signed_in: Client) -> None:
    answer = signed_in.get("/tenants/45acae06-6b7c-4f97-9c76-471cb5c21bf7/set-up/kaleyra/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "press the button once more" in answer.content.decode()
