"""Inventory: the toll-free numbers that a tenant has, synchronized with the list in Genesys Cloud.

A worker reads the list on request and on schedule. Numbers that only one side knows are orphans, until somebody
explains them. Completed orders add numbers, releases mark them as released.
"""
