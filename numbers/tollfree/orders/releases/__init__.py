"""Releases: giving ordered numbers back, each sent at most once."""
