"""Kaleyra's wizard steps and the two services that it needs (guide, option 1)."""

from portal.outbound.messages import Secret
from portal.vault.kinds import Kind
from provisioning.options.base import Answers, Option, ServiceDefinition
from provisioning.options.kaleyra.forms import AccountForm
from provisioning.wizard import PREREQUISITES, SENDER_ID, WizardStep


def _services(answers: Answers) -> list[ServiceDefinition]:
    account = {"username": Secret("kaleyraUserName"), "password": Secret("kaleyraPassword")}
    return [
        ServiceDefinition("SMS", {"url": "N/A", "data": {"provider": "mGage"}, "secret": {}}),
        ServiceDefinition("mGageSMS", {"url": answers["kaleyraURL"], "data": {}, "secret": account}),
    ]


KALEYRA = Option(
    key="kaleyra",
    title="Kaleyra",
    summary="The built-in connector to the SMS service of Kaleyra, formerly mGage.",
    provider="mGage",
    steps=(PREREQUISITES, WizardStep("account", "Kaleyra account", AccountForm), SENDER_ID),
    secrets=(Kind.KALEYRA_USER_NAME, Kind.KALEYRA_PASSWORD),
    services=_services,
)
