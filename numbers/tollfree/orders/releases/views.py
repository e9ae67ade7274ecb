"""Views of releases: request with typed confirmation, approval, review, and one release's page."""

from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.permission import require
from portal.accounts.requests import actor_of, user_of
from portal.accounts.rights import Right
from portal.accounts.step_up import ask_for_proof, step_up_required
from portal.tenants.scope import set_current_tenant, tenants_of
from portal.ui.forms import tell_at_fields
from portal.ui.labels import duration_words
from tollfree.inventory.models import OwnedNumber
from tollfree.orders.approval_rules import policy_of
from tollfree.orders.forms import ReasonForm, ReleaseForm, ReleaseReviewForm
from tollfree.orders.models import Release
from tollfree.orders.releases.actions import (
    approve_release,
    ask_release,
    decline_release,
    note_release_decision,
    take_back_release,
)
from tollfree.orders.releases.review import decide_given_back, decide_kept, look_again
from tollfree.orders.states import RELEASE_NOT_SENT, ReleaseState
from tollfree.orders.timeline import RELEASE_TO_DO, timeline_of_release
from tollfree.orders.views.shortcuts import (
    allowed,
    release_or_404,
    run_action,
    run_action_with_reason,
    why_not_approve,
)

_MS = 1000
_KEPT = "The release is taken back. The number is kept."
#: Both forms of a decision are on one page, so their fields need distinct ids.
_GIVEN_BACK, _STILL_THERE = "given_back_%s", "kept_%s"
_LOOKED = "A worker looks at the list again. Nothing is sent. Reload this page to see what it found."
_APPROVED = "Approved. The waiting time runs from now on."


@require_http_methods(["GET", "POST"])
@step_up_required
def release_new(request: HttpRequest, number_id: UUID) -> HttpResponse:
    """Ask for the number, typed again, and a reason; then request the release."""
    owned = get_object_or_404(_visible(request), pk=number_id)
    set_current_tenant(request, owned.tenant)
    require(actor_of(request), Right.RELEASE_NUMBER, owned.tenant_id)
    form = ReleaseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            asks = "ask_approval" in request.POST
            release = ask_release(actor_of(request), owned.tenant, owned.number, **form.cleaned_data, ask_approval=asks)
        except ValidationError as error:
            tell_at_fields(form, error)
        else:
            return redirect("release", release_id=release.pk)
    context = {
        "owned": owned,
        "tenant": owned.tenant,
        "form": form,
        "wait": duration_words(settings.ORDER_RELEASE_WAIT_SECONDS * _MS),
        "approval": policy_of(owned.tenant).approve_releases,
    }
    return render(request, "tollfree/orders/release_new.html", context)


@require_GET
def release_page(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """Show one release."""
    return _page(request, release_or_404(request, release_id))


@require_POST
def take_back(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """Take the release back."""
    release = release_or_404(request, release_id)
    run_action(request, lambda: take_back_release(actor_of(request), release), _KEPT)
    return redirect("release", release_id=release.pk)


@require_POST
def approve(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """Approve the release, which starts the waiting time."""
    release = release_or_404(request, release_id)
    if proof := ask_for_proof(request, back=reverse("release", args=[release.pk])):
        return proof
    run_action(request, lambda: approve_release(actor_of(request), release), _APPROVED)
    return redirect("release", release_id=release.pk)


@require_POST
def decline(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """Decline the release, with a reason."""
    release = release_or_404(request, release_id)
    require(actor_of(request), Right.APPROVE_ORDER, release.tenant_id)
    form = ReasonForm(request.POST)
    if run_action_with_reason(request, form, lambda reason: decline_release(actor_of(request), release, reason=reason)):
        return redirect("release", release_id=release.pk)
    return _page(request, release, form)


@require_POST
def note(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """Acknowledge the decision about one's own release."""
    release = release_or_404(request, release_id)
    note_release_decision(actor_of(request), release)
    return redirect("release", release_id=release.pk)


@require_POST
def given_back(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """Decide that the number was given back."""
    release, form = release_or_404(request, release_id), ReleaseReviewForm(request.POST, auto_id=_GIVEN_BACK)
    require(actor_of(request), Right.REVIEW_ORDER, release.tenant_id)
    if run_action_with_reason(
        request, form, lambda reason: decide_given_back(actor_of(request), release, reason=reason)
    ):
        return redirect("release", release_id=release.pk)
    return _page(request, release, given_back=form)


@require_POST
def kept(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """Decide that the number was not given back."""
    release, form = release_or_404(request, release_id), ReleaseReviewForm(request.POST, auto_id=_STILL_THERE)
    require(actor_of(request), Right.REVIEW_ORDER, release.tenant_id)
    if run_action_with_reason(request, form, lambda reason: decide_kept(actor_of(request), release, reason=reason)):
        return redirect("release", release_id=release.pk)
    return _page(request, release, kept=form)


@require_POST
def look(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """Have a worker look at the list again."""
    release = release_or_404(request, release_id)
    run_action(request, lambda: look_again(actor_of(request), release), _LOOKED)
    return redirect("release", release_id=release.pk)


def _page(
    request: HttpRequest,
    release: Release,
    form: ReasonForm | None = None,
    *,
    given_back: ReleaseReviewForm | None = None,
    kept: ReleaseReviewForm | None = None,
) -> HttpResponse:
    """Show the release; an invalid form is shown again with its errors."""
    state, tenant = ReleaseState(release.state), release.tenant
    waits = state == ReleaseState.AWAITING_APPROVAL
    context = {
        "release": release,
        "tenant": tenant,
        "owned": OwnedNumber.objects.filter(tenant=tenant, number=release.number).first(),
        "to_do": RELEASE_TO_DO[state],
        "story": timeline_of_release(release),
        "own": why_not_approve(request, release) if waits else "",
        "form": form or ReasonForm(),
        "given_back": given_back or ReleaseReviewForm(auto_id=_GIVEN_BACK),
        "kept": kept or ReleaseReviewForm(auto_id=_STILL_THERE),
        "may_review": state == ReleaseState.UNDER_REVIEW and allowed(request, Right.REVIEW_ORDER, tenant),
        "may_approve": waits and allowed(request, Right.APPROVE_ORDER, tenant),
        "may_take_back": state in RELEASE_NOT_SENT and allowed(request, Right.RELEASE_NUMBER, tenant),
        "may_note": _may_note(request, release),
        "live": state == ReleaseState.SENDING,
    }
    return render(request, "tollfree/orders/release.html", context)


def _may_note(request: HttpRequest, release: Release) -> bool:
    mine = release.asked_by_id == user_of(request).pk
    return mine and release.decided_at is not None and release.decision_noted_at is None


def _visible(request: HttpRequest) -> QuerySet[OwnedNumber]:
    return OwnedNumber.objects.select_related("tenant").filter(tenant__in=tenants_of(request))
