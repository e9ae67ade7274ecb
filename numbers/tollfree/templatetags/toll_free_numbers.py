"""How toll-free numbers look, and what a tenant's page shows of them."""

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
#: Words of a number's status that are known to be good [inferred]; all others are shown without a colour.
_GOOD_WORDS = frozenset({"ACTIVE", "COMPLETED"})


@dataclass(frozen=True)
class Standing:
    """A number's state in a word; `value` is for scripts, `tone` the frame's."""

    value: str
    label: str
    tone: str


@register.filter
def verification_tone(state: str) -> str:
    """`{{ owned.verification|verification_tone }}`."""
    return _TONES[Verification(state)]


@register.filter
def standing(owned: OwnedNumber) -> Standing:
    """`{{ owned|standing }}`: whether it is there, in Genesys Cloud's own word where it is."""
    if owned.gone_since is not None and owned.released_at is None:
        return Standing("gone", "Not listed any more", "bad")
    if owned.released_at is not None:
        return Standing("released", "Released", "neutral")
    if owned.last_seen_at is None:
        return Standing("expected", "Not listed yet", "waiting")
    return Standing("there", owned.status or "Listed", "good" if owned.status in _GOOD_WORDS else "neutral")


@register.simple_tag
def numbers_of(tenant: Tenant) -> list[OwnedNumber]:
    """`{% numbers_of tenant as numbers %}`: the newest ones."""
    return list(OwnedNumber.objects.filter(tenant=tenant).order_by("-first_seen_at", "-id")[:_MOST_SHOWN])
