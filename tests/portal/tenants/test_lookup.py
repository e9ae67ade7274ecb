"""A tenant is called by its contact centre id, and by its host too where several have that id."""

from uuid import UUID

import pytest
from django.core.exceptions import ValidationError

from portal.audit.actors import command_line
from portal.tenants.actions import add_tenant
from portal.tenants.lookup import names_of, search, tenant_called
from portal.tenants.models import Tenant
from tests.support.cast import CCID

pytestmark = pytest.mark.django_db


def tenant_at(url: str) -> Tenant:
    return add_tenant(command_line(), name=f"At {url}", ccid=CCID, nexus_url=url)


def called(text: str) -> Tenant:
    return tenant_called(text, Tenant.objects.all())


@pytest.fixture
def one() -> Tenant:
    return tenant_at("http://127.0.0.1:81")


@pytest.fixture
def two(one: Tenant) -> Tenant:
    return tenant_at("http://127.0.0.1:82/gateway")


def test_the_id_alone_is_enough_where_one_tenant_has_it(one: Tenant) -> None:
    assert called(str(CCID)) == called(f" {CCID} ") == called(str(CCID).upper()) == one


def test_an_id_of_several_is_refused_with_what_names_each(one: Tenant, two: Tenant) -> None:
    with pytest.raises(ValidationError) as refused:
        called(str(CCID))
    assert refused.value.messages == [
        f"2 tenants have this contact centre id. Say which one: {CCID}@127.0.0.1:81, {CCID}@127.0.0.1:82."
    ]


@pytest.mark.parametrize("place", ["127.0.0.1:82", "127.0.0.1:82/gateway", "http://127.0.0.1:82/gateway/"])
def test_the_host_tells_them_apart(two: Tenant, place: str) -> None:
    assert called(f"{CCID}@{place}") == two


def test_what_is_named_is_understood(one: Tenant, two: Tenant) -> None:
    paths = tenant_at("http://127.0.0.1:82/another"), tenant_at("https://127.0.0.1/a"), tenant_at("http://127.0.0.1/a")
    everybody = [one, two, *paths]
    assert [called(name) for name in names_of(everybody)] == everybody


@pytest.mark.parametrize("text", ["", "x", str(CCID)[:-1], f"@{CCID}", "127.0.0.1"])
def test_what_is_no_id_is_refused_in_words(one: Tenant, text: str) -> None:
    with pytest.raises(ValidationError, match="a whole contact centre id"):
        called(text)


@pytest.mark.parametrize("text", [str(UUID(int=4)), f"{CCID}@127.0.0.1", f"{CCID}@127.0.0.1:8"])
def test_what_names_nobody_is_said(one: Tenant, text: str) -> None:
    with pytest.raises(ValidationError, match="No tenant has the contact centre id"):
        called(text)


def test_somebody_elses_tenant_is_neither_found_nor_named(one: Tenant, two: Tenant) -> None:
    mine = Tenant.objects.filter(pk=one.pk)
    assert tenant_called(str(CCID), mine) == one
    with pytest.raises(ValidationError, match="No tenant has"):
        tenant_called(f"{CCID}@127.0.0.1:82", mine)


def test_the_search_takes_the_same_words(one: Tenant, two: Tenant) -> None:
    assert set(Tenant.objects.filter(search(str(CCID)))) == {one, two}
    assert list(Tenant.objects.filter(search(f"{CCID}@127.0.0.1:82"))) == [two]
    assert list(Tenant.objects.filter(search("at http://127.0.0.1:81"))) == [one]
