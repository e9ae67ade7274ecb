"""An authenticator app and its recovery codes: set up, asked for, and each code taken once."""

from collections.abc import Callable

from django.test import Client

from portal.accounts.models import User
from portal.audit.models import PersonalText
from tests.portal.people.sign_in.conftest import code_for, enrol, is_in, last, prove, sign_in, verbs

ASK = "/accounts/second-factor/ask/"
Clock = Callable[[float], None]


def give(user: User, code: str) -> Client:
    """Sign in by password and this code."""
    client = sign_in(user)
    assert not is_in(client), "the password alone does not sign in"
    client.post(ASK, {"code": code})
    return client


def enrolled(user: User) -> tuple[str, list[str]]:
    client = sign_in(user)
    prove(client)
    return enrol(client)


def test_setting_it_up_asks_for_the_password_once_more(administrator: User) -> None:
    client = sign_in(administrator)
    assert client.get("/accounts/second-factor/app/")["Location"].startswith("/accounts/reauthenticate/")


def test_a_code_of_the_app_signs_in_once(administrator: User, frozen: Clock) -> None:
    secret, _ = enrolled(administrator)
    frozen(30)
    code = code_for(secret)
    assert is_in(give(administrator, code))
    assert not is_in(give(administrator, code)), "the same code again"
    assert not is_in(give(administrator, f"{code[:3]} {code[3:]}")), "the same code, written differently"
    frozen(30)
    assert not is_in(give(administrator, code)), "and not in the next period either"
    assert is_in(give(administrator, code_for(secret)))


def test_the_code_that_set_it_up_does_not_sign_in(administrator: User, frozen: Clock) -> None:
    secret, _ = enrolled(administrator)
    assert not is_in(give(administrator, code_for(secret)))


def test_a_recovery_code_signs_in_once_and_is_in_the_history(administrator: User, frozen: Clock) -> None:
    _, codes = enrolled(administrator)
    assert len(codes) == 10
    assert {len(code.replace(" ", "")) for code in codes} == {20}
    assert is_in(give(administrator, codes[0]))
    assert verbs()[-2:] == ["factor.recovery_code_used", "person.signed_in"]
    assert last("person.signed_in")["changes"] == {"how": [None, "password, recovery code"]}
    assert not is_in(give(administrator, codes[0]))
    assert verbs()[-1] == "person.sign_in_refused"
    assert is_in(give(administrator, codes[1]))


def test_the_codes_are_shown_once(administrator: User, frozen: Clock) -> None:
    client = sign_in(administrator)
    prove(client)
    _, codes = enrol(client)
    again = client.get("/accounts/second-factor/codes/").content.decode()
    assert "10 of 10 codes are left" in again
    assert not [code for code in codes if code in again or code.replace(" ", "") in again]


def test_new_codes_end_the_old_ones(administrator: User, frozen: Clock) -> None:
    client = sign_in(administrator)
    prove(client)
    _, old = enrol(client)
    answer = client.post("/accounts/second-factor/codes/make/", follow=True)
    assert answer.status_code == 200
    assert not is_in(give(administrator, old[0]))


def test_whoever_removes_the_app_signs_in_by_password_alone(administrator: User, frozen: Clock) -> None:
    client = sign_in(administrator)
    prove(client)
    enrol(client)
    client.post("/accounts/second-factor/app/remove/")
    assert is_in(sign_in(administrator))
    assert [verb for verb in verbs() if verb.startswith("factor.")] == [
        "factor.added",
        "factor.added",
        "factor.recovery_codes_shown",
        "factor.removed",
        "factor.removed",
    ]


def test_a_wrong_code_is_in_the_history_without_the_code(administrator: User, frozen: Clock) -> None:
    enrolled(administrator)
    give(administrator, "123123")
    line = last("person.sign_in_refused")
    account = PersonalText.objects.get(text=administrator.email).pk
    target = {"type": "person", "id": str(administrator.pk), "label": f"[personal:{account}]"}
    assert line["target"] == target
    assert "123123" not in str(line)
