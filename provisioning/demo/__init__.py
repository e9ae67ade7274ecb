"""The demo: all parts of the portal on one machine, with a tenant whose SMS is set up through the queue.

`parts` starts the processes, `people`, `story` and `ordering` fill the database through the portal's own actions,
`record` writes down where all is to be found. `manage.py demo` puts them together.
"""
