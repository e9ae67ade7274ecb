"""Step-up before replacing a stored secret; storing a first one needs none."""

from collections.abc import Callable

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse

from portal.accounts.step_up import ask_for_proof, recently_proven
from portal.vault.fields import SecretField


def ask_before_replacing(
    request: HttpRequest, make_form: Callable[[], BaseForm], *, back: str = ""
) -> HttpResponse | None:
    """Return a redirect to step-up sign-in, or None if the person has just proved who they are or need not.

    Opening a form over a stored secret needs step-up, so that nobody types a new one in vain, and so does submitting a
    new one. The form is created only to learn what is stored. `back` is as in `ask_for_proof`.
    """
    if recently_proven(request):
        return None
    form = make_form()
    secrets = {name: field for name, field in form.fields.items() if isinstance(field, SecretField)}
    stored = [name for name, field in secrets.items() if field.is_stored]
    if request.method == "POST":
        stored = [name for name in stored if request.POST.get(name, "").strip()]
    return ask_for_proof(request, back=back, typed=typed_in(request, form)) if stored else None


def typed_in(request: HttpRequest, form: BaseForm) -> dict[str, str]:
    """Return what was posted in the form's fields, without the secrets."""
    plain = [name for name, field in form.fields.items() if not isinstance(field, SecretField)]
    return {name: request.POST[name] for name in plain if name in request.POST}
