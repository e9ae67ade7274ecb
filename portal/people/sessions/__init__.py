"""A person's own sessions: the page that lists them, and ending them."""
