"""Forms of the custom gateway's wizard steps."""

import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from portal.http_client.destinations import Destination
from portal.http_client.errors import UrlRefused
from portal.http_client.url_check import check_url
from portal.vault.fields import SecretField
from portal.vault.kinds import Kind
from provisioning.options.custom_gateway import headers
from provisioning.wizard.forms import StepForm
from senders.phone_numbers import parse

MOST_NUMBERS = 50
_SEPARATORS = re.compile(r"[\n,;]+")
_DOMAIN = re.compile(
    r"(?=.{4,253}\Z)([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,58}[a-z0-9])"
)


def _refuse_longer(text: str, longest: int | None) -> None:
    """Raise ValidationError early, before thousands of entries get an error each."""
    if longest is not None and len(text) > longest:
        raise ValidationError(f"More than {longest:,} characters are not taken here.")


class NumbersField(forms.CharField):
    """One or more sender numbers, one per line; the value is a list of digit strings."""

    def to_python(self, value: Any) -> Any:
        """Return the digits of each number. Raises ValidationError with a message for each invalid one."""
        text = "\n".join(value) if isinstance(value, list) else (super().to_python(value) or "")
        _refuse_longer(text, self.max_length)
        numbers: list[str] = []
        wrong: list[str] = []
        for entry in filter(None, (part.strip() for part in _SEPARATORS.split(text))):
            try:
                numbers.append(parse(entry).digits)
            except ValidationError as error:
                wrong.append(f"{entry}: {error.messages[0]}")
        wrong += [f"{number} stands here twice." for number in sorted({n for n in numbers if numbers.count(n) > 1})]
        if len(numbers) > MOST_NUMBERS:
            wrong.append(f"More than {MOST_NUMBERS} numbers in one gateway are not taken.")
        if wrong:
            raise ValidationError(wrong)
        return numbers

    def prepare_value(self, value: Any) -> Any:
        """Return a draft's list as lines."""
        return "\n".join(value) if isinstance(value, list) else value


class GatewayForm(StepForm):
    """The gateway that implements the Third-Party Messaging webhook (guide, option 2, prerequisites)."""

    asyncPhoneNumber = NumbersField(  # noqa: N815 - the guide's variable
        label="Company's sender IDs",
        max_length=2_000,
        help_text="Short or long codes that this gateway serves, one on each line. Ten digits get the leading 1.",
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )
    asyncWebhookURL = forms.CharField(  # noqa: N815 - the guide's variable
        label="Third-party messaging webhook URL",
        max_length=500,
        help_text="The https address of the service that implements the Third-Party Messaging webhook.",
        widget=forms.TextInput(attrs={"inputmode": "url"}),
    )
    asyncAPISignatureKey = SecretField(  # noqa: N815 - the guide's variable
        Kind.GATEWAY_API_KEY,
        used_at=("asyncWebhookURL",),
        label="Third-party messaging API secret key",
        help_text="With it the gateway signs its calls to Digital Channels.",
        can_be_made=True,
    )
    asyncWebhookSignatureKey = SecretField(  # noqa: N815 - the guide's variable
        Kind.GATEWAY_WEBHOOK_KEY,
        used_at=("asyncWebhookURL",),
        label="Third-party messaging webhook secret key",
        help_text="With it Digital Channels signs its calls to the gateway.",
        can_be_made=True,
    )
    asyncEmailDomain = forms.CharField(  # noqa: N815 - the guide's variable
        label="E-mail domain",
        required=False,
        max_length=253,
        help_text="A further channel of the same gateway, if it carries e-mail too.",
    )
    examples: ClassVar = {
        "asyncPhoneNumber": "16504661149",
        "asyncWebhookURL": "https://genesys-webhook.company.com",
        "asyncEmailDomain": "mail.company.com",
    }

    def clean_asyncWebhookURL(self) -> str:  # noqa: N802 - Django derives the name from the field
        """Return the URL as it was typed: a gateway's path may end with a slash or not."""
        url = self.cleaned_data["asyncWebhookURL"].strip()
        try:
            check_url(Destination.WEBHOOK, url)
        except UrlRefused as error:
            raise ValidationError(error.sentence) from error
        return str(url)

    def clean_asyncEmailDomain(self) -> str:  # noqa: N802 - Django derives the name from the field
        """Return the domain in lower case."""
        domain = self.cleaned_data["asyncEmailDomain"].strip().lower()
        if domain and not _DOMAIN.fullmatch(domain):
            raise ValidationError("Enter a domain such as mail.company.com, without @ and without a path.")
        return str(domain)


class HeadersField(forms.CharField):
    """Custom headers, one per line; the value is a list of pairs."""

    def to_python(self, value: Any) -> Any:
        """Return the headers as pairs. Raises ValidationError with a message for each invalid line."""
        text = super().to_python(value) or ""
        _refuse_longer(text, self.max_length)
        return [[header.name, header.value] for header in headers.parse_lines(text)]

    def prepare_value(self, value: Any) -> Any:
        """Return a draft's pairs as lines."""
        return headers.as_text(value) if isinstance(value, list) else value


class HeadersForm(StepForm):
    """Static headers that Digital Channels sends with each webhook call."""

    headers = HeadersField(
        label="Custom HTTP headers",
        required=False,
        max_length=20_000,
        help_text="One on each line: NAME = VALUE. Digital Channels sends them with every call to the gateway. "
        "Put no secrets here: they stand readable in Platform Administration.",
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )
    examples: ClassVar = {"headers": "custom-header-for-async-1 = 12345"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["headers"].widget.attrs["data-variable"] = "header:NAME"
