"""Active sessions: the page on which people list and end their own sessions."""
