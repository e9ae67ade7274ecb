"""What every answer must carry, whatever it is."""

import re

from django.http import HttpResponseBase

_NONCE = re.compile(r"'nonce-[A-Za-z0-9+/_=-]{16,}'")
_SAFE_REFERRERS = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}


def unsafe_headers(answer: HttpResponseBase, *, signed_in: bool = True) -> list[str]:
    """What is missing or too weak, in words; the nonce is asked of pages only, since nothing else can run a script."""
    policy = answer.headers.get("Content-Security-Policy", "")
    is_page = answer.headers.get("Content-Type", "").startswith("text/html") and bool(getattr(answer, "content", b""))
    checks = {
        "the policy does not begin with default-src 'none'": "default-src 'none'" in policy,
        "the policy lets the page be framed": "frame-ancestors 'none'" in policy,
        "the policy has no nonce": not is_page or "<script" not in _text(answer) or bool(_NONCE.search(policy)),
        "the policy allows what is inline": "unsafe-inline" not in policy and "unsafe-eval" not in policy,
        "the type may be guessed": answer.headers.get("X-Content-Type-Options") == "nosniff",
        "the referrer leaks": answer.headers.get("Referrer-Policy") in _SAFE_REFERRERS,
        "it shares a window with others": answer.headers.get("Cross-Origin-Opener-Policy") == "same-origin",
        "other sites may embed it": answer.headers.get("Cross-Origin-Resource-Policy") == "same-origin",
        "it may be framed by old browsers": answer.headers.get("X-Frame-Options") == "DENY",
        "it may use the camera": "camera=()" in answer.headers.get("Permissions-Policy", ""),
        "it may be stored": not signed_in or "no-store" in answer.headers.get("Cache-Control", ""),
    }
    return [words for words, good in checks.items() if not good]


def assert_safe_headers(answer: HttpResponseBase, *, signed_in: bool = True) -> None:
    """Fail with what is missing or too weak."""
    assert unsafe_headers(answer, signed_in=signed_in) == []


def _text(answer: HttpResponseBase) -> str:
    return bytes(getattr(answer, "content", b"")).decode(errors="replace")
