"""State of Genesys Cloud, shared by login and API."""

from portal.devtools.sandbox.genesys_cloud import clients
from portal.devtools.sandbox.genesys_cloud.clients import Client, Grant
from portal.devtools.sandbox.genesys_cloud.inventory import Inventory
from portal.devtools.sandbox.genesys_cloud.settings import GenesysCloudSettings, Windows
from portal.devtools.sandbox.oauth import Tokens


class State:
    """Settings, clients, tokens, numbers, orders and rate limits."""

    def __init__(self) -> None:
        self.tokens: Tokens[Grant] = Tokens()
        self.inventory = Inventory()
        self.windows = Windows()
        self.forget()

    def forget(self) -> None:
        """Reset to the initial state: the demo's client, default settings, no purchases."""
        self.settings = GenesysCloudSettings()
        self.clients: dict[str, Client] = {}
        self.add(clients.demo_client())
        self.tokens.forget()
        self.inventory.forget()
        self.windows.forget()

    def add(self, client: Client) -> None:
        """Add a client, or replace the one with the same id."""
        self.clients[client.client_id] = client
