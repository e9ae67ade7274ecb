"""Views of the inventory: a tenant's numbers with the orphans, and one number with its verification."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from genesys_cloud.access import access_of
from portal.accounts.permission import may, require
from portal.accounts.requests import actor_of, user_of
from portal.accounts.rights import Right
from portal.tenants.models import Tenant
from portal.tenants.scope import set_current_tenant, tenant_or_404, tenants_of
from portal.ui.forms import tell_at_fields
from portal.ui.labels import phone_words
from portal.ui.paging import keyset_page
from portal.vault.encryption import DecryptionError
from senders.models import SenderId
from tollfree.inventory import actions
from tollfree.inventory.forms import ExplainForm, VerificationForm
from tollfree.inventory.models import InventoryRefresh, OwnedNumber, Verification
from tollfree.inventory.orphans import MOST_SHOWN, orphan_of, orphans, orphans_of

ROWS_SHOWN = 50
NOTES_SHOWN = 20
#: The usual next states; the first one is the likeliest.
_NEXT = {
    Verification.NOT_STARTED: (Verification.FORM_SENT,),
    Verification.FORM_SENT: (Verification.IN_REVIEW, Verification.NEEDS_ANSWER),
    Verification.IN_REVIEW: (Verification.VERIFIED, Verification.NEEDS_ANSWER, Verification.REFUSED),
    Verification.NEEDS_ANSWER: (Verification.IN_REVIEW, Verification.REFUSED),
    Verification.VERIFIED: (),
    Verification.REFUSED: (Verification.FORM_SENT,),
}


@require_GET
def number_list(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """List a tenant's numbers, newest first, and its orphans."""
    tenant = _tenant_or_404(request, tenant_id)
    return render(request, "tollfree/numbers/list.html", _list(request, tenant, ExplainForm()))


@require_POST
def refresh(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Queue a refresh of the list; the page shows its progress."""
    tenant = _tenant_or_404(request, tenant_id)
    try:
        actions.ask_refresh(actor_of(request), tenant)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("numbers:list", tenant_id=tenant.pk)


@require_POST
def explain(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Explain the selected orphans."""
    tenant = _tenant_or_404(request, tenant_id)
    require(actor_of(request), Right.MANAGE_NUMBERS, tenant.pk)
    found = {str(orphan.owned.pk): orphan.owned for orphan in orphans_of(tenant)}
    form = ExplainForm(request.POST, ids=[owned.pk for owned in found.values()])
    if form.is_valid():
        picked = [found[pk] for pk in form.cleaned_data["owned"]]
        try:
            count = actions.explain(actor_of(request), tenant, picked, form.cleaned_data["explanation"])
        except ValidationError as error:
            tell_at_fields(form, error)
        else:
            messages.success(request, f"{count} number{' is' if count == 1 else 's are'} explained.")
            return redirect("numbers:list", tenant_id=tenant.pk)
    return render(request, "tollfree/numbers/list.html", _list(request, tenant, form))


@require_GET
def number_page(request: HttpRequest, number_id: UUID) -> HttpResponse:
    """Show everything that is known about a number."""
    owned = _number_or_404(request, number_id)
    return render(request, "tollfree/numbers/page.html", _page(request, owned, VerificationForm()))


@require_POST
def verification(request: HttpRequest, number_id: UUID) -> HttpResponse:
    """Set the verification's state or add a note."""
    owned = _number_or_404(request, number_id)
    require(actor_of(request), Right.MANAGE_NUMBERS, owned.tenant_id)
    form = VerificationForm(request.POST)
    if form.is_valid():
        try:
            actions.track_verification(actor_of(request), owned, **form.cleaned_data)
        except ValidationError as error:
            tell_at_fields(form, error)
        else:
            messages.success(request, f"The verification of {phone_words(owned.number)} is noted.")
            return redirect("numbers:page", number_id=owned.pk)
    owned.refresh_from_db()
    return render(request, "tollfree/numbers/page.html", _page(request, owned, form))


def _list(request: HttpRequest, tenant: Tenant, form: ExplainForm) -> dict[str, object]:
    rows = OwnedNumber.objects.filter(tenant=tenant)
    only_orphans = "orphans" in request.GET
    if only_orphans:
        rows = rows.filter(orphans())
    page = keyset_page(rows, request, key=("first_seen_at", "id"), size=ROWS_SHOWN)
    senders = _senders(tenant, [owned.number for owned in page.items])
    found = orphans_of(tenant)
    may_manage = _may_manage(request, tenant)
    return {
        "tenant": tenant,
        "page": page,
        "numbers": [(owned, senders.get(owned.number)) for owned in page.items],
        "refresh": InventoryRefresh.objects.filter(tenant=tenant).first(),
        "orphans": found[:MOST_SHOWN],
        "more_orphans": len(found) > MOST_SHOWN,
        "only_orphans": only_orphans,
        "form": form,
        "picked": request.POST.getlist("owned"),
        "may_manage": may_manage,
        "is_set_up": may_manage and _is_set_up(tenant),
        "may_ask": may(user_of(request), Right.ASK_REPRESENTATIVE, tenant.pk),
    }


def _page(request: HttpRequest, owned: OwnedNumber, form: VerificationForm) -> dict[str, object]:
    now = Verification(owned.verification)
    others = [state for state in Verification if state != now and state not in _NEXT[now]]
    return {
        "tenant": owned.tenant,
        "owned": owned,
        "sender": _senders(owned.tenant, [owned.number]).get(owned.number),
        "orphan": orphan_of(owned),
        "notes": keyset_page(owned.notes.all(), request, ("id",), NOTES_SHOWN, within="notes"),
        "raw": sorted(owned.more.items()),
        "form": form,
        "next": _NEXT[now],
        "others": others,
        "may_manage": _may_manage(request, owned.tenant),
    }


def _senders(tenant: Tenant, numbers: Iterable[str]) -> dict[str, SenderId]:
    """Return the sender IDs of these numbers, by number."""
    return {sender.number: sender for sender in SenderId.objects.filter(tenant=tenant, number__in=list(numbers))}


def _is_set_up(tenant: Tenant) -> bool:
    """Return whether the tenant has a client; one that cannot be decrypted counts: the refresh reports the error."""
    try:
        return access_of(tenant) is not None
    except DecryptionError:
        return True


def _may_manage(request: HttpRequest, tenant: Tenant) -> bool:
    return tenant.archived_at is None and may(user_of(request), Right.MANAGE_NUMBERS, tenant.pk)


def _tenant_or_404(request: HttpRequest, tenant_id: UUID) -> Tenant:
    tenant = tenant_or_404(request, tenant_id)
    require(actor_of(request), Right.VIEW_NUMBERS, tenant.pk)
    return tenant


def _number_or_404(request: HttpRequest, number_id: UUID) -> OwnedNumber:
    rows = OwnedNumber.objects.select_related("tenant", "order").filter(tenant__in=tenants_of(request))
    owned = get_object_or_404(rows, pk=number_id)
    set_current_tenant(request, owned.tenant)
    require(actor_of(request), Right.VIEW_NUMBERS, owned.tenant_id)
    return owned
