"""Limits of time and response size, by destination."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from portal.outbound.destinations import Destination

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST_BODY = 2 * 1024 * 1024  # after decompression
#: The largest response of an identity provider is its set of keys.
_SMALLER: Mapping[Destination, int] = {Destination.SIGN_ON: 256 * 1024}


def seconds_for(destination: Destination) -> float:
    """Limit from DNS to the last byte; shorter for single sign-on, which occupies a thread of the web server."""
    total: float = settings.OUTBOUND_TOTAL_SECONDS
    return min(total, settings.OUTBOUND_SIGN_ON_SECONDS) if destination == Destination.SIGN_ON else total


def largest_body_of(destination: Destination) -> int:
    """Limit in bytes, after decompression."""
    return _SMALLER.get(destination, LARGEST_BODY)
