"""Single sign-on against a service over real HTTP: who comes in, what is asked of it, and which tokens are refused."""

import json
import time
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from pytest_django import Settings

from portal.accounts.models import User
from portal.identity import sign_on_links
from portal.identity.id_tokens import Identity
from portal.identity.single_sign_on import SignOnAccountAdapter
from tests.portal.people.sign_in.conftest import is_in, last, prove, sign_in, verbs
from tests.support.canaries import hits, known, tables
from tests.support.issuer import CLIENT_ID, CLIENT_SECRET, Issuer, client_of, running_issuer

BACK = "/accounts/sign-on/callback/"


@pytest.fixture(scope="module")
def service() -> Iterator[Issuer]:
    with running_issuer() as running:
        yield running


@pytest.fixture
def issuer(service: Issuer, settings: Settings) -> Issuer:
    """An honest service, which the settings name."""
    fresh = Issuer(service.url, service.key)
    vars(service).update(vars(fresh))
    settings.OIDC_ISSUER, settings.OIDC_NAME = service.url, "Acme ID"
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
    return service


def leave(client: Client, path: str = "/accounts/sign-on/start/") -> dict[str, str]:
    """Press the button; return what the browser takes along to the service."""
    answer = client.post(path)
    assert answer.status_code == 200, answer
    url = unescape(answer["Refresh"].removeprefix("0; url="))
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def come_back(client: Client, issuer: Issuer, taken: dict[str, str], **query: str) -> Any:
    """Come back with a code, for the token of this very sign-on."""
    issuer.nonce = taken["nonce"]
    return client.get(BACK, {"code": "a-code", "state": taken["state"]} | query)


def connected(user: User, issuer: Issuer) -> Client:
    """Connect the service's account to the person's."""
    client = sign_in(user)
    prove(client)
    assert come_back(client, issuer, leave(client, "/accounts/sign-on/connect/"))["Location"] == "/accounts/sign-on/"
    return client


def link(user: User, issuer: Issuer) -> None:
    """Connect it by the action alone."""
    sign_on_links.connect(user, Identity(issuer.url, issuer.subject, "label"))


def arrive(issuer: Issuer) -> tuple[Client, Any]:
    """Sign in by the service in a fresh browser."""
    client = Client()
    return client, come_back(client, issuer, leave(client))


def test_whoever_connected_it_signs_in_by_it(administrator: User, issuer: Issuer) -> None:
    connected(administrator, issuer)
    client, _ = arrive(issuer)
    assert is_in(client)
    assert verbs()[-2:] == ["sign_on.connected", "person.signed_in"]
    assert last("person.signed_in")["changes"] == {"how": [None, "single sign-on"]}
    assert Client().get("/accounts/login/").content.decode().count("Sign in by Acme ID") == 1


def test_connecting_asks_who_one_is_first(administrator: User, issuer: Issuer) -> None:
    answer = sign_in(administrator).post("/accounts/sign-on/connect/")
    assert answer["Location"].startswith("/accounts/reauthenticate/")


def test_an_address_opens_nothing_and_nobody_is_added(administrator: User, issuer: Issuer) -> None:
    issuer.claims = {"email": administrator.email, "email_verified": True}
    people = User.objects.count()
    client, answer = arrive(issuer)
    assert answer.status_code == 403
    assert "no account of this portal is connected" in answer.content.decode()
    assert not is_in(client)
    assert (User.objects.count(), SocialAccount.objects.count()) == (people, 0)
    assert last("sign_on.refused")["reason"] == "Nobody has connected this account of the single sign-on."


def test_another_subject_or_issuer_is_somebody_else(administrator: User, issuer: Issuer, settings: Settings) -> None:
    link(administrator, issuer)
    issuer.subject = "subject-2"
    assert arrive(issuer)[1].status_code == 403
    issuer.subject = "subject-1"
    settings.OIDC_ISSUER = f"{issuer.url}/"
    issuer.config, issuer.claims = {"issuer": f"{issuer.url}/"}, {"iss": f"{issuer.url}/"}
    assert arrive(issuer)[1].status_code == 403


def test_what_somebody_else_has_connected_stays_theirs(administrator: User, auditor: User, issuer: Issuer) -> None:
    link(administrator, issuer)
    connected(auditor, issuer)
    assert SocialAccount.objects.get().user == administrator
    assert verbs()[-1] == "sign_on.refused"


def test_disconnected_it_does_not_sign_in_any_more(administrator: User, issuer: Issuer) -> None:
    client = connected(administrator, issuer)
    client.post("/accounts/sign-on/disconnect/")
    assert verbs()[-1] == "sign_on.disconnected"
    assert arrive(issuer)[1].status_code == 403


def test_a_disabled_person_stays_out(administrator: User, issuer: Issuer) -> None:
    link(administrator, issuer)
    User.objects.update(is_active=False)
    assert not is_in(arrive(issuer)[0])


def test_the_code_is_exchanged_with_pkce_and_no_token_is_kept(administrator: User, issuer: Issuer) -> None:
    link(administrator, issuer)
    issuer.asked.clear()
    taken = leave(client := Client())
    assert (taken["code_challenge_method"], taken["response_type"]) == ("S256", "code")
    come_back(client, issuer, taken)
    [(_, form, authorization)] = [asked for asked in issuer.asked if asked[0] == "/token"]
    assert len(form["code_verifier"][0]) >= 43
    assert client_of(authorization) == (CLIENT_ID, CLIENT_SECRET)
    assert SocialToken.objects.count() == 0
    assert hits(tables(), [known("an-access-token"), known(CLIENT_SECRET), known(form["code_verifier"][0])]) == []


def test_more_than_the_keys_could_be_is_not_read(administrator: User, issuer: Issuer) -> None:
    link(administrator, issuer)
    issuer.answers["/keys"] = (200, json.dumps(issuer.keys() | {"more": "x" * 300_000}).encode())
    assert arrive(issuer)[1].status_code == 401
    assert "too large" in str(last("sign_on.refused")["reason"])


def test_a_service_that_takes_its_time_is_not_waited_for(db: None, issuer: Issuer, settings: Settings) -> None:
    settings.OUTBOUND_SIGN_ON_SECONDS = 0.2
    issuer.idle_seconds = 1.5
    begun = time.monotonic()
    assert Client().post("/accounts/sign-on/start/").status_code == 502
    assert time.monotonic() - begun < issuer.idle_seconds
    assert "did not answer in time" in str(last("sign_on.refused")["reason"])


def test_what_the_query_says_changes_nothing_of_what_is_asked(issuer: Issuer, db: None) -> None:
    query = "?process=connect&scope=admin&auth_params=nonce%3Dx%26redirect_uri%3Dhttps%3A%2F%2Fevil.example"
    taken = leave(Client(), f"/accounts/sign-on/start/{query}")
    assert (taken["redirect_uri"], taken["scope"]) == (f"http://localhost:8000{BACK}", "openid email")
    assert taken["nonce"] != "x"


FORGED: dict[str, dict[str, Any]] = {
    "no signature": {"algorithm": "none"},
    "signed with the client's secret": {"algorithm": "HS256", "signed_by": CLIENT_SECRET * 2},
    "signed with the public key": {"algorithm": "HS256", "signed_by": "public"},
    "signed with another key": {"signed_by": generate_private_key(65537, 2048)},
    "for somebody else": {"claims": {"aud": "another-client"}},
    "for several, made for another": {"claims": {"aud": [CLIENT_ID, "another"], "azp": "another"}},
    "for several, made for nobody": {"claims": {"aud": [CLIENT_ID, "another"]}},
    "by another issuer": {"claims": {"iss": "https://evil.example"}},
    "too late": {"claims": {"exp": int(time.time()) - 120}},
    "without an end": {"claims": {"exp": None}},
    "not valid yet": {"claims": {"nbf": int(time.time()) + 3600}},
    "of another sign-on": {"claims": {"nonce": "0" * 64}},
    "without a nonce": {"claims": {"nonce": None}},
    "with an odd nonce": {"claims": {"nonce": ["x"]}},
    "of nobody": {"claims": {"sub": ""}},
    "without anybody": {"claims": {"sub": None}},
}


def public_key(issuer: Issuer) -> str:
    """The public key as a secret; without its armour, for jwt refuses to sign with what looks like a key."""
    pem = issuer.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return "".join(pem.splitlines()[1:-1])


def test_a_forged_token_is_refused_whatever_is_wrong_with_it(administrator: User, issuer: Issuer) -> None:
    link(administrator, issuer)
    honest = dict(vars(issuer))
    outcomes = {}
    for how, changes in FORGED.items():
        vars(issuer).update(honest | changes)
        issuer.signed_by = public_key(issuer) if issuer.signed_by == "public" else issuer.signed_by
        client, answer = arrive(issuer)
        reason = str(last("sign_on.refused")["reason"])
        outcomes[how] = (answer.status_code, is_in(client), reason.startswith("The ID token "))
    assert outcomes == dict.fromkeys(FORGED, (401, False, True))
    assert verbs().count("sign_on.refused") == len(FORGED)
    vars(issuer).update(honest)
    assert is_in(arrive(issuer)[0]), "and an honest one comes in"


BAD_ANSWERS: dict[str, tuple[str, int, bytes]] = {
    "no configuration": ("/.well-known/openid-configuration", 500, b""),
    "a configuration that is a list": ("/.well-known/openid-configuration", 200, b"[]"),
    "a redirect": ("/token", 302, b""),
    "no token": ("/token", 400, b'{"error": "invalid_grant"}'),
    "a token that is none": ("/token", 200, b'{"id_token": "x.y.z"}'),
    "a token that is a number": ("/token", 200, b'{"id_token": 1}'),
    "keys that are none": ("/keys", 200, b'{"keys": [{"kty": "x"}]}'),
    "keys that are a word": ("/keys", 200, b'{"keys": "x"}'),
    "keys of words": ("/keys", 200, b'{"keys": ["x"]}'),
}


def test_a_bad_answer_is_a_sentence(db: None, issuer: Issuer) -> None:
    client, statuses = Client(), {}
    for how, (path, status, body) in BAD_ANSWERS.items():
        issuer.answers = {}
        taken = leave(client)
        issuer.answers[path] = (status, body)
        statuses[how] = come_back(client, issuer, taken).status_code
    assert statuses == dict.fromkeys(BAD_ANSWERS, 401)
    assert verbs() == ["sign_on.refused"] * len(BAD_ANSWERS)


@pytest.mark.parametrize(
    "config",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "http://evil.example/"},
        {"token_endpoint": "http://169.254.169.254/latest"},
        {"token_endpoint": "https://10.0.0.1/token"},
        {"jwks_uri": None},
        {"jwks_uri": "file:///etc/passwd"},
    ],
)
def test_a_configuration_that_leads_astray_is_not_followed(db: None, issuer: Issuer, config: dict[str, Any]) -> None:
    issuer.config = config
    assert Client().post("/accounts/sign-on/start/").status_code == 502
    assert len(issuer.asked) == 1


def test_a_state_is_for_one_browser_and_one_use(administrator: User, issuer: Issuer) -> None:
    link(administrator, issuer)
    taken = leave(client := Client())
    stranger = Client()
    assert come_back(stranger, issuer, taken).status_code == 401
    assert is_in(client) is False
    come_back(client, issuer, taken)
    assert is_in(client)
    lines = verbs().count("sign_on.refused")
    assert come_back(client, issuer, taken).status_code == 401
    assert verbs().count("sign_on.refused") == lines, "whoever just calls up the address leaves no lines"


def test_the_service_says_no(db: None, issuer: Issuer) -> None:
    taken = leave(client := Client())
    answer = client.get(BACK, {"error": "server_error", "state": taken["state"]})
    assert answer.status_code == 401
    answer = client.get(BACK, {"error": "access_denied", "state": leave(client)["state"]}, follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain[-1][0] == "/accounts/login/"


def test_allauth_has_no_way_out_of_its_own() -> None:
    with pytest.raises(RuntimeError, match=r"except through portal\.http_client"):
        SignOnAccountAdapter().get_requests_session()


@pytest.mark.parametrize("path", ["start/", "connect/", "callback/", ""])
def test_without_a_service_there_is_nothing(administrator: User, settings: Settings, path: str) -> None:
    assert settings.OIDC_ISSUER == ""
    client = sign_in(administrator)
    prove(client)
    method = client.get if path in {"callback/", ""} else client.post
    assert method(f"/accounts/sign-on/{path}").status_code == 404
