"""Attributes of an event's verb: its kind and its marks (see `verbs`)."""

from enum import Flag, auto
from typing import Final

from django.db import models


class EventKind(models.TextChoices):
    """Kinds of events, by which people filter the history; the value is used in URLs of the history pages."""

    SIGN_INS = "sign_in", "Sign-ins and second factors"
    PEOPLE = "person", "People"
    ROLES = "role", "Roles and invitations"
    REFUSALS = "refusal", "Refusals"
    TENANTS = "tenant", "Tenants"
    CREDENTIALS = "credential", "Credentials"
    KEYS = "keys", "Keys of the vault and the history"
    SENDERS = "sender", "Sender IDs"
    SETUPS = "setup", "Set-ups"
    TESTS = "test", "Tests of connections and webhooks"
    REQUESTS = "request", "Requests to the representative"
    CHECKLISTS = "checklist", "Checklists"
    SERVICES = "service", "Services"
    CALLS = "call", "Requests to other systems"
    ORDERS = "order", "Orders"
    ORDER_RULES = "order_rules", "Rules and rates of orders"
    RELEASES = "release", "Releases of numbers"
    NUMBERS = "number", "Numbers"
    PROOF = "history", "Evidence and downloads of the history"


class Mark(Flag):
    """Further attributes of a verb.

    An auditor looks at unusual events first. Urgent events get a checkpoint at once, because an attacker would want to
    hide them. Events that anybody can cause as often as they like are not urgent; they wait up to a minute.
    """

    NONE = 0
    UNUSUAL = auto()
    URGENT = auto()
    IN_ORDERS = auto()
    IN_APPROVALS = auto()
    IN_ROLES = auto()
    IN_CREDENTIALS = auto()


NO_MARK, UNUSUAL, URGENT = Mark.NONE, Mark.UNUSUAL, Mark.URGENT
IN_ORDERS, IN_APPROVALS = Mark.IN_ORDERS, Mark.IN_APPROVALS
IN_ROLES, IN_CREDENTIALS = Mark.IN_ROLES, Mark.IN_CREDENTIALS
#: The extracts of an evidence pack, by the mark of the verbs that they contain. The verifier, which imports nothing of
#: ours, repeats this list (`verifier.verify.EXTRACTS`); a test compares the two.
EXTRACTS: Final = {
    IN_ORDERS: "orders.csv",
    IN_APPROVALS: "approvals.csv",
    IN_ROLES: "roles.csv",
    IN_CREDENTIALS: "credentials.csv",
}
