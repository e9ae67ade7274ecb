"""Demo tenants, one for each option, and the answers for their wizards.

The values are the guide's examples, but every system that the portal really calls is the sandbox.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from portal.devtools.sandbox.gateways import SECRET
from portal.devtools.sandbox.genesys_cloud.clients import DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_ORGANIZATION
from provisioning.options.base import Option
from provisioning.options.custom_gateway.option import CustomGateway
from provisioning.options.genesys_cloud.option import GenesysCloud
from provisioning.options.kaleyra.option import Kaleyra

# Invented: the sandbox accepts any key, and nothing is sent to Kaleyra.
API_KEY, KALEYRA_PASSWORD = "demo-api-key", "demo-password"


@dataclass(frozen=True)
class DemoTenant:
    """A tenant, its option, and a function that returns the wizard's answers for a sandbox URL."""

    name: str
    ccid: UUID
    option: Option
    answers: Callable[[str], Mapping[str, str]]


def _kaleyra(_: str) -> Mapping[str, str]:
    return {
        "kaleyraURL": "http://directtext.mgage.com",
        "kaleyraUserName": "acme",
        "kaleyraPassword": KALEYRA_PASSWORD,
        "tfn": "16504661149",
    }


def _gateway(sandbox: str) -> Mapping[str, str]:
    return {
        "asyncPhoneNumber": "16504661150",
        "asyncWebhookURL": f"{sandbox}/gateways/good",
        "asyncAPISignatureKey": "demo-api-signature-key",
        "asyncWebhookSignatureKey": SECRET,
        "asyncEmailDomain": "mail.globex.example",
        "headers": "custom-header-for-async-1 = 12345",
    }


def _genesys_cloud(sandbox: str) -> Mapping[str, str]:
    return {
        "orgId": DEMO_ORGANIZATION,
        "region": "custom",
        "gcLoginURL": f"{sandbox}/login-host",
        "gcAPIURL": f"{sandbox}/api-host",
        "orgUsername": "admin-user",
        "clientId": DEMO_CLIENT_ID,
        "clientSecret": DEMO_CLIENT_SECRET,
        "apikey": "9b7682b7-cbce-422f-9bbb-ecda85e61695",
        "tfn": "",
    }


TENANTS = (
    DemoTenant("Acme", UUID("45acae06-6b7c-4f97-9c76-471cb5c21bf7"), Kaleyra(), _kaleyra),
    DemoTenant("Globex", UUID("0b0a1bd4-9d5e-4b44-a1de-5a7c7a2a9a11"), CustomGateway(), _gateway),
    DemoTenant("Initech", UUID("6f1f3a52-31c4-4f5e-8a43-2b9d6a1e0c77"), GenesysCloud(), _genesys_cloud),
)
