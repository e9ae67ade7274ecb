"""History pages: search, filters, single events and CSV export of the audit trail.

The audit trail itself (`portal.audit`) knows no other app. Its pages need permissions and tenants, so they are a
separate app that builds on these.
"""
