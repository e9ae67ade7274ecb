"""Views of orders: list, order form, group, one order, review, releases, rates and policies."""
