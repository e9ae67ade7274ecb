"""Local services for the demo and the tests: an embedded Redis, free ports, a supervisor.

Nothing here depends on Django. Production does not use it; systemd or a container platform does this work there.
"""
