"""Middleware that knows nothing of the domain: client address, request ids, browser policies, outages."""
