"""Users, their memberships of tenants, sessions, step-up, and the one table of role permissions."""
