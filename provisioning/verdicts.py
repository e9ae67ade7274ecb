"""Classification of responses: what the result of one request means for its step.

Only a documented answer or a read-back proves anything. An answer that proves nothing leads to one read-back.
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

#: The longest wait that the portal chooses; a server's Retry-After may be longer.
LONGEST_BACKOFF_SECONDS = 300.0


class Fate(Enum):
    """How a step continues."""

    CREATED = auto()
    ACCEPTED = auto()
    FOUND = auto()
    KEPT = auto()
    AGAIN = auto()
    FAILED = auto()


@dataclass(frozen=True)
class Verdict:
    """The classified result of a request.

    `sentence` is the message for people, `wait` the seconds before a retry. `unclear` means that the request may have
    taken effect. `read_back` means that the answer proves nothing, so the service is read back once.
    """

    fate: Fate
    sentence: str
    unclear: bool = False
    wait: float = 0.0
    read_back: bool = False


def judge(step: SetupStep, outcome: Answer | OutboundError) -> Verdict:
    """Classify an answer, or an error, for this step."""
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
    """Classify a read-back for a step whose answer proved nothing.

    `asked` is what was sent, `before` what Nexus was known to hold until then.
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
    """Return the message for a step whose attempts are used up because the worker of the last one ended."""
    return (
        f"{step.tries} attempts were made, and the worker of the last one ended before its answer came; its log may "
        "say why. Whether the request was carried out is not known. Resume: it is sent again, and Nexus says if it has "
        "the service."
    )


def backoff(tries: int) -> float:
    """Return the seconds to wait after this many tries: doubling each time, with 25 % jitter either way."""
    base = min(settings.SETUP_BACKOFF_SECONDS * 2 ** (tries - 1), LONGEST_BACKOFF_SECONDS)
    return float(base * random.uniform(0.75, 1.25))  # noqa: S311 - jitter needs no cryptography


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
