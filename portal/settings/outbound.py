"""Requests to other systems: allowed private addresses, certificates and timeouts."""

from portal.settings.base import PRODUCTION
from portal.settings.env import env

OUTBOUND_ALLOW_PRIVATE = env.names(
    "OUTBOUND_ALLOW_PRIVATE", ("nexus", "genesys_cloud", "webhook", "sign_on"), default=["nexus"]
)
# Addresses shared with a carrier (100.64.0.0/10) are private too, but nobody's own: they have to be named.
OUTBOUND_PRIVATE_NETWORKS = env.networks(
    "OUTBOUND_PRIVATE_NETWORKS", default=["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]
)
OUTBOUND_ALLOW_LOOPBACK = env.bool("OUTBOUND_ALLOW_LOOPBACK", default=not PRODUCTION)
# A further certificate authority, for private editions that issue their own certificates.
OUTBOUND_CA_FILE = env.certificates("OUTBOUND_CA_FILE")
OUTBOUND_LOOPBACK_ONLY = env.bool("OUTBOUND_LOOPBACK_ONLY", default=False)
OUTBOUND_CONNECT_SECONDS = env.number("OUTBOUND_CONNECT_SECONDS", 5.0)
OUTBOUND_READ_SECONDS = env.number("OUTBOUND_READ_SECONDS", 15.0)
OUTBOUND_TOTAL_SECONDS = env.number("OUTBOUND_TOTAL_SECONDS", 35.0)
OUTBOUND_SIGN_ON_SECONDS = env.number("OUTBOUND_SIGN_ON_SECONDS", 8.0)
