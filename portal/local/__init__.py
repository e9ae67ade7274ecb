"""One machine's services for the demo and the tests: an embedded Redis, free ports, a supervisor.

Nothing here knows Django, and production uses none of it: systemd or a container platform does this there.
"""
