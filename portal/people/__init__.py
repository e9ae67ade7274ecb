"""How people come in, and who manages them: sign-in, invitations, the people pages, the table of rights to read."""
