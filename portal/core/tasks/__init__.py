"""Queued work of any kind: claiming a row, and sweeping up what was forgotten."""
