"""Commands of toll-free numbers."""
