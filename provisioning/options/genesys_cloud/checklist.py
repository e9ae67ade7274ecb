"""Checklist of manual steps in Genesys Cloud: the guide's numbered steps, in its order and nearly in its words.

The paths of the pages in Genesys Cloud are inferred from public links; they occur only here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from genesys_cloud.regions import admin_pages
from provisioning.models import Tick

PREFIX = "genesys_cloud."
#: Paths below `https://apps.<domain>/directory/#/admin`.
ADMIN, ROLES, PEOPLE, OAUTH = "", "/people-permissions/roles", "/directory", "/integrations/oauth"


@dataclass(frozen=True)
class Task:
    """One numbered step. `page` is a path below the admin pages, or None."""

    text: str
    page: str | None = None


@dataclass(frozen=True)
class Chapter:
    """A group of steps."""

    key: str
    title: str
    tasks: tuple[Task, ...]


@dataclass(frozen=True)
class Line:
    """A step as shown on a page: its key, text, link, and who marked it as done."""

    key: str
    text: str
    url: str
    tick: Tick | None


#: Step 0 of the guide: what the Genesys representative does.
ORGANISATION = Chapter(
    "organisation",
    "Asked of your Genesys representative",
    (
        Task("An organisation in Genesys Cloud CX was created."),
        Task("Its administrator user was created, and you have the user name."),
        Task("The product Genesys SMS Aggregation was added to the organisation."),
    ),
)

CHAPTERS = (
    Chapter(
        "role",
        "Create the role",
        (
            Task("Log in to Genesys Cloud CX as the organisation's administrator.", ADMIN),
            Task("Go to Admin.", ADMIN),
            Task("Under People and Permissions, click Roles/Permissions.", ROLES),
            Task("Click Add Role and name it Nexus Messaging."),
            Task(
                "Under Permissions, search for messaging; select messaging > All Permissions and "
                "messagingProvisioning > All Permissions. Save."
            ),
        ),
    ),
    Chapter(
        "user",
        "Give the role to the administrator user",
        (
            Task("Click Admin.", ADMIN),
            Task("Under People and Permissions, click People.", PEOPLE),
            Task("Search for the administrator user."),
            Task("Under Roles, switch the view to All, search for Nexus Messaging and enable it. Save."),
            Task("Log out and log in again: the permissions count from then on."),
        ),
    ),
    Chapter(
        "client",
        "Create the OAuth client",
        (
            Task("Click Admin.", ADMIN),
            Task("Under Integrations, click OAuth.", OAUTH),
            Task("Click Add Client."),
            Task(
                "Under Client Details, set App Name to Nexus Messaging Integration and select the Client Credentials "
                "Grant Type."
            ),
            Task("Click Roles and assign the Nexus Messaging role. Save."),
            Task("Go back to Client Details and copy client id and client secret: the next step asks for them."),
        ),
    ),
)


def lines_of(chapter: Chapter, ticks: Mapping[str, Tick], login_url: str = "") -> list[Line]:
    """Return a chapter's steps with their links into the organisation and their marks."""
    base = admin_pages(login_url) if login_url else ""
    return [
        Line(key, task.text, f"{base}{task.page}" if base and task.page is not None else "", ticks.get(key))
        for key, task in _keyed(chapter)
    ]


def label_of(key: str) -> str | None:
    """Return the text of a step, or None if the key is unknown."""
    return next((task.text for chapter in (ORGANISATION, *CHAPTERS) for k, task in _keyed(chapter) if k == key), None)


def _keyed(chapter: Chapter) -> list[tuple[str, Task]]:
    return [(f"{PREFIX}{chapter.key}.{number}", task) for number, task in enumerate(chapter.tasks, 1)]
