"""Tenants: the contact centres (ccid) whose SMS this portal sets up."""
