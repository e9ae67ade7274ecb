"""What the outcome of one send means for its step: the only place that decides it."""

import random
from dataclasses import dataclass
from enum import Enum, auto

from django.conf import settings

from portal.outbound.errors import Conflict, OutboundError
from portal.outbound.messages import Answer
from provisioning import nexus
from provisioning.models import SetupStep

#: No wait that we choose is longer than this; a server's Retry-After may be.
LONGEST_BACKOFF_SECONDS = 300.0


class Fate(Enum):
    """How a step goes on."""

    CREATED = auto()
    FOUND = auto()
    KEPT = auto()
    AGAIN = auto()
    FAILED = auto()


@dataclass(frozen=True)
class Verdict:
    """A step's fate, the sentence for people, and how long to wait if it is tried again (seconds)."""

    fate: Fate
    sentence: str
    unclear: bool = False
    wait: float = 0.0


def judge(step: SetupStep, outcome: Answer | OutboundError) -> Verdict:
    """Say what an answer, or an error, means for this step."""
    if isinstance(outcome, Answer):
        try:
            return Verdict(Fate.CREATED, nexus.confirm(outcome))
        except OutboundError as error:
            outcome = error
    if isinstance(outcome, Conflict):
        return _already_there(step)
    if outcome.retryable and step.tries < settings.SETUP_MAX_ATTEMPTS:
        wait = outcome.retry_after if outcome.retry_after is not None else backoff(step.tries)
        return Verdict(Fate.AGAIN, outcome.sentence, outcome.unknown_outcome, wait)
    return Verdict(Fate.FAILED, outcome.sentence, outcome.unknown_outcome)


def out_of_attempts(step: SetupStep) -> str:
    """Say that the worker of the last attempt ended before anybody could judge its answer."""
    return (
        f"{step.tries} attempts were made, and the worker of the last one ended before its answer came; its log may "
        "say why. Whether the request was carried out is not known. Resume: if it was, that is recognized."
    )


def backoff(tries: int) -> float:
    """Return the seconds to wait after so many tries: doubling, with a quarter of jitter either way."""
    base = min(settings.SETUP_BACKOFF_SECONDS * 2 ** (tries - 1), LONGEST_BACKOFF_SECONDS)
    return float(base * random.uniform(0.75, 1.25))  # noqa: S311 - jitter is no secret


def _already_there(step: SetupStep) -> Verdict:
    if step.replaces:
        return Verdict(
            Fate.KEPT,
            "Nexus kept the values that it had: its documented API only creates. Ask the vendor to remove this "
            "service, or to set the new values by hand; then tick it off on the page “Services”.",
        )
    if step.unclear:
        return Verdict(
            Fate.CREATED,
            "Nexus has it: an earlier attempt of ours, whose answer was lost, created it.",
        )
    return Verdict(
        Fate.FOUND,
        "Nexus had this service before we asked. The portal cannot see whether its values are the ones you entered: "
        "if it was made by hand or with other values, ask the vendor to remove it, then set up SMS again.",
    )
