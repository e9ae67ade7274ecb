"""The one table of what each role may do. Every action asks it through `accounts.permission.require`."""

from enum import StrEnum

from django.db import models


class Role(models.TextChoices):
    """What a person can be in a tenant."""

    ADMINISTRATOR = "administrator", "Administrator"
    REPRESENTATIVE = "representative", "Genesys representative"
    AUDITOR = "auditor", "Auditor"


class Right(StrEnum):
    """What can be allowed; the value completes the sentence "You may not …"."""

    VIEW_TENANT = "see this tenant"
    CHANGE_TENANT = "change this tenant"
    STORE_CREDENTIAL = "store its credentials"
    RUN_SETUP = "set up its SMS"
    REVEAL_CREDENTIAL = "see a credential of it that is handed over"
    ASK_REPRESENTATIVE = "ask its Genesys representative"
    ANSWER_REQUEST = "answer its requests"
    VIEW_HISTORY = "read its history"
    ADD_TENANT = "add tenants"
    ARCHIVE_TENANT = "archive tenants"
    MANAGE_PEOPLE = "manage people"
    VIEW_OPERATIONS = "see how the portal itself is"
    VIEW_SITE_HISTORY = "read the site's history"


_EVERY_ROLE = frozenset(Role)
_ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
_REPRESENTATIVE = frozenset({Role.REPRESENTATIVE})

#: Rights within a tenant, and the roles that hold them there.
BY_ROLE: dict[Right, frozenset[Role]] = {
    Right.VIEW_TENANT: _EVERY_ROLE,
    Right.VIEW_HISTORY: _EVERY_ROLE,
    Right.CHANGE_TENANT: _ADMINISTRATOR,
    Right.STORE_CREDENTIAL: _ADMINISTRATOR,
    Right.RUN_SETUP: _ADMINISTRATOR,
    Right.REVEAL_CREDENTIAL: _ADMINISTRATOR,
    Right.ASK_REPRESENTATIVE: _ADMINISTRATOR,
    Right.ANSWER_REQUEST: _REPRESENTATIVE,
    Right.VIEW_OPERATIONS: _ADMINISTRATOR,
}

#: Rights of site administrators, in every tenant and outside all of them.
OF_SITE_ADMINISTRATORS = frozenset(
    {
        Right.VIEW_TENANT,
        Right.VIEW_HISTORY,
        Right.ADD_TENANT,
        Right.ARCHIVE_TENANT,
        Right.MANAGE_PEOPLE,
        Right.VIEW_OPERATIONS,
        Right.VIEW_SITE_HISTORY,
    }
)
