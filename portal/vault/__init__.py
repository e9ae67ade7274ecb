"""Vault: each tenant's credentials, encrypted so that a ciphertext can be decrypted only in its own row and field."""
