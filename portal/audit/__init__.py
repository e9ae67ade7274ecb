"""The append-only history: events in hash chains, one chain for each tenant and one for the site.

`record()` writes an event in the caller's transaction, so a change and its line of history commit together or not at
all. This room imports nothing of ours, so that everything may stand on it.
"""
