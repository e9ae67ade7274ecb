"""People, their memberships of tenants, and the one table of what each role may do."""
