import re
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
import yaml
from django.db.models import QuerySet

from portal.audit.actors import command_line
from portal.tenants.actions import add_tenant, archive_tenant
from portal.tenants.models import Tenant
from portal.vault.kinds import Kind
from provisioning.bulk import exporter
from provisioning.bulk.exporter import export
from provisioning.bulk.tenant_state import TenantState
from provisioning.bulk.validation import API_KEY
from provisioning.options import OPTIONS

pytestmark = pytest.mark.django_db

# The vendor's sample ids begin alike.
IDS = (
    "45acae06-6b7c-4f97-9c76-471cb5c21bf7",
    "45acae06-6b7c-4f97-9c76-471cb5c21bf8",
    "45acae06-0000-4f97-9c76-471cb5c21bf7",
)


def add(name: str, ccid: str) -> Tenant:
    return add_tenant(
        command_line(),
        name=name,
        ccid=UUID(ccid),
        nexus_url="https://digital.example.com",
        nexus_api_key=f"key-of-{ccid}",
    )


def variables(tenants: QuerySet[Tenant] | None = None) -> list[str]:
    text = "".join(export(Tenant.objects.filter(archived_at=None) if tenants is None else tenants))
    return re.findall(r"nexus_api_key: \$\{(\w+)\}", text)


def test_tenants_of_one_name_whose_ids_begin_alike_have_variables_of_their_own() -> None:
    for ccid in IDS:
        add("Acme", ccid)
    found = variables()
    assert len(set(found)) == 3
    assert all(re.fullmatch(r"ACME_45ACAE06\w*_NEXUS_API_KEY", each) for each in found)


@pytest.mark.parametrize(
    "names",
    [
        ("Acme", "ACME", "acme"),
        ("Acme & Co.", "Acme Co", "Acme-Co"),
        ("\u00c4cme", "Acme", "A\u0308cme"),
        ("\u65e5\u672c", "\u4e2d\u56fd", "!!!"),
        ("Acme", "Acme", "Acme 45acae06 6b7c4f97"),
        ("Acme", "Acme", "Acme 45acae066"),
        ("1st", "T 1st", "T_1ST"),
    ],
)
def test_names_that_become_alike_have_variables_of_their_own(names: tuple[str, str, str]) -> None:
    for name, ccid in zip(names, IDS, strict=True):
        add(name, ccid)
    assert len(set(variables())) == 3


def test_a_tenant_has_the_same_variables_alone_and_among_the_others() -> None:
    first, second, third = (add("Acme", ccid) for ccid in IDS)
    together = variables()
    alone = [variables(Tenant.objects.filter(pk=each.pk)) for each in (first, second, third)]
    assert sorted(together) == sorted(name for [name] in alone)


def test_a_single_name_stays_short_and_archived_tenants_do_not_count() -> None:
    archive_tenant(command_line(), add("Acme", IDS[0]))
    add("Acme", IDS[1])
    assert variables() == ["ACME_NEXUS_API_KEY"]


def test_no_secrets_name_ends_like_another_one() -> None:
    """Else two tenants' names and secrets could join to one variable."""
    secrets = [key.secret for option in OPTIONS.values() for key in option.section.keys if key.secret]
    ends = sorted(f"_{name}"[::-1] for name in {*secrets, API_KEY.secret})
    assert not [pair for pair in pairwise(ends) if pair[1].startswith(pair[0])]
    assert len(secrets) >= len(Kind) - 2


def test_a_tenant_that_cannot_be_exported_is_named_and_the_others_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, ccid in zip(("Acme", "Globex", "Initech"), IDS, strict=True):
        add(name, ccid)
    real = exporter._entry  # noqa: SLF001 - the others stay

    def fail_for_first(standing: TenantState, names: Any) -> dict[str, Any]:
        if standing.tenant is not None and standing.tenant.name == "Acme":
            raise ZeroDivisionError
        return real(standing, names)

    monkeypatch.setattr(exporter, "_entry", fail_for_first)
    pieces: list[str] = []
    with pytest.raises(exporter.Incomplete, match=f"Acme, {IDS[0]}"):
        pieces.extend(export(Tenant.objects.all()))
    assert [each["name"] for each in yaml.safe_load("".join(pieces))["tenants"]] == ["Globex", "Initech"]
    assert f"# Acme, {IDS[0]}: could not be exported." in "".join(pieces)
