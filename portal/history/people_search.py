"""People search in the history: by part of an address or name, ignoring case, or by the id in a link.

Events identify their actor by the commitment of the e-mail address and their target by an id, so the search returns
both. It searches all people; the chains that the reader may see decide which events are shown.
"""

import re
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Length

from portal.accounts.models import User
from portal.audit.models import HASH_LENGTH, Event, PersonalText
from portal.people.models import Invitation

#: At most this many people are found; the shortest matches come first.
MOST_FOUND: Final = 1000
#: At most this many texts are searched inside labels, each with a condition of its own.
MOST_NAMED: Final = 20
_COMMITMENT: Final = re.compile(f"[0-9a-f]{{{HASH_LENGTH}}}")
_UUID_LENGTH: Final = 36


@dataclass(frozen=True)
class People:
    """Matching people: the commitments that identify them as actors, and type and id that identify them as targets.

    `name` is the name of a single person from a link; None if the text was erased or never existed. `is_cut` means that
    there may be more people.
    """

    commitments: tuple[str, ...] = ()
    targets: tuple[tuple[str, str], ...] = ()
    by_link: bool = False
    name: str | None = None
    is_cut: bool = False


def find_people(typed: str) -> People | None:
    """Return the people that a filter names; None if the filter is empty."""
    if not typed:
        return None
    if _COMMITMENT.fullmatch(typed):
        return _by_commitment(typed)
    if (pk := _uuid(typed)) is not None:
        return _by_id(pk)
    return _by_part(typed)


def commitments_like(part: str) -> tuple[str, ...]:
    """Return the commitments of texts that contain the part, shortest first, with a limit."""
    if not part:
        return ()
    like = PersonalText.objects.filter(text__iregex=re.escape(part)).order_by(Length("text"), "text")
    return tuple(like.values_list("pk", flat=True)[:MOST_NAMED])


def _by_commitment(commitment: str) -> People:
    text = PersonalText.objects.filter(pk=commitment).values_list("text", flat=True).first()
    targets = _targets_of(text) if text else ()
    return People((commitment,), targets, by_link=True, name=text)


def _by_id(pk: UUID) -> People:
    email = User.objects.filter(pk=pk).values_list("email", flat=True).first()
    commitments = PersonalText.objects.filter(text=email).values_list("pk", flat=True) if email else ()
    return People(tuple(commitments), (("person", str(pk)),), by_link=True, name=email if commitments else None)


def _targets_of(email: str) -> tuple[tuple[str, str], ...]:
    users = User.objects.filter(email=email).values_list("pk", flat=True)
    invitations = Invitation.objects.filter(email=email).values_list("pk", flat=True)[:MOST_FOUND]
    return (*(("person", str(pk)) for pk in users), *(("invitation", str(pk)) for pk in invitations))


def _by_part(part: str) -> People:
    """Return all people whose address or name contains the part; if it is a complete address, only that person."""
    # A regular expression, because SQLite's LIKE ignores case only for ASCII.
    pattern = re.escape(part)
    named = _named_in_rows(pattern)
    emails = [row.email for row in named]
    did_something = Exists(Event.objects.filter(actor_text=OuterRef("pk")))
    actors = (
        PersonalText.objects.filter(did_something, Q(text__iregex=pattern) | Q(text__in=emails))
        .order_by(Length("text"), "text")
        .values_list("pk", "text")[:MOST_FOUND]
    )
    texts = [(commitment, str(text)) for commitment, text in actors]
    whole = part.casefold()
    called_so = {text for text in (*emails, *(text for _, text in texts)) if text.casefold() == whole}
    return People(
        tuple(commitment for commitment, text in texts if text in called_so or not called_so),
        tuple((row.kind, str(row.pk)) for row in named if row.email in called_so or not called_so),
        is_cut=not called_so and max(len(texts), len(named)) >= MOST_FOUND,
    )


class _Named(NamedTuple):
    """A row that an event can have as its target, with its e-mail address."""

    pk: UUID
    email: str
    name: str
    kind: str
    length: int


def _named_in_rows(pattern: str) -> list[_Named]:
    """Return people and invitations whose address or name matches, in one query.

    Addresses that were erased from the history are not found through the account.
    """
    kept = Exists(PersonalText.objects.filter(text=OuterRef("email")))
    columns = ("pk", "email", "name", "kind", "length")
    people = User.objects.filter(kept, Q(email__iregex=pattern) | Q(name__iregex=pattern))
    invited = Invitation.objects.filter(kept, email__iregex=pattern).annotate(name=Value(""))
    both: Any = (  # the stubs do not allow a union of two models
        people.annotate(kind=Value("person"), length=Length("email"))
        .values_list(*columns)
        .union(
            invited.annotate(kind=Value("invitation"), length=Length("email")).values_list(*columns),
            all=True,
        )
    )
    return [_Named(*row) for row in both.order_by("length", "email")[:MOST_FOUND]]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) == _UUID_LENGTH else None
    except ValueError:
        return None
