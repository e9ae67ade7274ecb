"""Registers the room with Django, and its sealed column with the rotation of keys."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    """Encrypted secrets."""

    name = "portal.vault"

    def ready(self) -> None:
        """Make the credentials known to the rotation, and pages without keys an outage."""
        from portal.frame import outages  # noqa: PLC0415 - beside the others
        from portal.vault import sealed_fields  # noqa: PLC0415 - models are not loaded before ready()
        from portal.vault.keyset import KeysetUnusable  # noqa: PLC0415 - the same
        from portal.vault.models import Credential  # noqa: PLC0415 - the same

        sealed_fields.register(sealed_fields.SealedField(Credential, "ciphertext", Credential.place))
        outages.register(KeysetUnusable, "its keys")
