import pytest
from bs4 import BeautifulSoup
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


def page(name: str) -> BeautifulSoup:
    response = Client().get(reverse(name))
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def test_the_sign_in_page_asks_for_an_email_and_a_password_and_names_the_product() -> None:
    signin = page("account_login")
    assert signin.select("input[type=email][name=login]")
    assert signin.select("input[type=password][name=password]")
    assert "SMS Portal" in signin.select(".brand")[0].text


def test_the_password_is_not_sent_back_after_a_failed_sign_in() -> None:
    response = Client().post(reverse("account_login"), {"login": "a@example.com", "password": "hunter2-hunter2"})
    assert response.status_code == 200
    assert "hunter2" not in response.text
    assert "error-summary" in response.text


@pytest.mark.parametrize("name", ["account_login", "account_inactive"])
def test_pages_before_sign_in_wear_the_bare_frame(name: str) -> None:
    entrance = page(name)
    assert entrance.select("body.bare main#main h1")
    assert not entrance.select("#sidebar")


def test_signing_in_is_not_announced_because_the_next_page_shows_it() -> None:
    assert render_to_string("account/messages/logged_in.txt").strip() == ""
