"""Ordering toll-free numbers: each order is sent at most once, and whatever happens, nobody forgets what was bought.

states.py      the one table of states and moves, with the reason for each
models.py      orders, their groups, evidence, releases, rates and policies
"""
