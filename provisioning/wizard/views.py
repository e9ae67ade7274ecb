"""Wizard views: one page for each step, then the review, which sends nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.requests import actor_of
from portal.accounts.step_up import ask_for_proof, recently_proven, typed_before
from portal.http_client.curl import curl_twin
from portal.vault.lookup import ask_before_replacing, typed_in
from provisioning import nexus
from provisioning.models import Setup, SetupState
from provisioning.runs.planner import Intent, nothing_to_send, plan
from provisioning.shortcuts import editable_setup_or_404
from provisioning.wizard.actions import (
    SavedByAnother,
    StepInvalid,
    closed_because,
    discard_setup,
    has_sent,
    make_secret,
    save_step,
)
from provisioning.wizard.drafts import (
    answers_by_step,
    answers_of,
    asked_again,
    chosen_secrets,
    clear_if_undecryptable,
    form_of,
    moves_a_secret,
    open_steps,
    option_of,
)
from provisioning.wizard.forms import StepForm
from provisioning.wizard.steps import WizardStep


@dataclass(frozen=True)
class StepperItem:
    """One item of the wizard's stepper. `state` is done, current or todo; `url` is empty if it cannot be opened yet."""

    title: str
    state: str
    url: str = ""


@require_http_methods(["GET", "POST"])
def setup_step(request: HttpRequest, setup_id: UUID, step_key: str) -> HttpResponse:
    """Show the form of a step, or save it and go to the next."""
    setup = editable_setup_or_404(request, setup_id)
    step = _step_or_404(setup, step_key)
    if sentence := closed_because(setup):
        return _lead_away(request, setup, sentence)
    proof = ask_before_replacing(request, lambda: form_of(setup, step)) or _ask_before_moving(request, setup, step)
    return proof or _answer_step(request, setup, step)


def _ask_before_moving(request: HttpRequest, setup: Setup, step: WizardStep) -> HttpResponse | None:
    """Return a redirect to step-up sign-in if an answer would send a stored secret to another address."""
    if request.method == "GET" or recently_proven(request):
        return None
    form = form_of(setup, step, data=request.POST)
    form.is_valid()
    moves = moves_a_secret(setup, form.answers())
    return ask_for_proof(request, typed=typed_in(request, form)) if moves else None


def _answer_step(request: HttpRequest, setup: Setup, step: WizardStep) -> HttpResponse:
    if request.method == "GET":
        _say_if_unreadable(request, setup)
        initial = {**answers_by_step(setup).get(step.key, {}), **typed_before(request)}
        form = form_of(setup, step, initial=initial or None)
        return _step_page(request, setup, step, form)
    try:
        saved = save_step(actor_of(request), setup, step.key, request.POST, version_of(request))
    except StepInvalid as invalid:
        return _step_page(request, setup, step, invalid.form)
    except SavedByAnother:
        return _show_both(request, setup, step)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("setup", setup_id=setup.pk)
    return _go_on(request, saved, step)


@require_POST
def setup_make_key(request: HttpRequest, setup_id: UUID, step_key: str, field_name: str) -> HttpResponse:
    """Generate and store a strong secret for a field and show it once; the form keeps what was typed."""
    setup = editable_setup_or_404(request, setup_id)
    step = _step_or_404(setup, step_key)
    if sentence := closed_because(setup):
        return _lead_away(request, setup, sentence)
    secret = form_of(setup, step).secret_fields().get(field_name)
    if secret is None or not secret.can_be_made:
        raise Http404
    if secret.is_stored and (proof := ask_for_proof(request, back=reverse("setup_step", args=[setup.pk, step.key]))):
        return proof
    try:
        setup, made = make_secret(actor_of(request), setup, secret.kind, version_of(request))
    except SavedByAnother:
        return _show_both(request, setup, step)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("setup", setup_id=setup.pk)
    form = form_of(setup, step, initial=request.POST.dict())
    return _step_page(request, setup, step, form, made=(secret.kind.label, made))


@require_GET
def setup_review(request: HttpRequest, setup_id: UUID) -> HttpResponse:
    """Show the exact requests as curl, with $VARS for secrets; nothing is sent."""
    setup = editable_setup_or_404(request, setup_id)
    if sentence := closed_because(setup):
        return _lead_away(request, setup, sentence)
    _say_if_unreadable(request, setup)
    if missing := open_steps(setup):
        messages.info(request, f"Not complete yet: {missing[0].title} comes first.")
        for sentence in asked_again(setup).values():
            messages.warning(request, sentence)
        return redirect("setup_step", setup_id=setup.pk, step_key=missing[0].key)
    option = option_of(setup)
    planned = plan(setup)
    sent = [each for each in planned if each.intent is not Intent.LEAVE]
    requests = [nexus.create_service(setup.tenant, each.definition) for each in sent]
    context = {
        "setup": setup,
        "tenant": setup.tenant,
        "option": option,
        "stepper": _stepper(setup, "review"),
        "answers": [(step, _labelled(step, answers_by_step(setup)[step.key])) for step in option.steps],
        "blockers": option.blockers(setup.tenant),
        "cautions": option.cautions(setup),
        "numbers": option.sender_numbers(answers_of(setup)),
        "requests": [(each, request_, curl_twin(request_)) for each, request_ in zip(sent, requests, strict=True)],
        "left": [each for each in planned if each.intent is Intent.LEAVE],
        "created": sum(each.intent is Intent.CREATE for each in sent),
        "replaced": sum(each.intent is Intent.REPLACE for each in sent),
        "nothing": "" if sent else nothing_to_send(planned),
        "credentials": chosen_secrets(setup),
        "may_discard": not has_sent(setup),
        "colleague": _colleague(request, setup),
    }
    return render(request, "provisioning/review.html", context)


@require_POST
def setup_discard(request: HttpRequest, setup_id: UUID) -> HttpResponse:
    """Discard the draft."""
    setup = editable_setup_or_404(request, setup_id)
    try:
        discard_setup(actor_of(request), setup)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("setup", setup_id=setup.pk)
    messages.success(request, "The draft was discarded, and so were the secrets that were entered in it.")
    return redirect("tenant", tenant_id=setup.tenant_id)


def _labelled(step: WizardStep, answers: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    """Return each answer with its name in the guide and the label that its step shows."""
    fields = step.form.base_fields
    return [(name, str(fields[name].label) if name in fields else name, value) for name, value in answers.items()]


def next_place(setup: Setup) -> str:
    """Return the URL where a draft continues: its first open step, or the review."""
    clear_if_undecryptable(setup)  # the page at that URL shows the message
    missing = open_steps(setup)
    if missing:
        return reverse("setup_step", args=[setup.pk, missing[0].key])
    return reverse("setup_review", args=[setup.pk])


def _go_on(request: HttpRequest, setup: Setup, step: WizardStep) -> HttpResponse:
    """Redirect to the next step, with warnings about unusual answers."""
    answers = answers_by_step(setup)[step.key]
    for warning in step.warnings(answers):
        messages.warning(request, warning)
    steps = option_of(setup).steps
    following = steps[steps.index(step) + 1 :]
    if following:
        return redirect("setup_step", setup_id=setup.pk, step_key=following[0].key)
    return redirect("setup_review", setup_id=setup.pk)


def _show_both(request: HttpRequest, setup: Setup, step: WizardStep) -> HttpResponse:
    """After a conflict, show the stored answers beside what this person typed; nothing is overwritten."""
    setup.refresh_from_db()
    _say_if_unreadable(request, setup)
    form = form_of(setup, step, data=request.POST)
    secret = form.secret_fields()
    stored = answers_by_step(setup).get(step.key, {})
    shown = [
        (str(field.label), _as_typed(field.field.prepare_value(stored.get(field.name))), _as_typed(field.value()))
        for field in form
        if field.name not in secret
    ]
    differing = [each for each in shown if each[1] != each[2]]
    return _step_page(request, setup, step, form, saved_by=setup.changed_by_label, differing=differing, status=409)


def _as_typed(value: object) -> str:
    """Return a field's value as its input showed it, with normalised line ends."""
    return "\n".join(str(value or "").splitlines())


def _step_page(  # noqa: PLR0913 - the parts of the page
    request: HttpRequest,
    setup: Setup,
    step: WizardStep,
    form: StepForm,
    *,
    saved_by: str = "",
    differing: list[tuple[str, str, str]] | None = None,
    made: tuple[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    _say_if_unreadable(request, setup)
    context = {
        "setup": setup,
        "tenant": setup.tenant,
        "option": option_of(setup),
        "step": step,
        "form": form,
        "stepper": _stepper(setup, step.key),
        "back": _place_before(setup, step),
        "saved_by": saved_by,
        "colleague": "" if saved_by else _colleague(request, setup),
        "differing": differing or [],
        "made": made,
        **step.context(form),
    }
    return render(request, step.template, context, status=status)


def _colleague(request: HttpRequest, setup: Setup) -> str:
    """Return the label of the person who last changed the draft, if that was somebody else."""
    return setup.changed_by_label if setup.changed_by_label != actor_of(request).label else ""


def _stepper(setup: Setup, current: str) -> list[StepperItem]:
    done = set(answers_by_step(setup))
    reachable = True
    items = []
    for step in option_of(setup).steps:
        state = "current" if step.key == current else "done" if step.key in done else "todo"
        items.append(
            StepperItem(step.title, state, reverse("setup_step", args=[setup.pk, step.key]) if reachable else "")
        )
        reachable = reachable and step.key in done
    review = StepperItem(
        "Review",
        "current" if current == "review" else "todo",
        reverse("setup_review", args=[setup.pk]) if reachable else "",
    )
    return [*items, review, StepperItem("Run", "todo")]


def _place_before(setup: Setup, step: WizardStep) -> str:
    steps = option_of(setup).steps
    position = steps.index(step)
    if position == 0:
        return reverse("tenant", args=[setup.tenant_id])
    return reverse("setup_step", args=[setup.pk, steps[position - 1].key])


def _say_if_unreadable(request: HttpRequest, setup: Setup) -> None:
    """Continue without answers that cannot be decrypted, and say so. The row keeps them until the next save."""
    if sentence := clear_if_undecryptable(setup):
        messages.error(request, sentence)


def _step_or_404(setup: Setup, key: str) -> WizardStep:
    try:
        return option_of(setup).step(key)
    except KeyError:
        raise Http404 from None


def version_of(request: HttpRequest) -> int:
    """Return the draft's version that the person saw; -1, which no draft has, if the value is invalid."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1  # noqa: PLR2004 - the column's width


def _lead_away(request: HttpRequest, setup: Setup, sentence: str) -> HttpResponse:
    """Explain why there is no wizard any more, and redirect to the run page or the tenant's page."""
    messages.info(request, sentence)
    if setup.state in {SetupState.DRAFT, SetupState.DISCARDED}:
        return redirect("tenant", tenant_id=setup.tenant_id)
    return redirect("setup", setup_id=setup.pk)
