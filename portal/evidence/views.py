"""Views of evidence: the state of the audit trail, checkpoints, and packs."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from portal.accounts.permission import may_anywhere
from portal.accounts.requests import actor_of, user_of
from portal.accounts.rights import Right
from portal.accounts.step_up import ask_for_proof
from portal.audit.checkpoints import folder, signing
from portal.audit.models import Checkpoint
from portal.audit.verifier import verify
from portal.evidence.actions import ask_pack, download_pack, record_checkpoint_download
from portal.evidence.forms import PackForm
from portal.evidence.models import Anchoring, Pack, Verification
from portal.ui.paging import keyset_page

#: The largest value of the database column.
_LARGEST = 2**63 - 1
#: Checkpoints and packs per page.
MOST = 10


def may_look(user: Any) -> bool:
    """Return whether the person may see the evidence pages: anybody who may read the history of a tenant."""
    return may_anywhere(user, Right.VIEW_HISTORY)


def _require_look(request: HttpRequest) -> None:
    if not may_look(user_of(request)):
        raise PermissionDenied(f"You may not {Right.VIEW_HISTORY}. Ask an administrator of a tenant if you need to.")


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The last integrity check, the latest checkpoints, and the person's packs."""
    _require_look(request)
    ended = Verification.objects.filter(finished_at__isnull=False)
    last = signing.last()
    context = {
        "verification": ended.order_by("-started_at").first(),
        "checkpoints": keyset_page(Checkpoint.objects.defer("note"), request, ("number",), MOST, within="checkpoints"),
        "fingerprint": _fingerprint(last) if last else "",
        "anchoring": Anchoring.objects.filter(pk=1).first(),
        "has_folder": folder.path() is not None,
        "packs": keyset_page(_packs(request), request, ("asked_at", "id"), MOST, within="packs"),
    }
    return render(request, "evidence/page.html", context)


def _fingerprint(last: Checkpoint) -> str:
    try:
        return signing.read(last).next_key.fingerprint
    except verify.Broken:
        return ""


@require_GET
def checkpoint(request: HttpRequest, number: int) -> HttpResponse:
    """A checkpoint, to keep outside the portal."""
    _require_look(request)
    if number > _LARGEST:
        raise Http404
    found = get_object_or_404(Checkpoint, pk=number)
    record_checkpoint_download(actor_of(request), found)
    return _file(bytes(found.note), f"checkpoint-{number}.txt", "text/plain; charset=utf-8")


@require_GET
def verifier(request: HttpRequest) -> HttpResponse:
    """The verifier, the same file as in every pack."""
    _require_look(request)
    return _file(Path(verify.__file__).read_bytes(), "verify.py", "text/x-python; charset=utf-8")


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": disposition})


@require_http_methods(["GET", "POST"])
def pack_new(request: HttpRequest) -> HttpResponse:
    """Select tenants and period; requires step-up, because a pack contains the whole history."""
    _require_look(request)
    if proof := ask_for_proof(request):
        return proof
    form = PackForm(request.POST if request.method == "POST" else None, user=user_of(request))
    if form.is_valid():
        try:
            asked = ask_pack(actor_of(request), form.chains, form.period)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("evidence:pack", asked.pk)
    return render(request, "evidence/pack_new.html", {"form": form})


@require_GET
def pack(request: HttpRequest, pack_id: UUID) -> HttpResponse:
    """A pack and its progress."""
    return render(request, "evidence/pack.html", {"pack": _pack_or_404(request, pack_id)})


@require_GET
def pack_progress(request: HttpRequest, pack_id: UUID) -> HttpResponse:
    """The part of that page that refreshes itself."""
    return render(request, "evidence/progress.html", {"pack": _pack_or_404(request, pack_id)})


@require_GET
def pack_download(request: HttpRequest, pack_id: UUID) -> HttpResponseBase:
    """The file of a pack."""
    found = _pack_or_404(request, pack_id)
    if proof := ask_for_proof(request):
        return proof
    try:
        file = download_pack(actor_of(request), found)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("evidence:pack", found.pk)
    name = f"evidence-{found.asked_at:%Y-%m-%d}-{str(found.pk)[:8]}.zip"
    return FileResponse(file.open("rb"), as_attachment=True, filename=name, content_type="application/zip")


def _packs(request: HttpRequest) -> QuerySet[Pack]:
    """Return the packs that the person requested; nobody sees those of others."""
    return Pack.objects.filter(asked_by_id=user_of(request).pk)


def _pack_or_404(request: HttpRequest, pack_id: UUID) -> Pack:
    return get_object_or_404(_packs(request), pk=pack_id)
