"""The tenant page and the message path."""
