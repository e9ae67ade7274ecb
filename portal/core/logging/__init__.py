"""Logging: JSON lines, request ids, redaction of secrets, the access log."""
