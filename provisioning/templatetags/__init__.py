"""Template tags and filters of provisioning."""
