"""Core: the lowest layer, which knows nothing of the domain, has no models, and imports nothing else of ours."""
