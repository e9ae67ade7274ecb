"""Confirmation pages of people management: title, consequences, and the action of each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.accounts.actions import (
    disable_person,
    enable_person,
    make_site_administrator,
    make_site_auditor,
    reset_second_factor,
    unmake_site_administrator,
    unmake_site_auditor,
)

_SIGNED_OUT = "They are signed out everywhere, and sign in again to go on."


@dataclass(frozen=True)
class Confirmation:
    """A confirmation: title and button (both with the person's name), consequences, and the message afterwards."""

    title: str
    sentences: tuple[str, ...]
    button: str
    done: str
    action: Callable[..., Any]
    dangerous: bool = True


DISABLE = Confirmation(
    "Disable {}",
    (
        "They cannot sign in any more, and are signed out everywhere at once.",
        "What they asked for and no worker has begun stops.",
        "Their roles and all of their history stay; they can be enabled again.",
    ),
    "Disable {}",
    "{} was disabled and signed out everywhere.",
    disable_person,
)
ENABLE = Confirmation(
    "Enable {}",
    ("They can sign in again, with the roles that they have.",),
    "Enable {}",
    "{} can sign in again.",
    enable_person,
    dangerous=False,
)
RESET_SECOND_FACTOR = Confirmation(
    "Reset the second factor of {}",
    (
        "Their authenticator app, passkeys and recovery codes are forgotten.",
        "Until they set up a new one, the password alone opens the account: make sure that it is really them who ask.",
        _SIGNED_OUT,
    ),
    "Reset the second factor",
    "The second factor of {} was reset.",
    reset_second_factor,
)
MAKE_SITE_ADMINISTRATOR = Confirmation(
    "Make {} a site administrator",
    ("They manage all people and tenants, and read the history of all of them.", _SIGNED_OUT),
    "Make {} a site administrator",
    "{} is a site administrator.",
    make_site_administrator,
)
UNMAKE_SITE_ADMINISTRATOR = Confirmation(
    "Take the site administration from {}",
    ("They manage people and tenants no more; their roles in tenants stay.", _SIGNED_OUT),
    "Take it",
    "{} is no site administrator any more.",
    unmake_site_administrator,
)
MAKE_SITE_AUDITOR = Confirmation(
    "Make {} a site auditor",
    ("They read the history of the site and of every tenant, also of those that are added later.", _SIGNED_OUT),
    "Make {} a site auditor",
    "{} is a site auditor.",
    make_site_auditor,
)
UNMAKE_SITE_AUDITOR = Confirmation(
    "Take the site audit from {}",
    ("They read the histories only of tenants in which they have a role; those roles stay.", _SIGNED_OUT),
    "Take it",
    "{} is no site auditor any more.",
    unmake_site_auditor,
)
