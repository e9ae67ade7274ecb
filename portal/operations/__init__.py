"""Health checks, heartbeats, metrics, and the operations page for administrators."""
