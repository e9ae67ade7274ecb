"""Form of Kaleyra's wizard step."""

from typing import ClassVar

from django import forms

from portal.tenants.addresses import url_as_typed
from portal.vault.fields import SecretField
from portal.vault.kinds import Kind
from provisioning.wizard.forms import StepForm


class AccountForm(StepForm):
    """The Kaleyra account that sends the messages (guide, option 1, prerequisites)."""

    kaleyraURL = forms.CharField(  # noqa: N815 - the guide's variable
        label="Kaleyra API URL", max_length=300, help_text="URL of the Kaleyra SMS API."
    )
    kaleyraUserName = SecretField(  # noqa: N815 - the guide's variable
        Kind.KALEYRA_USER_NAME,
        used_at=("kaleyraURL",),
        label="Kaleyra user name",
        help_text="An account with permission to send SMS.",
    )
    kaleyraPassword = SecretField(  # noqa: N815 - the guide's variable
        Kind.KALEYRA_PASSWORD,
        used_at=("kaleyraURL",),
        label="Kaleyra password",
        help_text="The password of that account.",
    )
    examples: ClassVar = {
        "kaleyraURL": "http://directtext.mgage.com",
        "kaleyraUserName": "Secret",
        "kaleyraPassword": "Secret",
    }

    def clean_kaleyraURL(self) -> str:  # noqa: N802 - Django derives the name from the field
        """Return the URL as it was typed, because the path is Kaleyra's own."""
        return url_as_typed(self.cleaned_data["kaleyraURL"])
