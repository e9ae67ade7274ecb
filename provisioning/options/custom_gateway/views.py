"""Views of the custom gateway: the webhook test, and the headers to paste."""

import hashlib
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.requests import actor_of
from portal.http_client.presenters import calls_of
from provisioning.models import Setup, SetupState
from provisioning.options.custom_gateway.headers import Header
from provisioning.options.custom_gateway.option import CustomGateway
from provisioning.options.custom_gateway.webhook_test import ask_rehearsal
from provisioning.services.checklists import tick, ticks_of, untick
from provisioning.shortcuts import editable_setup_or_404, may_run, setup_or_404
from provisioning.wizard.drafts import answers_of, clear_if_undecryptable

HEADERS_TICK = "custom_gateway.headers."


@require_GET
def rehearsal_page(request: HttpRequest, setup_id: UUID) -> HttpResponse:
    """Show the last test with its grades and calls; the page refreshes while a test runs."""
    return render(request, "provisioning/custom_gateway/rehearsal.html", _rehearsal(request, setup_id))


@require_GET
def rehearsal_result(request: HttpRequest, setup_id: UUID) -> HttpResponse:
    """Render the part of that page that refreshes."""
    return render(request, "provisioning/custom_gateway/rehearsal_result.html", _rehearsal(request, setup_id))


@require_POST
def rehearsal_ask(request: HttpRequest, setup_id: UUID) -> HttpResponse:
    """Queue a test."""
    setup = _gateway_setup(editable_setup_or_404(request, setup_id))
    try:
        ask_rehearsal(actor_of(request), setup)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("rehearsal", setup_id=setup.pk)


@require_GET
def headers_page(request: HttpRequest, setup_id: UUID) -> HttpResponse:
    """Show the custom headers as options to paste into Platform Administration."""
    setup = _gateway_setup(setup_or_404(request, setup_id))
    options = _options(setup)
    context = {
        "setup": setup,
        "tenant": setup.tenant,
        "options": options,
        "done": ticks_of(setup.tenant, HEADERS_TICK).get(_tick_key(options)),
        "may_run": _may_act(request, setup),
    }
    return render(request, "provisioning/custom_gateway/headers.html", context)


@require_POST
def headers_tick(request: HttpRequest, setup_id: UUID) -> HttpResponse:
    """Mark the headers as pasted, or undo that."""
    setup = _gateway_setup(editable_setup_or_404(request, setup_id))
    options = _options(setup)
    if not options:
        raise Http404
    change = untick if "undo" in request.POST else tick
    try:
        change(actor_of(request), setup.tenant, _tick_key(options), "custom HTTP headers in Platform Administration")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("gateway_headers", setup_id=setup.pk)


def _options(setup: Setup) -> str:
    """Return the headers as options, one per line."""
    clear_if_undecryptable(setup)
    return "\n".join(Header(*pair).as_option() for pair in answers_of(setup).get("headers", []))


def _tick_key(options: str) -> str:
    """Return the checklist key. It depends on the headers, because after a change they must be pasted again."""
    return HEADERS_TICK + hashlib.sha256(options.encode()).hexdigest()[:16]


def _may_act(request: HttpRequest, setup: Setup) -> bool:
    return setup.tenant.archived_at is None and may_run(request, setup.tenant_id)


def _gateway_setup(setup: Setup) -> Setup:
    if setup.option != CustomGateway.key:
        raise Http404
    return setup


def _rehearsal(request: HttpRequest, setup_id: UUID) -> dict[str, object]:
    setup = _gateway_setup(setup_or_404(request, setup_id))
    last = setup.rehearsals.order_by("-asked_at").first()
    return {
        "setup": setup,
        "tenant": setup.tenant,
        "rehearsal": last,
        "calls": calls_of([last.pk])[last.pk] if last else [],
        "may_run": _may_act(request, setup),
        "is_draft": setup.state == SetupState.DRAFT,
    }
