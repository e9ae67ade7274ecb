"""Fixtures of the canary tests: all that the portal writes about itself, as evidence."""

import io
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils.log import AdminEmailHandler
from redis import Redis

from portal.accounts.models import User
from portal.accounts.rights import Role
from portal.audit.actors import command_line
from portal.core.logging.formatters import ContextFilter, JsonFormatter
from portal.core.logging.redaction import RedactionFilter
from portal.devtools.sandbox.control import Control
from portal.tenants.actions import add_tenant
from portal.tenants.models import Tenant
from tests.canaries.stories import nest, pages_in_reach
from tests.support import canaries, environment
from tests.support.canaries import Canary, Evidence
from tests.support.cast import CCID, new_member, new_person
from tests.support.children import Restartable

#: The keys themselves, and the ledger of what stands for the outside.
NO_EVIDENCE = ("keyset.json", "sandbox.jsonl")


@pytest.fixture
def redis(redis: Redis) -> Iterator[Redis]:
    """A client of a Redis whose file holds at once what was written: otherwise it may follow two seconds later."""
    usual = str(redis.config_get("appendfsync")["appendfsync"])
    redis.config_set("appendfsync", "always")
    yield redis
    redis.config_set("appendfsync", usual)


@pytest.fixture
def nested() -> dict[str, Canary]:
    """A canary for each kind of secret that people type."""
    return nest()


@pytest.fixture
def tenant(transactional_db: None, sandbox: Control, shared_worker: Restartable) -> Tenant:
    """Acme, with the sandbox as its Nexus and no secret yet."""
    shared_worker.stop()  # one that an earlier test left would take the work away from the story
    return add_tenant(command_line(), name="Acme", ccid=CCID, nexus_url=sandbox.url)


@pytest.fixture
def people(tenant: Tenant) -> dict[str, User]:
    """One person of each role, and one who must not learn that the tenant exists."""
    members = {role.value: new_member(role.value, tenant, role) for role in Role}
    return members | {"site": new_person("site", site_administrator=True), "nobody": new_person("nobody")}


#: At DEBUG it writes a traceback for each variable that a template does not find: half of a test's time.
TALKATIVE = "django.template"


@pytest.fixture
def logs(settings: Any) -> Iterator[list[io.StringIO]]:
    """Text and JSON of all that is logged at any level, SQL included; and mails of errors."""
    settings.ADMINS = [("Ops", "ops@example.com")]
    streams = [io.StringIO(), io.StringIO()]
    text = logging.Formatter("%(levelname)s %(name)s [%(request_id)s %(run_id)s] %(message)s")
    handlers: list[logging.Handler] = [logging.StreamHandler(stream) for stream in streams]
    for handler, form in zip(handlers, [text, JsonFormatter()], strict=True):
        handler.setFormatter(form)
        handler.addFilter(ContextFilter())
        handler.addFilter(RedactionFilter())
    handlers.append(AdminEmailHandler(include_html=True))
    handlers[-1].setLevel(logging.ERROR)
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    root.handlers = handlers  # and not pytest's own: what they write down takes longer than the test
    levels = {"": logging.DEBUG, "django": logging.DEBUG, "celery": logging.DEBUG, TALKATIVE: logging.INFO}
    loggers = [(logging.getLogger(name), logging.getLogger(name).level, level) for name, level in levels.items()]
    for logger, _, level in loggers:
        logger.setLevel(level)
    connection.force_debug_cursor = True
    yield streams
    connection.force_debug_cursor = False
    root.handlers = before
    for logger, level, _ in loggers:
        logger.setLevel(level)


@pytest.fixture
def begun(transactional_db: None) -> dict[Path, int]:
    """Where the file of all that was ever written to Redis ended when the story began.

    What earlier tests left in the logs and in the pages of the database is gone: it would be searched each time.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for log in environment.root().rglob("*.log"):
        os.truncate(log, 0)
    return canaries.sizes(environment.root(), ".aof")


@pytest.fixture
def everything(
    begun: dict[Path, int], logs: list[io.StringIO], people: dict[str, User], redis: Redis
) -> Callable[..., list[Evidence]]:
    """Collect whatever there is: tables, files, Redis, logs, mails, and the pages of some roles, or of all."""

    def collect(*roles: str) -> list[Evidence]:
        return [
            *_pages({role: people[role] for role in roles or people}),
            *_mails(),
            *(
                (f"the log as {form}", log.getvalue().encode())
                for form, log in zip(("text", "JSON"), logs, strict=True)
            ),
            *canaries.tables(),
            *canaries.redis_keys(redis),
            *canaries.files(environment.root(), but=NO_EVIDENCE, since=begun),
        ]

    return collect


def _pages(people: dict[str, User]) -> Iterator[Evidence]:
    for role, user in people.items():
        client = Client(raise_request_exception=False)
        client.force_login(user)
        for path, page in pages_in_reach(client, ["/"]).items():
            yield f"{path} for {role}", page


def _mails() -> Iterator[Evidence]:
    for sent in mail.outbox:
        yield "a mail", f"{sent.subject}\n{sent.body}".encode()
        for part in getattr(sent, "alternatives", []):
            yield "a mail's HTML", str(part[0]).encode()
