import pytest
from django.test import Client

from portal.accounts.models import User
from tests.support.cast import PASSWORD


def sign_in(login: str, password: str = PASSWORD) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": login, "password": password})
    return client


def is_signed_in(client: Client) -> bool:
    return client.get("/tenants/").status_code == 200


@pytest.fixture(autouse=True)
def _people(redis: object, administrator: User) -> None:
    """Failed sign-ins are counted in Redis, which starts empty."""


@pytest.mark.parametrize(
    "login", ["administrator@example.com", "Administrator@Example.COM", " administrator@example.com "]
)
def test_the_address_signs_in_in_any_case(login: str) -> None:
    assert is_signed_in(sign_in(login))


@pytest.mark.parametrize(
    ("login", "password"),
    [("administrator@example.com", "wrong"), ("nobody@example.com", PASSWORD), ("administrator", PASSWORD)],
)
def test_anything_else_does_not(login: str, password: str) -> None:
    assert not is_signed_in(sign_in(login, password))


def test_a_disabled_person_does_not_come_in(administrator: User) -> None:
    administrator.is_active = False
    administrator.save()
    assert not is_signed_in(sign_in(administrator.email))


def test_a_person_who_is_disabled_while_signed_in_is_out_at_once(administrator: User) -> None:
    client = sign_in(administrator.email)
    assert is_signed_in(client)
    User.objects.update(is_active=False)
    assert not is_signed_in(client)


def test_signing_out_takes_a_post(administrator: User) -> None:
    client = sign_in(administrator.email)
    client.get("/accounts/logout/")
    assert is_signed_in(client)
    client.post("/accounts/logout/")
    assert not is_signed_in(client)


def test_guessing_is_slowed_down(administrator: User) -> None:
    for _ in range(20):
        sign_in(administrator.email, "wrong")
    assert not is_signed_in(sign_in(administrator.email))


def test_after_signing_in_nobody_is_sent_to_another_site() -> None:
    answer = Client().post(
        "/accounts/login/?next=https://evil.example/",
        {"login": "administrator@example.com", "password": PASSWORD, "next": "https://evil.example/"},
    )
    assert answer.status_code == 302
    assert "evil" not in answer["Location"]


@pytest.mark.parametrize(
    "path", ["signup", "email", "password/set", "confirm-email", "login/code", "3rdparty", "2fa", "second-factor/trust"]
)
def test_there_is_no_page_to_sign_up_or_to_change_people_past_the_history(client: Client, path: str) -> None:
    assert client.get(f"/accounts/{path}/").status_code == 404
    assert sign_in("administrator@example.com").get(f"/accounts/{path}/").status_code == 404


def test_the_sign_in_page_offers_no_sign_up(client: Client) -> None:
    assert "sign up" not in client.get("/accounts/login/").content.decode().lower()
