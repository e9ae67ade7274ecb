"""Form fields for tenants: a list while there are few, a text input when there are more."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from portal.tenants.lookup import tenant_named
from portal.tenants.models import Tenant

#: With more tenants than these, people type a name or a contact centre id instead.
MOST_LISTED = 50
#: At most this many typed lines are looked up.
MOST_TYPED = 100
CHOOSE = "Choose one of the tenants in the list."
_TYPE_ONE = "Type its name, a part of it, or its contact centre id. The page Tenants finds both."
_TYPE_MANY = "Type one on each line: its name, a part of it, or its contact centre id. The page Tenants finds both."


class TenantField(forms.ModelChoiceField):  # type: ignore[type-arg]  # at run time it takes no parameters
    """Selects one of the offered tenants; any other is treated as if it did not exist."""

    _offered: QuerySet[Tenant]

    def __init__(self, **kwargs: Any) -> None:
        errors = {"invalid_choice": CHOOSE, "required": CHOOSE}
        super().__init__(Tenant.objects.none(), error_messages=errors, empty_label="Choose …", **kwargs)

    def offer(self, tenants: QuerySet[Tenant]) -> None:
        """Set the tenants to choose from."""
        self._offered = self.queryset = tenants.order_by("name", "id")
        if are_many(tenants):
            self.widget = forms.TextInput(attrs={"autocomplete": "off"})
            self.help_text = f"{_TYPE_ONE} {self.help_text}".strip()
            self.error_messages["required"] = _TYPE_ONE

    def to_python(self, value: Any) -> Tenant | None:
        """Return the tenant. Raises ValidationError, also for text that is not an id."""
        if isinstance(self.widget, forms.TextInput):
            text = str(value or "").strip()
            return tenant_named(text, self._offered) if text else None
        try:
            return super().to_python(value)
        except ValidationError:
            raise ValidationError(CHOOSE, code="invalid_choice") from None


class _Lines(forms.Textarea):
    """A text area; it also accepts several values, from a page that was opened while there was still a list."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:  # noqa: ARG002 - Django's own
        """Return the text."""
        return "\n".join(data.getlist(name) if hasattr(data, "getlist") else [data.get(name, "")])


class TenantsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # as above
    """Selects several of the offered tenants, or none."""

    _offered: QuerySet[Tenant]

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.SelectMultiple(attrs={"size": 8})
        super().__init__(Tenant.objects.none(), required=False, widget=widget, **kwargs)

    def offer(self, tenants: QuerySet[Tenant]) -> None:
        """Set the tenants to choose from."""
        self._offered = self.queryset = tenants.order_by("name", "id")
        if are_many(tenants):
            self.widget = _Lines(attrs={"rows": 4, "autocomplete": "off"})
            self.help_text = f"{_TYPE_MANY} {self.help_text}".strip()

    def clean(self, value: Any) -> Any:
        """Return the tenants. Raises ValidationError with a message for each line that matches none, or several."""
        if not isinstance(self.widget, _Lines):
            return super().clean(value)
        lines = [line.strip() for line in str(value or "").splitlines() if line.strip()]
        if len(lines) > MOST_TYPED:
            raise ValidationError(f"At most {MOST_TYPED} lines are taken; here are {len(lines)}.")
        found, errors = [], []
        for line in lines:
            try:
                found.append(tenant_named(line, self._offered).pk)
            except ValidationError as error:
                errors += [f"{line[:100]}: {sentence}" for sentence in error.messages]
        if errors:
            raise ValidationError(errors)
        return self._offered.filter(pk__in=found)

    def prepare_value(self, value: Any) -> Any:
        """Return the value for the widget: the text as typed."""
        return value if isinstance(self.widget, _Lines) else super().prepare_value(value)


def are_many(tenants: QuerySet[Tenant]) -> bool:
    """Return whether these are too many for a list."""
    return tenants.order_by()[: MOST_LISTED + 1].count() > MOST_LISTED
