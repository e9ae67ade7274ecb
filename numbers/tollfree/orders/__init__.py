"""Ordering toll-free numbers: each order is sent at most once, and whatever happens, nobody forgets what was bought.

states.py      the one table of states and moves, with the reason for each
models.py      orders, their groups, evidence, releases, rates and policies
moving.py      the one way from state to state: a conditional UPDATE and its line in the history
wanted.py      what a person wants, checked
rates.py       our own rate card, and what an order costs
policy.py      when a second person must approve, and how much a tenant may spend
actions.py     what people do: draft, confirm, approve, decline, cancel; `actions_on_*.py` the rest
going.py       whatever is due for an order, done: the one entry of all messages
sending.py     a queued order: look, claim, write down, send once
verdicts.py    what an answer proves
settling.py    an unknown outcome is settled by looking (`sighting.py`), or put before a person
attribution.py which order explains a number that Genesys Cloud lists
owned_already.py  what to say of an order whose number is the client's already
late_evidence.py   what was closed as not placed and is listed after all goes back to review
polling.py     a placed order is watched until Genesys Cloud has ended it
completion.py  what other rooms do when a number was bought, or given back
releasing.py   a number is given back once
gauges.py      numbers for the operations page
advice.py      what each state means for people, and how it looks
telling.py     an order's story for its page; forms.py, views/ and urls.py are its pages
waiting.py     waiting for orders in a command, and its exit codes
sweeper.py     finds what waits, and what a dead worker left
"""
