"""People management: sign-in, invitations, the people pages, and the page of roles and permissions."""
