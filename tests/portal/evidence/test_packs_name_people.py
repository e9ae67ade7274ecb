"""The tables of a pack name the people to whom something was done, and the verifier checks the names."""

import csv
import io

import pytest
from allauth.mfa.models import Authenticator

from portal.accounts import actions
from portal.accounts.models import User
from portal.accounts.rights import Role
from portal.audit.actors import command_line
from portal.audit.models import SITE_CHAIN
from portal.audit.verifier.verify import BROKEN, WHOLE
from portal.evidence.actions import erase
from portal.people.actions import invite
from portal.tenants.models import Tenant
from tests.portal.evidence.packs import changed, contents, judged, made

pytestmark = [pytest.mark.databases, pytest.mark.usefixtures("anchored")]


@pytest.fixture
def labels(tenant: Tenant, auditor: User) -> dict[str, str]:
    """All that can be done to a person was done to the auditor; returns the chains that tell of it."""
    how = {"reason": "as asked"}
    membership = auditor.memberships.get()
    actions.change_role(command_line(), membership, role=Role.REPRESENTATIVE, **how)
    actions.withdraw_role(command_line(), membership, **how)
    actions.make_site_auditor(command_line(), auditor, **how)
    actions.unmake_site_auditor(command_line(), auditor, **how)
    Authenticator.objects.create(user=auditor, type="totp", data={})
    actions.reset_second_factor(command_line(), auditor, **how)
    actions.disable_person(command_line(), auditor, **how)
    actions.enable_person(command_line(), auditor, **how)
    invite(command_line(), email="guest@example.com", tenant=tenant, role=Role.AUDITOR)
    return {str(tenant.pk): "Acme", SITE_CHAIN: "the site"}


def targets(pack: bytes) -> dict[str, str]:
    rows = csv.DictReader(io.StringIO(contents(pack)["roles.csv"].decode(), newline=""))
    return {row["verb"]: row["target"] for row in rows}


def test_roles_csv_names_the_person(labels: dict[str, str], auditor: User) -> None:
    pack = made(labels)
    found = targets(pack)
    assert found.pop("invitation.sent") == "guest@example.com, Auditor of Acme"
    assert found == dict.fromkeys(
        (
            "role.granted",
            "role.changed",
            "role.withdrawn",
            "person.added",
            "person.disabled",
            "person.enabled",
            "person.second_factor_reset",
            "person.site_auditor_made",
            "person.site_auditor_unmade",
            "factor.added",
            "factor.removed",
        ),
        auditor.email,
    )
    assert judged(pack).code == WHOLE


def test_another_name_in_a_table_is_found(labels: dict[str, str]) -> None:
    forged = changed(
        made(labels), "roles.csv", lambda rows: rows.replace(b"auditor@example.com", b"auditos@example.com")
    )
    verdict = judged(forged)
    assert verdict.code == BROKEN
    assert "roles.csv says something else" in verdict.text()


def test_who_was_erased_is_named_in_no_table(labels: dict[str, str], auditor: User) -> None:
    erase(command_line(), auditor.email, reason="asked to be forgotten")
    pack = made(labels)
    assert targets(pack)["role.granted"] == "(erased)"
    assert not any(auditor.email.encode() in content for content in contents(pack).values())
    assert judged(pack).code == WHOLE
