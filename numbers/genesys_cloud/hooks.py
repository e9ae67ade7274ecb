"""Hooks: the encrypted tokens take part in key rotation, the sweeper ends dead connection tests."""

from genesys_cloud import connection_test
from genesys_cloud.models import AccessToken
from portal.core.tasks import sweeper
from portal.vault import encrypted_fields

encrypted_fields.register(encrypted_fields.EncryptedField(AccessToken, "ciphertext", AccessToken.place))
sweeper.register_chore("tests of connections that ended in the middle", connection_test.end_dead_tests)
