"""The nine kinds of people who stand before a URL."""

from enum import StrEnum


class Who(StrEnum):
    """One kind; `OUTSIDER` administers the other tenant, `REMOVED` had a role, `DISABLED` has one still."""

    ANONYMOUS = "anonymous"
    ADMINISTRATOR = "administrator"
    REPRESENTATIVE = "representative"
    AUDITOR = "auditor"
    SITE = "site administrator"
    SITE_AUDITOR = "site auditor"
    OUTSIDER = "member of another tenant"
    DISABLED = "disabled person"
    REMOVED = "removed member"


NOBODY = frozenset[Who]()
EVERYONE = frozenset(Who)
#: Whoever has no session that counts: every page but the open ones sends them to the sign-in.
STRANGERS = frozenset({Who.ANONYMOUS, Who.DISABLED})
SIGNED_IN = EVERYONE - STRANGERS
#: Roles in our tenant.
MEMBERS = frozenset({Who.ADMINISTRATOR, Who.REPRESENTATIVE, Who.AUDITOR})
#: Who sees our tenant.
READERS = MEMBERS | {Who.SITE, Who.SITE_AUDITOR}
#: Who has a role in any tenant, ours or not.
SOMEWHERE = READERS | {Who.OUTSIDER}
ADMINISTRATOR = frozenset({Who.ADMINISTRATOR})
REPRESENTATIVE = frozenset({Who.REPRESENTATIVE})
SITE = frozenset({Who.SITE})
#: Who reads the chain of the site and those of all tenants.
SITE_READERS = SITE | {Who.SITE_AUDITOR}
