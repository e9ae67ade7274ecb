"""Views of sender IDs: the list with its findings, one sender ID with its options block, and the CSV import."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.permission import may, require
from portal.accounts.requests import actor_of, user_of
from portal.accounts.rights import Right
from portal.tenants.models import Tenant
from portal.tenants.scope import set_current_tenant, tenant_or_404, tenants_of
from portal.ui.labels import phone_words
from portal.ui.paging import keyset_page
from senders import actions, csv_import, options_block
from senders.checks import findings, findings_by_sender
from senders.forms import BlockForm, BulkForm, SenderForm
from senders.models import SenderId
from senders.phone_numbers import kind_of, parse
from senders.providers import provider_of

ROWS_SHOWN = 50
#: Number of findings shown above the list; a separate page shows all sender IDs with findings.
FINDINGS_SHOWN = 20
#: Number of imported rows shown; rows with errors come first.
BULK_SHOWN = 100


@require_GET
def sender_list(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """List a tenant's sender IDs with their findings, or only those with findings."""
    tenant = tenant_or_404(request, tenant_id)
    found, only_found = findings(tenant), "findings" in request.GET
    rows, of_each = SenderId.objects.filter(tenant=tenant), findings_by_sender(found)
    page = keyset_page(
        rows.filter(pk__in=list(of_each)) if only_found else rows, request, ("created_at", "id"), size=ROWS_SHOWN
    )
    if only_found:
        shown = [finding for sender in page.items for finding in of_each.get(sender.pk, [])]
    else:
        shown = found[:FINDINGS_SHOWN]
    context = {
        "tenant": tenant,
        "page": page,
        "senders": [(sender, kind_of(sender.number)) for sender in page.items],
        "findings": shown,
        "more_findings": 0 if only_found else len(found) - len(shown),
        "only_found": only_found,
        "may_edit": _may_edit(request, tenant),
    }
    return render(request, "senders/list.html", context)


@require_http_methods(["GET", "POST"])
def sender_add(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Add one sender ID."""
    tenant = _own_tenant_or_404(request, tenant_id)
    initial = {"provider": provider_of(tenant), "agents_answer": True}
    form = SenderForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            sender = actions.add_senders(actor_of(request), tenant.pk, [form.facts()])[0]
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _saved(request, sender)
    return render(request, "senders/form.html", {"tenant": tenant, "form": form})


@require_http_methods(["GET", "POST"])
def sender_edit(request: HttpRequest, sender_id: UUID) -> HttpResponse:
    """Change a sender ID."""
    sender = _own_sender_or_404(request, sender_id)
    form, overtaken = SenderForm(request.POST or None, initial=SenderForm.initial_of(sender)), False
    if request.method == "POST" and form.is_valid():
        try:
            seen = request.POST.get("seen", "")
            return _saved(request, actions.change_sender(actor_of(request), sender, form.facts(), seen))
        except actions.ChangedByAnother:
            overtaken = True
            sender.refresh_from_db()
        except ValidationError as error:
            form.add_error(None, error)
    context = {"tenant": sender.tenant, "sender": sender, "form": form, "differing": form.differing(sender)}
    context |= {"overtaken": overtaken, "seen": _seen(request, sender, overtaken=overtaken)}
    return render(request, "senders/form.html", context, status=409 if overtaken else 200)


@require_http_methods(["GET", "POST"])
def sender_page(request: HttpRequest, sender_id: UUID) -> HttpResponse:
    """Show one sender ID: its options block, the guide's steps, and the comparison with the copied-back block."""
    sender = _sender_or_404(request, sender_id)
    if request.method == "POST":
        require(actor_of(request), Right.RUN_SETUP, sender.tenant_id)
    form = BlockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.compare_with(actor_of(request), sender, form.cleaned_data["block"])
            return redirect(reverse("senders:page", args=[sender.pk]) + "#compared")
        except ValidationError as error:
            form.add_error("block", error)
    return render(request, "senders/page.html", _page(request, sender) | {"form": form})


@require_GET
def sender_block(request: HttpRequest, sender_id: UUID) -> HttpResponse:
    """Download the options block as a text file."""
    sender = _sender_or_404(request, sender_id)
    if not sender.is_complete:
        raise Http404
    name = f"{sender.section or sender.number}.txt"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    text = actions.take_block(actor_of(request), sender)
    return HttpResponse(f"{text}\n", content_type="text/plain; charset=utf-8", headers=headers)


@require_POST
def sender_tick(request: HttpRequest, sender_id: UUID) -> HttpResponse:
    """Mark the sender ID as done, or undo that."""
    sender = _own_sender_or_404(request, sender_id)
    change = actions.take_back if "undo" in request.POST else actions.tick_off
    try:
        change(actor_of(request), sender)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("senders:page", sender_id=sender.pk)


@require_http_methods(["GET", "POST"])
def sender_remove(request: HttpRequest, sender_id: UUID) -> HttpResponse:
    """Ask for confirmation, then delete the sender ID."""
    sender = _own_sender_or_404(request, sender_id)
    if request.method == "POST":
        try:
            actions.remove_sender(actor_of(request), sender)
            messages.success(
                request, f"{_shown(sender)} was removed here. What stands in Platform Administration stays."
            )
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return redirect("senders:list", tenant_id=sender.tenant_id)
    return render(request, "senders/remove.html", {"tenant": sender.tenant, "sender": sender})


@require_http_methods(["GET", "POST"])
def sender_bulk(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Import sender IDs: first show the errors of every row, then save all rows, or only the valid ones on request."""
    tenant = _own_tenant_or_404(request, tenant_id)
    form = BulkForm(request.POST or None, request.FILES or None)
    text, rows = "", list[csv_import.Row]()
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["rows"]
        try:
            rows = csv_import.read(text, tenant.pk, provider_of(tenant))
        except ValidationError as error:
            form.add_error("rows", error)
        # Rows that changed since the last check are checked and shown again before they are saved.
        if request.POST.get("save") == csv_import.mark(text) and (facts := csv_import.good(rows)):
            return _save_rows(request, tenant, facts, left_out=len(rows) - len(facts))
        form = form if form.errors else BulkForm(initial={"rows": text})
    good = len(csv_import.good(rows))
    wrong_first = sorted(rows, key=lambda row: not row.errors)[:BULK_SHOWN]
    shown = {
        "rows": sorted(wrong_first, key=lambda row: row.line),
        "all": len(rows),
        "more": len(rows) - len(wrong_first),
    }
    context = {"tenant": tenant, "form": form, "good": good, "bad": len(rows) - good} | shown
    return render(request, "senders/bulk.html", context | {"mark": csv_import.mark(text)})


def _save_rows(
    request: HttpRequest, tenant: Tenant, facts: list[actions.SenderFacts], *, left_out: int
) -> HttpResponse:
    try:
        added = actions.add_senders(actor_of(request), tenant.pk, facts)
    except ValidationError as error:  # another request added one of them since the check
        messages.error(request, f"Nothing was added. {' '.join(error.messages)}")
        return redirect("senders:bulk", tenant_id=tenant.pk)
    number = len(added)
    messages.success(request, f"{number} sender ID{' was' if number == 1 else 's were'} added.")
    if left_out:
        messages.warning(request, f"{left_out} row{' was' if left_out == 1 else 's were'} left out.")
    return redirect("senders:list", tenant_id=tenant.pk)


def _page(request: HttpRequest, sender: SenderId) -> dict[str, object]:
    return {
        "tenant": sender.tenant,
        "sender": sender,
        "kind": kind_of(sender.number),
        "options_text": options_block.render(sender) if sender.is_complete else "",
        "lines": options_block.observed(sender),
        "findings": [found for found in findings(sender.tenant) if found.sender_id == sender.pk],
        "may_edit": _may_edit(request, sender.tenant),
    }


def _saved(request: HttpRequest, sender: SenderId) -> HttpResponse:
    messages.success(request, f"{_shown(sender)} was saved.")
    if warning := parse(sender.number).warning:
        messages.warning(request, warning)
    return redirect("senders:page", sender_id=sender.pk)


def _seen(request: HttpRequest, sender: SenderId, *, overtaken: bool) -> str:
    """Return the mark of the fields that the user sees: those of the page as opened, until a conflict was shown."""
    earlier = "" if overtaken else request.POST.get("seen", "")
    return earlier or actions.SenderFacts.of(sender).mark()


def _shown(sender: SenderId) -> str:
    return phone_words(sender.number)


def _may_edit(request: HttpRequest, tenant: Tenant) -> bool:
    return tenant.archived_at is None and may(user_of(request), Right.RUN_SETUP, tenant.pk)


def _own_tenant_or_404(request: HttpRequest, tenant_id: UUID) -> Tenant:
    tenant = tenant_or_404(request, tenant_id)
    require(actor_of(request), Right.RUN_SETUP, tenant.pk)
    return tenant


def _sender_or_404(request: HttpRequest, sender_id: UUID) -> SenderId:
    senders = SenderId.objects.select_related("tenant").filter(tenant__in=tenants_of(request))
    sender = get_object_or_404(senders, pk=sender_id)
    set_current_tenant(request, sender.tenant)
    return sender


def _own_sender_or_404(request: HttpRequest, sender_id: UUID) -> SenderId:
    sender = _sender_or_404(request, sender_id)
    require(actor_of(request), Right.RUN_SETUP, sender.tenant_id)
    return sender
