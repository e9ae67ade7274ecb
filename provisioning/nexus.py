"""Client for the provisioning API of Digital Channels ("Nexus").

The guide documents the request but no answer. Inferred, and used only here and where responses are classified: 409
means that the service already exists, and an answer's body carries `{"status": {"code": 0, …}}`, as with the other v3
endpoints. Only that code 0 proves anything. GET on the same path, also inferred, is the only way to read a service.
"""

from portal.http_client.destinations import Destination
from portal.http_client.errors import OutboundError, Unreadable
from portal.http_client.messages import Answer, Request, Secret
from portal.http_client.response_json import Json, read_json
from portal.tenants.models import Tenant
from portal.vault.binding import Binding
from portal.vault.kinds import Kind
from provisioning.options.base import ServiceDefinition


class ErrorInside(OutboundError):
    """A 2xx whose body reports an error."""

    code = "error_inside"
    permanent = True
    unknown_outcome = True
    says = "{host} answered {status}, but reported an error inside; the answer stands with the request."
    doubts = "What came of it is not known: mend what it names, then resume."


def api_key_of(tenant: Tenant) -> dict[Kind, Binding]:
    """Return the credential for requests to the tenant's Digital Channels: the API key bound to its URL."""
    return {Kind.NEXUS_API_KEY: Binding.to(tenant.nexus_url)}


def create_service(tenant: Tenant, service: ServiceDefinition) -> Request:
    """Return the request that creates a service, exactly as in the guide; secrets are markers in it."""
    return Request(
        destination=Destination.NEXUS,
        purpose=f"create {service.name}",
        method="POST",
        url=f"{tenant.nexus_url}/nexus/v3/provisioning/services/{tenant.ccid}/{service.name}",
        headers={
            "Content-Type": "application/json",
            "x-api-key": Secret("apiKey"),
            "x-ccid": str(tenant.ccid),
        },
        json=service.body,
        variables={"nexusURL": tenant.nexus_url, "ccid": str(tenant.ccid)},
    )


def read_service(tenant: Tenant, name: str) -> Request:
    """Return the request that reads a service back (inferred: the guide documents no GET)."""
    return Request(
        destination=Destination.NEXUS,
        purpose=f"read {name}",
        method="GET",
        url=f"{tenant.nexus_url}/nexus/v3/provisioning/services/{tenant.ccid}/{name}",
        headers={"x-api-key": Secret("apiKey"), "x-ccid": str(tenant.ccid)},
        variables={"nexusURL": tenant.nexus_url, "ccid": str(tenant.ccid)},
    )


def definition_in(answer: Answer) -> dict[str, Json]:
    """Return the definition from an answer, without a secret that it might hold. Raises ErrorInside or Unreadable."""
    body = read_json(answer)
    if isinstance(body, dict) and "status" in body:
        definition = body.get("data") if is_confirmed(answer) else None
    else:
        definition = body
    if not isinstance(definition, dict):
        raise Unreadable(answer.host, answer=answer)
    return {name: value for name, value in definition.items() if name != "secret"}


def is_confirmed(answer: Answer) -> bool:
    """Return whether a 2xx reports the documented success. Raises ErrorInside if it reports an error.

    An empty body, a proxy's page, truncated JSON, `{}`, or a status without a code proves nothing, because anything on
    the way may have sent it.
    """
    try:
        body = read_json(answer)
    except Unreadable:
        return False
    status = body.get("status") if isinstance(body, dict) else None
    code = status.get("code") if isinstance(status, dict) else None
    if type(code) is int and code == 0:
        return True
    if not code or code == "0":  # no code, or a zero that is not the documented one
        return False
    raise ErrorInside(answer.host, answer=answer)
