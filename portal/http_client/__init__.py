"""HTTP client for all outbound requests, with SSRF protection, deadlines and a call log.

    messages.py      Request, Secret, Answer: a request without any secret in it, and a response
    errors.py        all errors, and whether to retry
    sending.py       send(): one request, no database
    calls.py         open_call, close_call, exchange: the same, recorded in a row
    curl.py          a request as a curl command for people
    url_check.py     URL validation, also for forms

Below them: policy.py (allowed addresses), resolver.py (DNS with a timeout), guard.py (connects only to checked
addresses), deadline.py (total time limit), session.py, wire.py (serialization), translate.py (mapping of library errors
to ours), redact.py (redaction of secrets in responses).
"""
