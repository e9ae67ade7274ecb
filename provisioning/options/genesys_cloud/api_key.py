"""Messaging cluster API key: the two requests by which Digital Channels makes it.

The first gets a token from GWS with an administrator's credentials, the second makes the key. The queued work around
them is in its own module.

The answer to the second request is inferred, except that it contains a UUID, which may be under several names. A UUID
called `id` counts only beside the documented status code 0, because any proxy's page may contain one.
"""

from typing import Any
from uuid import UUID

from django.views.decorators.debug import sensitive_variables

from genesys_cloud.http import call
from portal.http_client.destinations import Destination
from portal.http_client.errors import Conflict, NotAllowed, NotFound, OutboundError, Rejected, Unreadable
from portal.http_client.messages import Answer, Basic, Bearer, Request, Secret
from portal.http_client.response_json import read_json
from portal.tenants.models import Tenant
from provisioning.nexus import is_confirmed

NAME = "Portico Cluster API Key"
#: For messages where nobody knows whether a key was made.
LOOK_FIRST = (
    "If a key was made, it is not known here: look into the table nex_apikeys of Digital Channels before another is "
    "made, and enter what you find."
)
_OWN_NAMES = ("apikey", "apiKey", "key")
_LIKELY = (*_OWN_NAMES, "id", "uuid")


class KeyNotMade(Exception):
    """No key was made or read; the text says why and what to do."""


@sensitive_variables()
def fetch_token(tenant_id: UUID, auth_url: str, secrets: dict[str, str], *, subject_id: UUID) -> str:
    """Return a token of a GWS administrator. Raises KeyNotMade. Must not run in a transaction.

    `secrets`: gwsClientId, gwsClientSecret, gwsUserName, gwsPassword.
    """
    try:
        return call(token_request(auth_url), secrets, _read_token, tenant_id=tenant_id, subject_id=subject_id)
    except OutboundError as error:
        raise KeyNotMade(_about_token(error)) from None


@sensitive_variables()
def fetch_key(tenant: Tenant, token: str, *, subject_id: UUID) -> str:
    """Make the key and return it. Raises KeyNotMade. Must not run in a transaction."""
    secrets = {"gws_token": token}
    try:
        return call(key_request(tenant), secrets, _read_key, tenant_id=tenant.pk, subject_id=subject_id)
    except OutboundError as error:
        raise KeyNotMade(_about_key(error)) from None


def token_request(auth_url: str) -> Request:
    """Return the request for a GWS administrator's token."""
    return Request(
        destination=Destination.NEXUS,  # GWS runs beside Digital Channels, often in the same private network
        purpose="get a GWS token",
        method="POST",
        url=f"{auth_url}/auth/v3/oauth/token",
        headers={
            "Authorization": Basic(Secret("gwsClientId"), Secret("gwsClientSecret")),
            "Content-Type": "application/x-www-form-urlencoded",
        },
        form={
            "grant_type": "password",
            "client_id": Secret("gwsClientId"),
            "username": Secret("gwsUserName"),
            "password": Secret("gwsPassword"),
        },
        variables={"authURL": auth_url},
    )


def key_request(tenant: Tenant) -> Request:
    """Return the guide's request for the key."""
    return Request(
        destination=Destination.NEXUS,
        purpose="make the messaging cluster API key",
        method="POST",
        url=f"{tenant.nexus_url}/nexus/v3/apikeys",
        headers={"Content-Type": "application/json", "Authorization": Bearer(Secret("gws_token"))},
        json={"data": {"enabled": True, "tenant": "*", "name": NAME, "permissions": ["nexus:cluster:*"]}},
        variables={"nexusURL": tenant.nexus_url},
    )


@sensitive_variables()
def _read_token(answer: Answer) -> tuple[str, dict[str, str]]:
    body = read_json(answer)
    token = body.get("access_token") if isinstance(body, dict) else None
    if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
        raise Unreadable(answer.host, answer=answer)
    return token, {"gws_token": token}


@sensitive_variables()
def _read_key(answer: Answer) -> tuple[str, dict[str, str]]:
    names = _LIKELY if is_confirmed(answer) else _OWN_NAMES
    body = read_json(answer)
    data: Any = body.get("data", body) if isinstance(body, dict) else body
    key = _uuid(data) or next((found for name in names if (found := _uuid(_member(data, name)))), "")
    if not key:
        raise Unreadable(answer.host, answer=answer)
    return key, {"apikey": key}


def _member(data: Any, name: str) -> Any:
    return data.get(name) if isinstance(data, dict) else None


def _uuid(value: object) -> str:
    """Return a UUID as it was written, or an empty string."""
    try:
        return value if isinstance(value, str) and str(UUID(value)) == value.lower() else ""
    except ValueError:
        return ""


def _about_token(error: OutboundError) -> str:
    if isinstance(error, NotAllowed | Rejected):
        return (
            f"{error.host} did not accept these credentials. Check the API client's id and secret, then the "
            "administrator's user name and password. No key was made."
        )
    if isinstance(error, NotFound | Unreadable):
        return f"{error.host} gives out no tokens at this address. Check the authentication URL. No key was made."
    return f"No token, so no key was made. {error.cause}"


def _about_key(error: OutboundError) -> str:
    if isinstance(error, Conflict):
        return (
            f"Digital Channels has a {NAME} already (409). Enter that one: whoever runs Digital Channels finds it in "
            "its database, in the table nex_apikeys."
        )
    if isinstance(error, NotAllowed):
        return (
            f"{error.host} did not accept the administrator's token ({error.answer.status if error.answer else ''}). "
            "Check that the user is an administrator of GWS, and that both URLs belong to the same deployment. "
            "No key was made."
        )
    if error.unknown_outcome:
        return f"{error.cause} {LOOK_FIRST}"
    return f"{error.sentence} No key was made."
