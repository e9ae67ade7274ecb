"""Hooks: register the credentials for key rotation, the page for an unusable keyset, and the keyset check."""

from django.core.checks import Tags, register

from portal.core.middleware import outages
from portal.vault import encrypted_fields, keyset_check
from portal.vault.keyset import KeysetUnusable
from portal.vault.models import Credential

encrypted_fields.register(encrypted_fields.EncryptedField(Credential, "ciphertext", Credential.place))
outages.register(KeysetUnusable, "its keys")
register(keyset_check.keyset_fits, Tags.database)
