"""The pages that show the audit trail.

The trail itself (`portal.audit`) imports nothing of ours, but its pages must ask the accounts who may see what: so they
are a room of their own, above the tenants.
"""
