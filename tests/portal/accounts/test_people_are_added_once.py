import json

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from portal.accounts.actions import add_person, grant_role
from portal.accounts.models import Membership, User
from portal.accounts.permission import person
from portal.accounts.rights import Role
from portal.audit.actors import Actor, command_line
from portal.audit.models import Event
from portal.audit.verbs import Verb
from portal.tenants.models import Tenant
from tests.support.cast import PASSWORD, new_person


def add(email: str = "ann@example.com", password: str = PASSWORD, name: str = "", actor: Actor | None = None) -> User:
    return add_person(actor or command_line(), email=email, password=password, name=name)


def test_a_person_is_added_with_their_event(db: None) -> None:
    ann = add()
    event = Event.objects.get()
    assert (event.verb, event.target_id) == (Verb.PERSON_ADDED, str(ann.pk))
    assert ann.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short-1", "at least 12 characters"),
        ("q1w2e3r4t5y6", "too common"),
        ("ann.example.com", "too similar"),
        ("", "at least 12 characters"),
    ],
)
def test_a_weak_password_is_refused(db: None, password: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        add(email="ann@example.com", name="ann.example.com", password=password)
    assert not User.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize("email", ["", "ann", "ann@", "ann@example.com@example.com", "a b@example.com", "x" * 260])
def test_what_is_no_address_is_refused(db: None, email: str) -> None:
    with pytest.raises(ValidationError):
        add(email=email)
    assert not User.objects.exists()


@pytest.mark.parametrize("again", ["ann@example.com", "Ann@Example.COM", " ann@example.com "])
def test_an_address_in_use_is_refused_in_any_case(db: None, again: str) -> None:
    add()
    with pytest.raises(ValidationError, match="Somebody signs in with this address already"):
        add(email=again)
    assert Event.objects.count() == 1


def test_only_those_who_manage_people_may_add_one(administrator: User) -> None:
    with pytest.raises(PermissionDenied):
        add(actor=person(administrator))


def test_granting_a_role_twice_changes_nothing(tenant: Tenant) -> None:
    user = new_person("ann")
    first = grant_role(command_line(), user=user, tenant_id=tenant.pk, role=Role.AUDITOR)
    events = Event.objects.count()
    assert grant_role(command_line(), user=user, tenant_id=tenant.pk, role=Role.AUDITOR) == first
    assert Event.objects.count() == events
    assert Membership.objects.count() == 1


def test_granting_a_role_stands_in_the_tenants_history(tenant: Tenant) -> None:
    grant_role(command_line(), user=new_person("ann"), tenant_id=tenant.pk, role=Role.AUDITOR)
    event = Event.objects.get(verb=Verb.ROLE_GRANTED)
    assert event.chain == str(tenant.pk)
    assert json.loads(bytes(event.canonical))["changes"] == {"role": [None, "auditor"]}


def test_an_administrator_of_a_tenant_grants_no_roles(administrator: User, auditor: User, tenant: Tenant) -> None:
    with pytest.raises(PermissionDenied):
        grant_role(person(administrator), user=auditor, tenant_id=tenant.pk, role=Role.ADMINISTRATOR)
