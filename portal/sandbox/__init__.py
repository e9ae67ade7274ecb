"""A stand-in for the outside world: today Nexus, later Genesys Cloud and a customer's gateway.

Nobody may practise on a real contact centre, so the demo and the tests talk to this process over real HTTP.
It needs nothing but the standard library and imports nothing of ours. Start it with::

    python -m portal.sandbox --port 0 --ledger var/ledger.jsonl

It prints ``sandbox listening on http://127.0.0.1:PORT``; that address is a tenant's Nexus URL. SIGTERM ends
it.

Every request becomes one line of the *ledger*, with what it changed (``"effect": "created SMS"``), even
when the reply was lost on the way: in a test the ledger is the judge of what really happened. It holds the
real bodies, secrets and all, so give it made-up secrets only and leave it on loopback.

It answers badly on demand. The control plane lies under ``/_sandbox/`` and is itself in no ledger::

    from portal.sandbox.control import Control

    sandbox = Control("http://127.0.0.1:PORT")
    sandbox.fault("reply_lost", match={"method": "POST", "path_contains": "/mGageSMS"})
    sandbox.fault("server_error", status=503, times=2)
    sandbox.fault("reset", rate=0.1, seed=7)          # one request in ten, for ever
    sandbox.settings(latency_ms=100, api_key="key")
    sandbox.ledger(effects=True), sandbox.stats(), sandbox.catalogue(), sandbox.clear(), sandbox.reset()

Where to look: ``faults.py`` is the table of all bad answers, ``bad_answers.py`` and ``bad_wire.py`` say how
each is written; ``nexus.py`` and ``nexus_shapes.py`` are Nexus; ``router.py`` gains one line for each
further system; ``connection.py`` and ``wire.py`` are HTTP by hand; ``control_plane.py`` and ``control.py``
are the two ends of control.
"""
