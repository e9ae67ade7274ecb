"""Models of the audit trail. The only updates are to the head of a chain, and to a personal text to erase it."""

from django.db import models

from portal.audit.actors import ActorKind

SITE_CHAIN = "site"
HASH_LENGTH = 64


class PersonalText(models.Model):
    """A text about a person, stored outside the chain, which contains only its salted commitment.

    Erasing `salt` and `text` removes the person from the audit trail, and every chain still verifies.
    """

    commitment = models.CharField(primary_key=True, max_length=HASH_LENGTH)
    salt = models.BinaryField(null=True)
    text = models.CharField(max_length=320, null=True, unique=True)  # noqa: DJ001 - null means "erased", not "empty"
    erased_by = models.CharField(max_length=60, blank=True)  # the event that records the erasure: "site #12"

    def __str__(self) -> str:
        """Return the text, or say that it was erased."""
        if self.text is not None:
            return self.text
        return f"(erased by {self.erased_by})" if self.erased_by else "(erased)"


class ChainHead(models.Model):
    """The last event of a chain: the row that all writers of this chain lock."""

    chain = models.CharField(primary_key=True, max_length=36)
    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=HASH_LENGTH, blank=True)

    def __str__(self) -> str:
        """Return the chain and its length."""
        return f"{self.chain} #{self.seq}"


class Event(models.Model):
    """An event of the audit trail.

    `canonical` holds the hashed bytes and is the truth. The other columns repeat values for filters;
    `portal.audit.event_lookup.fields` parses the rest from the bytes.
    """

    chain = models.CharField(max_length=36)
    seq = models.PositiveBigIntegerField()
    prev = models.CharField(max_length=HASH_LENGTH, blank=True)
    hash = models.CharField(max_length=HASH_LENGTH)
    canonical = models.BinaryField()
    at = models.DateTimeField()
    verb = models.CharField(max_length=40)  # a Verb; without choices, so that a new verb needs no migration
    actor_kind = models.CharField(max_length=16, choices=ActorKind.choices)
    actor_id = models.UUIDField(null=True)
    actor_text = models.CharField(max_length=HASH_LENGTH)
    target_type = models.CharField(max_length=40)
    target_id = models.CharField(max_length=64)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="event_seq_once_per_chain")]
        indexes = [
            models.Index(fields=["at", "id"], name="event_at"),
            models.Index(fields=["chain", "at", "id"], name="event_chain_at"),
            models.Index(fields=["target_type", "target_id", "at", "id"], name="event_target_at"),
            models.Index(fields=["request_id"], name="event_request"),
            models.Index(fields=["actor_text", "at", "id"], name="event_actor_at"),
            models.Index(fields=["verb", "at", "id"], name="event_verb_at"),
        ]

    def __str__(self) -> str:
        """Return the position in the chain and the verb."""
        return f"{self.chain} #{self.seq} {self.verb}"


class Checkpoint(models.Model):
    """A signed summary of the chains that moved since the previous checkpoint; `note` is the truth, byte for byte."""

    number = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    hash = models.CharField(max_length=HASH_LENGTH)
    note = models.BinaryField()

    def __str__(self) -> str:
        """Return the number and the time."""
        return f"checkpoint {self.number} of {self.at:%Y-%m-%d %H:%M:%S}"


class SignedHead(models.Model):
    """The head of a chain as a checkpoint signs it; repeats the note so that it can be queried."""

    chain = models.CharField(max_length=36)
    seq = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=HASH_LENGTH)
    checkpoint = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="head_signed_once")]
        indexes = [models.Index(fields=["chain", "checkpoint"], name="signed_head_checkpoint")]

    def __str__(self) -> str:
        """Return the position in the chain."""
        return f"{self.chain} #{self.seq} in checkpoint {self.checkpoint}"
