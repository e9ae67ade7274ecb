"""Form for requesting an evidence pack."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.permission import may, tenants_within_reach
from portal.accounts.rights import Right
from portal.evidence.actions import chains_of
from portal.evidence.selection import Period
from portal.tenants.fields import TenantsField
from portal.tenants.models import Tenant
from portal.ui.forms import PortalFormMixin


class PackForm(PortalFormMixin, forms.Form):
    """Tenants and period; without tenants, all that the person may read."""

    tenants = TenantsField(help_text="Choose none to take all whose history you may read.")
    site = forms.BooleanField(
        label="Also the site's own history",
        required=False,
        help_text="People, keys, verifications: what belongs to no tenant.",
    )
    begin = forms.DateField(
        label="From",
        required=False,
        help_text="The first day, in UTC. Empty: from the beginning.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    end = forms.DateField(
        label="To",
        required=False,
        help_text="The last day, in UTC. Empty: until now.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._readable = Tenant.objects.filter(tenants_within_reach(user, Right.VIEW_HISTORY)).order_by("name", "pk")
        tenants = self.fields["tenants"]
        assert isinstance(tenants, TenantsField)  # noqa: S101 - narrows the type for mypy
        tenants.offer(self._readable)
        if not may(user, Right.VIEW_SITE_HISTORY):
            del self.fields["site"]

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins."""
        cleaned: dict[str, Any] = super().clean() or {}
        begin, end = cleaned.get("begin"), cleaned.get("end")
        if begin and end and end < begin:
            raise ValidationError("The period ends before it begins.")
        return cleaned

    @property
    def chains(self) -> list[str]:
        """Return the selected chains."""
        chosen = self.cleaned_data["tenants"] or self._readable
        return chains_of(chosen, site=bool(self.cleaned_data.get("site")))

    @property
    def period(self) -> Period:
        """Return the selected period."""
        return days(self.cleaned_data["begin"], self.cleaned_data["end"])


def days(begin: Any, end: Any) -> Period:
    """Return the period of whole days in UTC; without an end if the last day is not over."""
    until = datetime.combine(end + timedelta(days=1), time.min, UTC) if end else None
    return Period(
        datetime.combine(begin, time.min, UTC) if begin else None,
        until if until and until <= timezone.now() else None,
    )
