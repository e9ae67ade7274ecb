"""Gauges about set-ups and services, for the operations page and the metrics."""

from django.db.models import Min
from django.utils import timezone

from portal.operations.gauges import Gauge
from provisioning.models import UNVERIFIED, Service, Setup, SetupState


def _in_state(state: SetupState) -> float:
    return float(Setup.objects.filter(state=state).count())


def _oldest_waiting() -> float | None:
    oldest = Setup.objects.filter(state=SetupState.QUEUED).aggregate(oldest=Min("started_at"))["oldest"]
    return (timezone.now() - oldest).total_seconds() if oldest else None


def _unverified() -> float:
    return float(Service.objects.filter(state__in=UNVERIFIED).count())


GAUGES = (
    Gauge("setups_queued", "Set-ups that wait", lambda: _in_state(SetupState.QUEUED)),
    Gauge("setups_running", "Set-ups that run", lambda: _in_state(SetupState.RUNNING)),
    Gauge("setups_oldest_waiting_seconds", "Oldest waiting set-up", _oldest_waiting, seconds=True),
    Gauge("services_unverified", "Services not verified", _unverified),
)
