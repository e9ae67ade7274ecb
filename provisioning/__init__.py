"""Provisioning of a tenant's SMS in Digital Channels: wizard, runs, and the client for the provisioning API."""
