"""A line tells from what to what, so that nobody has to look for the one before it."""

from portal.accounts import actions
from portal.accounts.models import User
from portal.accounts.rights import Role
from portal.audit.actors import command_line
from portal.people.actions import invite, withdraw_invitation
from portal.tenants.models import Tenant
from tests.support.cast import new_person
from tests.support.lines import changes_of


def test_roles_come_change_and_go(representative: User, tenant: Tenant) -> None:
    assert changes_of("role.granted") == {"role": [None, "representative"]}
    membership = representative.memberships.get()
    membership = actions.change_role(command_line(), membership, role=Role.AUDITOR, reason="as asked")
    assert changes_of("role.changed") == {"role": ["representative", "auditor"]}
    actions.withdraw_role(command_line(), membership, reason="as asked")
    assert changes_of("role.withdrawn") == {"role": ["auditor", None]}


def test_people_are_let_in_and_out(db: None) -> None:
    new_person("root", site_administrator=True)
    ada = new_person("ada")
    actions.make_site_administrator(command_line(), ada, reason="as asked")
    assert changes_of("person.site_administrator_made") == {"site administrator": [False, True]}
    actions.unmake_site_administrator(command_line(), ada, reason="as asked")
    assert changes_of("person.site_administrator_unmade") == {"site administrator": [True, False]}
    actions.disable_person(command_line(), ada, reason="as asked")
    assert changes_of("person.disabled") == {"may sign in": [True, False]}
    actions.enable_person(command_line(), ada, reason="as asked")
    assert changes_of("person.enabled") == {"may sign in": [False, True]}


def test_an_invitation_that_is_taken_back(tenant: Tenant) -> None:
    invitation, _ = invite(command_line(), email="ada@example.com", tenant=tenant, role=Role.AUDITOR)
    withdraw_invitation(command_line(), invitation, reason="as asked")
    assert changes_of("invitation.withdrawn") == {"state": ["open", "withdrawn"]}
