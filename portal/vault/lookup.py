"""Lookup of stored credentials for a form, a set-up or a request, without decrypting them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from uuid import UUID

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse

from portal.accounts.step_up import ask_for_proof, recently_proven
from portal.core.db import fast_sql
from portal.vault.binding import Binding, refusal
from portal.vault.fields import SecretField
from portal.vault.kinds import Kind
from portal.vault.models import Credential

#: The bindings that a request needs, by kind of credential.
Uses = Mapping[Kind, Binding]


def stored_for(tenant_id: UUID, draft: str = "") -> list[Credential]:
    """Return the current credentials of live work and of this draft."""
    found = fast_sql.select(Credential, tenant=tenant_id)
    return [row for row in found if row.is_current and row.draft in {"", draft}]


def choose(
    stored: Iterable[Credential], kind: Kind, wanted: Binding, *, draft: str = "", superseded: bool = False
) -> Credential | None:
    """Return the stored credential of this kind and client: first the draft's own, then one that allows the address.

    `superseded` also considers credentials of a client that was replaced by another.
    """
    own = [
        row
        for row in stored
        if row.kind == kind
        and row.client_id == wanted.client_id
        and row.draft in {"", draft}
        and (row.is_current or superseded)
    ]
    return min(
        own, key=lambda row: (row.draft == "", bool(row.binding.lacks(wanted)), not row.is_current), default=None
    )


def elsewhere(stored: Sequence[Credential], uses: Uses, *, draft: str = "") -> dict[Kind, str]:
    """Return a message for each kind that is stored but must not be sent where it is wanted."""
    found = {kind: choose(stored, kind, wanted, draft=draft) for kind, wanted in uses.items()}
    return {
        kind: refusal([row.label], row.binding.places, missing)
        for kind, row in found.items()
        if row is not None and (missing := row.binding.lacks(uses[kind]))
    }


def refusals(pairs: Iterable[tuple[Credential, Binding]]) -> str:
    """Return the messages about credentials that must not be sent, grouped by stored and wanted addresses."""
    grouped: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for row, wanted in pairs:
        if missing := row.binding.lacks(wanted):
            grouped.setdefault((row.binding.places, tuple(missing)), []).append(row.label)
    return " ".join(refusal(labels, places, missing) for (places, missing), labels in grouped.items())


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
