"""Sandbox: a stand-in for Nexus, GWS, Genesys Cloud and customers' gateways.

The demo and the tests must not touch a real contact centre, so they talk to this process over real HTTP. It needs only
the standard library and imports nothing of ours. Start it with::

    python -m portal.devtools.sandbox --port 0 --ledger var/ledger.jsonl

It prints ``sandbox listening on http://127.0.0.1:PORT`` and runs until SIGTERM. That address serves as

- a tenant's Nexus URL, with services and API keys;
- the auth URL of GWS, with the API client `gws.API_CLIENT` and the user `gws.ADMINISTRATOR`;
- the login URL and the API URL of Genesys Cloud, with the client of `genesys_cloud.clients.DEMO_CLIENT_ID` and
  `DEMO_CLIENT_SECRET` in the organisation `DEMO_ORGANIZATION`. With ``/login-host`` or ``/api-host`` appended, it is
  only one of the two;
- with ``/gateways/good`` appended, a customer's webhook whose secret is `gateways.SECRET`.

Every request is one line of the *ledger*, with what it changed (``"effect": "created SMS"``, ``"bought 18445551212"``),
even if the reply was lost. Tests use the ledger to check what really happened. It holds request bodies with their
secrets, so use invented secrets only and keep the sandbox on loopback.

The sandbox can be told to give bad answers, in the format of the system that was called. The control plane is under
``/_sandbox/`` and is not in the ledger::

    from portal.devtools.sandbox.control import Control

    sandbox = Control("http://127.0.0.1:PORT")
    sandbox.fault("reply_lost", match={"method": "POST", "path_contains": "/mGageSMS"})
    sandbox.fault("server_error", status=503, times=2)
    sandbox.fault("reset", rate=0.1, seed=7)          # one request in ten, for ever
    sandbox.settings(latency_ms=100, api_key="key", replace="accept", readable=False)
    sandbox.genesys_cloud.settings(list_lag_seconds=2, order_words=["PENDING", "COMPLETED"], order_step_seconds=5)
    sandbox.genesys_cloud.take("18445551212"), sandbox.genesys_cloud.create_client(permissions=[])
    sandbox.gateway_settings(secret="key"), sandbox.gateways(), sandbox.bought()
    sandbox.ledger(effects=True), sandbox.stats(), sandbox.catalogue(), sandbox.clear(), sandbox.reset()
"""
