"""Pages of orders: the list, ordering, what was ordered together, one order, its review, releases, rates and rules."""
