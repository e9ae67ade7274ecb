"""Tenants are picked from a list while there are few; where there are more they are typed, and found or named."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from portal.audit.actors import command_line
from portal.tenants.actions import add_tenants
from portal.tenants.fields import MOST_LISTED, MOST_TYPED, TenantField, TenantsField
from portal.tenants.lookup import MOST_NAMED, tenant_called
from portal.tenants.models import Tenant

pytestmark = pytest.mark.django_db


def some(how_many: int) -> list[Tenant]:
    """Tenants `Centre 00`, `Centre 01` …, and one that is called otherwise."""
    names = [f"Centre {number:02}" for number in range(how_many - 1)]
    tenants = [Tenant(name=name, ccid=uuid4(), nexus_url="http://127.0.0.1:9") for name in [*names, "Harbour"]]
    add_tenants(command_line(), tenants)
    return tenants


def one(value: str) -> Any:
    """What a form with the field of one tenant makes of a text."""

    class Form(forms.Form):
        tenant = TenantField()

    form = Form({"tenant": value})
    field = form.fields["tenant"]
    assert isinstance(field, TenantField)
    field.offer(Tenant.objects.filter(archived_at=None))
    return form.cleaned_data["tenant"] if form.is_valid() else form.errors["tenant"]


def several(query: str) -> Any:
    """The same, of several."""

    class Form(forms.Form):
        tenants = TenantsField()

    form = Form(QueryDict(query))
    field = form.fields["tenants"]
    assert isinstance(field, TenantsField)
    field.offer(Tenant.objects.all())
    return set(form.cleaned_data["tenants"]) if form.is_valid() else form.errors["tenants"]


@pytest.mark.parametrize(("how_many", "tag"), [(MOST_LISTED, "<select"), (MOST_LISTED + 1, '<input type="text"')])
def test_a_list_is_never_longer_than_somebody_reads(how_many: int, tag: str) -> None:
    some(how_many)
    field = TenantField()
    field.offer(Tenant.objects.all())
    assert str(field.widget.render("tenant", None)).startswith(tag)


@pytest.mark.parametrize("text", ["Harbour", " harbour ", "arbou", "{ccid}", "{ccid}@127.0.0.1:9", "{pk}"])
def test_a_tenant_is_found_by_name_part_and_id(text: str) -> None:
    tenants = some(MOST_LISTED + 1)
    assert one(text.format(ccid=tenants[-1].ccid, pk=tenants[-1].pk)) == tenants[-1]


def test_a_whole_name_is_no_part_of_another() -> None:
    tenants = some(MOST_LISTED + 1)
    Tenant.objects.filter(pk=tenants[0].pk).update(name="Harbour north")
    assert one("Harbour") == tenants[-1]


def test_what_matches_several_names_a_few_and_counts_the_others() -> None:
    some(MOST_LISTED + 1)
    [said] = one("Centre")
    assert said.startswith("50 tenants match. Type the contact centre id of one of them: Centre 00 (")
    assert (said.count("Centre 0"), said.endswith(", and 45 more.")) == (MOST_NAMED, True)


@pytest.mark.parametrize("text", ["Nobody", str(UUID(int=4)), "Archived"])
def test_what_is_not_there_or_not_offered_is_told_alike(text: str) -> None:
    tenants = some(MOST_LISTED + 2)
    Tenant.objects.filter(pk=tenants[0].pk).update(name="Archived", archived_at="2026-01-01T00:00:00Z")
    assert one(text) == ["No tenant that you see has this name or contact centre id."]


def test_an_empty_field_says_what_to_type() -> None:
    some(MOST_LISTED + 1)
    assert "Type its name" in one("")[0]


@pytest.mark.parametrize("query", ["", "tenants=", "tenants=%0A+%0A"])
def test_none_may_be_chosen(query: str) -> None:
    some(MOST_LISTED + 1)
    assert several(query) == set()


@pytest.mark.parametrize("join", ["%0D%0A", "&tenants="])
def test_lines_and_the_picks_of_an_older_page_are_taken(join: str) -> None:
    tenants = some(MOST_LISTED + 1)
    assert several(f"tenants={tenants[0].pk}{join}Centre 07{join}{tenants[-1].ccid}") == {
        tenants[0],
        tenants[7],
        tenants[-1],
    }


def test_every_wrong_line_is_named() -> None:
    some(MOST_LISTED + 1)
    first, second = several("tenants=Nobody%0AHarbour%0ACentre")
    assert first.startswith("Nobody: No tenant")
    assert second.startswith("Centre: 50 tenants match")


def test_more_lines_than_are_looked_up_are_refused() -> None:
    some(MOST_LISTED + 1)
    assert several(f"tenants={'Harbour%0A' * (MOST_TYPED + 1)}") == ["At most 100 lines are taken; here are 101."]


def test_few_are_picked_as_ever() -> None:
    tenants = some(3)
    assert one(str(tenants[1].pk)) == tenants[1]
    assert one("Harbour") == ["Choose one of the tenants in the list."]
    assert several(f"tenants={tenants[0].pk}&tenants={tenants[2].pk}") == {tenants[0], tenants[2]}


def test_a_contact_centre_id_of_very_many_tenants_ends_in_a_short_sentence() -> None:
    ccid = uuid4()
    add_tenants(
        command_line(),
        [Tenant(name=f"Lab {n}", ccid=ccid, nexus_url=f"http://127.0.0.1:{n}") for n in range(1001, 1101)],
    )
    with pytest.raises(ValidationError) as refused:
        tenant_called(str(ccid), Tenant.objects.all())
    [said] = refused.value.messages
    assert said.startswith("100 tenants have this contact centre id.")
    assert (said.count("@"), said.endswith(", and 95 more.")) == (MOST_NAMED, True)
