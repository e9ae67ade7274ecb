"""Template tags for toll-free numbers: status, verification, and a tenant's newest numbers."""

from dataclasses import dataclass

from django import template

from portal.tenants.models import Tenant
from tollfree.inventory.models import OwnedNumber, Verification

register = template.Library()

_MOST_SHOWN = 5
_TONES = {
    Verification.NOT_STARTED: "neutral",
    Verification.FORM_SENT: "waiting",
    Verification.IN_REVIEW: "running",
    Verification.NEEDS_ANSWER: "warning",
    Verification.VERIFIED: "good",
    Verification.REFUSED: "bad",
}
#: Status words that are shown as good [inferred]; all others have no colour.
_GOOD_WORDS = frozenset({"ACTIVE", "COMPLETED"})


@dataclass(frozen=True)
class Standing:
    """A number's status: `value` for scripts, `label` for people, `tone` for the severity."""

    value: str
    label: str
    tone: str


@register.filter
def verification_tone(state: str) -> str:
    """`{{ owned.verification|verification_tone }}`: the severity of the verification's state."""
    return _TONES[Verification(state)]


@register.filter
def standing(owned: OwnedNumber) -> Standing:
    """`{{ owned|standing }}`: gone, released, expected or listed; if listed, with Genesys Cloud's own status word."""
    if owned.gone_since is not None and owned.released_at is None:
        return Standing("gone", "Not listed any more", "bad")
    if owned.released_at is not None:
        return Standing("released", "Released", "neutral")
    if owned.last_seen_at is None:
        return Standing("expected", "Not listed yet", "waiting")
    return Standing("there", owned.status or "Listed", "good" if owned.status in _GOOD_WORDS else "neutral")


@register.simple_tag
def numbers_of(tenant: Tenant) -> list[OwnedNumber]:
    """`{% numbers_of tenant as numbers %}`: the newest numbers of a tenant."""
    return list(OwnedNumber.objects.filter(tenant=tenant).order_by("-first_seen_at", "-id")[:_MOST_SHOWN])
