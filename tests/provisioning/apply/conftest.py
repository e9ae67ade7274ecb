"""The issue's three example tenants, against the sandbox, and a short way to apply a file."""

from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from portal.audit.models import Event
from portal.devtools.sandbox.control import Control
from portal.http_client.models import Call
from portal.tenants.models import Tenant
from provisioning.models import Service, Setup, SetupStep
from senders.models import SenderId

SECRETS = {
    "ACME_NEXUS_API_KEY": "api-key-of-acme",
    "ACME_KALEYRA_PASSWORD": "pa$$word\\with'quotes\"`!",
    "GLOBEX_NEXUS_API_KEY": "api-key-of-globex",
    "GLOBEX_WEBHOOK_SECRET": "webhook-secret-of-globex",
    "GLOBEX_API_SECRET": "api-secret-of-globex",
    "INITECH_NEXUS_API_KEY": "api-key-of-initech",
    "INITECH_CLIENT_SECRET": "client-secret-of-initech",
    "INITECH_CLUSTER_KEY": "9b7682b7-cbce-422f-9bbb-ecda85e61695",
}
ACME = """\
  - name: Acme
    ccid: 45acae06-6b7c-4f97-9c76-471cb5c21bf7
    nexus_url: http://SANDBOX
    nexus_api_key: ${ACME_NEXUS_API_KEY}        # from the environment; a literal works and warns
    kaleyra: {url: http://directtext.mgage.com, username: acme, password: "${ACME_KALEYRA_PASSWORD}"}
    sender_ids:
      - {number: "16504661149", section: SMS_Main_Corporate, endpoint: MainRouting, cxc_only: false}
"""
GLOBEX = """\
  - name: Globex
    ccid: 0b0a1bd4-9d5e-4b44-a1de-5a7c7a2a9a11
    nexus_url: http://SANDBOX
    nexus_api_key: ${GLOBEX_NEXUS_API_KEY}
    custom_gateway:
      phone_numbers: ["16504661150"]
      webhook_url: https://genesys-webhook.company.com
      webhook_secret: ${GLOBEX_WEBHOOK_SECRET}
      api_secret: ${GLOBEX_API_SECRET}
      email_domain: mail.globex.example          # optional
      headers: {custom-header-for-async-1: "12345"}
"""
INITECH = """\
  - name: Initech
    ccid: 6f1f3a52-31c4-4f5e-8a43-2b9d6a1e0c77
    nexus_url: http://SANDBOX
    nexus_api_key: ${INITECH_NEXUS_API_KEY}
    genesys_cloud:
      org_id: 47d8329d-1c28-4c86-9374-559cf8bd2a1d
      region: us-east-1                          # or login_url and api_url
      client_id: 4da40a9d-b113-4024-8ba9-c9dd89c91f67
      client_secret: ${INITECH_CLIENT_SECRET}
      cluster_api_key: ${INITECH_CLUSTER_KEY}    # optional
"""


@dataclass(frozen=True)
class Applied:
    """What a run of the command left behind."""

    code: int
    out: str
    err: str


Apply = Callable[..., Applied]


@pytest.fixture
def folder(tmp_path: Path, sandbox: Control, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where files are written; the environment has all secrets."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    return tmp_path


@pytest.fixture
def apply(folder: Path, sandbox: Control, transactional_db: None) -> Apply:
    """Apply a file of these tenants, in this process (whose threads see what is committed) unless told otherwise."""

    def run(text: str, *arguments: str) -> Applied:
        file = folder / "setups.yaml"
        file.write_text(text.replace("http://SANDBOX", sandbox.url))
        return call(str(file), *(arguments or ("--inline",)))

    return run


def call(*arguments: str, command: str = "apply") -> Applied:
    """Run the command, and return its exit code and output."""
    out, err, code = StringIO(), StringIO(), 0
    try:
        call_command(command, *arguments, stdout=out, stderr=err)
    except CommandError as error:
        code = error.returncode
        err.write(str(error))
    except SystemExit as end:
        code = int(end.code or 0)
    return Applied(code, out.getvalue(), err.getvalue())


def file_of(*tenants: str) -> str:
    """A file of these tenants."""
    return "tenants:\n" + "".join(tenants)


ALL_THREE = file_of(ACME, GLOBEX, INITECH)


def rows() -> dict[str, int]:
    """How much there is of everything."""
    return {each.__name__: each.objects.count() for each in (Tenant, Setup, SetupStep, Service, SenderId, Event, Call)}


NOTHING = dict.fromkeys(("Tenant", "Setup", "SetupStep", "Service", "SenderId", "Event", "Call"), 0)
