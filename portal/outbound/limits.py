"""How long a request may last and how large its answer may be: for most destinations the same, for some much less."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from portal.outbound.destinations import Destination

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST_BODY = 2 * 1024 * 1024  # after decompression
#: A sign-on service's longest answer is its list of keys.
_SMALLER: Mapping[Destination, int] = {Destination.SIGN_ON: 256 * 1024}


def seconds_for(destination: Destination) -> float:
    """From DNS to the last byte; whoever signs in waits for it with a web server's thread in hand."""
    total: float = settings.OUTBOUND_TOTAL_SECONDS
    return min(total, settings.OUTBOUND_SIGN_ON_SECONDS) if destination == Destination.SIGN_ON else total


def largest_body_of(destination: Destination) -> int:
    """Bytes, after decompression."""
    return _SMALLER.get(destination, LARGEST_BODY)
