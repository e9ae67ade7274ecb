"""Client of the provisioning API of Digital Channels ("Nexus").

The guide gives the request and no answer. Inferred, and only here and in `verdicts`: 409 means that the service is
there already, and an answer's body carries `{"status": {"code": 0, …}}` like those of the other v3 endpoints.
"""

from portal.outbound.answer_json import Json
from portal.outbound.destinations import Destination
from portal.outbound.errors import OutboundError, Unreadable
from portal.outbound.messages import Answer, Request, Secret
from portal.tenants.models import Tenant
from provisioning.options.base import ServiceDefinition


class ErrorInside(OutboundError):
    """A 2xx whose body reports an error."""

    code = "error_inside"
    permanent = True
    unknown_outcome = True
    says = (
        "{host} answered {status}, but reported an error inside; the answer stands with the request. "
        "What came of it is not known: mend what it names, then resume."
    )


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
    """Return the request that reads a service's definition back (inferred: the guide gives no GET)."""
    return Request(
        destination=Destination.NEXUS,
        purpose=f"read {name}",
        method="GET",
        url=f"{tenant.nexus_url}/nexus/v3/provisioning/services/{tenant.ccid}/{name}",
        headers={"x-api-key": Secret("apiKey"), "x-ccid": str(tenant.ccid)},
        variables={"nexusURL": tenant.nexus_url, "ccid": str(tenant.ccid)},
    )


def definition_in(answer: Answer) -> dict[str, Json]:
    """Return the definition that an answer holds, without its secret; raises ErrorInside or Unreadable."""
    confirm(answer)
    body = answer.json()
    definition = body.get("data") if isinstance(body, dict) and "status" in body else body
    if not isinstance(definition, dict):
        raise Unreadable(answer.host, answer=answer)
    return definition


def confirm(answer: Answer) -> str:
    """Return what is worth saying about a 2xx that created the service; raises ErrorInside or Unreadable."""
    if not answer.body.strip():
        return f"Created. Nexus answered {answer.status} with nothing inside, so there is no more to show."
    body = answer.json()
    if not isinstance(body, dict):
        raise Unreadable(answer.host, answer=answer)
    status = body.get("status")
    if isinstance(status, dict) and status.get("code") not in (None, 0):
        raise ErrorInside(answer.host, answer=answer)
    return ""
