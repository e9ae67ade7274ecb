"""Database access for the hot path: compiled statements, group commit, write lock, deadlock retry, time limits."""
