"""Models of orders: groups, orders, evidence, releases, rates and policies."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from genesys_cloud.access import Access
from portal.audit.actors import Actor, ActorKind
from senders.fields import PhoneNumberField
from tollfree.orders.states import LIVE, RELEASE_LIVE, OrderState, ReleaseState


class Rate(models.Model):
    """What a toll-free number costs from a given day on. Users enter it: no API of Genesys Cloud has prices."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    valid_from = models.DateField()
    monthly = models.DecimalField(max_digits=10, decimal_places=2)
    once = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    currency = models.CharField(max_length=3)
    note = models.CharField(max_length=200, blank=True)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    set_by_label = models.CharField(max_length=320)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["valid_from", "set_at"], name="rate_in_force")]

    def __str__(self) -> str:
        return f"{self.monthly} {self.currency} a month from {self.valid_from}"


class OrderPolicy(models.Model):
    """A tenant's rules for orders; without a row the defaults apply."""

    APPROVE_FROM = 5
    USUAL_CURRENCY = "USD"

    tenant = models.OneToOneField(
        "tenants.Tenant", primary_key=True, on_delete=models.PROTECT, related_name="order_policy"
    )
    approve_from = models.PositiveSmallIntegerField(
        default=APPROVE_FROM, help_text="From so many numbers on a second person must approve."
    )
    approve_releases = models.BooleanField(default=False)
    monthly_cap = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, help_text="What all numbers together may cost a month."
    )
    monthly_cap_currency = models.CharField(max_length=3, default=USUAL_CURRENCY)
    version = models.PositiveIntegerField(
        default=0, help_text="Counts changes, so that nobody undoes another's unseen."
    )

    def __str__(self) -> str:
        return f"approval from {self.approve_from} numbers"


class OrderGroup(models.Model):
    """Orders that were placed together: one form, one cost, one approval, one order per number.

    `form_token` comes from the form, so that a double click makes only one group. The Genesys Cloud client is stored as
    it was, because perhaps only that client can see what it bought. `asked_by` drafted the group, `confirmed_by`
    ordered it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="order_groups")
    form_token = models.UUIDField()
    login_url = models.CharField(max_length=300)
    api_url = models.CharField(max_length=300)
    client_id = models.CharField(max_length=100)
    comment = models.CharField(max_length=500, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    reason = models.CharField(max_length=500)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    asked_by_label = models.CharField(max_length=320)
    asked_by_kind = models.CharField(max_length=12)
    request_id = models.CharField(max_length=64, blank=True)
    rate = models.ForeignKey(Rate, null=True, on_delete=models.PROTECT, related_name="+")
    monthly = models.DecimalField(max_digits=10, decimal_places=2, null=True, help_text="For each number.")
    once = models.DecimalField(max_digits=10, decimal_places=2, null=True, help_text="For each number.")
    currency = models.CharField(max_length=3, blank=True)
    cost_accepted = models.CharField(max_length=200, blank=True, help_text="In the words that were confirmed.")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_by_label = models.CharField(max_length=320, blank=True)
    confirmed_by_kind = models.CharField(max_length=12, blank=True)
    needs_approval = models.BooleanField(default=False)
    approval_reason = models.CharField(max_length=500, blank=True, help_text="Why a second person is needed.")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_by_label = models.CharField(max_length=320, blank=True)
    decision_reason = models.CharField(max_length=500, blank=True)
    decision_noted_at = models.DateTimeField(null=True, help_text="When whoever ordered took note of the decision.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "form_token"], name="order_form_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "confirmed_by", "confirmed_at"], name="order_group_of_orderer")
        ]

    def __str__(self) -> str:
        return f"order of {self.orderer.label} at {self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def orderer(self) -> Actor:
        """Return who confirmed the cost, on whose behalf it is sent; before that, who drafted it."""
        if self.confirmed_by_kind:
            return Actor(ActorKind(self.confirmed_by_kind), self.confirmed_by_label, self.confirmed_by_id)
        return Actor(ActorKind(self.asked_by_kind), self.asked_by_label, self.asked_by_id)

    @property
    def access(self) -> Access:
        """Return the Genesys Cloud client that orders."""
        return Access(self.tenant_id, self.login_url, self.api_url, self.client_id)


class NumberOrder(models.Model):
    """The order of one number, in international format without +.

    `fence` counts claims: a worker with an older fence cannot change the order. `sends` never exceeds 1, which a
    database constraint enforces. `due_at` is when a worker has the next step to do: send, look for the number, or poll.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="number_orders")
    group = models.ForeignKey(OrderGroup, on_delete=models.PROTECT, related_name="orders")
    number = PhoneNumberField(max_length=15)
    comment = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=20, choices=OrderState.choices, default=OrderState.DRAFT)
    sentence = models.TextField(blank=True, help_text="What happened last, and what to do.")
    created_at = models.DateTimeField()
    fence = models.PositiveIntegerField(default=0)
    sends = models.PositiveSmallIntegerField(default=0)
    sender = models.CharField(max_length=200, blank=True)
    lease_until = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0, help_text="Claims since something came of one.")
    looks = models.PositiveIntegerField(default=0, help_text="How often it was looked for, or asked for its status.")
    failed_looks = models.PositiveIntegerField(default=0)
    look_asked_at = models.DateTimeField(null=True, help_text="When a person asked for a look that was not due yet.")
    resume_at = models.DateTimeField(
        null=True, help_text="When the next look is due by itself, after the one asked for."
    )
    absent_at = models.DateTimeField(null=True, help_text="When the list was without the number, before it was sent.")
    sent_at = models.DateTimeField(null=True, help_text="When the intent to send was written down.")
    call_id = models.BigIntegerField(null=True, help_text="The row of the one POST.")
    provider_order_id = models.CharField(max_length=128, blank=True)
    provider_word = models.CharField(max_length=60, blank=True, help_text="The status in Genesys Cloud's own word.")
    placed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    noted_at = models.DateTimeField(null=True, help_text="When somebody took note that it was refused.")

    class Meta:
        constraints: ClassVar = [
            # Across all tenants: two tenants must not buy the same number.
            models.UniqueConstraint(
                fields=["number"], condition=Q(state__in=sorted(LIVE)), name="order_one_live_for_each_number"
            ),
            models.CheckConstraint(condition=Q(sends__lte=1), name="order_sent_at_most_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="order_due"),
            models.Index(fields=["state", "lease_until"], name="order_leased"),
            models.Index(fields=["tenant", "created_at", "id"], name="order_of_tenant"),
            models.Index(fields=["number"], name="order_of_number"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.get_state_display()}"


class EvidenceKind(models.TextChoices):
    """Source of a piece of evidence."""

    ABSENT = "absent", "The list before it was sent"
    ANSWER = "answer", "The answer"
    LATE_ANSWER = "late_answer", "An answer that came too late"
    SILENCE = "silence", "The worker fell silent"
    LISTED = "listed", "The list shows the number"
    NOT_LISTED = "not_listed", "The list does not show the number"
    STATUS = "status", "The order's status"
    LOOK_FAILED = "look_failed", "It could not be looked"
    DECISION = "decision", "A person decided"


class Evidence(models.Model):
    """A piece of evidence about an order's outcome; rows are never changed. `facts` holds the raw observation."""

    id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey(NumberOrder, on_delete=models.PROTECT, related_name="evidence")
    at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=EvidenceKind.choices)
    sentence = models.TextField()
    says_bought = models.BooleanField(null=True, help_text="Empty: it tells neither.")
    facts = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["says_bought", "kind"], name="evidence_of_purchases")]

    def __str__(self) -> str:
        return self.sentence


class Release(models.Model):
    """The release of a number: requested, perhaps approved, sent once after a waiting time. It may have no order."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="number_releases")
    order = models.ForeignKey(NumberOrder, null=True, on_delete=models.PROTECT, related_name="releases")
    number = PhoneNumberField(max_length=15)
    login_url = models.CharField(max_length=300)
    api_url = models.CharField(max_length=300)
    client_id = models.CharField(max_length=100)
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=20, choices=ReleaseState.choices)
    sentence = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    asked_by_label = models.CharField(max_length=320)
    asked_by_kind = models.CharField(max_length=12)
    request_id = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_by_label = models.CharField(max_length=320, blank=True)
    decision_noted_at = models.DateTimeField(null=True, help_text="When whoever asked took note of the decision.")
    fence = models.PositiveIntegerField(default=0)
    sends = models.PositiveSmallIntegerField(default=0)
    sender = models.CharField(max_length=200, blank=True)
    lease_until = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, help_text="The end of the waiting time, or when to look.")
    published_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0, help_text="Claims since something came of one.")
    looks = models.PositiveIntegerField(default=0)
    failed_looks = models.PositiveIntegerField(default=0, help_text="How often the list could not be read.")
    listed_at = models.DateTimeField(null=True, help_text="When the list had the number, before anything was sent.")
    sent_at = models.DateTimeField(null=True)
    call_id = models.BigIntegerField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["number"], condition=Q(state__in=sorted(RELEASE_LIVE)), name="release_one_live_for_each_number"
            ),
            models.CheckConstraint(condition=Q(sends__lte=1), name="release_sent_at_most_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="release_due"),
            models.Index(fields=["state", "lease_until"], name="release_leased"),
            models.Index(fields=["tenant", "asked_at", "id"], name="release_of_tenant"),
        ]

    def __str__(self) -> str:
        return f"release of {self.number}: {self.get_state_display()}"

    @property
    def orderer(self) -> Actor:
        """Return who requested the release, on whose behalf it is sent."""
        return Actor(ActorKind(self.asked_by_kind), self.asked_by_label, self.asked_by_id)

    @property
    def access(self) -> Access:
        """Return the Genesys Cloud client that has the number."""
        return Access(self.tenant_id, self.login_url, self.api_url, self.client_id)
