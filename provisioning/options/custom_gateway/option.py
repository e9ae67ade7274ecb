"""Custom gateway option: its wizard steps and its two services (guide, option 2)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError

from portal.http_client.messages import Secret
from portal.vault.kinds import Kind
from provisioning.models import Rehearsal, RehearsalState, Setup
from provisioning.options.base import OF_EVERY_OPTION, Answers, FurtherPage, Option, Prerequisite, ServiceDefinition
from provisioning.options.custom_gateway.forms import GatewayForm, HeadersForm
from provisioning.options.custom_gateway.headers import Header, as_text, problem_with
from provisioning.options.file_schema import FieldKind, FileField, FileSchema
from provisioning.wizard.steps import PrerequisitesStep, WizardStep
from senders.phone_numbers import parse


def _number(text: str, earlier: Sequence[str]) -> str:
    try:
        digits = parse(text).digits
    except ValidationError as error:
        return " ".join(error.messages)
    twice = digits in {parse(each).digits for each in earlier if not _number(each, ())}
    return "This number stands here twice." if twice else ""


def _header(pair: tuple[str, str], earlier: Sequence[tuple[str, str]]) -> str:
    # Check each pair by itself, not as lines of the form: a line break in a value must not start another header.
    return problem_with(Header(*pair), [Header(*each) for each in earlier])


def _as_lines(pairs: Sequence[tuple[str, str]]) -> str:
    return as_text([list(pair) for pair in pairs])


def _as_mapping(answers: Mapping[str, Any]) -> dict[str, str]:
    return dict(answers.get("headers", ()))


SECTION = FileSchema(
    keys=(
        FileField("phone_numbers", "asyncPhoneNumber", takes=FieldKind.LIST, each=_number),
        FileField("webhook_url", "asyncWebhookURL"),
        FileField("webhook_secret", "asyncWebhookSignatureKey", secret="WEBHOOK_SECRET"),  # noqa: S106 - a name, not a secret
        FileField("api_secret", "asyncAPISignatureKey", secret="API_SECRET"),  # noqa: S106 - the same
        FileField("email_domain", "asyncEmailDomain", required=False),
        FileField(
            "headers",
            "headers",
            required=False,
            free_text=True,
            takes=FieldKind.MAPPING,
            each=_header,
            to_form=_as_lines,
            to_file=_as_mapping,
        ),
    ),
)


class GatewayStep(WizardStep):
    """The numbers, the webhook and its two secrets."""

    key = "gateway"
    title = "Gateway"
    form = GatewayForm
    template = "provisioning/custom_gateway/gateway.html"

    def warnings(self, answers: Answers) -> list[str]:
        """Return what is unusual about the numbers and the webhook's URL."""
        found = [warning for number in answers["asyncPhoneNumber"] if (warning := parse(number).warning)]
        if answers["asyncWebhookURL"].startswith("http://"):
            found.append("The webhook is http: messages travel unencrypted. Only loopback may do that.")
        return found


class HeadersStep(WizardStep):
    """The headers that the gateway wants."""

    key = "headers"
    title = "HTTP headers"
    form = HeadersForm


def _secrets_of(channel_id: str) -> dict[str, Any]:
    return {
        "channelId": channel_id,
        "webhook": {"secret": Secret("asyncWebhookSignatureKey")},
        "api": {"secret": Secret("asyncAPISignatureKey")},
    }


class CustomGateway(Option):
    """A gateway of the tenant's own: one channel of the service Async for each number."""

    key = "custom_gateway"
    title = "Custom gateway"
    summary = "Your own gateway to an SMS provider of your choice, built with the Third-Party Messaging API."
    question = "Do you run, or buy, a gateway of your own that implements Genesys' Third-Party Messaging API?"
    provider = "Async"
    steps = (
        PrerequisitesStep(),
        GatewayStep(),
        HeadersStep(),
    )
    secrets = (Kind.GATEWAY_API_KEY, Kind.GATEWAY_WEBHOOK_KEY)
    prerequisites = (
        *OF_EVERY_OPTION,
        Prerequisite("Company's sender IDs", "One or more short or long codes.", "asyncPhoneNumber"),
        Prerequisite("Webhook URL", "Of the service that implements the webhook.", "asyncWebhookURL"),
        Prerequisite("API secret key", "The gateway signs with it; the wizard can make one.", "asyncAPISignatureKey"),
        Prerequisite(
            "Webhook secret key", "Digital Channels signs with it; the wizard can make one.", "asyncWebhookSignatureKey"
        ),
        Prerequisite("E-mail domain", "Only if the gateway carries e-mail too.", "asyncEmailDomain"),
        Prerequisite("Custom HTTP headers", "Only if the gateway wants them."),
    )
    carrier_note = "your gateway's webhook"
    carrier_page = "rehearsal"
    section = SECTION
    further_pages = (
        FurtherPage("Rehearse the webhook", "rehearsal", "send"),
        FurtherPage("HTTP headers to paste", "gateway_headers", "copy"),
    )

    def services(self, answers: Answers) -> list[ServiceDefinition]:
        """Return the two services of the guide."""
        url = answers["asyncWebhookURL"]
        ids = [*answers["asyncPhoneNumber"], *filter(None, [answers["asyncEmailDomain"]])]
        return [
            ServiceDefinition(
                "Async",
                {
                    "data": {"channels": [{"channelId": id_, "webhook": {"url": url}} for id_ in ids]},
                    "secret": {"channels": [_secrets_of(id_) for id_ in ids]},
                },
            ),
            ServiceDefinition("SMS", {"url": "N/A", "data": {"provider": "Async"}, "secret": {}}),
        ]

    def sender_numbers(self, answers: Answers) -> list[str]:
        """Return all numbers of the gateway."""
        return list(answers["asyncPhoneNumber"])

    def carrier_state(self, setup: Setup) -> tuple[str, str]:
        """Return severity and label of the tenant's last webhook test; without one the gateway is unproved."""
        rehearsals = Rehearsal.objects.filter(setup__tenant=setup.tenant_id, setup__option=setup.option)
        last = rehearsals.filter(state=RehearsalState.DONE).order_by("-finished_at").first()
        if last is None:
            return "warning", "Not rehearsed"
        tones = {grade["tone"] for grade in last.grades}
        return ("bad", "Rehearsal failed") if "bad" in tones else ("good", "Rehearsed")

    def cautions(self, setup: Setup) -> list[str]:
        """Return a message if the webhook was not tested well."""
        tone, label = self.carrier_state(setup)
        return [] if tone == "good" else [f"Webhook: {label.lower()}. Rehearse it before customers write."]
