"""Management commands for toll-free numbers."""
