"""File schema of the custom gateway: `custom_gateway: {phone_numbers: […], webhook_url: …, …}`."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError

from provisioning.options.custom_gateway.headers import Header, as_text, problem_with
from provisioning.options.section import Key, Section, Takes
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


SECTION = Section(
    keys=(
        Key("phone_numbers", "asyncPhoneNumber", takes=Takes.LIST, each=_number),
        Key("webhook_url", "asyncWebhookURL"),
        Key("webhook_secret", "asyncWebhookSignatureKey", secret="WEBHOOK_SECRET"),  # noqa: S106 - a name, not a secret
        Key("api_secret", "asyncAPISignatureKey", secret="API_SECRET"),  # noqa: S106 - the same
        Key("email_domain", "asyncEmailDomain", required=False),
        Key(
            "headers",
            "headers",
            required=False,
            free_text=True,
            takes=Takes.MAPPING,
            each=_header,
            to_form=_as_lines,
            to_file=_as_mapping,
        ),
    ),
)
