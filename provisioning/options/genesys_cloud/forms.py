"""Forms of the Genesys Cloud wizard steps."""

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html

from genesys_cloud.connection_test import last_test, numbers_seen
from genesys_cloud.models import ConnectionTest
from genesys_cloud.regions import REGIONS, Region, normal_url, prefix_of, region_at
from portal.http_client.resolver import name_warnings
from portal.tenants.addresses import normal_auth_url
from portal.tenants.models import Tenant
from portal.ui.forms import PortalFormMixin
from portal.vault.fields import OneTimeSecretField, SecretField
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from provisioning.options.genesys_cloud.checklist import CHAPTERS, ORGANISATION, PREFIX, Line, lines_of
from provisioning.services.checklists import ticks_of
from provisioning.wizard.forms import StepForm
from provisioning.wizard.steps import SenderForm
from tollfree.requests.models import NumberRequest, RequestKind

CUSTOM = "custom"
WHOLE_ID = "Enter the whole id: 8-4-4-4-12 characters, digits and a to f."
_WHOLE_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_CHOICES = [("", "Choose…"), *((name, f"{name} ({each.domain})") for name, each in REGIONS.items())]


class OrganisationForm(StepForm):
    """The organisation in Genesys Cloud and its region, which determines both URLs."""

    orgId = forms.UUIDField(  # noqa: N815 - the guide's variable
        label="Organisation id",
        help_text="Of your organisation in Genesys Cloud CX.",
        error_messages={"invalid": WHOLE_ID},
    )
    region = forms.ChoiceField(
        label="Region",
        choices=[*_CHOICES, (CUSTOM, "Other hosts: enter both URLs below")],
        help_text="Where the organisation lives. It fills in the two URLs below.",
        error_messages={"required": "Choose the organisation's region, or “Other hosts” and enter both URLs."},
    )
    gcLoginURL = forms.CharField(  # noqa: N815 - the guide's variable
        label="Login URL", max_length=300, required=False, help_text="Only for other hosts: where tokens come from."
    )
    gcAPIURL = forms.CharField(  # noqa: N815 - the guide's variable
        label="API URL", max_length=300, required=False, help_text="Only for other hosts: where the API is."
    )
    orgUsername = forms.CharField(  # noqa: N815 - the guide's variable
        label="Administrator's user name",
        max_length=200,
        required=False,
        help_text="Who does the steps in Genesys Cloud. The portal never signs in with it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    orgPassword = SecretField(  # noqa: N815 - the guide's variable
        Kind.ORG_PASSWORD,
        label="Administrator's password",
        required=False,
        help_text="Only if it must be handed to a colleague here: it is shown once to whoever takes it, and gone then.",
    )
    examples: ClassVar = {
        "orgId": "47d8329d-1c28-4c86-9374-559cf8bd2a1d",
        "gcLoginURL": "https://login.mypurecloud.com",
        "gcAPIURL": "https://api.mypurecloud.com",
        "orgUsername": "admin-user",
    }

    def __init__(self, tenant: Tenant, **kwargs: Any) -> None:
        data = kwargs.get("data")
        if data is not None and not data.get("region") and (data.get("gcLoginURL") or data.get("gcAPIURL")):
            kwargs["data"] = {**dict(data.items()), "region": CUSTOM}  # URLs without a region mean other hosts
        if (initial := kwargs.get("initial") or {}).get("region") in REGIONS:
            # The region determines the URLs. If they were shown, they would contradict a newly chosen region.
            kwargs["initial"] = {**initial, "gcLoginURL": "", "gcAPIURL": ""}
        super().__init__(tenant, **kwargs)
        self.fields["region"].widget.attrs["data-variable"] = ""  # the portal's own field, not in the guide

    def clean_gcLoginURL(self) -> str:  # noqa: N802 - Django derives the name from the field
        """Return the normalised URL, or an empty string."""
        return _normal(self.cleaned_data["gcLoginURL"])

    def clean_gcAPIURL(self) -> str:  # noqa: N802 - Django derives the name from the field
        """Return the normalised URL, or an empty string."""
        return _normal(self.cleaned_data["gcAPIURL"])

    def clean(self) -> dict[str, Any]:
        """Fill in the URLs of a region, or check that those of other hosts fit together."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if {"region", "gcLoginURL", "gcAPIURL"} <= cleaned.keys():
            if cleaned["region"] in REGIONS:
                self._fill_in(cleaned)
            else:
                self._check_hosts(cleaned)
        return cleaned

    def _fill_in(self, cleaned: dict[str, Any]) -> None:
        region = REGIONS[cleaned["region"]]
        for name, url in (("gcLoginURL", region.login_url), ("gcAPIURL", region.api_url)):
            if cleaned[name] and cleaned[name] != url:
                self.add_error(name, _contradiction(cleaned[name], url, region))
            cleaned[name] = url

    def _check_hosts(self, cleaned: dict[str, Any]) -> None:
        login, api = cleaned["gcLoginURL"], cleaned["gcAPIURL"]
        for name, url in (("gcLoginURL", login), ("gcAPIURL", api)):
            if not url:
                self.add_error(name, "Enter this URL too: without a region, both are needed.")
        known = region_at(login), region_at(api)
        if login and known[0] and prefix_of(login) != "login":
            self.add_error("gcLoginURL", f"Tokens do not come from there: the login URL is {known[0].login_url}.")
        if api and known[1] and prefix_of(api) != "api":
            self.add_error("gcAPIURL", f"The API is not there: the API URL is {known[1].api_url}.")
        if known[0] and known[1] and known[0] != known[1]:
            self.add_error("gcAPIURL", f"The login URL is of {known[0].name}, this one of {known[1].name}.")
        # A region's host with a path or a port is a different address, which the region's name would not express.
        whole = known[0] and (login, api) == (known[0].login_url, known[0].api_url)
        cleaned["region"] = known[0].name if known[0] and whole else CUSTOM

    @property
    def lines(self) -> list[Line]:
        """Return step 0 of the guide with its marks."""
        return lines_of(ORGANISATION, ticks_of(self.tenant, PREFIX))

    @property
    def asked(self) -> NumberRequest | None:
        """Return the newest request for an organisation."""
        rows = NumberRequest.objects.filter(tenant=self.tenant, kind=RequestKind.ORGANISATION)
        return rows.order_by("-asked_at").first()

    @property
    def password_waits(self) -> bool:
        """Return whether a password is waiting to be handed over."""
        return Credential.objects.filter(tenant=self.tenant, kind=Kind.ORG_PASSWORD).exists()


class ChecklistForm(StepForm):
    """A form without fields: the steps in Genesys Cloud are marked as done one by one."""

    def chapters(self, login_url: str) -> list[tuple[str, list[Line]]]:
        """Return the chapters' titles and steps."""
        ticks = ticks_of(self.tenant, PREFIX)
        return [(chapter.title, lines_of(chapter, ticks, login_url)) for chapter in CHAPTERS]


class CredentialsForm(StepForm):
    """The OAuth client that is created in the checklist's third chapter."""

    clientId = forms.UUIDField(  # noqa: N815 - the guide's variable
        label="Client id",
        help_text="Of the OAuth client Nexus Messaging Integration.",
        error_messages={"invalid": WHOLE_ID},
    )
    clientSecret = SecretField(  # noqa: N815 - the guide's variable
        Kind.CLIENT_SECRET,
        used_at=("gcLoginURL", "gcAPIURL"),
        client="clientId",
        label="Client secret",
        help_text="From the same page, Client Details.",
    )
    examples: ClassVar = {
        "clientId": "4da40a9d-b113-4024-8ba9-c9dd89c91f67",
        "clientSecret": "aKSXEgLO57cm6FqxD4hrjkcW-iuWiXhd0uF0WOcZUm2",
    }

    @property
    def last_test(self) -> ConnectionTest | None:
        """Return the last connection test."""
        return last_test(self.tenant)


class ClusterKeyForm(StepForm):
    """The key that Genesys Cloud uses towards Digital Channels."""

    apikey = SecretField(
        Kind.CLUSTER_API_KEY,
        label="Messaging cluster API key",
        required=False,
        help_text="The key that Genesys Cloud uses towards Digital Channels; not the one that the portal sends.",
    )
    examples: ClassVar = {"apikey": "9b7682b7-cbce-422f-9bbb-ecda85e61695"}

    def clean_apikey(self) -> str:
        """Reject anything but a UUID. The key keeps its case, because it is compared exactly."""
        key: str = self.cleaned_data["apikey"]
        if key and not _WHOLE_ID.fullmatch(key):
            raise ValidationError(WHOLE_ID)
        return key

    @property
    def stored(self) -> bool:
        """Return whether a key is stored."""
        return Credential.objects.filter(tenant=self.tenant, kind=Kind.CLUSTER_API_KEY).exists()


class LaterSenderForm(SenderForm):
    """The sender ID, which may stay empty: toll-free numbers can be ordered after the set-up has run."""

    def __init__(self, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(tenant, **kwargs)
        field = self.fields["tfn"]
        field.required = field.widget.is_required = False
        field.help_text = format_html("{} Leave it empty if the number is ordered later.", field.help_text)

    def clean_tfn(self) -> str:
        """Return the number's digits, or an empty string."""
        return super().clean_tfn() if self.cleaned_data["tfn"].strip() else ""

    @property
    def offered(self) -> list[str]:
        """Return the toll-free numbers that the last successful connection test found."""
        return numbers_seen(self.tenant)


class MakeKeyForm(PortalFormMixin, forms.Form):
    """GWS credentials for making an API key. They are used once, encrypted until then, and not saved in the draft."""

    authURL = forms.CharField(  # noqa: N815 - the GWS API's name
        label="Authentication URL",
        max_length=300,
        help_text="Of your GWS (Genesys Web Services and Applications) deployment.",
        widget=forms.TextInput(attrs={"data-variable": "$authURL", "data-example": "https://gauth.example.com"}),
    )
    gwsClientId = forms.CharField(  # noqa: N815 - the GWS API's name
        label="API client id",
        max_length=200,
        initial="external_api_client",
        help_text="The API client of the authentication service.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    gwsClientSecret = OneTimeSecretField("gwsClientSecret", label="API client secret", help_text="Of that client.")  # noqa: N815 - the GWS API's name
    gwsUserName = forms.CharField(  # noqa: N815 - the GWS API's name
        label="GWS administrator",
        max_length=200,
        help_text="An administrator's user name.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    gwsPassword = OneTimeSecretField("gwsPassword", label="Password", help_text="Of that administrator.")  # noqa: N815 - the GWS API's name

    SECRETS: ClassVar = ("gwsClientId", "gwsClientSecret", "gwsUserName", "gwsPassword")

    def clean_authURL(self) -> str:  # noqa: N802 - Django derives the name from the field
        """Return the normalised URL."""
        return normal_auth_url(self.cleaned_data["authURL"])

    def secrets(self) -> dict[str, str]:
        """Return the four secrets that are not stored, by the names that recorded requests show."""
        return {name: self.cleaned_data[name] for name in self.SECRETS}


def organisation_warnings(answers: Mapping[str, Any]) -> list[str]:
    """Return what looks unusual about hosts that belong to no known region."""
    if answers["region"] != CUSTOM:
        return []
    checks: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
        ("gcLoginURL", "The login URL begins with {0}., and usually tokens come from login. Test it.", _not("login")),
        ("gcAPIURL", "The API URL begins with {0}., and usually the API is at api. Test it.", _not("api")),
    )
    found = [text.format(prefix_of(answers[name])) for name, text, odd in checks if odd(answers[name])]
    return found + name_warnings(urlsplit(answers[name]).hostname or "" for name, _, _ in checks)


def _contradiction(typed: str, url: str, region: Region) -> str:
    """Return the message about a URL that does not belong to the chosen region."""
    other = region_at(typed)
    if other is None:
        return f"This is no host of {region.name}. Leave it empty, or choose “Other hosts”."
    if other != region:
        return f"This is a host of {other.name}, but the region is {region.name}. Leave it empty, or choose that."
    return f"The URL of {region.name} is {url}. Leave this empty, or choose “Other hosts”."


def _not(prefix: str) -> Callable[[str], bool]:
    return lambda url: prefix_of(url) not in {"", prefix}


def _normal(text: str) -> str:
    return normal_url(text) if text.strip() else ""
