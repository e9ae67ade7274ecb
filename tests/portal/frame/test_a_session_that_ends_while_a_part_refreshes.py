"""The whole page goes to the sign-in; the sign-in never lands in the middle of a page."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_refreshing_part_sends_the_whole_page_to_the_sign_in(client: Client) -> None:
    answer = client.get("/tenants/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content, answer.headers["HX-Redirect"]) == (204, b"", "/accounts/login/")


def test_a_page_asked_for_by_a_person_is_redirected_as_ever(client: Client) -> None:
    assert client.get("/tenants/").headers["Location"] == "/accounts/login/?next=/tenants/"
