"""Signing in: password, second factors, passkeys, single sign-on; allauth does it, and this joins it to the house."""
