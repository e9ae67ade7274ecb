"""Tags of the history."""
