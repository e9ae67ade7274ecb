"""Number requests: administrators ask the Genesys representative for numbers and related work."""
