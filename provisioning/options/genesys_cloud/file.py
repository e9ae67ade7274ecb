"""Genesys Cloud in a file of set-ups: `genesys_cloud: {org_id: …, region: …, client_id: …, …}`."""

from provisioning.options.section import Key, Section

SECTION = Section(
    keys=(
        Key("org_id", "orgId"),
        Key("region", "region", required=False),
        Key("login_url", "gcLoginURL", required=False),
        Key("api_url", "gcAPIURL", required=False),
        Key("client_id", "clientId"),
        Key("client_secret", "clientSecret", secret="CLIENT_SECRET"),  # noqa: S106 - a name, no secret
        Key("cluster_api_key", "apikey", required=False, secret="CLUSTER_KEY"),  # noqa: S106 - the same
    ),
    sender_variable="tfn",
)
