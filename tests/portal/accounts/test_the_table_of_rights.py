"""Who may do what, written out: a change of the table must be a change of this page too."""

import pytest
from django.core.exceptions import PermissionDenied

from portal.accounts.models import User
from portal.accounts.permission import may, person, refused_in, require, tenants_within_reach
from portal.accounts.rights import Right
from portal.audit.actors import SYSTEM, Actor, command_line
from portal.tenants.models import Tenant

EVERYBODY = ("administrator", "representative", "auditor", "outsider", "site_administrator", "site_auditor")

#: Right -> who of the cast holds it in Acme. The outsider is an administrator of Globex.
IN_ACME = {
    Right.VIEW_TENANT: {"administrator", "representative", "auditor", "site_administrator", "site_auditor"},
    Right.VIEW_HISTORY: {"administrator", "representative", "auditor", "site_administrator", "site_auditor"},
    Right.VIEW_NUMBERS: {"administrator", "representative", "auditor", "site_administrator", "site_auditor"},
    Right.MANAGE_NUMBERS: {"representative"},
    Right.CHANGE_TENANT: {"administrator"},
    Right.STORE_CREDENTIAL: {"administrator"},
    Right.RUN_SETUP: {"administrator"},
    Right.REVEAL_CREDENTIAL: {"administrator"},
    Right.ASK_REPRESENTATIVE: {"administrator"},
    Right.ANSWER_REQUEST: {"representative"},
    Right.ORDER_NUMBERS: {"representative"},
    Right.APPROVE_ORDER: {"administrator", "representative"},
    Right.REVIEW_ORDER: {"administrator", "representative"},
    Right.RELEASE_NUMBER: {"representative"},
    Right.SET_ORDER_POLICY: {"administrator"},
    Right.ADD_TENANT: {"site_administrator"},
    Right.ARCHIVE_TENANT: {"site_administrator"},
    Right.MANAGE_PEOPLE: {"site_administrator"},
    Right.VIEW_OPERATIONS: {"administrator", "site_administrator"},
    Right.VIEW_SITE_HISTORY: {"site_administrator", "site_auditor"},
    Right.SET_RATES: {"site_administrator"},
}


@pytest.fixture
def cast(
    request: pytest.FixtureRequest,
    administrator: User,
    representative: User,
    auditor: User,
    outsider: User,
) -> dict[str, User]:
    of_site = (request.getfixturevalue(name) for name in EVERYBODY[4:])
    people = (administrator, representative, auditor, outsider, *of_site)
    return dict(zip(EVERYBODY, people, strict=True))


def holders(cast: dict[str, User], right: Right, tenant: Tenant | None) -> set[str]:
    tenant_id = tenant.pk if tenant else None
    return {name for name, user in cast.items() if may(user, right, tenant_id)}


def test_every_right_stands_in_this_table() -> None:
    assert set(IN_ACME) == set(Right)


def test_each_role_holds_in_a_tenant_what_the_table_says(cast: dict[str, User], tenant: Tenant) -> None:
    assert {right: holders(cast, right, tenant) for right in Right} == IN_ACME


def test_without_a_tenant_only_roles_on_the_site_hold_anything(cast: dict[str, User]) -> None:
    on_site = {right: names & {"site_administrator", "site_auditor"} for right, names in IN_ACME.items()}
    assert {right: holders(cast, right, None) for right in Right} == on_site
    assert on_site[Right.VIEW_SITE_HISTORY] == {"site_administrator", "site_auditor"}


def test_the_reach_of_a_person_is_where_they_hold_the_right(
    cast: dict[str, User], tenant: Tenant, other_tenant: Tenant
) -> None:
    for right in Right:
        for user in cast.values():
            within_reach = set(Tenant.objects.filter(tenants_within_reach(user, right)))
            assert within_reach == {each for each in (tenant, other_tenant) if may(user, right, each.pk)}


def test_asking_for_many_tenants_at_once_gives_the_same_answers(
    cast: dict[str, User], tenant: Tenant, other_tenant: Tenant
) -> None:
    both = {tenant.pk, other_tenant.pk}
    for right in Right:
        for user in cast.values():
            refused = {tenant_id for tenant_id in both if not may(user, right, tenant_id)}
            assert refused_in(person(user), right, both) == refused
    User.objects.update(is_active=False)
    assert refused_in(person(cast["administrator"]), Right.VIEW_TENANT, both) == both
    assert refused_in(command_line(), Right.CHANGE_TENANT, both) == set()


@pytest.mark.parametrize("name", EVERYBODY)
def test_a_disabled_person_may_do_nothing(cast: dict[str, User], tenant: Tenant, name: str) -> None:
    user = cast[name]
    user.is_active = False
    user.save()
    assert not [right for right in Right if may(user, right, tenant.pk)]
    assert not Tenant.objects.filter(tenants_within_reach(user)).exists()
    with pytest.raises(PermissionDenied):
        require(person(user), Right.VIEW_TENANT, tenant.pk)


@pytest.mark.parametrize("name", EVERYBODY)
def test_an_action_asks_the_database_and_not_what_was_true_before(
    cast: dict[str, User], tenant: Tenant, name: str
) -> None:
    actor = person(cast[name])
    User.objects.update(is_active=False)
    with pytest.raises(PermissionDenied):
        require(actor, Right.VIEW_TENANT, tenant.pk)


@pytest.mark.parametrize("actor", [command_line(), SYSTEM], ids=["command line", "portal"])
def test_the_command_line_and_the_portal_may_do_everything(tenant: Tenant, actor: Actor) -> None:
    for right in Right:
        require(actor, right, tenant.pk)
        require(actor, right)


def test_a_worker_may_do_what_its_person_may(administrator: User, auditor: User, tenant: Tenant) -> None:
    require(person(administrator).at_work(), Right.RUN_SETUP, tenant.pk)
    with pytest.raises(PermissionDenied):
        require(person(auditor).at_work(), Right.RUN_SETUP, tenant.pk)


def test_a_refusal_says_what_may_not_be_done_and_whom_to_ask(auditor: User, tenant: Tenant) -> None:
    with pytest.raises(PermissionDenied, match=r"You may not set up its SMS\. Ask an administrator of the tenant"):
        require(person(auditor), Right.RUN_SETUP, tenant.pk)
