"""The button “Test connection”: a new token, then the list of toll-free numbers, then a sentence."""

import uuid

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from portal.accounts.permission import require
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.audit.recording import Target, record
from portal.audit.verbs import Verb
from portal.outbound.errors import OutboundError
from portal.tenants.actions import refuse_if_archived
from portal.tenants.models import Tenant
from tollfree import diagnosis
from tollfree.access import Access
from tollfree.client.looking import list_tollfree
from tollfree.diagnosis import Diagnosis
from tollfree.models import ConnectionTest, Mistake
from tollfree.tokens import UNASKABLE, new_token, was_refused

_MOST_NUMBERS = 500


def check_connection(actor: Actor, tenant: Tenant, access: Access) -> ConnectionTest:
    """Ask Genesys Cloud twice, and keep what came of it. Raises ValidationError; call it with no transaction open."""
    require(actor, Right.RUN_SETUP, tenant.pk)
    refuse_if_archived(tenant)
    test = ConnectionTest(
        id=uuid.uuid4(),
        tenant=tenant,
        login_url=access.login_url,
        api_url=access.api_url,
        client_id=access.client_id,
        at=timezone.now(),
        by_label=actor.label,
    )
    refused_before = was_refused(access)
    found = _ask(access, test)
    if isinstance(found, Diagnosis):
        test.ok, test.mistake, test.sentence = False, found.mistake, found.sentence
    else:
        test.ok, test.mistake, test.numbers = True, Mistake.NONE, found[:_MOST_NUMBERS]
        test.sentence = _good_news(len(found), refused_before=refused_before)
    return _keep(actor, test)


def last_test(tenant: Tenant) -> ConnectionTest | None:
    """Return the newest test of a tenant."""
    return ConnectionTest.objects.filter(tenant=tenant).order_by("-at").first()


def numbers_seen(tenant: Tenant) -> list[str]:
    """Return the toll-free numbers that the newest good test saw."""
    test = last_good_test(tenant)
    return list(test.numbers) if test else []


def last_good_test(tenant: Tenant) -> ConnectionTest | None:
    """Return the newest test of a tenant that got an answer."""
    return ConnectionTest.objects.filter(tenant=tenant, ok=True).order_by("-at").first()


def _ask(access: Access, test: ConnectionTest) -> list[str] | Diagnosis:
    """Return the numbers, or what is wrong."""
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


@transaction.atomic
def _keep(actor: Actor, test: ConnectionTest) -> ConnectionTest:
    test.save(force_insert=True)
    record(
        Verb.CONNECTION_TESTED,
        Target("connection", str(test.pk), "Genesys Cloud"),
        actor,
        tenant_id=test.tenant_id,
        changes={"result": [None, "works" if test.ok else Mistake(test.mistake).label]},
        reason=test.sentence,
    )
    return test
