"""What arrived at the sandbox's Genesys Cloud."""

from portal.devtools.sandbox.control import Control

TOKEN, LIST = "/oauth/token", "/tollfreenumbers"


def statuses(sandbox: Control, path: str) -> list[int]:
    """How each request to this path was answered, the oldest first."""
    return [line["status"] for line in sandbox.ledger() if line["path"].endswith(path)]
