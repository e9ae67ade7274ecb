"""Set-ups, their steps, and the services that they created."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.vault.sealing import Place
from provisioning import key_request_models  # noqa: F401 - Django finds models here only


class SetupState(models.TextChoices):
    """Where a set-up is: `draft → queued ⇄ running → succeeded | differs | failed`; the last is resumed or reopened.

    `differs`: all was asked for, and Nexus kept an old value.
    """

    DRAFT = "draft", "Draft"
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Succeeded"
    DIFFERS = "differs", "Ended, but differs"
    FAILED = "failed", "Failed"
    DISCARDED = "discarded", "Discarded"


#: A worker has it or will have it.
LIVE = frozenset({SetupState.QUEUED, SetupState.RUNNING})
#: Nothing moves by itself any more.
AT_REST = frozenset({SetupState.SUCCEEDED, SetupState.DIFFERS, SetupState.FAILED, SetupState.DISCARDED})
#: It asked for everything, whatever Nexus made of it.
ENDED = frozenset({SetupState.SUCCEEDED, SetupState.DIFFERS})
#: Somebody still has to do something about it.
UNFINISHED = frozenset({SetupState.DRAFT, SetupState.FAILED}) | LIVE


class StepState(models.TextChoices):
    """Where a step is: `pending → sending → created | accepted | found | kept | failed`, or back to pending.

    `accepted`: a 2xx that does not say what came of it. A read-back may still turn `accepted` and `found` into
    `created` or `kept`.
    """

    PENDING = "pending", "Pending"
    SENDING = "sending", "Sending"
    CREATED = "created", "Created"
    ACCEPTED = "accepted", "Accepted, not verified"
    FOUND = "found", "Exists, not verified"
    KEPT = "kept", "Nexus kept the old one"
    FAILED = "failed", "Failed"


#: Nexus answered; the step is never sent again.
DONE = frozenset({StepState.CREATED, StepState.ACCEPTED, StepState.FOUND, StepState.KEPT})


class Setup(models.Model):
    """One run of an option for a tenant, from the first answer of the wizard to the last service.

    `answers` holds the wizard's answers, sealed; secrets are in the vault and never here. `version` counts saves, so
    that two people on one draft notice each other. `switches`: it replaces the option that the tenant had.
    `is_replacement`: it sends one service again, beside whatever draft there is. `fence` counts claims: a worker that
    lost its claim changes nothing. `tries` counts those since the last answer.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="setups")
    option = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=SetupState.choices, default=SetupState.DRAFT)
    answers = models.BinaryField(null=True)
    switches = models.BooleanField(default=False)
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
    not_before = models.DateTimeField(null=True)
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
        indexes = [models.Index(fields=["state", "not_before"], name="setup_waiting")]

    def __str__(self) -> str:
        """Return the option and where the set-up is."""
        return f"{self.option}: {self.get_state_display()}"

    def answers_place(self) -> Place:
        """Return where the sealed answers belong."""
        return Place(self.tenant_id, "provisioning.Setup", self.pk, "answers")

    @property
    def is_live(self) -> bool:
        """Say whether a worker has it or will have it."""
        return self.state in LIVE


class SetupStep(models.Model):
    """One service to create in a set-up.

    `attempts` counts every send, `tries` those since a person last said go. `unclear` says that an earlier send of
    ours may have taken effect: then a 409 does not tell whose values Nexus has. `replaces` says that the service is
    there with other values: then a 409 means that Nexus kept them. `read_back_due` says that the answer proved
    nothing, and that the one read-back of it was not begun yet.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    setup = models.ForeignKey(Setup, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    service = models.CharField(max_length=20)
    state = models.CharField(max_length=8, choices=StepState.choices, default=StepState.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)
    unclear = models.BooleanField(default=False)
    replaces = models.BooleanField(default=False)
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
        """Return the service and how far it is."""
        return f"{self.service}: {self.get_state_display()}"

    @property
    def is_done(self) -> bool:
        """Say whether Nexus answered it, so that it is not sent again."""
        return self.state in DONE


class ServiceState(models.TextChoices):
    """What we know of a service in Nexus."""

    CREATED = "created", "Created"
    ACCEPTED = "accepted", "Accepted, not verified"
    FOUND = "found", "Exists, not verified"
    DIFFERS = "differs", "Differs from what is wanted"


#: Nobody has seen yet that Nexus has the values that were sent.
UNVERIFIED = frozenset({ServiceState.ACCEPTED, ServiceState.FOUND})


class Service(models.Model):
    """A Nexus service definition of a tenant, as far as we know.

    `sent` is what Nexus is known to have taken last, by its answer or by a look, and empty where that is not known.
    `wanted` is what was sent after that without such proof. Both are snapshots (see `snapshots`), with fingerprints
    where secrets stood. Reading it back is queued work with the prefix `check_`: `check_due_at` says from when on a
    worker may do it, and is empty when nobody has to.
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
        """Return the name and what we know."""
        return f"{self.name}: {self.get_state_display()}"

    @property
    def is_unverified(self) -> bool:
        """Say whether nobody has seen yet that Nexus has the values that were sent."""
        return self.state in UNVERIFIED

    @property
    def presumed(self) -> dict[str, Any]:
        """Return the snapshot of what it is taken to hold when a run is planned; empty where nobody knows."""
        if self.state == ServiceState.FOUND:
            return {}
        taken: dict[str, Any] = self.wanted if self.state == ServiceState.ACCEPTED else self.sent
        return taken


class Tick(models.Model):
    """Something that people do elsewhere, ticked off here: who said that it is done, and when.

    `key` names it within the tenant: `genesys_cloud.role.3`, `custom_gateway.headers`. Unticking deletes the row; the
    history keeps both.
    """

    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="ticks")
    key = models.CharField(max_length=80)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    by_label = models.CharField(max_length=320)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="tick_once_per_tenant")]

    def __str__(self) -> str:
        """Return what was ticked off."""
        return self.key


class RehearsalState(models.TextChoices):
    """Where a rehearsal is."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    DONE = "done", "Done"


class Rehearsal(models.Model):
    """One rehearsal of a customer's webhook: the portal plays Digital Channels, and grades what comes back.

    `grades` is a list of `{"title", "tone", "sentence"}`, in the order in which they are shown.
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
        """Return where it is."""
        return self.get_state_display()

    @property
    def is_live(self) -> bool:
        """Say whether it still runs or waits."""
        return self.state != RehearsalState.DONE
