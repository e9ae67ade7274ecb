"""The way of a message through a tenant's set-up, from the consumer's phone to Designer, with each station's state."""

from dataclasses import dataclass

from django.urls import reverse

from portal.tenants.models import Tenant
from provisioning.actions import active_option
from provisioning.models import ServiceState, Setup, SetupState
from provisioning.options import OPTIONS
from provisioning.options.base import Option
from senders.lint import findings
from senders.models import SenderId, SenderState


@dataclass(frozen=True)
class Station:
    """One station: `tone` and `label` say how it is, `url` leads to what mends it (or shows it)."""

    name: str
    note: str
    icon: str
    tone: str
    label: str
    url: str = ""


def stations(tenant: Tenant) -> list[Station]:
    """Return the stations of a tenant's messages, in the order in which a consumer's message passes them."""
    key = active_option(tenant)
    option = OPTIONS[key] if key else None
    senders = list(tenant.sender_ids.all())
    return [
        Station("Consumer's phone", "writes to your number", "phone", "good", "Always there"),
        _carrier(tenant, option),
        _services(tenant, option),
        _sections(tenant, senders),
        _answering(senders),
    ]


def _carrier(tenant: Tenant, option: Option | None) -> Station:
    if option is None:
        return Station(
            "Carrier", "not chosen yet", "send", "neutral", "Choose an option", reverse("options", args=[tenant.pk])
        )
    latest = Setup.objects.filter(tenant=tenant, option=option.key).order_by("-begun_at").first()
    url = reverse("setup", args=[latest.pk]) if latest else ""
    tone, label = option.carrier_state(latest) if latest else ("neutral", "Not set up")
    return Station(option.title, option.carrier_note, "send", tone, label, url)


def _services(tenant: Tenant, option: Option | None) -> Station:
    services = list(tenant.services.all())
    names = ", ".join(service.name for service in services) or "none yet"
    latest = Setup.objects.filter(tenant=tenant).exclude(state=SetupState.DISCARDED).order_by("-begun_at").first()
    url = reverse("setup", args=[latest.pk]) if latest else reverse("options", args=[tenant.pk])
    if latest and latest.state == SetupState.FAILED:
        tone, label = "bad", "The set-up stopped"
    elif option is None or not services:
        tone, label = "neutral", "Not created"
    elif any(service.state != ServiceState.CREATED for service in services):
        tone, label = "warning", "Not all verified"
    elif latest and latest.state == SetupState.SUCCEEDED:
        tone, label = "good", "Created"
    else:
        tone, label = "warning", "Not complete"
    return Station("Digital Channels", names, "server", tone, label, url)


def _sections(tenant: Tenant, senders: list[SenderId]) -> Station:
    url = reverse("senders:list", args=[tenant.pk])
    done = sum(sender.state == SenderState.DONE for sender in senders)
    note = f"{done} of {len(senders)} sections done" if senders else "no sender IDs"
    if any(finding.tone == "bad" for finding in findings(tenant)):
        return Station("Sender IDs", note, "message", "bad", "Messages would vanish", url)
    if not senders:
        return Station("Sender IDs", note, "message", "neutral", "None", url)
    tone, label = ("good", "Done") if done == len(senders) else ("warning", "To be pasted")
    return Station("Sender IDs", note, "message", tone, label, url)


def _answering(senders: list[SenderId]) -> Station:
    campaigns = [sender for sender in senders if sender.cxc_only]
    name = "CX Contact" if senders and len(campaigns) == len(senders) else "Designer"
    done = senders and all(sender.state == SenderState.DONE for sender in senders)
    endpoints = ", ".join(sorted({sender.endpoint for sender in senders if sender.endpoint})) or "no endpoint named"
    tone, label = ("good", "Receives") if done else ("neutral", "Waits for the sections")
    return Station(name, endpoints, "people", tone, label)
