"""Permission table: the rights of each role. Every action checks it through `accounts.permission.require`."""

from enum import StrEnum

from django.db import models


class Role(models.TextChoices):
    """Roles of a person in a tenant."""

    ADMINISTRATOR = "administrator", "Administrator"
    REPRESENTATIVE = "representative", "Genesys representative"
    AUDITOR = "auditor", "Auditor"


class SiteRole(models.TextChoices):
    """Roles of a person on the site, in every tenant and outside all of them."""

    ADMINISTRATOR = "site-administrator", "Site administrator"
    AUDITOR = "site-auditor", "Site auditor"


class Right(StrEnum):
    """Permissions; the value completes the sentence "You may not …"."""

    VIEW_TENANT = "see this tenant"
    CHANGE_TENANT = "change this tenant"
    STORE_CREDENTIAL = "store its credentials"
    RUN_SETUP = "set up its SMS"
    REVEAL_CREDENTIAL = "see a credential of it that is handed over"
    ASK_REPRESENTATIVE = "ask its Genesys representative"
    ANSWER_REQUEST = "answer its requests"
    ORDER_NUMBERS = "order numbers for it"
    APPROVE_ORDER = "approve orders of its numbers"
    REVIEW_ORDER = "decide what became of its orders"
    RELEASE_NUMBER = "release its numbers"
    SET_ORDER_POLICY = "set its rules for orders"
    VIEW_NUMBERS = "see its numbers"
    MANAGE_NUMBERS = "manage its numbers"
    VIEW_HISTORY = "read its history"
    ADD_TENANT = "add tenants"
    ARCHIVE_TENANT = "archive tenants"
    MANAGE_PEOPLE = "manage people"
    VIEW_OPERATIONS = "see how the portal itself is"
    VIEW_SITE_HISTORY = "read the site's history"
    SET_RATES = "set what numbers cost"


_EVERY_ROLE = frozenset(Role)
_ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
_REPRESENTATIVE = frozenset({Role.REPRESENTATIVE})

#: Rights within a tenant, and the roles that have them there.
BY_ROLE: dict[Right, frozenset[Role]] = {
    Right.VIEW_TENANT: _EVERY_ROLE,
    Right.VIEW_HISTORY: _EVERY_ROLE,
    Right.VIEW_NUMBERS: _EVERY_ROLE,
    Right.MANAGE_NUMBERS: _REPRESENTATIVE,
    Right.CHANGE_TENANT: _ADMINISTRATOR,
    Right.STORE_CREDENTIAL: _ADMINISTRATOR,
    Right.RUN_SETUP: _ADMINISTRATOR,
    Right.REVEAL_CREDENTIAL: _ADMINISTRATOR,
    Right.ASK_REPRESENTATIVE: _ADMINISTRATOR,
    Right.ANSWER_REQUEST: _REPRESENTATIVE,
    Right.ORDER_NUMBERS: _REPRESENTATIVE,
    # The approver may be an administrator, who pays, or another representative.
    Right.APPROVE_ORDER: _ADMINISTRATOR | _REPRESENTATIVE,
    Right.REVIEW_ORDER: _ADMINISTRATOR | _REPRESENTATIVE,
    Right.RELEASE_NUMBER: _REPRESENTATIVE,
    Right.SET_ORDER_POLICY: _ADMINISTRATOR,
    Right.VIEW_OPERATIONS: _ADMINISTRATOR,
}

_SITE_ADMINISTRATOR = frozenset(
    {
        Right.VIEW_TENANT,
        Right.VIEW_HISTORY,
        Right.VIEW_NUMBERS,
        Right.ADD_TENANT,
        Right.ARCHIVE_TENANT,
        Right.MANAGE_PEOPLE,
        Right.VIEW_OPERATIONS,
        Right.VIEW_SITE_HISTORY,
        Right.SET_RATES,
    }
)
_SITE_AUDITOR = frozenset({Right.VIEW_TENANT, Right.VIEW_HISTORY, Right.VIEW_NUMBERS, Right.VIEW_SITE_HISTORY})

#: Rights in every tenant and outside all of them, by the role on the site. A site auditor has read access only.
BY_SITE_ROLE: dict[SiteRole, frozenset[Right]] = {
    SiteRole.ADMINISTRATOR: _SITE_ADMINISTRATOR,
    SiteRole.AUDITOR: _SITE_AUDITOR,
}
