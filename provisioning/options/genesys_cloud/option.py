"""Genesys Cloud option: its wizard steps and its three services (guide, option 3)."""

from collections.abc import Callable, Mapping
from typing import Any

from genesys_cloud.connection_test import last_test
from genesys_cloud.regions import REGIONS
from portal.http_client.messages import Secret
from portal.vault.kinds import Kind
from provisioning.models import Setup
from provisioning.options.base import OF_EVERY_OPTION, Answers, Option, Prerequisite, ServiceDefinition
from provisioning.options.file_schema import FileField, FileSchema
from provisioning.options.genesys_cloud.forms import (
    ChecklistForm,
    ClusterKeyForm,
    CredentialsForm,
    LaterSenderForm,
    OrganisationForm,
    organisation_warnings,
)
from provisioning.wizard.steps import PREREQUISITES, WizardStep
from senders.phone_numbers import parse


def _custom(answers: Answers) -> bool:
    """Return whether the hosts belong to no region. Then the file has the URLs, otherwise only the region."""
    return answers.get("region") not in REGIONS


def _only_custom(variable: str) -> Callable[[Answers], Any]:
    return lambda answers: answers.get(variable) if _custom(answers) else None


SECTION = FileSchema(
    keys=(
        FileField("org_id", "orgId"),
        FileField(
            "region", "region", required=False, to_file=lambda answers: None if _custom(answers) else answers["region"]
        ),
        FileField("login_url", "gcLoginURL", required=False, to_file=_only_custom("gcLoginURL")),
        FileField("api_url", "gcAPIURL", required=False, to_file=_only_custom("gcAPIURL")),
        FileField("client_id", "clientId"),
        FileField("client_secret", "clientSecret", secret="CLIENT_SECRET"),  # noqa: S106 - a name, not a secret
        FileField("cluster_api_key", "apikey", required=False, secret="CLUSTER_KEY"),  # noqa: S106 - the same
    ),
    sender_variable="tfn",
)


def _services(answers: Answers) -> list[ServiceDefinition]:
    client = {"clientId": answers["clientId"], "clientSecret": Secret("clientSecret")}
    return [
        ServiceDefinition("PurecloudIDP", {"url": answers["gcLoginURL"], "secret": client, "data": {}}),
        ServiceDefinition("SMS", {"url": "N/A", "secret": {}, "data": {"tokenProvider": "Purecloud"}}),
        ServiceDefinition("PorticoSMS", {"url": answers["gcAPIURL"], "secret": {}, "data": {}}),
    ]


def _sender_numbers(answers: Answers) -> list[str]:
    return [number] if (number := answers.get("tfn", "")) else []


def _number_warnings(answers: Mapping[str, Any]) -> list[str]:
    warning = parse(answers["tfn"]).warning if answers["tfn"] else ""
    return [warning] if warning else []


_ROOM = "provisioning/genesys_cloud"


def _cautions(setup: Setup) -> list[str]:
    test = last_test(setup.tenant)
    if test is None:
        return ["The connection to Genesys Cloud was never tested; the step “Credentials” has the button."]
    return [] if test.ok else [f"The last test of the connection failed: {test.sentence}"]


GENESYS_CLOUD = Option(
    key="genesys_cloud",
    title="Genesys Cloud CX",
    summary="SMS through the aggregation of Genesys Cloud CX, with toll-free numbers that you order there.",
    question="Should Genesys carry your messages, with toll-free numbers bought through Genesys Cloud?",
    provider="Portico",
    steps=(
        PREREQUISITES,
        WizardStep(
            "organisation", "Organisation", OrganisationForm, organisation_warnings, f"{_ROOM}/organisation.html"
        ),
        WizardStep("checklist", "Genesys Cloud", ChecklistForm, template=f"{_ROOM}/checklist.html"),
        WizardStep("credentials", "Credentials", CredentialsForm, template=f"{_ROOM}/credentials.html"),
        WizardStep("cluster_key", "API key", ClusterKeyForm, template=f"{_ROOM}/cluster_key.html"),
        WizardStep("sender", "Sender ID", LaterSenderForm, _number_warnings, f"{_ROOM}/sender.html"),
    ),
    secrets=(Kind.CLIENT_SECRET,),
    prerequisites=(
        *OF_EVERY_OPTION,
        Prerequisite("Organisation id", "From your Genesys representative, with the organisation itself.", "orgId"),
        Prerequisite("Region", "Where the organisation lives; it gives the login URL and the API URL."),
        Prerequisite("Administrator", "A user with administrative permissions in the organisation.", "orgUsername"),
        Prerequisite("Genesys SMS Aggregation", "A product that the representative adds to the organisation."),
        Prerequisite("Client id", "Made on the way, in Genesys Cloud.", "clientId"),
        Prerequisite("Client secret", "Made on the way, in Genesys Cloud.", "clientSecret"),
        Prerequisite("Messaging cluster API key", "Made on the way, unless there is one already.", "apikey"),
    ),
    services=_services,
    carrier_note="Genesys' SMS aggregation",
    sender_numbers=_sender_numbers,
    cautions=_cautions,
    section=SECTION,
)
