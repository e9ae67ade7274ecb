"""File schema of Genesys Cloud: `genesys_cloud: {org_id: …, region: …, client_id: …, …}`."""

from collections.abc import Callable, Mapping
from typing import Any

from provisioning.options.section import Key, Section
from tollfree.regions import REGIONS

Answers = Mapping[str, Any]


def _custom(answers: Answers) -> bool:
    """Return whether the hosts belong to no region. Then the file has the URLs, otherwise only the region."""
    return answers.get("region") not in REGIONS


def _only_custom(variable: str) -> Callable[[Answers], Any]:
    return lambda answers: answers.get(variable) if _custom(answers) else None


SECTION = Section(
    keys=(
        Key("org_id", "orgId"),
        Key(
            "region", "region", required=False, to_file=lambda answers: None if _custom(answers) else answers["region"]
        ),
        Key("login_url", "gcLoginURL", required=False, to_file=_only_custom("gcLoginURL")),
        Key("api_url", "gcAPIURL", required=False, to_file=_only_custom("gcAPIURL")),
        Key("client_id", "clientId"),
        Key("client_secret", "clientSecret", secret="CLIENT_SECRET"),  # noqa: S106 - a name, not a secret
        Key("cluster_api_key", "apikey", required=False, secret="CLUSTER_KEY"),  # noqa: S106 - the same
    ),
    sender_variable="tfn",
)
