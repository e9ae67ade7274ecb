"""A long history at one desk, and the pages that somebody reads in it."""

import time
import uuid
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, QueryDict
from django.test import Client

from portal.accounts.actions import add_person, grant_role
from portal.accounts.models import User
from portal.accounts.rights import Role
from portal.audit.actors import Actor, ActorKind, command_line
from portal.audit.models import Event
from portal.audit.recording import NewEvent, Target, record_many
from portal.audit.verbs import Verb
from portal.tenants.actions import add_tenants
from portal.tenants.models import Tenant
from portal.ui.paging import OLDER, url_beyond

TENANTS = 500
AT_ONCE = 5000
PEOPLE = 20
#: Also the short history fills a page with each person, object and with the first tenant, whose turn comes this often:
#: a page that is half empty would be quicker whatever the database does.
OBJECTS, OFTEN = 97, 50
_AUDITOR, _SITE = "auditor@example.com", "site@example.com"


def write(lines: int) -> int:
    """Write valid chains of so many lines in all, of many tenants, people and verbs; returns how many there are."""
    tenants = [
        Tenant(name=f"Tenant {n}", ccid=uuid.uuid4(), nexus_url="https://nexus.example.com") for n in range(TENANTS)
    ]
    add_tenants(command_line(), tenants)
    _people(tenants)
    random = Random(7)  # noqa: S311 - the same history in every run
    verbs = [verb for verb in Verb if not verb.startswith(("role.", "credential.revealed"))]
    people = [Actor(ActorKind.PERSON, f"person{n}@example.com", uuid.UUID(int=n)) for n in range(PEOPLE)]
    portion = min(AT_ONCE, lines // PEOPLE)
    for start in range(0, lines, portion):
        with transaction.atomic():
            record_many(
                [
                    NewEvent(
                        verb=random.choice(verbs),
                        target=Target("sender", str(n % OBJECTS), f"number {n}"),
                        tenant_id=(random.choice(tenants) if n % OFTEN else tenants[0]).pk,
                        changes={"provider": ["Async", "Portico"], "section": [None, f"Section {n}"]},
                    )
                    for n in range(start, start + portion)
                ],
                people[start // portion % PEOPLE],
            )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Event.objects.count()


def seconds(page: str) -> float:
    """Return how long it takes to answer with a page, from the request to the last byte."""
    email, url = _pages()[page]()
    client = _client(email)
    started = time.perf_counter()
    answer = client.get(url, SERVER_NAME="127.0.0.1")
    took = time.perf_counter() - started
    if answer.status_code != 200:
        raise AssertionError(f"{url} answered {answer.status_code}")
    return took


@cache
def _pages() -> dict[str, Callable[[], tuple[str, str]]]:
    """The pages by name: who reads them, and their address."""
    tenant = Tenant.objects.order_by("name").values_list("pk", flat=True)[0]
    return {
        "first": lambda: (_SITE, "/history/"),
        "deep": lambda: (_SITE, f"/history/{_deep()}"),
        "of one tenant": lambda: (_SITE, f"/history/?tenant={tenant}"),
        "of a person": lambda: (_SITE, "/history/?person=person3@example.com"),
        "of a kind": lambda: (_SITE, "/history/?kind=checklist"),
        "of an object": lambda: (_SITE, "/history/?target=sender:33"),
        "with a text": lambda: (_SITE, "/history/?q=number+9"),
        "with a text that nothing has": lambda: (_SITE, "/history/?q=nowhere"),
        "an auditor of 500 tenants": lambda: (_AUDITOR, "/history/"),
        "an auditor, deep": lambda: (_AUDITOR, f"/history/{_deep()}"),
        "an auditor, of a kind": lambda: (_AUDITOR, "/history/?kind=unusual"),
    }


@cache
def _deep() -> str:
    """The query of a page nine tenths down."""
    newest = Event.objects.latest("id").pk
    request = HttpRequest()
    request.GET = QueryDict()
    return url_beyond(request, OLDER, Event.objects.get(pk=max(1, newest // 10)), ("at", "id"))


@cache
def _client(email: str) -> Any:
    client = Client()
    client.force_login(User.objects.get(email=email))
    return client


def _people(tenants: list[Tenant]) -> None:
    password = "a password of the benchmarks"
    add_person(command_line(), email=_SITE, password=password, is_site_administrator=True)
    auditor = add_person(command_line(), email=_AUDITOR, password=password)
    for tenant in tenants:
        grant_role(command_line(), user=auditor, tenant_id=tenant.pk, role=Role.AUDITOR)
