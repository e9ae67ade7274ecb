"""Diagnosis of Genesys Cloud errors: maps a failed request to the likely configuration mistake.

The login's error format is [inferred]: standard OAuth errors, with `client not found` for a client that the region does
not know, another description for a wrong secret, and perhaps a proxy's HTML. If two causes cannot be told apart, the
message names both.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from genesys_cloud.access import Access
from genesys_cloud.models import Mistake
from genesys_cloud.regions import prefix_of, region_at
from genesys_cloud.tokens import TOKEN_PURPOSE, NoToken
from portal.http_client.errors import NotAllowed, NotFound, NotSent, OutboundError, RateLimited, Rejected, Unreadable
from portal.http_client.response_json import read_json

PERMISSION = "messagingProvisioning:phoneNumber:view"
_UNAUTHORIZED, _FORBIDDEN = 401, 403
#: The only text from a response that a message may repeat: names of permissions.
_PERMISSIONS = re.compile(r"[A-Za-z:*, ]{1,200}")


@dataclass(frozen=True)
class Diagnosis:
    """The likely mistake, and a message that says what to do."""

    mistake: Mistake
    sentence: str


def of(access: Access, error: OutboundError) -> Diagnosis:
    """Diagnose a failed request; the error's purpose says whether the token request failed or a later one."""
    return of_token(access, error) if error.purpose == TOKEN_PURPOSE else of_list(access, error)


def of_token(access: Access, error: OutboundError) -> Diagnosis:
    """Diagnose a failed token request."""
    host = urlsplit(access.login_url).hostname or ""
    if (common := _common(error)) is not None:
        return common
    if prefix_of(access.login_url) in {"api", "apps"}:
        right = f"login.{host.partition('.')[2]}"
        return Diagnosis(
            Mistake.API_FOR_LOGIN,
            f"The login URL is {host}, where the {_what(host)} is. Tokens come from {right}: "
            "enter that as login URL, then test again.",
        )
    if isinstance(error, NotAllowed | Rejected) and (said := _oauth(error)):
        return _refused(access, host, *said)
    if isinstance(error, NotFound | Unreadable):
        return Diagnosis(
            Mistake.API_FOR_LOGIN,
            f"{host} gives out no tokens. The login URL must name the host that begins with login., not api. or apps.: "
            "choose the organisation's region, or correct the URL.",
        )
    if isinstance(error, NotAllowed | Rejected):
        return _unknown_client(access, host)
    return Diagnosis(Mistake.OTHER, _plainly(error))


def of_list(access: Access, error: OutboundError) -> Diagnosis:
    """Diagnose a failed API request that was sent with a token."""
    host = urlsplit(access.api_url).hostname or ""
    status = error.answer.status if error.answer else 0
    if (common := _common(error)) is not None:
        return common
    if status == _UNAUTHORIZED:
        return Diagnosis(
            Mistake.WRONG_REGION,
            f"{host} does not know the token that {urlsplit(access.login_url).hostname} just made, so the two URLs "
            "are of different regions. Choose the organisation's region, which fills in both.",
        )
    if status == _FORBIDDEN:
        return _forbidden(error)
    if isinstance(error, NotFound | Unreadable):
        return Diagnosis(
            Mistake.NO_API_THERE,
            f"{host} has no list of toll-free numbers. The API URL must name the host that begins with api.; if it "
            "does, ask your Genesys representative whether Genesys SMS Aggregation was added to the organisation.",
        )
    return Diagnosis(Mistake.OTHER, _plainly(error))


def _plainly(error: OutboundError) -> str:
    """Return the cause; an unknown outcome does not matter for a request that changes nothing."""
    again = " Asking changes nothing there: test again in a minute."
    return error.cause + (again if error.unknown_outcome else "")


def _common(error: OutboundError) -> Diagnosis | None:
    """Return the diagnosis of errors that mean the same for both requests, or None."""
    if isinstance(error, NotSent):
        return Diagnosis(Mistake.NOT_REACHABLE, error.sentence)
    if isinstance(error, RateLimited | NoToken):
        return Diagnosis(Mistake.BUSY, error.sentence)
    return None


def _refused(access: Access, host: str, code: str, description: str) -> Diagnosis:
    if code in {"unauthorized_client", "unsupported_grant_type", "invalid_grant"}:
        return Diagnosis(
            Mistake.WRONG_GRANT,
            "This OAuth client may not ask for tokens by itself. In Genesys Cloud, Admin > Integrations > OAuth, its "
            "grant type must be Client Credentials; a client of another type must be made anew.",
        )
    if "not found" in description.lower():
        return Diagnosis(
            Mistake.WRONG_REGION,
            f"{host} knows no OAuth client {access.client_id}. {_where(access)} If the region is right, compare the "
            "client id with Admin > Integrations > OAuth.",
        )
    if "authentication failed" in description.lower():
        return Diagnosis(
            Mistake.WRONG_SECRET,
            f"{host} knows the client, but not this client secret. Copy the secret again from Admin > Integrations > "
            "OAuth > Client Details, without spaces around it.",
        )
    return _unknown_client(access, host)


def _unknown_client(access: Access, host: str) -> Diagnosis:
    return Diagnosis(
        Mistake.WRONG_REGION,
        f"{host} did not accept client id and secret. {_where(access)} If the region is right, copy both again from "
        "Admin > Integrations > OAuth.",
    )


def _where(access: Access) -> str:
    region = region_at(access.login_url)
    here = f"in {region.name}" if region else "at this host"
    return f"Most often the organisation is in another region: clients made elsewhere are not known {here}."


def _forbidden(error: OutboundError) -> Diagnosis:
    told = _member(error, "messageParams", "permissions")
    missing = told if _PERMISSIONS.fullmatch(told) else PERMISSION
    return Diagnosis(
        Mistake.MISSING_ROLE,
        f"The client may not list toll-free numbers: it lacks {missing}. Give it the role Nexus Messaging under "
        "Admin > Integrations > OAuth > Roles, and that role all permissions of messaging and messagingProvisioning. "
        "A role that was given a moment ago counts only for a new token: each test takes one, so wait a minute and "
        "test again.",
    )


def _oauth(error: OutboundError) -> tuple[str, str] | None:
    """Return the OAuth error code and description, or None if the response is not in OAuth's format."""
    code = _member(error, "error")
    return (code, _member(error, "error_description") or _member(error, "description")) if code else None


def _member(error: OutboundError, *path: str) -> str:
    """Return a string from the response's JSON, or an empty string."""
    try:
        value: Any = read_json(error.answer) if error.answer else None
    except Unreadable:
        return ""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def _what(host: str) -> str:
    return "API" if host.startswith("api.") else "organisation's own pages"
