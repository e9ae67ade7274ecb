"""Forms of the people pages and of invitations."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.db.models import QuerySet

from portal.accounts.rights import Role, SiteRole
from portal.tenants.fields import TenantField
from portal.tenants.models import Tenant
from portal.ui.forms import PortalFormMixin

LONGEST_REASON = 500


def any_role(text: str) -> Role | SiteRole:
    """Return the role with this value, in a tenant or on the site. Raises ValueError."""
    return SiteRole(text) if text in SiteRole.values else Role(text)


class ReasonForm(PortalFormMixin, forms.Form):
    """The reason of an action; the history keeps it."""

    reason = forms.CharField(
        max_length=LONGEST_REASON,
        help_text="It stands in the history, for good. Write no name here: names can be erased, this cannot.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class _OneTenant(PortalFormMixin, forms.Form):
    """A form with a choice of one tenant that the person sees; any other is treated as if it did not exist."""

    tenant = TenantField()

    def __init__(self, *args: Any, tenants: QuerySet[Tenant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["tenant"]
        assert isinstance(field, TenantField)  # noqa: S101 - narrows the type for mypy
        field.offer(tenants.filter(archived_at=None))


class GrantForm(_OneTenant, ReasonForm):
    """A role in a tenant, and the reason."""

    role = forms.TypedChoiceField(choices=Role.choices, coerce=Role)
    field_order = ("tenant", "role", "reason")


class ChangeForm(ReasonForm):
    """Another role in the same tenant, and the reason."""

    role = forms.TypedChoiceField(choices=Role.choices, coerce=Role)
    field_order = ("role", "reason")


class InviteForm(_OneTenant):
    """The person to invite, and the role."""

    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        help_text="The person signs in with it. The link is mailed to it, and shown to you once.",
        widget=forms.EmailInput(attrs={"autocomplete": "off", "data-example": "ann@example.com"}),
    )
    role = forms.ChoiceField(choices=[*Role.choices, *SiteRole.choices])
    field_order = ("email", "role", "tenant")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tenant"].required = False
        of_site = "The roles on the site need none: they hold in every tenant."
        self.fields["tenant"].help_text = f"{self.fields['tenant'].help_text} {of_site}".strip()

    def clean(self) -> dict[str, Any]:
        """Require a tenant for a role in a tenant, and none for a role on the site."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        of_site = cleaned.get("role") in SiteRole.values
        if of_site and cleaned.get("tenant"):
            self.add_error("tenant", f"A {SiteRole(cleaned['role']).label.lower()} has no tenant: leave this empty.")
        if not of_site and "tenant" not in self.errors and not cleaned.get("tenant"):
            self.add_error("tenant", self.fields["tenant"].error_messages["required"])
        return cleaned

    def wish(self) -> dict[str, Any]:
        """Return the arguments of the action `invite`."""
        role = any_role(self.cleaned_data["role"])
        return {"email": self.cleaned_data["email"], "tenant": self.cleaned_data["tenant"], "role": role}


class JoinForm(PortalFormMixin, forms.Form):
    """The name and password that an invited person sets."""

    name = forms.CharField(
        max_length=120,
        help_text="How others see you here.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        strip=False,
        max_length=200,
        help_text=" ".join(password_validators_help_texts()),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="Password again",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """Require the same password twice."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "again" in cleaned and cleaned.get("password") != cleaned["again"]:
            self.add_error("again", "The two passwords differ.")
        return cleaned
