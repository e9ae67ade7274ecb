"""The one way out: every HTTP call that the portal makes leaves through this room.

    messages.py      Request, Secret, Answer: what is sent, without any secret in it, and what came back
    errors.py        everything that can go wrong, and whether to try again
    sending.py       send(): one request, no database
    calls.py         open_call, close_call, exchange: the same with a row that records it
    curl.py          a request as a curl command for people
    url_check.py     may this URL be called at all? Also for forms

Below them: policy.py (which addresses), resolver.py (names, within a time limit), guard.py (connects to
nothing unchecked), deadline.py (nothing lasts longer), session.py, wire.py (bytes), translate.py (library
errors to ours), redact.py (secrets out of answers).
"""
