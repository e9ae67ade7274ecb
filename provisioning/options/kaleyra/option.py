"""Kaleyra option: its wizard steps and its two services (guide, option 1)."""

from portal.http_client.messages import Secret
from portal.vault.kinds import Kind
from provisioning.options.base import OF_EVERY_OPTION, Answers, Option, Prerequisite, ServiceDefinition
from provisioning.options.file_schema import FileField, FileSchema
from provisioning.options.kaleyra.forms import AccountForm
from provisioning.wizard.steps import PrerequisitesStep, SenderStep, WizardStep

SECTION = FileSchema(
    keys=(
        FileField("url", "kaleyraURL"),
        FileField("username", "kaleyraUserName", secret="KALEYRA_USERNAME", is_word=True),  # noqa: S106 - a name, not a secret
        FileField("password", "kaleyraPassword", secret="KALEYRA_PASSWORD"),  # noqa: S106 - the same
    ),
    sender_variable="tfn",
)


class AccountStep(WizardStep):
    """The Kaleyra account."""

    key = "account"
    title = "Kaleyra account"
    form = AccountForm


class Kaleyra(Option):
    """The built-in connector; the service SMS names it, the service mGageSMS has the account."""

    key = "kaleyra"
    title = "Kaleyra"
    summary = "The built-in connector to the SMS service of Kaleyra, formerly mGage."
    question = "Do you have an account with Kaleyra (formerly mGage)?"
    provider = "mGage"
    steps = (PrerequisitesStep(), AccountStep(), SenderStep())
    secrets = (Kind.KALEYRA_USER_NAME, Kind.KALEYRA_PASSWORD)
    prerequisites = (
        *OF_EVERY_OPTION,
        Prerequisite("Kaleyra API URL", "URL of the Kaleyra SMS API.", "kaleyraURL"),
        Prerequisite("Kaleyra user name", "An account with permission to send SMS.", "kaleyraUserName"),
        Prerequisite("Kaleyra password", "The password of that account.", "kaleyraPassword"),
        Prerequisite("Company's sender ID", "A short code (5 digits) or a long code (10 digits).", "tfn"),
    )
    carrier_note = "carries your messages"
    section = SECTION

    def services(self, answers: Answers) -> list[ServiceDefinition]:
        """Return the two services of the guide."""
        account = {"username": Secret("kaleyraUserName"), "password": Secret("kaleyraPassword")}
        return [
            ServiceDefinition("SMS", {"url": "N/A", "data": {"provider": "mGage"}, "secret": {}}),
            ServiceDefinition("mGageSMS", {"url": answers["kaleyraURL"], "data": {}, "secret": account}),
        ]
