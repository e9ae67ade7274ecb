"""Form layout with crispy-forms, the same for all forms.

Besides its label a field shows the guide's variable name, an example, and one sentence of help:

    class GatewayForm(PortalFormMixin, forms.Form):
        field_groups = (("The gateway", ("base_url", "token")),)      # optional headings; unnamed fields follow
        base_url = forms.URLField(
            label="Gateway address",
            help_text="Where Nexus sends each outgoing message.",
            widget=forms.URLInput(attrs={"data-variable": "gatewayURL", "data-example": "https://sms.example.com"}),
        )

A template writes `<form method="post" novalidate>{% csrf_token %}{% form_fields form %}…</form>`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.forms import BaseForm, BoundField, CheckboxInput, RadioSelect, Select
from django.forms.widgets import CheckboxSelectMultiple, Widget
from django.utils.safestring import SafeString

FieldGroups = Sequence[tuple[str, Sequence[str]]]


class PortalFormMixin:
    """Adds `helper` to a form, so that `{% form_fields form %}` and crispy's own tag use the portal's layout."""

    field_groups: FieldGroups = ()

    @property
    def helper(self) -> FormHelper:
        """The crispy helper; the template writes the form tag, its CSRF token and its buttons."""
        return form_helper(self, self.field_groups)


def form_helper(form: object, groups: FieldGroups = ()) -> FormHelper:
    """A crispy helper that renders each field with `components/field.html`, optionally in groups with headings."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    helper.form_show_errors = False  # the error summary shows them, with links to the fields
    helper.field_template = "components/field.html"
    grouped = {name for _, names in groups for name in names}
    rest = [name for name in getattr(form, "fields", ()) if name not in grouped]
    helper.layout = Layout(*(Fieldset(heading, *names) for heading, names in groups), *rest)
    return helper


@dataclass(frozen=True)
class FieldParts:
    """Values that `components/field.html` needs to render a field."""

    kind: str
    variable: str
    example: str
    help_id: str
    error_id: str
    widget: SafeString


def field_parts(bound: BoundField) -> FieldParts:
    """The parts of a bound field: its widget with CSS classes, linked to its help text and its errors."""
    widget = bound.field.widget
    help_id, error_id = f"{bound.auto_id}_helptext", f"{bound.auto_id}_error"
    example = _told(bound, "example")
    # No placeholders: they disappear when typing starts; the example below the field stays. No maxlength: browsers
    # silently cut pasted text; the form reports text that is too long.
    attrs: dict[str, str | bool] = {
        "class": f"{widget.attrs.get('class', '')} {_css_class(bound)}".strip(),
        "placeholder": False,
        "maxlength": False,
    }
    described = [help_id] if bound.help_text or example else []
    described += [error_id] if bound.errors else []
    if described and not bound.use_fieldset:
        attrs["aria-describedby"] = " ".join(described)
    return FieldParts(_kind(widget), _told(bound, "variable"), example, help_id, error_id, bound.as_widget(attrs=attrs))


def _told(bound: BoundField, what: str) -> str:
    """A field's `variable` or `example`: an attribute of the field, or `data-…` among its widget's attributes."""
    return str(getattr(bound.field, what, "") or bound.field.widget.attrs.get(f"data-{what}", ""))


def _kind(widget: Widget) -> str:
    """`checkbox` (label beside), `choices` (a fieldset of buttons) or `input` (label above)."""
    if isinstance(widget, CheckboxSelectMultiple | RadioSelect):
        return "choices"
    return "checkbox" if isinstance(widget, CheckboxInput) else "input"


def _css_class(bound: BoundField) -> str:
    widget = bound.field.widget
    if _kind(widget) == "choices":
        return ""  # Django would also set it on the element around the choices
    if _kind(widget) == "checkbox":
        return "form-check-input"
    kind = "form-select" if isinstance(widget, Select) else "form-control"
    return f"{kind} is-invalid" if bound.errors else kind


def form_errors(form: BaseForm) -> Iterator[tuple[str, str, str]]:
    """(id of the field or "", its label, message) for each error, those of the whole form first."""
    for message in form.non_field_errors():
        yield "", "", str(message)
    for bound in form:
        for message in bound.errors:
            yield bound.id_for_label or str(bound.auto_id), str(bound.label), str(message)


def tell_at_fields(form: BaseForm, error: ValidationError, otherwise: str | None = None) -> None:
    """Add an action's ValidationError to the fields that it names, or to the field `otherwise`."""
    told = error.message_dict if hasattr(error, "error_dict") else {otherwise or "": error.messages}
    for name, sentences in told.items():
        form.add_error(name if name in form.fields else None, sentences)


_WHOLE = re.compile(r"-?[0-9]+")

_AMOUNT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


class WholeNumberField(forms.IntegerField):
    """An integer, written in digits."""

    def to_python(self, value: Any) -> int | None:
        """Return the integer; raises ValidationError."""
        _demand(_WHOLE, value, self.error_messages["invalid"])
        return super().to_python(value)


class AmountField(forms.DecimalField):
    """A decimal amount, written in digits with a point."""

    def to_python(self, value: Any) -> Any:
        """Return the amount; raises ValidationError."""
        _demand(_AMOUNT, value, self.error_messages["invalid"])
        return super().to_python(value)


def _demand(pattern: re.Pattern[str], value: Any, otherwise: Any) -> None:
    if isinstance(value, str) and value.strip() and not pattern.fullmatch(value.strip()):
        raise ValidationError(otherwise, code="invalid")


#: Code of the error about an address that could not be erased from the history.
NOT_ERASABLE = "not_erasable"

#: In other forms, `portal.audit.personal` could not tell the address from the text around it, such as that of a URL.
_LOCAL_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+!#$'*^`~-]*")

_ODD_LOCAL_PART = (
    "Before the @, use letters, digits and . _ - + ' ! # $ * ^ ` ~ only, and begin with a letter or digit. An address "
    "of another form could not be erased from the history."
)


def check_email(address: str) -> None:
    """Raise ValidationError unless mail can be sent to the address, and the audit trail can erase it.

    Django's validator accepts characters in a domain that no domain name on the internet can have: sending would fail.
    """
    EmailValidator()(address)
    local_part, _, domain = address.rpartition("@")
    if not _LOCAL_PART.fullmatch(local_part):
        raise ValidationError(_ODD_LOCAL_PART, code=NOT_ERASABLE)
    try:
        domain.encode("idna")
    except UnicodeError:
        raise ValidationError(EmailValidator.message, code="invalid") from None
