"""Seeds of second factors: sealed in the database, each for its person, and moved to new keys with everything else."""

import base64
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator

from portal.accounts.models import User
from portal.audit.actors import command_line
from portal.identity.second_factors import OwnerUnknown, SecondFactorAdapter, factors_of
from portal.vault import rotation
from portal.vault.encryption import DecryptionError
from tests.portal.people.sign_in.conftest import code_for, enrol, is_in, prove, sign_in
from tests.portal.vault_keys.conftest import keyset  # noqa: F401 - a fixture of the keys' own tests
from tests.support.canaries import hits, known, tables

Clock = Callable[[float], None]


def enrolled(user: User) -> tuple[str, list[str]]:
    client = sign_in(user)
    prove(client)
    return enrol(client)


def seed_of(user: User) -> str:
    with factors_of(user):
        found = Authenticator.objects.get(user=user, type="recovery_codes").data["seed"]
        return str(SecondFactorAdapter().decrypt(found))


def test_no_seed_and_no_code_stands_in_the_database(administrator: User, frozen: Clock) -> None:
    client = sign_in(administrator)
    prove(client)
    secret, codes = enrol(client)
    on_offer = client.get("/accounts/second-factor/app/")  # set up already, so nothing is offered
    assert on_offer.status_code == 302
    raw = base64.b32decode(secret)
    secrets = [secret, raw.hex(), seed_of(administrator), *(code.replace(" ", "") for code in codes)]
    assert hits(tables(), [known(each) for each in secrets]) == []


def test_the_seed_on_offer_is_sealed_in_the_session(administrator: User) -> None:
    client = sign_in(administrator)
    prove(client)
    page = client.get("/accounts/second-factor/app/")
    secret = page.context["form"].secret
    assert secret in page.content.decode()
    assert hits(tables(), [known(secret)]) == []


def test_a_seed_that_was_moved_to_another_person_does_not_open(
    administrator: User, auditor: User, frozen: Clock
) -> None:
    secret, codes = enrolled(auditor)
    enrolled(administrator)
    stolen = Authenticator.objects.filter(user=auditor)
    for kind in ("totp", "recovery_codes"):
        Authenticator.objects.filter(user=administrator, type=kind).update(data=stolen.get(type=kind).data)
    frozen(30)
    for code in (code_for(secret), codes[0]):
        client = sign_in(administrator)
        answer = client.post("/accounts/second-factor/ask/", {"code": code})
        assert answer.status_code == 409
        assert "does not open" in answer.content.decode()
        assert not is_in(client)
    with factors_of(administrator), pytest.raises(DecryptionError):
        SecondFactorAdapter().decrypt(stolen.get(type="totp").data["secret"])


def test_without_a_person_nothing_is_sealed() -> None:
    with pytest.raises(OwnerUnknown):
        SecondFactorAdapter().encrypt("seed")


def test_codes_that_do_not_open_can_be_made_anew(administrator: User, frozen: Clock) -> None:
    client = sign_in(administrator)
    prove(client)
    enrol(client)
    Authenticator.objects.filter(type="recovery_codes").update(data={"seed": "junk", "used_mask": 0})
    assert client.get("/accounts/second-factor/codes/").status_code == 409
    assert client.get("/accounts/second-factor/codes/make/").status_code == 200
    assert client.post("/accounts/second-factor/codes/make/", follow=True).status_code == 200
    assert len(seed_of(administrator)) == 80


@pytest.mark.databases
@pytest.mark.usefixtures("keyset")
def test_they_move_to_a_new_key_and_what_was_used_stays_used(administrator: User, frozen: Clock) -> None:
    secret, codes = enrolled(administrator)
    client = sign_in(administrator)
    client.post("/accounts/second-factor/ask/", {"code": codes[0]})
    assert is_in(client)
    old = rotation.primary()
    assert {label for label, held in rotation.counts().items() if held[old] and label.startswith("mfa.")} == {
        "mfa.Authenticator.data.secret",
        "mfa.Authenticator.data.seed",
    }
    said = list(rotation.rotate(command_line(), grace=0))
    assert {"mfa.Authenticator.data.secret: 1 sealed again.", "mfa.Authenticator.data.seed: 1 sealed again."} <= set(
        said
    )
    assert said[-1] == f"Disabled: {old}."
    frozen(30)
    for code, comes_in in ((code_for(secret), True), (codes[0], False), (codes[1], True)):
        client = sign_in(administrator)
        client.post("/accounts/second-factor/ask/", {"code": code})
        assert is_in(client) == comes_in
