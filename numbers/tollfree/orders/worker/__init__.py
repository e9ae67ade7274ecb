"""The order worker: dispatch, send, poll, resolve and the sweeper."""
