"""Run page: what was sent, what was answered, how long it took, and what to do now."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.requests import actor_of
from portal.audit.actors import Actor
from portal.http_client.presenters import CallOnPage, calls_of
from provisioning.models import Setup, SetupState, SetupStep, StepState
from provisioning.runs.actions import reopen_setup, resume_setup, start_setup
from provisioning.shortcuts import editable_setup_or_404, may_run, setup_or_404
from provisioning.wizard.drafts import option_of
from provisioning.wizard.views import next_place, version_of


@dataclass(frozen=True)
class StepOnPage:
    """A step with its requests, the oldest first."""

    step: SetupStep
    calls: list[CallOnPage]


@require_GET
def setup_page(request: HttpRequest, setup_id: UUID) -> HttpResponse:
    """Show the run page; a draft redirects to the wizard."""
    setup = setup_or_404(request, setup_id)
    if setup.state == SetupState.DRAFT and may_run(request, setup.tenant_id):
        return redirect(next_place(setup))
    return render(request, "provisioning/run.html", _context(request, setup))


@require_GET
def setup_timeline(request: HttpRequest, setup_id: UUID) -> HttpResponse:
    """Render the part of the run page that refreshes while the set-up is live."""
    setup = setup_or_404(request, setup_id)
    return render(request, "provisioning/timeline.html", _context(request, setup))


@require_POST
def setup_start(request: HttpRequest, setup_id: UUID) -> HttpResponse:
    """Start the draft's run."""
    version = version_of(request) if "version" in request.POST else None
    return _act(request, setup_id, partial(start_setup, version=version))


@require_POST
def setup_resume(request: HttpRequest, setup_id: UUID) -> HttpResponse:
    """Resume at the failed step."""
    return _act(request, setup_id, resume_setup)


@require_POST
def setup_reopen(request: HttpRequest, setup_id: UUID) -> HttpResponse:
    """Turn the failed set-up into a draft again."""
    return _act(request, setup_id, reopen_setup)


def _act(request: HttpRequest, setup_id: UUID, action: Callable[[Actor, Setup], Setup]) -> HttpResponse:
    setup = editable_setup_or_404(request, setup_id)
    try:
        action(actor_of(request), setup)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("setup", setup_id=setup.pk)


def _context(request: HttpRequest, setup: Setup) -> dict[str, object]:
    steps = list(setup.steps.all())
    sending = {step.pk for step in steps if step.state == StepState.SENDING}
    calls = calls_of([step.pk for step in steps], sending)
    return {
        "setup": setup,
        "tenant": setup.tenant,
        "option": option_of(setup),
        "steps": [StepOnPage(step, calls[step.pk]) for step in steps],
        "done": sum(step.is_done for step in steps),
        "may_run": may_run(request, setup.tenant_id),
        "unverified": [step for step in steps if step.state in {StepState.ACCEPTED, StepState.FOUND}],
    }
