from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from portal.http_client.error_mapping import retry_after
from portal.http_client.errors import RateLimited, ServerError
from portal.http_client.send import send
from tests.portal.outbound.conftest import post_to
from tests.portal.outbound.raw_server import answer

if TYPE_CHECKING:
    from tests.portal.outbound.conftest import Serve

_NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        (" 12 ", 12),
        ("3600", 3600),
        ("86400", 3600),
        ("999999999999", 3600),
        ("9" * 5000, None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("\uff17", None),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0),
        ("Mon, 23 Nov 2026 14:00:30 +0200", 30),
        ("Mon, 23 Nov 2026 12:00:30 -0000", 30),
        ("Mon, 23 Nov 2099 12:00:00 GMT", 3600),
        ("Mon, 99 Nov 2026 12:00:00 GMT", None),
        ("Mon, 23 Nov 99999999999 12:00:00 GMT", None),
    ],
)
def test_seconds_and_dates_are_understood_and_nonsense_is_none(value: str, seconds: int | None) -> None:
    assert retry_after(value, _NOW) == seconds


def test_a_429_says_how_long_to_wait(serve: Serve) -> None:
    with pytest.raises(RateLimited) as caught:
        send(post_to(serve(answer(429, Retry_After="17")).url), {})
    assert caught.value.retry_after == 17


def test_a_503_may_say_so_too(serve: Serve) -> None:
    with pytest.raises(ServerError) as caught:
        send(post_to(serve(answer(503, Retry_After="5")).url), {})
    assert caught.value.retry_after == 5
