"""App configuration of the HTTP client."""

from django.apps import AppConfig


class OutboundConfig(AppConfig):
    """HTTP client for all outbound requests."""

    name = "portal.http_client"
