"""Too many requests in a window are refused, and told how long to wait."""

import time
from typing import Any

from portal.devtools.sandbox.control import Control


def test_each_token_has_so_many_requests(cloud: Any, sandbox: Control) -> None:
    sandbox.genesys_cloud.settings(rate_limit=2, rate_window_seconds=30)
    replies = [cloud.api("GET", "/tollfreenumbers") for _ in range(3)]
    assert [reply.status for reply in replies] == [200, 200, 429]
    assert 29 <= int(replies[2].headers["Retry-After"]) <= 30
    assert replies[2].document["code"] == "too.many.requests"
    assert cloud.sign_in().api("GET", "/tollfreenumbers").status == 200


def test_who_waits_may_go_on(cloud: Any, sandbox: Control) -> None:
    sandbox.genesys_cloud.settings(rate_limit=1, rate_window_seconds=0.3)
    cloud.api("GET", "/tollfreenumbers")
    refused = cloud.api("GET", "/tollfreenumbers")
    assert (refused.status, refused.headers["Retry-After"]) == (429, "1")
    time.sleep(0.35)
    assert cloud.api("GET", "/tollfreenumbers").status == 200


def test_each_client_has_so_many_tokens(cloud: Any, sandbox: Control) -> None:
    sandbox.genesys_cloud.settings(token_rate_limit=1)
    replies = [cloud.token(), cloud.token()]
    assert [reply.status for reply in replies] == [200, 429]
    assert replies[1].headers["Retry-After"] == "60"
    other = sandbox.genesys_cloud.create_client()
    assert cloud.token(other["client_id"], other["secret"]).status == 200
