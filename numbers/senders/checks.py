"""Checks of a tenant's sender IDs: find problems that would stop messages.

Each check is a function. Other apps register theirs in `AppConfig.ready`, for example which provider is correct, or
which toll-free numbers belong to the tenant.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from portal.core.isolation import alone
from portal.tenants.models import Tenant
from senders.models import SenderId, SenderState
from senders.names import PREFIX, is_section


@dataclass(frozen=True)
class Finding:
    """A problem with one sender ID; `tone` is its severity: `bad` stops messages, `warning` may stop them."""

    sender_id: UUID
    number: str
    tone: str
    sentence: str


#: Reported once, on the first sender ID, for a check that failed: no report would look as if all were well.
FAILED = "One of the checks of all sender IDs failed, so a problem may be missing here. The portal's log says why."

Rule = Callable[[Tenant, Sequence[SenderId]], Iterator[Finding]]
_rules: list[Rule] = []


def register(rule: Rule) -> Rule:
    """Register a check."""
    _rules.append(rule)
    return rule


def findings(tenant: Tenant, senders: Sequence[SenderId] | None = None) -> list[Finding]:
    """Return the findings of all checks, the worst first; pass `senders` if all of the tenant's are loaded already.

    A check that fails does not stop the others.
    """
    senders = list(tenant.sender_ids.order_by("created_at")) if senders is None else senders
    failed = [finding(sender, "warning", FAILED) for sender in senders[:1]]
    found = [
        each
        for rule in _rules
        for each in alone(f"rule {rule.__name__}", partial(_found, rule, tenant, senders), failed)
    ]
    return sorted(found, key=lambda finding: finding.tone != "bad")


def findings_by_sender(found: Iterable[Finding]) -> dict[UUID, list[Finding]]:
    """Return the findings of each sender ID that has any."""
    sorted_out: dict[UUID, list[Finding]] = {}
    for each in found:
        sorted_out.setdefault(each.sender_id, []).append(each)
    return sorted_out


def _found(rule: Rule, tenant: Tenant, senders: Sequence[SenderId]) -> list[Finding]:
    return list(rule(tenant, senders))


def finding(sender: SenderId, tone: str, sentence: str) -> Finding:
    """Return a finding about a sender ID."""
    return Finding(sender.pk, sender.number, tone, sentence)


@register
def one_section_each(_: Tenant, senders: Sequence[SenderId]) -> Iterator[Finding]:
    """Report sections with two numbers: each takes the other's messages."""
    sections = Counter(sender.section for sender in senders if sender.section)
    for sender in senders:
        if sections[sender.section] > 1:
            yield finding(sender, "bad", f"The section {PREFIX}{sender.section} holds two numbers; each needs its own.")


@register
def complete(_: Tenant, senders: Sequence[SenderId]) -> Iterator[Finding]:
    """Report drafts: they receive no messages."""
    for sender in senders:
        if not sender.is_complete:
            yield finding(sender, "warning", "It has no section or Designer endpoint yet, so it receives nothing.")


@register
def agents_get_messages(_: Tenant, senders: Sequence[SenderId]) -> Iterator[Finding]:
    """Report numbers that agents should answer although cxcOnly is set: agents then see no message."""
    for sender in senders:
        if sender.agents_answer and (sender.cxc_only or sender.observed.get("cxcOnly") == "true"):
            yield finding(sender, "bad", "cxcOnly is true, but agents should answer: they will see no message.")


@register
def observed_block_works(_: Tenant, senders: Sequence[SenderId]) -> Iterator[Finding]:
    """Report copied-back blocks that Digital Channels would not understand."""
    for sender in senders:
        options = sender.observed
        if not options:
            continue
        if not options.get("endpoint", "").startswith(PREFIX):
            yield finding(sender, "bad", "endpoint in Platform Administration does not begin with chat.")
        if "provider" not in options and sender.provider != "Portico":
            yield finding(
                sender,
                "bad",
                f"provider is missing there, so Digital Channels takes Portico and not {sender.provider}.",
            )
        section = options.get("section", "").removeprefix(PREFIX)
        if section and not is_section(section):
            yield finding(sender, "bad", "The section's name there holds more than letters, underscores and dashes.")


@register
def stands_there_as_it_should(_: Tenant, senders: Sequence[SenderId]) -> Iterator[Finding]:
    """Report copied-back blocks that differ from ours: they were mistyped or changed."""
    for sender in senders:
        if sender.state == SenderState.DIFFERS:
            yield finding(sender, "warning", "What stands in Platform Administration is not its block, line for line.")
