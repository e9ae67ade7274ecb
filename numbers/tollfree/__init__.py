"""Toll-free numbers of Genesys Cloud: API client, access tokens, inventory, search, orders, and requests.

This package also has the table of regions, the connection test and the diagnosis of errors. Requests are what
administrators ask the Genesys representative to do. An order is sent at most once.
"""
