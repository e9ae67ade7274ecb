"""Runs: planning, claims, the engine that sends requests, results, and the run pages."""
