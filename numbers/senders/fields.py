"""Model field for phone numbers."""

from typing import TYPE_CHECKING, Any

from django.db import models

from senders.phone_numbers import with_country_code

if TYPE_CHECKING:
    _Text = models.CharField[str, str]  # not generic at run time
else:
    _Text = models.CharField


class PhoneNumberField(_Text):
    """A column of phone numbers in the stored form: values and lookups get the leading 1 of a long code."""

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Present the field to migrations as a CharField: the form of the values is not part of the schema."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001 - Django's signature
        """Return the stored form, and set it on the instance too."""
        stored = self.get_prep_value(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, stored)
        return stored

    def get_prep_value(self, value: Any) -> Any:
        """Return the stored form of a value."""
        text = super().get_prep_value(value)
        return with_country_code(text) if isinstance(text, str) else text
