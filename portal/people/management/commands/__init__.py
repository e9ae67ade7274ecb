"""Management commands for people."""
