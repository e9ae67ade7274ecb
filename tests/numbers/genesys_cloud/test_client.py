import ast
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

NUMBERS = Path(settings.BASE_DIR) / "numbers"


def users_of(module: str, name: str) -> set[str]:
    """The modules of numbers that import this name."""
    return {path for path, imported in imports() if imported == (module, name)}


def imports() -> Iterator[tuple[str, tuple[str | None, str]]]:
    for path in NUMBERS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    yield str(path.relative_to(NUMBERS)), (node.module, alias.name)


def test_only_the_client_sends_and_only_the_two_workers_buy_or_give_back() -> None:
    assert users_of("portal.http_client.send", "send") == {"genesys_cloud/client.py", "genesys_cloud/http.py"}
    order, release = "tollfree/orders/worker/send.py", "tollfree/orders/releases/worker.py"
    assert users_of("genesys_cloud.client", "send_once") == {order, release}
    assert users_of("genesys_cloud.client", "order_request") == {order}
    assert users_of("genesys_cloud.client", "release_request") == {release}
