"""Rates: dated prices that users enter, because no API has them, and the cost of an order in words."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.utils import timezone

from portal.accounts.permission import require
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.audit.recording import Target, record
from portal.audit.transactions import atomic, lock_table
from portal.audit.verbs import Verb
from tollfree.orders.models import Rate

_CURRENCY_LETTERS = 3
_MOST = Decimal(99_999_999)
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Cost:
    """The cost of `count` numbers: price per number, and currency; without a rate the cost is unknown."""

    count: int
    monthly: Decimal | None = None
    once: Decimal | None = None
    currency: str = ""

    @property
    def is_known(self) -> bool:
        """Return whether there is a rate."""
        return self.monthly is not None

    @property
    def words(self) -> str:
        """Return the cost as users confirm it: `2 × 2.00 USD a month`."""
        if self.monthly is None:
            return "cost unknown"
        monthly = f"{self.count} × {self.monthly:.2f} {self.currency} a month"
        return f"{monthly} and {self.count} × {self.once:.2f} {self.currency} once" if self.once else monthly

    @property
    def question(self) -> str:
        """Return the text of the confirmation: `Order 2 numbers, 2 × 2.00 USD a month`."""
        return f"Order {self.count} number{'' if self.count == 1 else 's'}, {self.words}"


@atomic
def set_rate(  # noqa: PLR0913 - the columns of a rate
    actor: Actor,
    *,
    valid_from: date,
    monthly: Decimal,
    currency: str,
    once: Decimal = Decimal(0),
    note: str = "",
    seen: int | None = None,
) -> Rate:
    """Add a rate that applies from a given day on; earlier ones stay on record. Raises ValidationError.

    `seen` is the number of rates that the user saw: if another user added one since, nothing is set (code `changed`).
    """
    require(actor, Right.SET_RATES)
    rate = Rate(
        valid_from=valid_from,
        monthly=_amount("monthly", monthly),
        once=_amount("once", once),
        currency=currency_code("currency", currency),
        note=note,
        set_at=timezone.now(),
        set_by_id=actor.user_id,
        set_by_label=actor.label,
    )
    rate.clean_fields(exclude={"set_by"})
    lock_table(Rate)  # of two simultaneous requests the second sees the rate of the first
    before = rate_on(valid_from)
    changes = {
        "rate": [str(before) if before else None, str(rate)],
        "once": [f"{before.once:.2f}" if before else None, f"{rate.once:.2f}"],
    }
    if seen is not None and seen != Rate.objects.count():
        latest = Rate.objects.latest("set_at")
        raise ValidationError(
            f"{latest.set_by_label} set another rate after you opened this page: {latest}. Yours was not kept. Look at "
            "the rates below, and send it again if it is still right.",
            code="changed",
        )
    rate.save(force_insert=True)
    record(Verb.RATE_SET, Target("rate", str(rate.pk), str(rate)), actor, changes=changes, reason=note)
    return rate


def rate_on(day: date) -> Rate | None:
    """Return the rate in force on a day: the latest that has begun by then; of two with the same date, the newer."""
    return Rate.objects.filter(valid_from__lte=day).order_by("-valid_from", "-set_at").first()


def rate_now() -> Rate | None:
    """Return the rate in force today."""
    return rate_on(timezone.localdate())


def cost_of(count: int, rate: Rate | None) -> Cost:
    """Return the cost of this many numbers at a rate."""
    return Cost(count, rate.monthly, rate.once, rate.currency) if rate else Cost(count)


def currency_code(name: str, text: str) -> str:
    """Return a currency as three capital letters. Raises ValidationError for the given field name."""
    code = text.strip().upper()
    if len(code) != _CURRENCY_LETTERS or not (code.isascii() and code.isalpha()):
        raise ValidationError({name: "Enter the currency as three letters, for example USD."})
    return code


def _amount(name: str, value: Decimal) -> Decimal:
    try:
        amount = Decimal(value)
        good = amount.is_finite() and 0 <= amount <= _MOST and amount == amount.quantize(_CENT)
    except (InvalidOperation, TypeError, ValueError):
        good = False
    if not good:
        raise ValidationError({name: "Enter an amount with at most two decimals, for example 2.00."})
    return amount.quantize(_CENT)
