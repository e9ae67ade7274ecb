"""Genesys Cloud: the token endpoint and the provisioning of toll-free numbers.

========  ==================================================  ================================================
POST      /oauth/token                                        token, HTTP Basic, grant_type=client_credentials
GET       …/tollfreenumbers                                   the client's numbers
GET       …/tollfreenumbers/available?numberOfResults&vanity  numbers that can be bought, as texts
POST      …/tollfreenumbers                                   buys a list of numbers, answers an order
PATCH     …/tollfreenumbers/{number}                          changes comment, owner, moUrl, …
DELETE    …/tollfreenumbers/{number}                          gives a number back
GET       …/orders/{id}                                       an order, whose status word moves on with time
========  ==================================================  ================================================

`…` is `/api/v2/messaging/sms/provisioning`. A trailing slash answers a redirect, since clients must send none.

In the real world login and API are two hosts. Here the sandbox's own address plays both; `/login-host/…` and
`/api-host/…` play one each, and answer 404 in HTML to what belongs to the other, as `login.` and `api.` do. Where an
address may have no path, the settings `login_host` and `api_host` do the same by the name in the Host header, for
example `127.0.0.1` for one and `localhost` for the other.

Paths, bodies and permissions are those of the official SDK. [inferred] are: all statuses of successes, `orderStatus`
and its words (`order_words`), the code and status for a number that is gone, who sees which number (`list_scope`).

Where to look: `login.py` makes tokens, `api.py` has the routes, `inventory.py` what was bought, `pool.py` what can be,
`clients.py` who may do what, `errors.py` the form of all errors, `settings.py` what can be set.
"""
