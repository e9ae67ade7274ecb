"""Template filters for sender IDs."""
