"""MFA_REQUIRED: whoever must have a second factor gets to the enrolment and nowhere else."""

from collections.abc import Callable

import pytest
from django.core.checks import run_checks
from django.test import Client
from pytest_django import Settings

from portal.accounts.models import User
from tests.portal.people.sign_in.conftest import enrol, is_in, prove, sign_in

ENROLMENT = "/accounts/second-factor/"


@pytest.mark.parametrize(
    ("demand", "sent"),
    [
        ("nobody", set()),
        ("administrators_and_representatives", {"administrator", "representative", "site"}),
        ("everyone", {"administrator", "representative", "site", "auditor"}),
    ],
)
def test_it_is_demanded_of_those_whom_the_setting_means(  # noqa: PLR0917 - the whole cast
    administrator: User,
    representative: User,
    auditor: User,
    site_administrator: User,
    settings: Settings,
    demand: str,
    sent: set[str],
) -> None:
    settings.MFA_REQUIRED = demand
    for user in (administrator, representative, auditor, site_administrator):
        answer = sign_in(user).get("/tenants/")
        assert (answer.status_code == 302) == (user.email.split("@")[0] in sent)
        assert answer.status_code == 200 or answer["Location"] == ENROLMENT


def test_until_then_nothing_else_opens(
    administrator: User, settings: Settings, frozen: Callable[[float], None]
) -> None:
    settings.MFA_REQUIRED = "everyone"
    client = sign_in(administrator)
    for path in ("/", "/accounts/", "/accounts/password/change/", "/history/", "/accounts/passkeys/"):
        assert client.get(path)["Location"] == ENROLMENT
        assert client.post(path)["Location"] == ENROLMENT
    assert client.get("/tenants/", headers={"HX-Request": "true"})["HX-Redirect"] == ENROLMENT
    assert client.get(ENROLMENT).status_code == 200
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/healthz").status_code == 200
    prove(client)
    _, codes = enrol(client)
    assert len(codes) == 10
    assert is_in(client)


def test_recovery_codes_are_no_second_factor(
    administrator: User, settings: Settings, frozen: Callable[[float], None]
) -> None:
    client = sign_in(administrator)
    prove(client)
    enrol(client)
    settings.MFA_REQUIRED = "everyone"
    assert client.post("/accounts/second-factor/app/remove/").status_code in {302, 200}
    client = Client()
    client.force_login(administrator)
    administrator.authenticator_set.filter(type="totp").delete()  # type: ignore[attr-defined]  # allauth has no types
    assert client.get("/tenants/")["Location"] == ENROLMENT


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("MFA_TOTP_INSECURE_BYPASS_CODE", "000000", "portal.people.E001"),
        ("MFA_TOTP_TOLERANCE", 1, "portal.people.E002"),
        ("MFA_ADAPTER", "allauth.mfa.adapter.DefaultMFAAdapter", "portal.people.E003"),
        ("MFA_WEBAUTHN_USER_VERIFICATION", "preferred", "portal.people.E004"),
        ("MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN", True, "portal.people.E005"),
    ],
)
def test_a_setting_that_lets_somebody_past_it_is_an_error(
    settings: Settings, name: str, value: object, number: str
) -> None:
    def numbers() -> set[str]:
        return {str(found.id) for found in run_checks() if str(found.id).startswith("portal.people.")}

    assert numbers() == set()
    setattr(settings, name, value)
    assert numbers() == {number}
