"""What the outcome of one send, or of the look after it, means for its step: the only place that decides it.

Only a documented answer or a look proves anything. What proves nothing gets one read-back.
"""

import random
from dataclasses import dataclass
from enum import Enum, auto

from django.conf import settings

from portal.outbound.errors import Conflict, OutboundError
from portal.outbound.messages import Answer
from provisioning import nexus
from provisioning.models import SetupStep, StepState
from provisioning.read_back import UNPROVEN, Look, Sight, proves
from provisioning.snapshots import Snapshot

#: No wait that we choose is longer than this; a server's Retry-After may be.
LONGEST_BACKOFF_SECONDS = 300.0


class Fate(Enum):
    """How a step goes on."""

    CREATED = auto()
    ACCEPTED = auto()
    FOUND = auto()
    KEPT = auto()
    AGAIN = auto()
    FAILED = auto()


@dataclass(frozen=True)
class Verdict:
    """A step's fate, the sentence for people, and how long to wait if it is tried again (seconds).

    `read_back`: the answer proves nothing, so the service is read back once.
    """

    fate: Fate
    sentence: str
    unclear: bool = False
    wait: float = 0.0
    read_back: bool = False


def judge(step: SetupStep, outcome: Answer | OutboundError) -> Verdict:
    """Say what an answer, or an error, means for this step."""
    if isinstance(outcome, Answer):
        try:
            return Verdict(Fate.CREATED, "") if nexus.is_confirmed(outcome) else _says_nothing(outcome)
        except nexus.ErrorInside as error:
            outcome = error
    if isinstance(outcome, Conflict):
        return _already_there(step)
    if outcome.retryable and step.tries < settings.SETUP_MAX_ATTEMPTS:
        wait = outcome.retry_after if outcome.retry_after is not None else backoff(step.tries)
        return Verdict(Fate.AGAIN, outcome.sentence, outcome.unknown_outcome, wait)
    return Verdict(Fate.FAILED, outcome.sentence, outcome.unknown_outcome)


def judge_look(step: SetupStep, asked: Snapshot, before: Snapshot, seen: Look) -> Verdict:
    """Say what a look means for a step whose answer proved nothing.

    `asked` is what was sent, `before` what Nexus is known to have had until then (see `read_back.proves`).
    """
    fate = Fate.ACCEPTED if step.state == StepState.ACCEPTED else Fate.FOUND
    sentence = f"{step.sentence} Read back: {seen.sentence}"
    if seen.sight is Sight.OTHER:
        return Verdict(Fate.KEPT, sentence)
    if seen.sight is Sight.UNKNOWN:
        return Verdict(fate, sentence)
    is_new = fate is Fate.ACCEPTED and not step.replaces
    if proves(asked, before, is_new=is_new):
        return Verdict(Fate.CREATED, sentence)
    return Verdict(fate, f"{sentence} {UNPROVEN}")


def out_of_attempts(step: SetupStep) -> str:
    """Say that the worker of the last attempt ended before anybody could judge its answer."""
    return (
        f"{step.tries} attempts were made, and the worker of the last one ended before its answer came; its log may "
        "say why. Whether the request was carried out is not known. Resume: it is sent again, and Nexus says if it has "
        "the service."
    )


def backoff(tries: int) -> float:
    """Return the seconds to wait after so many tries: doubling, with a quarter of jitter either way."""
    base = min(settings.SETUP_BACKOFF_SECONDS * 2 ** (tries - 1), LONGEST_BACKOFF_SECONDS)
    return float(base * random.uniform(0.75, 1.25))  # noqa: S311 - jitter is no secret


def _says_nothing(answer: Answer) -> Verdict:
    sentence = f"Nexus answered {answer.status}, but did not say what came of it."
    return Verdict(Fate.ACCEPTED, sentence, read_back=True)


def _already_there(step: SetupStep) -> Verdict:
    if step.unclear:
        what = "holds the new values" if step.replaces else "made it"
        sentence = f"Nexus has this service (409). Whether an earlier attempt of ours, which got no answer, {what} is"
        return Verdict(Fate.FOUND, f"{sentence} not known.", read_back=True)
    if step.replaces:
        return Verdict(
            Fate.KEPT,
            "Nexus kept the values that it had: its documented API only creates. Ask the vendor to remove this "
            "service, or to set the new values by hand; then tick it off on the page “Services”.",
        )
    return Verdict(
        Fate.FOUND,
        "Nexus had this service before we asked. The portal cannot see whether its values are the ones you entered: "
        "if it was made by hand or with other values, ask the vendor to remove it, then set up SMS again.",
    )
