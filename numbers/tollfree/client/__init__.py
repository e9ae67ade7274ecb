"""Client for the SMS provisioning API of Genesys Cloud: requests, response parsing and order status words.

Read calls list owned numbers, search available numbers and read an order's status. Write calls order, change and
release numbers; an order is never sent again automatically. Each call uses the client's token, and repeats once with a
new token after a 401.
"""
