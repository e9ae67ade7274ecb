"""Management command `numbers`: lists, searches, orders and releases a tenant's toll-free numbers.

It calls the same actions as the pages.
"""

from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from portal.accounts.models import User
from portal.accounts.permission import person, require, tenants_within_reach
from portal.accounts.rights import Right
from portal.audit.actors import Actor, command_line
from portal.tenants.lookup import tenant_called
from portal.tenants.models import Tenant
from portal.ui.labels import phone_words
from portal.vault.encryption import DecryptionError
from portal.vault.keyset import KeysetUnusable
from tollfree.inventory.models import OwnedNumber
from tollfree.orders import validation
from tollfree.orders.actions import cost_now, place_orders
from tollfree.orders.models import NumberOrder
from tollfree.orders.open_work import REFUSED, await_orders, exit_code
from tollfree.orders.releases.actions import ask_release
from tollfree.search.forms import SearchForm
from tollfree.search.search import search

_NEWEST = 20


class Command(BaseCommand):
    """The subcommands `list`, `search`, `order`, `status` and `release`; the exit code reports an order's result."""

    help = (
        "Lists, searches, orders and releases toll-free numbers. Exit codes: 0 completed or placed, 1 refused, "
        "3 unknown or under review (do not order again), 4 still under way."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add a subparser for each subcommand."""
        verbs = parser.add_subparsers(dest="verb", required=True, parser_class=ArgumentParser)
        _add_verb(verbs, "list", "show the tenant's numbers")
        seek = _add_verb(verbs, "search", "show numbers that can be bought")
        seek.add_argument("--count", default="10", help="how many, 1 to 100")
        seek.add_argument("--vanity", default="", help="4 to 7 letters or digits that the number shall end with")
        order = _add_verb(verbs, "order", "order numbers, each once", named=True)
        order.add_argument("--number", action="append", required=True, help="a number; again for further ones")
        order.add_argument("--comment", default="")
        order.add_argument("--email", default="")
        order.add_argument("--reason", required=True)
        order.add_argument("--accept-unknown-cost", action="store_true", help="order although no rate is set")
        order.add_argument("--inline", action="store_true", help="do the worker's part in this process")
        order.add_argument(
            "--wait",
            type=float,
            default=0.0,
            metavar="SECONDS",
            help="wait so long until each is completed, or needs a person",
        )
        state = _add_verb(verbs, "status", "say how far orders are; without a choice the newest ones")
        which = state.add_mutually_exclusive_group()
        which.add_argument("--order", metavar="ID")
        which.add_argument("--number", help="the newest order of this number")
        release = _add_verb(verbs, "release", "give a number back after the waiting time", named=True)
        release.add_argument("--number", required=True)
        release.add_argument("--confirm", required=True, metavar="NUMBER", help="the number, once more")
        release.add_argument("--reason", required=True)

    def handle(self, *_: Any, **options: Any) -> None:
        """Run the subcommand; errors that a user can fix become one line of text."""
        verbs: dict[str, Callable[[Actor, Tenant, dict[str, Any]], None]] = {
            "list": self.list_numbers,
            "search": self.search,
            "order": self.order,
            "status": self.status,
            "release": self.release,
        }
        try:
            actor, user = _actor(options["actor"])
            verbs[options["verb"]](actor, _tenant(options["tenant"], user), options)
        except ValidationError as error:
            _refuse(_one_line(error))
        except (PermissionDenied, DecryptionError, KeysetUnusable) as error:
            _refuse(str(error))
        except DatabaseError as error:
            _refuse(f"The database does not take it: {type(error).__name__}.")

    def list_numbers(self, actor: Actor, tenant: Tenant, _: dict[str, Any]) -> None:
        """Print number, status, verification and comment, separated by tabs."""
        require(actor, Right.VIEW_NUMBERS, tenant.pk)
        for owned in OwnedNumber.objects.filter(tenant=tenant).order_by("number").iterator():
            gone = "RELEASED" if owned.released_at else "GONE" if owned.gone_since else owned.status or "EXPECTED"
            self._row(owned.number, gone, owned.verification, " ".join(owned.comment.split()))

    def search(self, actor: Actor, tenant: Tenant, options: dict[str, Any]) -> None:
        """Print the numbers that can be bought, one per line."""
        form = SearchForm({name: options[name] for name in ("count", "vanity")})
        if not form.is_valid():
            raise ValidationError([text for texts in form.errors.values() for text in texts])
        for number in search(actor, tenant, **form.cleaned_data):
            self._row(number)

    def order(self, actor: Actor, tenant: Tenant, options: dict[str, Any]) -> None:
        """Place orders, optionally wait for them, and exit with the code for their result."""
        numbers = list(dict.fromkeys(map(validation.number, options["number"])))
        cost = cost_now(len(numbers))
        group = place_orders(
            actor,
            tenant,
            numbers=numbers,
            comment=options["comment"],
            email=options["email"],
            reason=options["reason"],
            cost=cost.words,
            accept_unknown_cost=options["accept_unknown_cost"],
        )
        self.stdout.write(cost.question)
        if group.needs_approval:
            self.stdout.write(f"{group.approval_reason} Nothing is sent before somebody else has approved it.")
        ids = list(group.orders.values_list("pk", flat=True))
        self._end(await_orders(ids, seconds=options["wait"], inline=options["inline"]))

    def status(self, actor: Actor, tenant: Tenant, options: dict[str, Any]) -> None:
        """Print the state of orders; if orders were selected, exit with the code for their state."""
        require(actor, Right.VIEW_NUMBERS, tenant.pk)
        rows = NumberOrder.objects.filter(tenant=tenant).order_by("-created_at", "-id")
        if options["order"]:
            orders = list(rows.filter(pk=_uuid(options["order"], "--order takes a whole id of an order.")))
        elif options["number"]:
            orders = list(rows.filter(number=validation.number(options["number"]))[:1])
        else:
            self._show(rows[:_NEWEST])
            return
        if not orders:
            _refuse(f"{tenant.name} has no such order.")
        self._end(orders)

    def release(self, actor: Actor, tenant: Tenant, options: dict[str, Any]) -> None:
        """Request a release, which can be taken back on its page until the waiting time ends."""
        number = options["number"]
        release = ask_release(actor, tenant, number, typed=options["confirm"], reason=options["reason"])
        due = f" It is sent at {release.due_at:%Y-%m-%d %H:%M} UTC." if release.due_at else ""
        self.stdout.write(f"{phone_words(release.number)}: {release.get_state_display().lower()}.{due}")

    def _end(self, orders: Sequence[NumberOrder]) -> None:
        self._show(orders)
        if code := exit_code(orders):
            named = ", ".join(sorted({order.get_state_display().lower() for order in orders}))
            raise CommandError(f"Not completed: {named}.", returncode=code)

    def _show(self, orders: Iterable[NumberOrder]) -> None:
        for order in orders:
            self._row(order.number, order.state, str(order.pk), " ".join(order.sentence.split()))

    def _row(self, *columns: str) -> None:
        self.stdout.write("\t".join(columns).rstrip())
        self.stdout.flush()


def _add_verb(verbs: Any, name: str, told: str, *, named: bool = False) -> ArgumentParser:
    """Add a subcommand; with `named`, the option `--as` is required."""
    parser: ArgumentParser = verbs.add_parser(name, help=told)
    parser.add_argument("--tenant", metavar="CCID[@HOST]", required=True, help="the tenant's contact centre id")
    parser.add_argument("--as", dest="actor", metavar="USER", required=named, help="the e-mail address of who does it")
    return parser


def _actor(email: str | None) -> tuple[Actor, User | None]:
    if email is None:
        return command_line(), None
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None:
        _refuse(f"Nobody signs in as {email}.")
    return person(user), user


def _tenant(ccid: str, user: User | None) -> Tenant:
    """Return the tenant; a tenant that the user cannot see is reported like one that does not exist."""
    return tenant_called(ccid, Tenant.objects.filter(tenants_within_reach(user)) if user else Tenant.objects.all())


def _uuid(text: str, otherwise: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        _refuse(f"{otherwise} It has 8-4-4-4-12 characters.")


def _one_line(error: ValidationError) -> str:
    if hasattr(error, "error_dict"):
        return " ".join(f"{name}: {text}" for name, texts in error.message_dict.items() for text in texts)
    return " ".join(error.messages)


def _refuse(sentence: str) -> NoReturn:
    raise CommandError(" ".join(sentence.split()), returncode=REFUSED)
