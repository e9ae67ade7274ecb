"""The vault: each tenant's secrets, encrypted so that a ciphertext opens only in its own row and field."""
