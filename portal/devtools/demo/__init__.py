"""Demo: all parts of the portal on one machine, and tenants whose SMS is set up through the queue.

It starts the processes, fills the database through the portal's own actions, and writes down the addresses and the
passwords. `manage.py demo` runs it.
"""
