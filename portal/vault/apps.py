"""App configuration of the vault."""

from django.apps import AppConfig
from django.core.checks import Tags, register


class VaultConfig(AppConfig):
    """Encrypted secrets."""

    name = "portal.vault"

    def ready(self) -> None:
        """Register the credentials for key rotation, the page for an unusable keyset, and the keyset check."""
        from portal.frame import outages  # noqa: PLC0415 - with the other imports
        from portal.vault import fit, sealed_fields  # noqa: PLC0415 - models are not loaded before ready()
        from portal.vault.keyset import KeysetUnusable  # noqa: PLC0415 - the same
        from portal.vault.models import Credential  # noqa: PLC0415 - the same

        sealed_fields.register(sealed_fields.SealedField(Credential, "ciphertext", Credential.place))
        outages.register(KeysetUnusable, "its keys")
        register(fit.keyset_fits, Tags.database)
