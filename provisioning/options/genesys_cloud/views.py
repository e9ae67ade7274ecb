"""Views of Genesys Cloud besides the wizard steps: checklist, connection test, API key, password handover."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from genesys_cloud.connection_test import check_connection
from portal.accounts.permission import require
from portal.accounts.requests import actor_of
from portal.accounts.rights import Right
from portal.accounts.step_up import step_up_required
from portal.http_client.presenters import calls_of
from portal.tenants.scope import tenant_or_404
from portal.vault.encryption import DecryptionError
from portal.vault.kinds import Kind
from portal.vault.lookup import ask_before_replacing
from portal.vault.models import Credential
from provisioning.models import KeyRequest, Setup, SetupState
from provisioning.options.genesys_cloud.access import access_of
from provisioning.options.genesys_cloud.checklist import label_of
from provisioning.options.genesys_cloud.forms import MakeKeyForm
from provisioning.options.genesys_cloud.key_requests import ask_key, newest, show_key
from provisioning.options.genesys_cloud.password_handover import NothingToHandOver, reveal_once
from provisioning.services.checklists import tick, untick
from provisioning.shortcuts import editable_setup_or_404
from provisioning.wizard.actions import SavedByAnother, StepInvalid, save_step
from provisioning.wizard.drafts import form_of, option_of
from provisioning.wizard.views import setup_step, version_of

CREDENTIALS = "credentials"
#: The number of recent requests on the key's page.
MOST_CALLS = 4
_LONG_NUMBER = 9


@require_POST
def ticked(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Mark a checklist step as done, or undo that, and return to the button."""
    tenant = tenant_or_404(request, tenant_id)
    key = request.POST.get("key", "")
    label = label_of(key)
    if label is None:
        raise Http404
    try:
        (untick if "untick" in request.POST else tick)(actor_of(request), tenant, key, label)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}):
        back = reverse("tenant", args=[tenant.pk])
    return redirect(f"{back}#{key}")


@require_http_methods(["GET", "POST"])
def credentials_test(request: HttpRequest, setup_id: UUID) -> HttpResponse:
    """Save and test client id and secret, and stay on their step."""
    setup = _own_or_404(request, setup_id)
    step = redirect("setup_step", setup_id=setup.pk, step_key=CREDENTIALS)
    if request.method == "GET":
        return step
    if proof := ask_before_replacing(
        request, lambda: form_of(setup, option_of(setup).step(CREDENTIALS)), back=step.url
    ):
        return proof
    if "test" not in request.POST:  # the page was rendered here with errors, and its save button was pressed
        return setup_step(request, setup_id, CREDENTIALS)
    try:
        saved = save_step(actor_of(request), setup, CREDENTIALS, request.POST, version_of(request))
    except (StepInvalid, SavedByAnother, ValidationError):
        return setup_step(request, setup_id, CREDENTIALS)  # it runs into the same errors and shows them at the fields
    _test(request, saved)
    return step


@sensitive_post_parameters()
@sensitive_variables()
@require_http_methods(["GET", "POST"])
@step_up_required
def cluster_key_make(request: HttpRequest, setup_id: UUID) -> HttpResponse:
    """Queue a key request, show its progress, and show the key once."""
    setup = _own_or_404(request, setup_id)
    require(actor_of(request), Right.STORE_CREDENTIAL, setup.tenant_id)
    last = newest(setup.tenant_id)
    if request.method == "POST" and "show" in request.POST:
        return _show_key(request, setup, last)
    form = MakeKeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        seen = request.POST.get("seen", "")
        try:
            ask_key(
                actor_of(request),
                setup,
                form.cleaned_data["authURL"],
                form.secrets(),
                seen=int(seen) if seen.isdecimal() and len(seen) < _LONG_NUMBER else 0,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("genesys_cloud_make_key", setup_id=setup.pk)
    context: dict[str, Any] = {
        "setup": setup,
        "tenant": setup.tenant,
        "form": form,
        "last": last,
        "can_be_shown": last is not None and last.can_be_shown_to(actor_of(request).user_id),
        "stored": _stored(setup, Kind.CLUSTER_API_KEY),
    }
    context["calls"] = calls_of([setup.pk])[setup.pk][-MOST_CALLS:]
    return render(request, "provisioning/genesys_cloud/make_key.html", context)


@require_http_methods(["GET", "POST"])
@step_up_required
def password_reveal(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Show the organisation's password once, after a confirmation."""
    tenant = tenant_or_404(request, tenant_id)
    require(actor_of(request), Right.REVEAL_CREDENTIAL, tenant.pk)
    context: dict[str, Any] = {
        "tenant": tenant,
        "waits": Credential.objects.filter(tenant=tenant, kind=Kind.ORG_PASSWORD).first(),
    }
    if request.method == "POST":
        try:
            context["password"] = reveal_once(actor_of(request), tenant, Kind.ORG_PASSWORD)
        except NothingToHandOver:
            context["waits"] = None
        except DecryptionError as error:
            messages.error(request, str(error))
    return render(request, "provisioning/genesys_cloud/password.html", context)


@sensitive_variables()
def _show_key(request: HttpRequest, setup: Setup, last: KeyRequest | None) -> HttpResponse:
    """Show the key in the response to this one click."""
    if last is None:
        raise Http404
    try:
        made = show_key(actor_of(request), last)
    except (ValidationError, DecryptionError) as error:
        messages.error(request, " ".join(error.messages) if isinstance(error, ValidationError) else str(error))
        return redirect("genesys_cloud_make_key", setup_id=setup.pk)
    context = {"setup": setup, "tenant": setup.tenant, "made": made}
    return render(request, "provisioning/genesys_cloud/make_key.html", context)


def _test(request: HttpRequest, setup: Setup) -> None:
    """Test the connection; the step's page shows the result."""
    access = access_of(setup)
    if access is None:
        messages.error(request, "The test needs the login URL and the API URL: answer the step Organisation first.")
        return
    try:
        check_connection(actor_of(request), setup.tenant, access)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))


def _stored(setup: Setup, kind: Kind) -> bool:
    return Credential.objects.filter(tenant_id=setup.tenant_id, kind=kind).exists()


def _own_or_404(request: HttpRequest, setup_id: UUID) -> Setup:
    """Return a Genesys Cloud set-up that the person may change and that was not discarded; else answer 404."""
    setup = editable_setup_or_404(request, setup_id)
    if setup.option != "genesys_cloud" or setup.state == SetupState.DISCARDED:
        raise Http404
    return setup
