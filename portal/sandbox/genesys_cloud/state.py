"""All that the login and the API share."""

from portal.sandbox.genesys_cloud import clients
from portal.sandbox.genesys_cloud.clients import Client, Grant
from portal.sandbox.genesys_cloud.inventory import Inventory
from portal.sandbox.genesys_cloud.limits import Windows
from portal.sandbox.genesys_cloud.settings import GenesysCloudSettings
from portal.sandbox.oauth import Tokens


class State:
    """Settings, clients, tokens, numbers, orders and rate limits."""

    def __init__(self) -> None:
        self.tokens: Tokens[Grant] = Tokens()
        self.inventory = Inventory()
        self.windows = Windows()
        self.forget()

    def forget(self) -> None:
        """As at the start: the demo's client, default settings, nothing bought."""
        self.settings = GenesysCloudSettings()
        self.clients: dict[str, Client] = {}
        self.add(clients.demo_client())
        self.tokens.forget()
        self.inventory.forget()
        self.windows.forget()

    def add(self, client: Client) -> None:
        """A further client, or another one of the same id."""
        self.clients[client.client_id] = client
