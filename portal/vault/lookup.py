"""Finding the stored secret that a form, a set-up or a request is about, without opening it."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from portal import rows
from portal.vault.binding import Binding, refusal
from portal.vault.kinds import Kind
from portal.vault.models import Credential

#: What a request needs: the kinds of secrets, and where each of them will go.
Uses = Mapping[Kind, Binding]


def stored_for(tenant_id: UUID, draft: str = "") -> list[Credential]:
    """Return the secrets that live work reads, and those that were entered in this draft."""
    found = rows.select(Credential, tenant=tenant_id)
    return [row for row in found if row.is_current and row.draft in {"", draft}]


def choose(
    stored: Iterable[Credential], kind: Kind, wanted: Binding, *, draft: str = "", superseded: bool = False
) -> Credential | None:
    """Return the stored secret of this kind and client: the draft's own one first, then one that may go there.

    `superseded` lets it be one whose client was replaced by another.
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
    """Return, for each kind that is stored but must not go where it is wanted, the sentence about it."""
    found = {kind: choose(stored, kind, wanted, draft=draft) for kind, wanted in uses.items()}
    return {
        kind: refusal([row.label], row.binding.places, missing)
        for kind, row in found.items()
        if row is not None and (missing := row.binding.lacks(uses[kind]))
    }


def refusals(pairs: Iterable[tuple[Credential, Binding]]) -> str:
    """Return one sentence for all secrets that lie under the same addresses and are wanted at the same others."""
    grouped: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for row, wanted in pairs:
        if missing := row.binding.lacks(wanted):
            grouped.setdefault((row.binding.places, tuple(missing)), []).append(row.label)
    return " ".join(refusal(labels, places, missing) for (places, missing), labels in grouped.items())
