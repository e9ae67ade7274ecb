"""Queued work of any kind: claims and the sweeper."""
