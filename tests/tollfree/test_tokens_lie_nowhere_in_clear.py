import io
import logging
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from redis import Redis

from genesys_cloud.access import Access
from genesys_cloud.client import list_tollfree
from genesys_cloud.connection_test import check_connection
from genesys_cloud.models import AccessToken
from genesys_cloud.tokens import token_for
from portal.accounts.models import User
from portal.audit.actors import Actor, command_line
from portal.core.logging import redaction
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from portal.vault.actions import store_credential
from portal.vault.encrypted_fields import all_fields
from portal.vault.kinds import Kind
from tests.support import canaries
from tests.support.canaries import ASCII, Canary, canary, hits


@pytest.fixture
def secret(access: Access, tenant: Tenant, sandbox: Control) -> Canary:
    """A client secret made to be found, at the sandbox and in the vault."""
    made = canary("the client secret", ASCII)
    sandbox.genesys_cloud.create_client(client_id=access.client_id, secret=made.value)
    store_credential(command_line(), tenant.pk, Kind.CLIENT_SECRET, made.value, binding=access.binding)
    return made


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What this process logs, down to the libraries' own lines, written as the portal writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(redaction.RedactionFilter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.setLevel(level)
    root.removeHandler(handler)


def as_canary(token: str) -> list[str]:
    """Spellings by which a token would be found; it is long, so that no part of it stands anywhere by chance."""
    return [token, token[:20], token[-20:], token.encode().hex()[:40]]


def everywhere(redis: Redis) -> list[canaries.Evidence]:
    return [*canaries.tables(), *canaries.redis_keys(redis)]


def found(token: str, evidence: list[canaries.Evidence]) -> list[str]:
    return [place for place, data in evidence for each in as_canary(token) if each.encode() in data]


def test_neither_token_nor_secret_lies_in_a_table_or_in_redis(
    actor: Actor, tenant: Tenant, access: Access, secret: Canary, redis: Redis
) -> None:
    check_connection(actor, tenant, access)
    list_tollfree(access, subject_id=uuid4())
    token = token_for(access)
    evidence = everywhere(redis)
    assert hits(evidence, [secret]) == []
    assert found(token.value, evidence) == []


@pytest.mark.parametrize(
    "fault", ["echo_secrets", "echo_secrets_in_error", "echo_secrets_in_header", "echo_secrets_encoded"]
)
@pytest.mark.parametrize("where", ["/oauth/token", "tollfreenumbers"])
def test_an_answer_that_repeats_them_is_kept_without_them(  # noqa: PLR0917 - the table's columns and the parts
    actor: Actor, tenant: Tenant, access: Access, secret: Canary, sandbox: Control, redis: Redis, fault: str, where: str
) -> None:
    token = token_for(access)
    sandbox.fault(fault, match={"path_contains": where}, times=2)
    check_connection(actor, tenant, access)
    evidence = everywhere(redis)
    assert hits(evidence, [secret]) == []
    assert found(token.value, evidence) == []


def test_the_log_holds_neither(actor: Actor, tenant: Tenant, access: Access, secret: Canary, log: io.StringIO) -> None:
    check_connection(actor, tenant, access)
    token = token_for(access)
    assert "POST 127.0.0.1" in log.getvalue()
    assert hits([("the log", log.getvalue().encode())], [secret]) == []
    assert found(token.value, [("the log", log.getvalue().encode())]) == []


def test_a_token_says_nothing_of_itself(access: Access) -> None:
    token = token_for(access)
    assert token.value not in repr(token)
    assert token.value not in str(AccessToken.objects.get())


def test_it_opens_in_its_own_row_only_and_is_renewed_elsewhere(access: Access, sandbox: Control) -> None:
    first = token_for(access)
    AccessToken.objects.update(ciphertext=b"moved from another row")
    second = token_for(access)
    assert second.value != first.value


def test_the_rotation_of_keys_takes_it_along(access: Access) -> None:
    token_for(access)
    labels = [field.label for field in all_fields()]
    assert "genesys_cloud.AccessToken.ciphertext" in labels


def test_no_page_shows_it(
    administrator: User, access: Access, actor: Actor, tenant: Tenant, client_of: Callable[[User], Client]
) -> None:
    check_connection(actor, tenant, access)
    token = token_for(access)
    client = client_of(administrator)
    for url in (reverse("tenant", args=[tenant.pk]), reverse("history:list")):
        assert token.value not in client.get(url).content.decode()
