"""Sender IDs: the numbers from which a tenant sends SMS."""
