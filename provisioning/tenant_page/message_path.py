"""Message path of a tenant: each station from the consumer's phone to Designer, with its state."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse

from portal.tenants.models import Tenant
from provisioning.models import LIVE, UNVERIFIED, ServiceState, Setup, SetupState
from provisioning.options import OPTIONS
from provisioning.runs.active_option import active_option, live_setup
from senders.checks import findings
from senders.models import SenderId, SenderState

#: Further endpoints are counted, not named.
MOST_ENDPOINTS = 2


@dataclass(frozen=True)
class Station:
    """One station. `tone` and `label` show its state; `url` leads to the page that fixes or shows it."""

    name: str
    note: str
    icon: str
    tone: str
    label: str
    url: str = ""


def stations(tenant: Tenant, *, may_run: bool) -> list[Station]:
    """Return the stations in the order in which a consumer's message passes them.

    Without `may_run` there are no links to pages that begin a set-up.
    """
    setups = Setup.objects.filter(tenant=tenant).exclude(state=SetupState.DISCARDED).order_by("-begun_at")
    begin = reverse("options", args=[tenant.pk]) if may_run else ""
    senders = list(tenant.sender_ids.order_by("created_at"))
    return [
        Station("Consumer's phone", "writes to your number", "phone", "good", "Always there"),
        _carrier(tenant, setups, begin),
        _services(tenant, setups, begin),
        _sections(tenant, senders),
        _answering(tenant, senders),
    ]


def _carrier(tenant: Tenant, setups: QuerySet[Setup], begin: str) -> Station:
    shown = live_setup(tenant) or setups.filter(option=active_option(tenant) or "").first() or setups.first()
    if shown is None:
        return Station("Carrier", "no option chosen yet", "send", "neutral", "Not set up", begin)
    option = OPTIONS[shown.option]
    tone, label = option.carrier_state(shown)
    return Station(
        option.title, option.carrier_note, "send", tone, label, reverse(option.carrier_page, args=[shown.pk])
    )


def _services(tenant: Tenant, setups: QuerySet[Setup], begin: str) -> Station:
    services = list(tenant.services.order_by("since"))
    names = ", ".join(service.name for service in services) or "no services yet"
    # A newer draft says nothing about the set-up that ran before it.
    shown = setups.exclude(state=SetupState.DRAFT).first() or setups.first()
    states = {service.state for service in services}
    if shown is None:
        return Station("Digital Channels", names, "server", "neutral", "Not created", begin)
    if shown.state == SetupState.FAILED:
        tone, label = "bad", "The set-up stopped"
    elif shown.state in LIVE:
        tone, label = "running", "The set-up runs"
    elif ServiceState.DIFFERS in states:
        tone, label = "bad", "Differs"
    elif states & UNVERIFIED:
        tone, label = "warning", "Not all verified"
    elif not services:
        tone, label = "neutral", "Set-up not run yet"
    else:
        tone, label = "good", "Created"
    return Station("Digital Channels", names, "server", tone, label, reverse("setup", args=[shown.pk]))


def _sections(tenant: Tenant, senders: list[SenderId]) -> Station:
    url = reverse("senders:list", args=[tenant.pk])
    done = sum(sender.state == SenderState.DONE for sender in senders)
    note = f"{done} of {len(senders)} section{'' if len(senders) == 1 else 's'} done" if senders else "no sender IDs"
    states = {sender.state for sender in senders}
    if any(finding.tone == "bad" for finding in findings(tenant, senders)):
        tone, label = "bad", "Messages would vanish"
    elif not senders:
        tone, label = "neutral", "None yet"
    elif SenderState.DIFFERS in states:
        tone, label = "bad", "Differs"
    elif SenderState.DRAFT in states:
        tone, label = "warning", "To be completed"
    elif SenderState.READY in states:
        tone, label = "warning", "To be pasted"
    else:
        tone, label = "good", "Done"
    return Station("Sender IDs", note, "message", tone, label, url)


def _answering(tenant: Tenant, senders: list[SenderId]) -> Station:
    kinds = {"CX Contact" if sender.cxc_only else "Designer" for sender in senders}
    name = " and ".join(sorted(kinds, reverse=True)) or "Designer"
    url = reverse("senders:list", args=[tenant.pk])
    if senders and all(sender.state == SenderState.DONE for sender in senders):
        return Station(name, _endpoints(senders), "people", "good", "Receives", url)
    return Station(name, _endpoints(senders), "people", "neutral", "Waits for the sections", url)


def _endpoints(senders: list[SenderId]) -> str:
    """Return the endpoint names, shortened if there are many."""
    names = sorted({sender.endpoint for sender in senders if sender.endpoint})
    more = len(names) - MOST_ENDPOINTS
    return ", ".join([*names[:MOST_ENDPOINTS], *([f"{more} more"] if more > 0 else [])]) or "no endpoint named"
