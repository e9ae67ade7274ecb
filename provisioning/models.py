"""Models of provisioning: set-ups, their steps, Nexus services, checklist ticks, and webhook tests."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.vault.encryption import EncryptionContext


class SetupState(models.TextChoices):
    """States of a set-up: `draft → queued ⇄ running → succeeded | differs | failed`.

    A failed set-up can be resumed, or reopened as a draft. `differs` means that every request was sent, and Nexus kept
    at least one old value.
    """

    DRAFT = "draft", "Draft"
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Succeeded"
    DIFFERS = "differs", "Ended, but differs"
    FAILED = "failed", "Failed"
    DISCARDED = "discarded", "Discarded"


#: A worker has this set-up or will get it.
LIVE = frozenset({SetupState.QUEUED, SetupState.RUNNING})

#: Every request was sent, whether or not Nexus took all values.
ENDED = frozenset({SetupState.SUCCEEDED, SetupState.DIFFERS})

#: Not finished: a draft, a failed set-up, or one that workers still have.
UNFINISHED = frozenset({SetupState.DRAFT, SetupState.FAILED}) | LIVE


class StepState(models.TextChoices):
    """States of a step: `pending → sending → created | accepted | found | kept | failed`; a retry returns to pending.

    `accepted` is a 2xx that does not confirm success, `found` a 409. A read-back can still change either of them to
    `created` or `kept`.
    """

    PENDING = "pending", "Pending"
    SENDING = "sending", "Sending"
    CREATED = "created", "Created"
    ACCEPTED = "accepted", "Accepted, not verified"
    FOUND = "found", "Exists, not verified"
    KEPT = "kept", "Nexus kept the old one"
    FAILED = "failed", "Failed"


#: Nexus answered, so the step is never sent again.
DONE = frozenset({StepState.CREATED, StepState.ACCEPTED, StepState.FOUND, StepState.KEPT})


class Setup(models.Model):
    """One run of an option for a tenant, from the first wizard answer to the last service.

    - `answers`: the wizard's answers, encrypted. Secrets are in the vault, never here.
    - `version`: counts saves, so that two people who edit one draft notice each other.
    - `replaces_active_option`: this set-up replaces the tenant's active option.
    - `is_replacement`: it sends one service again, independent of any draft.
    - `fence`: counts claims. A worker that lost its claim can write nothing.
    - `tries`: counts claims since the last recorded answer.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="setups")
    option = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=SetupState.choices, default=SetupState.DRAFT)
    answers = models.BinaryField(null=True)
    replaces_active_option = models.BooleanField(default=False)
    is_replacement = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    changed_by_label = models.CharField(max_length=320)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    started_by_label = models.CharField(max_length=320, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    sentence = models.TextField(blank=True)
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "option"],
                condition=Q(state__in=sorted(UNFINISHED), is_replacement=False),
                name="setup_one_unfinished",
            ),
            models.UniqueConstraint(fields=["tenant"], condition=Q(state__in=sorted(LIVE)), name="setup_one_live"),
        ]
        indexes = [models.Index(fields=["state", "next_attempt_at"], name="setup_waiting")]

    def __str__(self) -> str:
        """Return the option and the state."""
        return f"{self.option}: {self.get_state_display()}"

    def answers_place(self) -> EncryptionContext:
        """Return the encryption context of the answers."""
        return EncryptionContext(self.tenant_id, "provisioning.Setup", self.pk, "answers")

    @property
    def is_live(self) -> bool:
        """Return whether a worker has it or will get it."""
        return self.state in LIVE


class SetupStep(models.Model):
    """One service to create in a set-up.

    - `attempts`: counts every send.
    - `tries`: counts sends since a person last started or resumed the set-up.
    - `outcome_unknown`: an earlier send of ours may have taken effect, so a 409 does not show whose values Nexus has.
    - `is_update`: the service exists with other values, so a 409 means that Nexus kept those.
    - `read_back_due`: the answer proved nothing, and the single read-back has not started yet.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    setup = models.ForeignKey(Setup, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    service = models.CharField(max_length=20)
    state = models.CharField(max_length=8, choices=StepState.choices, default=StepState.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)
    outcome_unknown = models.BooleanField(default=False)
    is_update = models.BooleanField(default=False)
    read_back_due = models.BooleanField(default=False)
    sentence = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["setup", "position"], name="step_position_once"),
            models.UniqueConstraint(fields=["setup", "service"], name="step_service_once"),
        ]

    def __str__(self) -> str:
        """Return the service and the state."""
        return f"{self.service}: {self.get_state_display()}"

    @property
    def is_done(self) -> bool:
        """Return whether Nexus answered, so that the step is not sent again."""
        return self.state in DONE


class ServiceState(models.TextChoices):
    """What the portal knows about a service in Nexus."""

    CREATED = "created", "Created"
    ACCEPTED = "accepted", "Accepted, not verified"
    FOUND = "found", "Exists, not verified"
    DIFFERS = "differs", "Differs from what is wanted"


#: Nothing has proved yet that Nexus holds the values that were sent.
UNVERIFIED = frozenset({ServiceState.ACCEPTED, ServiceState.FOUND})


class Service(models.Model):
    """A Nexus service definition of a tenant, as far as the portal knows it.

    `sent` is the last snapshot that Nexus is known to hold, proved by an answer or a read-back; empty if unknown.
    `wanted` is what was sent after that without such proof. Fingerprints take the place of secrets in both.

    A read-back is queued work with the column prefix `check_`. `check_due_at` is the earliest time at which a worker
    may start it; empty if no check is due.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="services")
    name = models.CharField(max_length=20)
    state = models.CharField(max_length=8, choices=ServiceState.choices)
    setup = models.ForeignKey(Setup, on_delete=models.PROTECT, related_name="services")
    since = models.DateTimeField()
    sent = models.JSONField(default=dict)
    wanted = models.JSONField(default=dict)
    check_asked_at = models.DateTimeField(null=True)
    check_due_at = models.DateTimeField(null=True)
    check_lease_until = models.DateTimeField(null=True)
    check_tries = models.PositiveIntegerField(default=0)
    check_published_at = models.DateTimeField(null=True)
    check_asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    check_asked_by_label = models.CharField(max_length=320, blank=True)
    checked_at = models.DateTimeField(null=True)
    check_tone = models.CharField(max_length=10, blank=True)
    check_sentence = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="service_once_per_tenant")]

    def __str__(self) -> str:
        """Return the name and the state."""
        return f"{self.name}: {self.get_state_display()}"

    @property
    def is_unverified(self) -> bool:
        """Return whether it is still unproved that Nexus holds the values that were sent."""
        return self.state in UNVERIFIED

    @property
    def presumed(self) -> dict[str, Any]:
        """Return the snapshot that planning assumes Nexus holds; empty if nobody knows."""
        if self.state == ServiceState.FOUND:
            return {}
        taken: dict[str, Any] = self.wanted if self.state == ServiceState.ACCEPTED else self.sent
        return taken


class Tick(models.Model):
    """A checklist item that a person marked as done: something people do outside the portal.

    `key` identifies it within the tenant, for example `genesys_cloud.role.3`. Unticking deletes the row; the audit
    trail keeps both events.
    """

    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="ticks")
    key = models.CharField(max_length=80)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    by_label = models.CharField(max_length=320)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="tick_once_per_tenant")]

    def __str__(self) -> str:
        """Return the key."""
        return self.key


class RehearsalState(models.TextChoices):
    """States of a webhook test."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    DONE = "done", "Done"


class Rehearsal(models.Model):
    """One test of a customer's webhook: the portal plays Digital Channels and grades the answers.

    `grades` is a list of `{"title", "tone", "sentence"}` in display order.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    setup = models.ForeignKey(Setup, on_delete=models.PROTECT, related_name="rehearsals")
    state = models.CharField(max_length=8, choices=RehearsalState.choices, default=RehearsalState.QUEUED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    asked_by_label = models.CharField(max_length=320)
    asked_at = models.DateTimeField(auto_now_add=True)
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    grades = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["setup"], condition=~Q(state="done"), name="rehearsal_one_live"),
        ]

    def __str__(self) -> str:
        """Return the state."""
        return self.get_state_display()

    @property
    def is_live(self) -> bool:
        """Return whether it is queued or running."""
        return self.state != RehearsalState.DONE


class KeyState(models.TextChoices):
    """States of a key request."""

    QUEUED = "queued", "Waiting for a worker"
    RUNNING = "running", "Being made"
    MADE = "made", "Made"
    FAILED = "failed", "Not made"


class KeyRequest(models.Model):
    """A request that Digital Channels make one key. After `sent_at` nothing is sent again.

    `number` counts a tenant's requests. The form carries the last number that it showed, so a double click or a second
    tab does not create another request.

    `sealed` is encrypted. While the request waits, it holds the authentication URL and the GWS administrator's
    credentials. Once the key is stored, it holds the key until the person who requested it has seen it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="key_requests")
    setup = models.ForeignKey("provisioning.Setup", on_delete=models.PROTECT, related_name="key_requests")
    number = models.PositiveIntegerField()
    sealed = models.BinaryField(null=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    asked_by_label = models.CharField(max_length=320)
    asked_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=8, choices=KeyState.choices, default=KeyState.QUEUED)
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    sentence = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="key_request_once")]

    def __str__(self) -> str:
        """Return the state."""
        return self.get_state_display()

    def place(self) -> EncryptionContext:
        """Return the encryption context of `sealed`."""
        return EncryptionContext(self.tenant_id, "provisioning.KeyRequest", self.pk, "sealed")

    @property
    def is_live(self) -> bool:
        """Return whether it is queued or running."""
        return self.state in {KeyState.QUEUED, KeyState.RUNNING}

    def can_be_shown_to(self, user_id: Any) -> bool:
        """Return whether this person may still be shown the key."""
        return self.state == KeyState.MADE and self.sealed is not None and self.asked_by_id == user_id
