"""Looking over all sender IDs of a tenant for what would make messages vanish.

Each rule is a function; upper rooms register theirs from `AppConfig.ready` (which provider is right, which toll-free
numbers are the tenant's own).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from portal.core.isolation import alone
from portal.tenants.models import Tenant
from senders.models import SenderId, SenderState
from senders.names import PREFIX, is_section


@dataclass(frozen=True)
class Finding:
    """Something odd about one sender ID; `tone` is the frame's: bad stops messages, warning may."""

    sender_id: UUID
    number: str
    tone: str
    sentence: str


#: Said once, at the first sender ID, in the place of a rule that failed: saying nothing would look like all is well.
FAILED = "One of the checks of all sender IDs failed, so a problem may be missing here. The portal's log says why."

Rule = Callable[[Tenant, Sequence[SenderId]], Iterator[Finding]]
_rules: list[Rule] = []


def register(rule: Rule) -> Rule:
    """Add a rule."""
    _rules.append(rule)
    return rule


def findings(tenant: Tenant) -> list[Finding]:
    """Return everything that the rules find, the worst first; a rule that fails leaves the others their findings."""
    senders = list(tenant.sender_ids.order_by("created_at"))
    failed = [finding(sender, "warning", FAILED) for sender in senders[:1]]
    found = [
        each
        for rule in _rules
        for each in alone(f"rule {rule.__name__}", partial(_found, rule, tenant, senders), failed)
    ]
    return sorted(found, key=lambda finding: finding.tone != "bad")


def _found(rule: Rule, tenant: Tenant, senders: Sequence[SenderId]) -> list[Finding]:
    return list(rule(tenant, senders))


def finding(sender: SenderId, tone: str, sentence: str) -> Finding:
    """Return a finding about a sender ID."""
    return Finding(sender.pk, sender.number, tone, sentence)


@register
def one_section_each(_: Tenant, senders: Sequence[SenderId]) -> Iterator[Finding]:
    """Two numbers in one section take each other's messages."""
    sections = Counter(sender.section for sender in senders if sender.section)
    for sender in senders:
        if sections[sender.section] > 1:
            yield finding(sender, "bad", f"The section {PREFIX}{sender.section} holds two numbers; each needs its own.")


@register
def complete(_: Tenant, senders: Sequence[SenderId]) -> Iterator[Finding]:
    """A draft receives nothing."""
    for sender in senders:
        if not sender.is_complete:
            yield finding(sender, "warning", "It has no section or Designer endpoint yet, so it receives nothing.")


@register
def agents_get_messages(_: Tenant, senders: Sequence[SenderId]) -> Iterator[Finding]:
    """With cxcOnly no agent sees a message."""
    for sender in senders:
        if sender.agents_answer and (sender.cxc_only or sender.observed.get("cxcOnly") == "true"):
            yield finding(sender, "bad", "cxcOnly is true, but agents should answer: they will see no message.")


@register
def observed_block_works(_: Tenant, senders: Sequence[SenderId]) -> Iterator[Finding]:
    """What was copied back from Platform Administration must be what Digital Channels understands."""
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
    """A block that was copied back, and is not the one that was to be pasted, was mistyped or changed."""
    for sender in senders:
        if sender.state == SenderState.DIFFERS:
            yield finding(sender, "warning", "What stands in Platform Administration is not its block, line for line.")
