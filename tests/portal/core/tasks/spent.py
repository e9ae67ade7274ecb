"""Rows of each kind of queued work that were begun as often as they may, and lie."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model
from django.utils import timezone

from portal.evidence.models import Pack, PackState
from portal.identity.models import LockoutMail, PasswordResetMail
from portal.notifications.models import OutboxMessage
from portal.tenants.models import Tenant
from provisioning.models import KeyRequest, Rehearsal, Service, ServiceState, Setup, SetupState
from tests.support.cast import new_person
from tollfree.inventory.models import InventoryRefresh
from tollfree.orders.models import NumberOrder, OrderGroup, Release
from tollfree.orders.states import OrderState, ReleaseState

#: More than any kind allows.
TRIES = 10_000
CLIENT = {"login_url": "https://login.example", "api_url": "https://api.example", "client_id": "c"}
ASKER = {"asked_by_label": "rep@example.com", "asked_by_kind": "person"}


def long_ago() -> datetime:
    return timezone.now() - timedelta(hours=3)


def _setup(tenant: Tenant, **facts: Any) -> Setup:
    return Setup.objects.create(tenant=tenant, option="kaleyra", started_by_label="ops", **facts)


def a_setup(tenant: Tenant, number: int) -> Model:
    return _setup(tenant, state=SetupState.QUEUED, tries=TRIES)


def a_webhook_test(tenant: Tenant, number: int) -> Model:
    row = Rehearsal.objects.create(setup=_setup(tenant), asked_by_label="ops", tries=TRIES)
    Rehearsal.objects.update(asked_at=long_ago())
    return row


def a_check(tenant: Tenant, number: int) -> Model:
    asked = {"check_asked_at": long_ago(), "check_due_at": long_ago(), "check_asked_by_label": "ops"}
    facts = {"name": "SMS", "state": ServiceState.CREATED, "setup": _setup(tenant), "since": long_ago()}
    return Service.objects.create(tenant=tenant, check_tries=TRIES, **facts, **asked)


def an_order(tenant: Tenant, number: int) -> Model:
    group = OrderGroup.objects.create(
        tenant=tenant, form_token=uuid.uuid4(), reason="A hotline.", asked_at=long_ago(), **CLIENT, **ASKER
    )
    facts = {"created_at": long_ago(), "due_at": long_ago(), "tries": TRIES, "state": OrderState.QUEUED}
    return NumberOrder.objects.create(tenant=tenant, group=group, number=f"1844555121{number}", **facts)


def a_release(tenant: Tenant, number: int) -> Model:
    facts = {"asked_at": long_ago(), "due_at": long_ago(), "tries": TRIES, "state": ReleaseState.UNKNOWN}
    return Release.objects.create(
        tenant=tenant, number=f"1844555121{number}", reason="Over", **facts, **CLIENT, **ASKER
    )


def a_refresh(tenant: Tenant, number: int) -> Model:
    asked = {"asked_at": long_ago(), "asked_by_label": "portal", "asked_by_kind": "system"}
    return InventoryRefresh.objects.create(tenant=tenant, tries=TRIES, **asked)


def an_announcement(tenant: Tenant, number: int) -> Model:
    return OutboxMessage.objects.create(tenant=tenant, kind="review", row_id=uuid.uuid4(), at=long_ago(), tries=TRIES)


def a_mail_about_a_lock(tenant: Tenant, number: int) -> Model:
    return LockoutMail.objects.create(person_id=uuid.uuid4(), locked_at=long_ago(), tries=TRIES)


def a_mail_with_a_reset_link(tenant: Tenant, number: int) -> Model:
    person = new_person(f"forgetful{number}")
    asked_at = timezone.now() - timedelta(minutes=30)  # after an hour it is given up anyway
    return PasswordResetMail.objects.create(address=person.email, asked_at=asked_at, tries=TRIES)


def a_pack(tenant: Tenant, number: int) -> Model:
    row = Pack.objects.create(asked_by_label="ops", chains=[str(tenant.pk)], state=PackState.QUEUED, tries=TRIES)
    Pack.objects.update(asked_at=long_ago())
    return row


def a_cluster_key(tenant: Tenant, number: int) -> Model:
    row = KeyRequest.objects.create(
        tenant=tenant, setup=_setup(tenant), number=1, asked_by_label="ops", tries=TRIES, sealed=b"sealed"
    )
    KeyRequest.objects.update(asked_at=long_ago())
    return row


#: By the kind's name: how to make a row of it in a tenant, the first or the second.
MAKERS: dict[str, Callable[[Tenant, int], Model]] = {
    "set-ups": a_setup,
    "webhook tests": a_webhook_test,
    "service checks": a_check,
    "cluster keys": a_cluster_key,
    "orders": an_order,
    "releases": a_release,
    "refreshes of numbers": a_refresh,
    "announcements": an_announcement,
    "mails about locks": a_mail_about_a_lock,
    "mails with links to choose another password": a_mail_with_a_reset_link,
    "evidence packs": a_pack,
}
