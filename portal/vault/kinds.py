"""Kinds of credentials that a tenant can have, with the guide's name of each."""

from django.db import models


class Kind(models.TextChoices):
    """The purpose of a credential; the value is the guide's variable name."""

    NEXUS_API_KEY = "apiKey", "Nexus API key"
    KALEYRA_USER_NAME = "kaleyraUserName", "Kaleyra user name"
    KALEYRA_PASSWORD = "kaleyraPassword", "Kaleyra password"
    GATEWAY_API_KEY = "asyncAPISignatureKey", "Gateway API signature key"
    GATEWAY_WEBHOOK_KEY = "asyncWebhookSignatureKey", "Gateway webhook signature key"
    CLIENT_SECRET = "clientSecret", "Genesys Cloud client secret"
    ORG_PASSWORD = "orgPassword", "Genesys Cloud administrator's password"
    CLUSTER_API_KEY = "clusterApiKey", "Messaging cluster API key"
