"""The toll-free numbers that a tenant has, as Genesys Cloud lists them and as the portal knows them.

models.py         a number, the notes on its verification, and the refresh of a tenant's list
actions.py        what people do: ask for a refresh, explain an orphan, track a verification
following.py      what follows from an order's end: it becomes inventory, or leaves it
refreshing.py     asking Genesys Cloud: claimed by one worker, by button and by schedule
reconciling.py    what a list that came in changes here
orphans.py        numbers that only one of the two sides knows
"""
