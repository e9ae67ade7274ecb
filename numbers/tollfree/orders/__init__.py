"""Orders of toll-free numbers: each is sent at most once; an unknown outcome is resolved without sending again.

People draft, confirm, approve, cancel and review orders; workers send them, resolve unknown outcomes and poll placed
orders. Every change of state follows one table of transitions, with one conditional UPDATE and one event. Releases,
which give numbers back, work in the same way.
"""
