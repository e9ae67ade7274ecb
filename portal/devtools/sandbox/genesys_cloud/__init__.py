"""Genesys Cloud in the sandbox: the token endpoint and the provisioning of toll-free numbers.

========  ==================================================  ================================================
POST      /oauth/token                                        token, HTTP Basic, grant_type=client_credentials
GET       …/tollfreenumbers                                   the client's numbers
GET       …/tollfreenumbers/available?numberOfResults&vanity  available numbers, as strings
POST      …/tollfreenumbers                                   buys a list of numbers, answers an order
PATCH     …/tollfreenumbers/{number}                          changes comment, owner, moUrl, …
DELETE    …/tollfreenumbers/{number}                          releases a number
GET       …/orders/{id}                                       an order, whose status word changes over time
========  ==================================================  ================================================

`…` is `/api/v2/messaging/sms/provisioning`. A path with a trailing slash answers a redirect, since clients must send
none.

The real login and API are two hosts. The sandbox's own address plays both. `/login-host/…` and `/api-host/…` play one
each and answer 404 in HTML to the other's paths, as `login.` and `api.` do. For clients that allow no path in an
address, the settings `login_host` and `api_host` do the same by the Host header, for example `127.0.0.1` for one and
`localhost` for the other.

Paths, bodies and permissions are those of the official SDK. [inferred]: all statuses of successes, `orderStatus` and
its words (`order_words`), the code and status for an unavailable number, and who sees which number (`list_scope`).
"""
