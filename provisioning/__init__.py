"""Setting up a tenant's SMS in Digital Channels: wizards, runs, and the client of the provisioning API."""
