"""Very many rows beside the world's: more tenants, and more of everything in our tenant.

Each row is a copy of one that `world.py` made, so a new kind of row is one line here.
"""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import models
from django.utils import timezone

from genesys_cloud.models import ConnectionTest
from portal.accounts.models import Membership, Session
from portal.accounts.rights import Role
from portal.audit.actors import command_line
from portal.audit.models import Checkpoint
from portal.audit.recording import NewEvent, Target, record_many
from portal.audit.verbs import Verb
from portal.evidence.models import Pack
from portal.http_client.models import Call
from portal.operations.models import Heartbeat, HeartKind
from portal.people.models import Invitation
from portal.tenants.models import Tenant
from portal.vault.models import Credential
from provisioning.models import Rehearsal, Service, Setup, SetupState, SetupStep
from senders.models import SenderId
from tests.access.people import MEMBERS, Who
from tests.access.world import World
from tollfree.inventory.models import OwnedNumber, VerificationNote
from tollfree.orders.models import Evidence, NumberOrder, OrderGroup, Rate, Release
from tollfree.orders.states import OrderState, ReleaseState
from tollfree.requests.models import NumberRequest, RequestState

ModelT = TypeVar("ModelT", bound=models.Model)
#: A value for all copies, or what gives that of the copy with this number.
Value = Any | Callable[[int], Any]

_ROLES = {
    Who.ADMINISTRATOR: Role.ADMINISTRATOR,
    Who.REPRESENTATIVE: Role.REPRESENTATIVE,
    Who.AUDITOR: Role.AUDITOR,
}


class Crowd:
    """Makes more rows of the world; `more(range(12, 1000))` makes those with these numbers."""

    def __init__(self, world: World) -> None:
        self.ids = world.ours.ids
        self.ours = Tenant.objects.get(pk=self.ids["tenant"])
        self.people = {who: user for who, user in world.people.items() if user is not None}
        self.order = NumberOrder.objects.get(pk=self.ids["order"])
        self.now = timezone.now()

    def more(self, numbers: range) -> None:
        """Make so many more tenants, and so many more rows in our own."""
        tenants = self._tenants(numbers)
        self._members(tenants)
        self._rows_of_each(tenants, numbers)
        self._numbers(numbers)
        self._orders(numbers)
        self._setups(numbers)
        self._people(numbers)
        self._evidence(numbers)
        self._events(tenants, numbers)

    # --- a little in every tenant ---------------------------------------------------------------------------------

    def _tenants(self, numbers: range) -> list[Tenant]:
        return copies(
            self.ours, numbers, name=lambda n: f"Contact centre {n:04} of a company with branches", ccid=_fresh
        )

    def _members(self, tenants: list[Tenant]) -> None:
        """Who has a role in our tenant has it in all."""
        for who in sorted(MEMBERS):
            held = self.people[who].memberships.filter(tenant=self.ours, role=_ROLES[who]).get()
            copies(held, range(len(tenants)), tenant_id=lambda n: tenants[n].pk)

    def _rows_of_each(self, tenants: list[Tenant], numbers: range) -> None:
        """A set-up with its service, a sender ID, a number, an order, a request and an invitation in each."""
        every, tenant = range(len(tenants)), {"tenant_id": lambda n: tenants[n].pk}
        setups = copies(Setup.objects.get(pk=self.ids["done"]), every, **tenant)
        copies(Service.objects.get(pk=self.ids["service"]), every, **tenant, setup_id=lambda n: setups[n].pk)
        copies(SenderId.objects.get(pk=self.ids["sender"]), every, **tenant)
        copies(OwnedNumber.objects.get(pk=self.ids["owned"]), every, **tenant)
        copies(NumberRequest.objects.get(pk=self.ids["request"]), every, **tenant)
        groups = copies(OrderGroup.objects.get(pk=self.ids["group"]), every, **tenant, form_token=_fresh)
        waiting = {"state": OrderState.AWAITING_APPROVAL, "number": lambda n: f"1855{numbers[n]:07}"}
        copies(self.order, every, **tenant, **waiting, group_id=lambda n: groups[n].pk)
        copies(
            Invitation.objects.get(pk=self.ids["invitation"]),
            every,
            **tenant,
            token_hash=lambda n: f"{numbers[n]:064}",
        )

    # --- much in our tenant ---------------------------------------------------------------------------------------

    def _numbers(self, numbers: range) -> None:
        """Sender IDs with something wrong, numbers that one side knows, and requests."""
        number = {"number": lambda n: f"1844{n:07}"}
        copies(SenderId.objects.get(pk=self.ids["sender"]), numbers, **number, section="")
        owned = OwnedNumber.objects.get(pk=self.ids["owned"])
        copies(owned, numbers, **number)
        copies(VerificationNote.objects.filter(owned=owned)[0], numbers)
        copies(NumberRequest.objects.get(pk=self.ids["request"]), numbers, **number)
        copies(NumberRequest.objects.get(pk=self.ids["request"]), numbers, number="", state=RequestState.DECLINED)

    def _orders(self, numbers: range) -> None:
        """Orders in every state in which one waits for a person, releases, and all that was learned about one order."""
        group = OrderGroup.objects.get(pk=self.ids["group"])
        groups = copies(group, numbers, form_token=_fresh)
        at = {n: each.pk for n, each in zip(numbers, groups, strict=True)}
        states = (OrderState.REFUSED, OrderState.UNDER_REVIEW, OrderState.AWAITING_APPROVAL)
        for digits, state in enumerate(states):
            places = {"number": _named(f"180{digits}{{:07}}"), "group_id": at.__getitem__}
            copies(self.order, numbers, **places, state=state, sentence="The answer was cut.")
        for digits, release in enumerate((ReleaseState.AWAITING_APPROVAL, ReleaseState.UNDER_REVIEW)):
            number = {"number": _named(f"187{digits}{{:07}}")}
            copies(Release.objects.get(pk=self.ids["release"]), numbers, **number, state=release)
        for kind in ("order", "doubtful_order"):
            copies(Evidence.objects.filter(order__pk=self.ids[kind])[0], numbers)
        for kind in ("order", "doubtful_order", "release", "service"):
            self._calls(uuid.UUID(self.ids[kind]), numbers)
        copies(Rate.objects.all()[0], numbers, set_at=lambda n: self.now - timedelta(days=1, seconds=n))

    def _setups(self, numbers: range) -> None:
        """Set-ups that ended, one that was resumed very often, and tests of webhook and connection."""
        done = Setup.objects.get(pk=self.ids["done"])
        for state in (SetupState.SUCCEEDED, SetupState.DISCARDED):
            copies(done, numbers, state=state)
        for kind in ("done", "failed"):
            self._calls(SetupStep.objects.filter(setup_id=self.ids[kind])[0].pk, numbers)
        shown: list[Rehearsal | ConnectionTest] = [
            copies(Rehearsal.objects.filter(setup_id=self.ids["draft"])[0], numbers)[-1],
            copies(ConnectionTest.objects.filter(tenant=self.ours)[0], numbers, at=_now)[-1],
        ]
        for each in shown:
            self._calls(each.pk, numbers)
        secret = Credential.objects.filter(tenant=self.ours, kind="clientSecret")[0]
        copies(secret, numbers, is_current=False, client_id=lambda n: f"client-{n}")

    def _people(self, numbers: range) -> None:
        """People who wait for nothing, sessions of those who walk, and roles."""
        auditor = self.people[Who.AUDITOR]
        others = copies(auditor, numbers, email=lambda n: f"person{n}@example.com", name=lambda n: f"Person {n}")
        held = Membership.objects.get(user=auditor, tenant=self.ours)
        copies(held, range(len(others)), user_id=lambda n: others[n].pk)
        session = Session.objects.get(handle=self.ids["session"])
        for who in (Who.ADMINISTRATOR, Who.AUDITOR):
            user = self.people[who]
            copies(
                session,
                numbers,
                user_id=user.pk,
                session_key=_named(f"{who.name}{{}}"),
                handle=_fresh,
            )

    def _evidence(self, numbers: range) -> None:
        """Packs, checkpoints, and processes that died."""
        for user in self.people.values():
            copies(Pack.objects.get(pk=self.ids["pack"]), numbers, asked_by_id=user.pk)
        copies(Checkpoint.objects.get(pk=1), numbers, number=lambda n: n + 2)
        Heartbeat.objects.bulk_create(
            Heartbeat(name=f"{kind}@host{n}", kind=kind, at=self.now - timedelta(hours=1 if n % 2 else 0))
            for n in numbers
            for kind in (HeartKind.WORKER, HeartKind.ORDERS)
        )

    def _calls(self, subject: uuid.UUID, numbers: range) -> None:
        call = Call.objects.filter(tenant_id=self.ours.pk)[0]
        copies(call, numbers, subject_id=subject, request_body="x" * 400, answer_body="y" * 400)

    def _events(self, tenants: list[Tenant], numbers: range) -> None:
        """One unusual event in each tenant, and as many of our sender, order and release."""
        targets = [Target(kind, self.ids[key], f"a {kind}") for kind, key in _TARGETS.items()]
        ours = [NewEvent(Verb.ORDER_DELAYED, target, self.ours.pk) for target in targets for _ in numbers]
        setups = [NewEvent(Verb.SETUP_RESUMED, Target("tenant", str(each.pk), each.name), each.pk) for each in tenants]
        record_many([*ours, *setups], command_line())


_TARGETS = {"sender": "sender", "order": "order", "release": "release", "number": "owned"}


def copies(row: ModelT, numbers: range, /, **changed: Value) -> list[ModelT]:
    """Copy a row once for each number; what is a function gives the copy's own value."""
    made = [_copy(row, n, changed) for n in numbers]
    return type(row)._default_manager.bulk_create(made, batch_size=500)  # noqa: SLF001 - Django's public API


def _copy(row: ModelT, n: int, changed: Mapping[str, Value]) -> ModelT:
    """A key of its own comes by its default, from the database, or with the changes."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]  # noqa: SLF001 - Django's public API
    values = {field.attname: getattr(row, field.attname) for field in fields}
    made = {name: value(n) if callable(value) else value for name, value in changed.items()}
    for name in made:
        values.pop(f"{name}_id", None)
    return type(row)(**values | made)


def _now(_: int) -> datetime:
    return timezone.now()


def _named(form: str) -> Callable[[int], str]:
    return form.format


def _fresh(_: int) -> uuid.UUID:
    return uuid.uuid4()
