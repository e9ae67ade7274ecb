"""Tenants: the contact centres (ccid) for which this portal sets up SMS."""
