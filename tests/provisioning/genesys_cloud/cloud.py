"""The guide's example of option 3 at the sandbox, and the short ways to drafts and runs of it."""

from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.devtools.sandbox.genesys_cloud.clients import DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_ORGANIZATION
from portal.tenants.models import Tenant
from provisioning.models import Setup
from provisioning.runs.actions import start_setup
from provisioning.wizard.actions import begin_setup, save_step
from tests.provisioning.kaleyra import facts

NUMBER = "18445551212"
CLUSTER_KEY = "9b7682b7-cbce-422f-9bbb-ecda85e61695"
PASSWORD = "admin-password-to-hand-over"


def organisation(url: str, *, login: str = "/login-host", api: str = "/api-host") -> dict[str, str]:
    """The step Organisation: the sandbox plays login and API at two addresses, and knows its place."""
    return {
        "orgId": DEMO_ORGANIZATION,
        "region": "custom",
        "gcLoginURL": url + login,
        "gcAPIURL": url + api,
        "orgUsername": "admin-user",
        "orgPassword": "",
    }


def credentials(secret: str = DEMO_CLIENT_SECRET) -> dict[str, str]:
    """The step Credentials."""
    return {"clientId": DEMO_CLIENT_ID, "clientSecret": secret}


def answers(tenant: Tenant) -> dict[str, dict[str, str]]:
    """Good answers to all steps."""
    return {
        "prerequisites": facts(tenant),
        "organisation": organisation(tenant.nexus_url),
        "checklist": {},
        "credentials": credentials(),
        "cluster_key": {"apikey": CLUSTER_KEY},
        "sender": {"tfn": NUMBER},
    }


def draft_to(actor: Actor, tenant: Tenant, last: str) -> Setup:
    """A draft of which every step up to and with `last` is answered."""
    setup = begin_setup(actor, tenant, "genesys_cloud")
    for key, values in answers(tenant).items():
        setup = save_step(actor, setup, key, values, setup.version)
        if key == last:
            break
    return setup


def complete_draft(actor: Actor, tenant: Tenant) -> Setup:
    """A draft of which every step is answered."""
    return draft_to(actor, tenant, "sender")


def queued(actor: Actor, tenant: Tenant) -> Setup:
    """A set-up that waits for a worker."""
    return start_setup(actor, complete_draft(actor, tenant))


def asked(sandbox: Control, path: str) -> int:
    """How many requests came to this path."""
    return sum(line["path"].endswith(path) for line in sandbox.ledger())
