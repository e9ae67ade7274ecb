"""Toll-free numbers of Genesys Cloud: its client and tokens, and what is asked of the Genesys representative.

regions.py      the table of regions: login, API and admin pages; base URLs in their normal form
tokens.py       one token for each client, sealed in the database, renewed by one worker for all
calling.py      one call with its row, whatever secrets come back in it
client/         the SMS provisioning API
diagnosis.py    errors of the two as the mistakes that people make
connection.py   "Test connection"
inventory/      the numbers that a tenant has
search/         numbers that can be bought
notices.py      what of this waits for people
asking.py       requests to the representative: send, answer, withdraw
orders/         orders of numbers: each is sent once at most
"""
