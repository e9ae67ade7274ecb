"""Client for the SMS provisioning API of Genesys Cloud: requests, response parsing and order status words.

Read calls list owned numbers, search available numbers and read an order's status. Write calls order, change and
release numbers. After a 401 a call is repeated once with a new token, except an order, which is never repeated.
"""
