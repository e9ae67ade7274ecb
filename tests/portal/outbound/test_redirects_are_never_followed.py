from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from portal.http_client.errors import Redirected, TooLarge
from portal.http_client.messages import Secret
from portal.http_client.send import send
from tests.portal.outbound.conftest import get_from, post_to
from tests.portal.outbound.raw_server import OK, answer

if TYPE_CHECKING:
    from tests.portal.outbound.conftest import Serve


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_takes_no_key_along(status: int, serve: Serve) -> None:
    elsewhere = serve(OK)
    server = serve(answer(status, Location=f"{elsewhere.url}/steal"))
    with pytest.raises(Redirected) as caught:
        send(get_from(server.url, headers={"x-api-key": Secret("apiKey")}), {"apiKey": "k"})
    assert elsewhere.connections == 0
    assert caught.value.permanent
    assert "final address" in caught.value.sentence


def test_a_redirects_body_is_capped_like_any_other(serve: Serve) -> None:
    endless = b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n" + b"x" * 4 * 1024 * 1024
    with pytest.raises(TooLarge):
        send(post_to(serve(endless).url), {})
