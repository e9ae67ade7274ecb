"""Leases, retries and intervals of queued work; OUTBOUND_… and SESSION_… are beside what they limit."""

from portal.settings.env import env

SETUP_LEASE_SECONDS = env.number("SETUP_LEASE_SECONDS", 120.0)
SETUP_MAX_ATTEMPTS = env.whole_number("SETUP_MAX_ATTEMPTS", 5, least=1, most=1000)
SETUP_BACKOFF_SECONDS = env.number("SETUP_BACKOFF_SECONDS", 2.0)
SWEEP_SECONDS = env.number("SWEEP_SECONDS", 15.0)
# How often a tenant's toll-free numbers are asked for by themselves.
INVENTORY_REFRESH_SECONDS = env.number("INVENTORY_REFRESH_SECONDS", 3600.0)
# How long a published set-up may lie before the sweeper publishes it again.
SETUP_REPUBLISH_SECONDS = env.number("SETUP_REPUBLISH_SECONDS", 30.0)
# The lease outlasts the hard limit of a task (60 s), which outlasts a call.
ORDER_LEASE_SECONDS = env.number("ORDER_LEASE_SECONDS", 120.0)
# An unknown outcome is looked for after this; longer than a number needs to show in Genesys Cloud's list.
ORDER_SETTLE_SECONDS = env.number("ORDER_SETTLE_SECONDS", 300.0)
ORDER_POLL_SECONDS = env.number("ORDER_POLL_SECONDS", 30.0)
ORDER_BACKOFF_SECONDS = env.number("ORDER_BACKOFF_SECONDS", 5.0)
ORDER_REPUBLISH_SECONDS = env.number("ORDER_REPUBLISH_SECONDS", 30.0)
ORDER_RELEASE_WAIT_SECONDS = env.number("ORDER_RELEASE_WAIT_SECONDS", 86_400.0)
HEARTBEAT_SECONDS = env.number("HEARTBEAT_SECONDS", 5.0)
CHECKPOINT_SECONDS = env.number("CHECKPOINT_SECONDS", 60.0)
