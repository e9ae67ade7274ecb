"""Template tags for toll-free numbers, orders and requests."""
