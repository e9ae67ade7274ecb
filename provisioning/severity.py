"""Severity of each state, in the terms of the UI: neutral, waiting, running, good, warning, bad."""

from provisioning.models import Service, ServiceState, Setup, SetupState, SetupStep, StepState

_SETUP = {
    SetupState.DRAFT: "neutral",
    SetupState.QUEUED: "waiting",
    SetupState.RUNNING: "running",
    SetupState.SUCCEEDED: "good",
    SetupState.DIFFERS: "warning",
    SetupState.FAILED: "bad",
    SetupState.DISCARDED: "neutral",
}
_STEP = {
    StepState.PENDING: "neutral",
    StepState.SENDING: "running",
    StepState.CREATED: "good",
    StepState.ACCEPTED: "warning",
    StepState.FOUND: "warning",
    StepState.KEPT: "warning",
    StepState.FAILED: "bad",
}
_SERVICE = {
    ServiceState.CREATED: "good",
    ServiceState.ACCEPTED: "warning",
    ServiceState.FOUND: "warning",
    ServiceState.DIFFERS: "warning",
}


def tone_of(row: Setup | SetupStep | Service) -> str:
    """Return the severity of a row's state."""
    match row:
        case Setup():
            return _SETUP[SetupState(row.state)]
        case SetupStep():
            return _STEP[StepState(row.state)]
        case Service():
            return _SERVICE[ServiceState(row.state)]
