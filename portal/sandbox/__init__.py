"""A stand-in for the outside world: Nexus, GWS, Genesys Cloud and customers' gateways.

Nobody may practise on a real contact centre, so the demo and the tests talk to this process over real HTTP.
It needs nothing but the standard library and imports nothing of ours. Start it with::

    python -m portal.sandbox --port 0 --ledger var/ledger.jsonl

It prints ``sandbox listening on http://127.0.0.1:PORT``. SIGTERM ends it. That address is

- a tenant's Nexus URL (``nexus.py``: services; ``nexus_api_keys.py``: API keys);
- the auth URL of GWS (``gws.py``), with the API client `gws.API_CLIENT` and the user `gws.ADMINISTRATOR`;
- the login URL and the API URL of Genesys Cloud (``genesys_cloud/``), with the client of
  `genesys_cloud.clients.DEMO_CLIENT_ID` and `DEMO_CLIENT_SECRET` in the organisation `DEMO_ORGANIZATION`. With
  ``/login-host`` or ``/api-host`` behind it, it is only one of the two;
- with ``/gateways/good`` behind it, a customer's webhook whose secret is `gateways.SECRET` (``gateways.py``).

Every request becomes one line of the *ledger*, with what it changed (``"effect": "created SMS"``, ``"bought
18445551212"``), even when the reply was lost on the way: in a test the ledger is the judge of what really happened.
It holds the real bodies, secrets and all, so give it made-up secrets only and leave it on loopback.

It answers badly on demand, in the form of the system that was asked. The control plane lies under ``/_sandbox/`` and
is itself in no ledger::

    from portal.sandbox.control import Control

    sandbox = Control("http://127.0.0.1:PORT")
    sandbox.fault("reply_lost", match={"method": "POST", "path_contains": "/mGageSMS"})
    sandbox.fault("server_error", status=503, times=2)
    sandbox.fault("reset", rate=0.1, seed=7)          # one request in ten, for ever
    sandbox.settings(latency_ms=100, api_key="key", replace="accept", readable=False)
    sandbox.genesys_cloud.settings(list_lag_seconds=2, order_words=["PENDING", "COMPLETED"], order_step_seconds=5)
    sandbox.genesys_cloud.take("18445551212"), sandbox.genesys_cloud.create_client(permissions=[])
    sandbox.gateway_settings(secret="key"), sandbox.gateways(), sandbox.bought()
    sandbox.ledger(effects=True), sandbox.stats(), sandbox.catalogue(), sandbox.clear(), sandbox.reset()

Where to look: ``faults.py`` is the table of all bad answers, ``bad_answers.py`` and ``bad_wire.py`` say how each is
written; ``systems.py`` says what a system is, ``sandbox.py`` lists them with their paths; ``connection.py`` and
``wire.py`` are HTTP by hand; ``control_plane.py`` and ``control.py`` are the two ends of control.
"""
