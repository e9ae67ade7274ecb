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
from provisioning.wizard.steps import PREREQUISITES, WizardStep
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


def _services(answers: Answers) -> list[ServiceDefinition]:
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


def _secrets_of(channel_id: str) -> dict[str, Any]:
    return {
        "channelId": channel_id,
        "webhook": {"secret": Secret("asyncWebhookSignatureKey")},
        "api": {"secret": Secret("asyncAPISignatureKey")},
    }


def _sender_numbers(answers: Answers) -> list[str]:
    return list(answers["asyncPhoneNumber"])


def _warnings(answers: Mapping[str, Any]) -> list[str]:
    found = [warning for number in answers["asyncPhoneNumber"] if (warning := parse(number).warning)]
    if answers["asyncWebhookURL"].startswith("http://"):
        found.append("The webhook is http: messages travel unencrypted. Only loopback may do that.")
    return found


def _carrier_state(setup: Setup) -> tuple[str, str]:
    """Return severity and label of the tenant's last webhook test; without one the gateway is unproved."""
    rehearsals = Rehearsal.objects.filter(setup__tenant=setup.tenant_id, setup__option=setup.option)
    last = rehearsals.filter(state=RehearsalState.DONE).order_by("-finished_at").first()
    if last is None:
        return "warning", "Not rehearsed"
    tones = {grade["tone"] for grade in last.grades}
    return ("bad", "Rehearsal failed") if "bad" in tones else ("good", "Rehearsed")


def _cautions(setup: Setup) -> list[str]:
    tone, label = _carrier_state(setup)
    return [] if tone == "good" else [f"Webhook: {label.lower()}. Rehearse it before customers write."]


CUSTOM_GATEWAY = Option(
    key="custom_gateway",
    title="Custom gateway",
    summary="Your own gateway to an SMS provider of your choice, built with the Third-Party Messaging API.",
    question="Do you run, or buy, a gateway of your own that implements Genesys' Third-Party Messaging API?",
    provider="Async",
    steps=(
        PREREQUISITES,
        WizardStep("gateway", "Gateway", GatewayForm, _warnings, "provisioning/custom_gateway/gateway.html"),
        WizardStep("headers", "HTTP headers", HeadersForm),
    ),
    secrets=(Kind.GATEWAY_API_KEY, Kind.GATEWAY_WEBHOOK_KEY),
    prerequisites=(
        *OF_EVERY_OPTION,
        Prerequisite("Company's sender IDs", "One or more short or long codes.", "asyncPhoneNumber"),
        Prerequisite("Webhook URL", "Of the service that implements the webhook.", "asyncWebhookURL"),
        Prerequisite("API secret key", "The gateway signs with it; the wizard can make one.", "asyncAPISignatureKey"),
        Prerequisite(
            "Webhook secret key", "Digital Channels signs with it; the wizard can make one.", "asyncWebhookSignatureKey"
        ),
        Prerequisite("E-mail domain", "Only if the gateway carries e-mail too.", "asyncEmailDomain"),
        Prerequisite("Custom HTTP headers", "Only if the gateway wants them."),
    ),
    services=_services,
    sender_numbers=_sender_numbers,
    carrier_note="your gateway's webhook",
    carrier_state=_carrier_state,
    cautions=_cautions,
    carrier_page="rehearsal",
    section=SECTION,
    further_pages=(
        FurtherPage("Rehearse the webhook", "rehearsal", "send"),
        FurtherPage("HTTP headers to paste", "gateway_headers", "copy"),
    ),
)
