"""Client of Genesys Cloud's SMS provisioning API.

answers.py   what it answers, typed; fields that are not known here are kept, for the vendor adds some without a word
words.py     the words of an order's status
sending.py   one request with the client's token, and once more with a new one after a 401
looking.py   list, available numbers, an order's status: these change nothing over there
changing.py  order (sent once and never again by itself), change, release
"""
