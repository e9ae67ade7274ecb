"""The model field of phone numbers."""

from typing import TYPE_CHECKING, Any

from django.db import models

from senders.phone_numbers import with_country_code

if TYPE_CHECKING:
    _Text = models.CharField[str, str]  # at run time it takes no parameters
else:
    _Text = models.CharField


class PhoneNumberField(_Text):
    """A column of phone numbers in the stored form: a long code is written and looked for with its leading 1."""

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Tell migrations of a plain column: the form of the values is no part of the schema."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001 - Django's signature
        """Return the stored form, and let the row in memory have it too."""
        stored = self.get_prep_value(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, stored)
        return stored

    def get_prep_value(self, value: Any) -> Any:
        """Return the form in which the database has it."""
        text = super().get_prep_value(value)
        return with_country_code(text) if isinstance(text, str) else text
