"""Audit trail: append-only events in hash chains, one chain per tenant and one for the site.

`record()` writes an event in the caller's transaction, so a change and its event are committed together or not at all.
This package knows no other app, so that all of them can use it.
"""
