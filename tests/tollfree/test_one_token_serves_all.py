from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from genesys_cloud.access import Access
from genesys_cloud.client import list_tollfree
from genesys_cloud.models import AccessToken
from genesys_cloud.tokens import NoToken, Token, new_token, token_for
from portal.devtools.sandbox.control import Control
from portal.http_client.errors import NotAllowed, OutboundError
from tests.tollfree.sent import LIST, TOKEN, statuses

THREADS = 20


def all_at_once(access: Access) -> list[Token | OutboundError]:
    """Ask for a token in many threads."""

    def ask(_: int) -> Token | OutboundError:
        try:
            return token_for(access)
        except OutboundError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(ask, range(THREADS)))


@pytest.mark.databases
def test_twenty_threads_ask_for_it_once(transactional_db: None, access: Access, sandbox: Control) -> None:
    sandbox.settings(latency_ms=150)
    try:
        tokens = all_at_once(access)
    finally:
        sandbox.settings(latency_ms=0)
    assert len({token.value for token in tokens if isinstance(token, Token)}) == 1
    assert statuses(sandbox, TOKEN) == [200]


@pytest.mark.databases
def test_twenty_threads_renew_it_once(transactional_db: None, access: Access, sandbox: Control) -> None:
    old = token_for(access)
    now = timezone.now()
    AccessToken.objects.update(renew_at=now, expires_at=now + timedelta(minutes=1))
    sandbox.settings(latency_ms=150)
    try:
        values = {token.value for token in all_at_once(access) if isinstance(token, Token)}
    finally:
        sandbox.settings(latency_ms=0)
    assert statuses(sandbox, TOKEN) == [200, 200]
    assert old.value in values  # the others went on with the old one
    assert len(values) == 2


@pytest.mark.databases
def test_a_renewal_that_fails_fails_for_all_who_waited(
    transactional_db: None, access: Access, sandbox: Control
) -> None:
    sandbox.settings(latency_ms=300)
    sandbox.fault("server_error", times=1)
    try:
        outcomes = all_at_once(access)
    finally:
        sandbox.settings(latency_ms=0)
    failures = [each for each in outcomes if isinstance(each, OutboundError)]
    assert failures
    waited = [each for each in failures if isinstance(each, NoToken)]
    assert {str(each) for each in waited} <= {each.cause for each in failures}  # asking for a token does no harm
    assert len(statuses(sandbox, TOKEN)) <= 2  # one that failed, and one by whoever came after


def test_it_is_kept_for_the_next_call(access: Access, sandbox: Control) -> None:
    assert token_for(access).value == token_for(access).value
    assert statuses(sandbox, TOKEN) == [200]


def test_an_expired_one_is_renewed(access: Access, sandbox: Control) -> None:
    old = token_for(access)
    AccessToken.objects.update(renew_at=timezone.now(), expires_at=timezone.now())
    assert token_for(access).value != old.value
    assert statuses(sandbox, TOKEN) == [200, 200]


def test_one_that_ends_soon_is_renewed_early(access: Access, sandbox: Control) -> None:
    sandbox.genesys_cloud.settings(expires_in=600)
    token_for(access)
    row = AccessToken.objects.get()
    assert row.expires_at is not None
    assert row.renew_at is not None
    assert row.expires_at - row.renew_at == timedelta(seconds=60)


def test_while_the_old_one_lasts_a_failed_renewal_hurts_nobody(access: Access, sandbox: Control) -> None:
    old = token_for(access)
    AccessToken.objects.update(renew_at=timezone.now())
    sandbox.fault("server_error", times=1)
    assert token_for(access).value == old.value
    assert token_for(access).value == old.value
    assert len(statuses(sandbox, TOKEN)) == 2  # it is not tried again at once


def test_a_worker_that_died_while_renewing_keeps_nobody_waiting_for_ever(access: Access, sandbox: Control) -> None:
    token_for(access)
    AccessToken.objects.update(ciphertext=None, renewing_until=timezone.now() - timedelta(seconds=1))
    assert token_for(access).value
    assert statuses(sandbox, TOKEN) == [200, 200]


def test_after_a_401_there_is_one_new_token(access: Access, sandbox: Control) -> None:
    old = token_for(access)
    sandbox.genesys_cloud.expire_tokens()
    assert list_tollfree(access, subject_id=uuid4()) == []
    assert statuses(sandbox, LIST) == [401, 200]
    assert statuses(sandbox, TOKEN) == [200, 200]
    assert token_for(access).value != old.value


def test_after_a_second_401_there_is_no_third_try(access: Access, sandbox: Control) -> None:
    sandbox.fault("unauthorized", match={"path_contains": "tollfreenumbers"}, times=5)
    with pytest.raises(NotAllowed):
        list_tollfree(access, subject_id=uuid4())
    assert statuses(sandbox, LIST) == [401, 401]
    assert statuses(sandbox, TOKEN) == [200, 200]


def test_who_comes_late_with_a_401_takes_the_new_one_that_is_there(access: Access, sandbox: Control) -> None:
    old = token_for(access)
    new = new_token(access)
    assert token_for(access, instead_of=old.serial).value == new.value
    assert statuses(sandbox, TOKEN) == [200, 200]


def test_tenants_share_none(access: Access, other_tenant: object, sandbox: Control) -> None:
    token_for(access)
    assert AccessToken.objects.get().tenant_id == access.tenant_id
