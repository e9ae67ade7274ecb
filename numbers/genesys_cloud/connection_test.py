"""Connection test: gets a new token, lists the toll-free numbers, and stores the result with a message."""

import uuid
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from genesys_cloud import diagnosis
from genesys_cloud.access import Access
from genesys_cloud.client import list_tollfree
from genesys_cloud.diagnosis import Diagnosis
from genesys_cloud.models import ConnectionTest, Mistake
from genesys_cloud.tokens import UNASKABLE, new_token, was_refused
from portal.accounts.permission import require
from portal.accounts.rights import Right
from portal.audit.actors import SYSTEM, Actor
from portal.audit.commit_guard import unaudited
from portal.audit.recording import Target, record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.core.tasks.claim import held
from portal.core.tasks.sweeper import MOST_AT_ONCE, each_alone
from portal.http_client.errors import OutboundError
from portal.tenants.actions import refuse_if_archived
from portal.tenants.models import Tenant

_MOST_NUMBERS = 500
#: Longer than two tokens and two lists can take, each up to its deadline.
LEASE = timedelta(minutes=5)
_RUNS = "A test of this tenant's connection is running already. Look at this page again in a moment."
_DEAD = "The portal was stopped while it tested, so nobody knows what came of it. Test again."
_TOO_SLOW = "The test took too long, so its result was not kept. Test again."


def check_connection(actor: Actor, tenant: Tenant, access: Access) -> ConnectionTest:
    """Test the connection to Genesys Cloud and store the result. Call it with no transaction open.

    Raises ValidationError, also if a test of this tenant is already running.
    """
    require(actor, Right.RUN_SETUP, tenant.pk)
    refuse_if_archived(tenant)
    test = _begin(actor, tenant, access)
    try:
        refused_before = was_refused(access)
        found = _ask(access, test)
    except BaseException:
        _drop(test)
        raise
    if isinstance(found, Diagnosis):
        test.ok, test.mistake, test.sentence = False, found.mistake, found.sentence
    else:
        test.ok, test.mistake, test.numbers = True, Mistake.NONE, found[:_MOST_NUMBERS]
        test.sentence = _good_news(len(found), refused_before=refused_before)
    return _keep(actor, test)


def _begin(actor: Actor, tenant: Tenant, access: Access) -> ConnectionTest:
    """Insert the running test; raises ValidationError if another one is running."""
    end_dead_tests()
    now = timezone.now()
    test = ConnectionTest(
        id=uuid.uuid4(),
        tenant=tenant,
        login_url=access.login_url,
        api_url=access.api_url,
        client_id=access.client_id,
        at=now,
        by_label=actor.label,
        lease_until=now + LEASE,
    )
    try:
        with transaction.atomic(), unaudited():  # its end is an event
            test.save(force_insert=True)
    except IntegrityError:
        raise ValidationError(_RUNS) from None
    return test


def end_dead_tests() -> None:
    """End tests whose web process stopped before they finished."""
    dead = ConnectionTest.objects.filter(lease_until__lt=timezone.now()).order_by("at")
    each_alone("dead test of a connection", dead[:MOST_AT_ONCE], _end_dead_test)


@atomic
def _end_dead_test(test: ConnectionTest) -> None:
    if held(test).update(lease_until=None, mistake=Mistake.OTHER, sentence=_DEAD):
        target = Target("connection", str(test.pk), "Genesys Cloud")
        record(Verb.WORK_GIVEN_UP, target, SYSTEM, tenant_id=test.tenant_id, reason=_DEAD)


def _drop(test: ConnectionTest) -> None:
    with unaudited():  # the test has no result
        held(test).delete()


def last_test(tenant: Tenant) -> ConnectionTest | None:
    """Return the tenant's newest finished test."""
    return ConnectionTest.objects.filter(tenant=tenant, lease_until=None).order_by("-at").first()


def numbers_seen(tenant: Tenant) -> list[str]:
    """Return the toll-free numbers from the newest successful test."""
    test = last_good_test(tenant)
    return list(test.numbers) if test else []


def last_good_test(tenant: Tenant) -> ConnectionTest | None:
    """Return the tenant's newest successful test."""
    return ConnectionTest.objects.filter(tenant=tenant, ok=True).order_by("-at").first()


def _ask(access: Access, test: ConnectionTest) -> list[str] | Diagnosis:
    """Return the numbers, or a diagnosis of the error."""
    try:
        token = new_token(access, subject_id=test.pk)
    except OutboundError as error:
        return diagnosis.of_token(access, error)
    except UNASKABLE as error:
        raise ValidationError(str(error)) from error
    try:
        return [each.number for each in list_tollfree(access, token=token, subject_id=test.pk)]
    except OutboundError as error:
        return diagnosis.of_list(access, error)


def _good_news(count: int, *, refused_before: bool) -> str:
    owned = (
        f"it sees {count} toll-free number{'' if count == 1 else 's'}" if count else "it sees no number of its own yet"
    )
    news = f"The client got a token and may list toll-free numbers; {owned}."
    if refused_before:
        news += " The earlier token was refused because it was older than the client's role; the new one has it."
    return news


@atomic
def _keep(actor: Actor, test: ConnectionTest) -> ConnectionTest:
    if not held(test).update(lease_until=None):
        raise ValidationError(_TOO_SLOW)
    test.lease_until = None
    test.save()
    record(
        Verb.CONNECTION_TESTED,
        Target("connection", str(test.pk), "Genesys Cloud"),
        actor,
        tenant_id=test.tenant_id,
        changes={"result": [None, "works" if test.ok else Mistake(test.mistake).label]},
        reason=test.sentence,
    )
    return test
