"""People management: invitations, the people pages, one's own sessions, and the page of roles and permissions."""
