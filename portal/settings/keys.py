"""Keys and tokens: the vault's keyset, the key that signs checkpoints of the history, the token for `/metrics`."""

from portal.settings.base import PRODUCTION, VAR_DIR
from portal.settings.env import env

VAULT_KEYSET = env.str("VAULT_KEYSET", default="")
VAULT_KEYSET_FILE = env.str("VAULT_KEYSET_FILE", default="" if PRODUCTION else str(VAR_DIR / "keyset.json"))
CHECKPOINT_KEY_FILE = env.str("CHECKPOINT_KEY_FILE", default="" if PRODUCTION else str(VAR_DIR / "checkpoint-key"))
CHECKPOINT_FOLDER = env.str("CHECKPOINT_FOLDER", default="" if PRODUCTION else str(VAR_DIR / "checkpoints"))
METRICS_TOKEN = env.token("METRICS_TOKEN")
