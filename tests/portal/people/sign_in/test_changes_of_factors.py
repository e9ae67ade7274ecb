"""What the pages of the sign-in library change is an event, also where the library itself tells of nothing."""

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from portal.accounts.models import User
from portal.audit.models import Event, PersonalText
from portal.audit.verbs import Verb
from portal.identity.id_tokens import Identity
from portal.identity.second_factors import factors_of
from portal.identity.sign_on_links import connect
from tests.access.factors import give_factors
from tests.portal.people.sign_in.conftest import enrol, last, prove, sign_in, verbs


def proven(user: User) -> Client:
    client = sign_in(user)
    prove(client)
    return client


def actor_of(verb: str) -> str | None:
    event = Event.objects.filter(verb=verb).latest("pk")
    return PersonalText.objects.get(pk=event.actor_text).text


def test_a_renamed_passkey_is_an_event_of_its_owner(administrator: User) -> None:
    client = proven(administrator)
    passkey = Authenticator.objects.create(user=administrator, type="webauthn", data={"name": "Laptop"})
    before = len(verbs())
    assert client.post(f"/accounts/passkeys/{passkey.pk}/name/", {"name": "Work laptop"}).status_code == 302
    assert verbs()[before:] == ["passkey.renamed"]
    assert actor_of("passkey.renamed") == administrator.email
    assert last("passkey.renamed")["target"]["id"] == str(administrator.pk)  # type: ignore[index]  # a target has an id


def test_a_passkey_that_keeps_its_name_is_no_event(administrator: User) -> None:
    client = proven(administrator)
    passkey = Authenticator.objects.create(user=administrator, type="webauthn", data={"name": "Laptop"})
    before = len(verbs())
    client.post(f"/accounts/passkeys/{passkey.pk}/name/", {"name": "Laptop"})
    passkey.record_usage()
    assert len(verbs()) == before


def test_recovery_codes_that_are_shown_are_an_event_and_shown_once(administrator: User) -> None:
    client = proven(administrator)
    _, codes = enrol(client)
    assert len(codes) == 10
    assert verbs().count("factor.recovery_codes_shown") == 1
    assert actor_of("factor.recovery_codes_shown") == administrator.email
    page = client.get("/accounts/second-factor/codes/").content.decode()
    assert codes[0] not in page
    assert verbs().count("factor.recovery_codes_shown") == 1


def test_new_recovery_codes_are_events(administrator: User) -> None:
    client = proven(administrator)
    enrol(client)
    before = len(verbs())
    client.post("/accounts/second-factor/codes/make/", follow=True)
    assert verbs()[before:] == ["factor.removed", "factor.added", "factor.recovery_codes_shown"]
    assert last("factor.added")["changes"] == {"how": [None, "recovery code"]}


def test_a_recovery_code_that_proves_who_is_there_is_used_up_in_one_event(administrator: User) -> None:
    client = proven(administrator)
    _, codes = enrol(client)
    before = len(verbs())
    client.post("/accounts/second-factor/ask-again/", {"code": codes[0]})
    assert verbs()[before:] == ["factor.recovery_code_used"]


def test_removing_the_last_factor_tells_of_the_codes_too(administrator: User) -> None:
    client = proven(administrator)
    enrol(client)
    before = len(verbs())
    client.post("/accounts/second-factor/app/remove/")
    assert verbs()[before:] == ["factor.removed", "factor.removed"]
    assert not Authenticator.objects.exists()


def test_what_the_service_calls_a_connected_account_is_an_event_when_it_changes(administrator: User) -> None:
    connect(administrator, Identity("https://issuer.example.com", "7", "Ada"))
    link = SocialAccount.objects.get()
    for label in ("Ada", "Ada L.", "Ada L."):
        link.extra_data = link.extra_data | {"label": label}
        link.save()
    assert verbs().count("sign_on.changed") == 1


def test_keys_that_rotate_are_no_event_of_a_factor(administrator: User) -> None:
    with factors_of(administrator):
        give_factors(administrator, "ada")
    before = len(verbs())
    for factor in Authenticator.objects.all():
        factor.data = factor.data | {"secret": "sealed anew"}
        factor.save()
    assert len(verbs()) == before


def test_every_such_event_is_in_the_extract_of_roles() -> None:
    made = (Verb.PASSKEY_RENAMED, Verb.RECOVERY_CODES_SHOWN, Verb.SIGN_ON_CHANGED, Verb.RECOVERY_CODE_USED)
    assert all("roles.csv" in verb.extracts for verb in made)
