"""
What each seeded invoice is: status, dates, partners and amounts, before any row.

A plan follows from seed and number alone, so a cancelation can look up the invoice
it cancels, however far away, and memory does not grow with the number of invoices.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from migrator.emulator.seed.texts import Place, place_of

CENT = Decimal("0.01")
FIVE = Decimal("0.00001")
ZERO = Decimal(0)
RUNNING_USER = "@User:0"
USERS = 8
_LEAP_DAY = date(2020, 2, 29)
# Places in each run of twenty invoices (and of a hundred, for the far pair).
DRAFT_AT = 3
CANCELED_AT = 8
CREDIT_AT = 15
CANCELED_CREDIT_AT = 35
DEPOSIT_AT = 12
FAR_CANCELED_AT = 30
FAR_CANCELATION_AT = 97


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """
    The size and the day of the seeded org; everything else follows from these.
    """

    invoices: int
    seed: int
    today: date

    @property
    def accounts(self) -> int:
        """
        How many accounts there are: one for every five invoices, 10 to 300.
        """
        return min(300, max(10, self.invoices // 5))

    @property
    def subscriptions(self) -> int:
        """
        How many subscriptions there are: every second account has one.
        """
        return (self.accounts + 1) // 2

    @property
    def first_day(self) -> date:
        """
        The day of the oldest invoice, ten years back.
        """
        return self.today - timedelta(days=3652)

    def rng(self, kind: int, number: int) -> Random:
        """
        Seed the random numbers of one record: the same for the same seed, kind and
        number.
        """
        return Random(((self.seed * 31 + kind) << 40) + number)  # noqa: S311 - a seed


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePlan:
    """
    One position: *net* has five decimals, *taxes* are (rate, amount) pairs.
    """

    quantity: Decimal
    price: Decimal
    discount: Decimal
    net: Decimal
    taxes: tuple[tuple[Decimal, Decimal], ...]
    kind: str

    @property
    def rounded(self) -> Decimal:
        """
        The net amount in whole cents, which is what tax and totals start from.
        """
        return self.net.quantize(CENT, ROUND_HALF_UP)

    @property
    def tax(self) -> Decimal:
        """
        All taxes of the position.
        """
        return sum((amount for _, amount in self.taxes), ZERO)

    @property
    def gross(self) -> Decimal:
        """
        Net in cents plus tax.
        """
        return self.rounded + self.tax

    def negated(self) -> LinePlan:
        """
        Make the position that takes this one back.
        """
        taxes = tuple((rate, no_minus_zero(-amount)) for rate, amount in self.taxes)
        net = no_minus_zero(-self.net)
        return replace(self, price=no_minus_zero(-self.price), net=net, taxes=taxes)


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancePlan:
    """
    One ledger entry: *related* is the other invoice of a clearing.
    """

    kind: str
    amount: Decimal
    day: date
    related: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePlan:
    """
    One invoice. *canceled_with* and *related* are numbers of other invoices.
    """

    number: int
    status: str
    type: str | None
    day: date
    due: int
    account: int
    lines: tuple[LinePlan, ...]
    canceled_with: int | None
    related: int | None
    balances: tuple[BalancePlan, ...]

    @property
    def place(self) -> Place:
        """
        Where the recipient lives.
        """
        return place_of(self.account)

    @property
    def net(self) -> Decimal:
        """
        The sum of the positions' net amounts in cents.
        """
        return sum((line.rounded for line in self.lines), ZERO)

    @property
    def tax(self) -> Decimal:
        """
        The sum of the positions' taxes.
        """
        return sum((line.tax for line in self.lines), ZERO)

    @property
    def gross(self) -> Decimal:
        """
        What the recipient owes: net plus tax.
        """
        return self.net + self.tax

    @property
    def balance(self) -> Decimal:
        """
        What the ledger says is still open.
        """
        return sum((entry.amount for entry in self.balances), ZERO)

    @property
    def is_draft(self) -> bool:
        """
        True while the invoice has neither number nor ledger entries.
        """
        return self.status == "Draft"


def no_minus_zero(amount: Decimal) -> Decimal:
    """
    Strip a zero of its sign.
    """
    return amount or abs(amount)


def plain(amount: Decimal) -> str:
    """
    Spell *amount* exactly: no exponent, no trailing zeros, no minus zero.
    """
    text = format(amount, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def cancels(world: World, number: int) -> int | None:
    """
    Find the invoice that this one cancels, if it is a cancelation.
    """
    far = number % 100 == FAR_CANCELATION_AT
    if far:
        return number - FAR_CANCELATION_AT + FAR_CANCELED_AT
    before = number - 1
    near = before % 20 == CANCELED_AT or before % 40 == CANCELED_CREDIT_AT
    return before if near and number < world.invoices else None


def canceled_by(world: World, number: int) -> int | None:
    """
    Find the invoice that cancels this one, if there is one.
    """
    after = number + 1
    if number % 100 == FAR_CANCELED_AT:
        after = number - FAR_CANCELED_AT + FAR_CANCELATION_AT
    known = after < world.invoices and cancels(world, after) == number
    return after if known else None


def plan_invoice(world: World, number: int) -> InvoicePlan:
    """
    Plan the invoice of that number.
    """
    rng = world.rng(1, number)
    original = cancels(world, number)
    account = rng.randrange(world.accounts)
    lines = _lines(place_of(account), rng)
    related: int | None = None
    if original is not None:
        taken_back = plan_invoice(world, original)
        account = taken_back.account
        lines = tuple(line.negated() for line in taken_back.lines)
        related = original
    elif number % 20 == CREDIT_AT:
        lines = tuple(line.negated() for line in lines)
        related = number - 10
    elif number % 40 == CANCELED_AT:
        related = canceled_by(world, number)
    plan = InvoicePlan(
        number=number,
        status="",
        type=_type(world, number, cancelation=original is not None),
        day=_day(world, number),
        due=rng.choice((0, 10, 14, 30, 60)),
        account=account,
        lines=lines,
        canceled_with=canceled_by(world, number),
        related=related,
        balances=(),
    )
    return _settled(plan, world, rng)


def _day(world: World, number: int) -> date:
    """
    Choose the invoice date: in the order of the numbers, from ten years ago until
    today.

    The first invoice on or after the leap day of 2020 is dated to it.
    """
    span = (world.today - world.first_day).days - 1
    invoices = max(1, world.invoices)
    day = world.first_day + timedelta(days=number * span // invoices)
    past = (day - _LEAP_DAY).days
    return _LEAP_DAY if 0 <= past <= span // invoices else day


def _type(world: World, number: int, *, cancelation: bool) -> str | None:
    if cancelation:
        return "Cancelation"
    if number % 20 == DEPOSIT_AT:
        return ("Deposit", "Proforma", "Final")[number // 20 % 3]
    if number % 50 == 21:
        return "Dunning"  # never listed in the picklist, which is unrestricted
    if number % 20 == 5 and number < max(20, world.invoices // 3):
        return ("Installment", "Final with Installment")[number // 20 % 2]  # inactive
    return None


def _lines(place: Place, rng: Random) -> tuple[LinePlan, ...]:
    return tuple(_line(place, rng) for _ in range(rng.randint(1, 9)))


def _line(place: Place, rng: Random) -> LinePlan:
    kind = "Information" if rng.random() < 0.04 else "Product"
    quantity = Decimal(rng.choice((1, 1, 1, 2, 3, 12, rng.randrange(1, 10**7))))
    if quantity > 12:
        quantity = quantity.scaleb(-5)
    price = Decimal(rng.randrange(100, 90_000_000)).scaleb(-5)
    if rng.random() < 0.5:
        price = price.quantize(CENT)
    if kind == "Information":
        price = ZERO
    discount = Decimal(rng.choice((0, 0, 0, 500, 1250, 3333))).scaleb(-2)
    net = (quantity * price * (1 - discount / 100)).quantize(FIVE, ROUND_HALF_UP)
    cents = net.quantize(CENT, ROUND_HALF_UP)
    rates = place.rates if place.split else (rng.choice(place.rates),)
    taxes = tuple(
        (rate, (cents * rate / 100).quantize(CENT, ROUND_HALF_UP))
        for rate in map(Decimal, rates)
    )
    return LinePlan(
        quantity=quantity,
        price=price,
        discount=discount,
        net=net,
        taxes=taxes,
        kind=kind,
    )


def _settled(plan: InvoicePlan, world: World, rng: Random) -> InvoicePlan:
    """
    Settle the plan: its status and the ledger entries that lead to it.
    """
    if plan.number % 20 == DRAFT_AT:
        return replace(plan, status="Draft", type=None)
    issued = BalancePlan(kind="Invoice", amount=plan.gross, day=plan.day)
    other = plan.canceled_with if plan.canceled_with is not None else plan.related
    if plan.type == "Cancelation" or plan.canceled_with is not None:
        day = _day(world, max(plan.number, other or 0))
        clearing = _against(plan, "Clearing", day, related=other)
        status = "Settled" if plan.type == "Cancelation" else "Canceled"
        return replace(plan, status=status, balances=(issued, clearing))
    paid_on = min(plan.day + timedelta(days=rng.randrange(3, 200)), world.today)
    if plan.gross < 0:
        refund = _against(plan, "Refund", paid_on)
        return replace(plan, status="Settled", balances=(issued, refund))
    overdue = (world.today - plan.day).days < 90 or rng.random() < 0.04
    if overdue and plan.gross:
        return replace(plan, status="Open", balances=_open(plan, issued, rng))
    status = "Closed" if plan.type in {"Deposit", "Proforma"} else "Paid"
    return replace(plan, status=status, balances=_paid(plan, issued, paid_on, rng))


def _against(
    plan: InvoicePlan, kind: str, day: date, *, related: int | None = None
) -> BalancePlan:
    amount = no_minus_zero(-plan.gross)
    return BalancePlan(kind=kind, amount=amount, day=day, related=related)


def _open(
    plan: InvoicePlan, issued: BalancePlan, rng: Random
) -> tuple[BalancePlan, ...]:
    part = (plan.gross / 3).quantize(CENT, ROUND_HALF_UP)
    if rng.random() < 0.3 and part:
        return (issued, BalancePlan(kind="Payment", amount=-part, day=plan.day))
    return (issued,)


def _paid(
    plan: InvoicePlan, issued: BalancePlan, day: date, rng: Random
) -> tuple[BalancePlan, ...]:
    if not plan.gross:
        return (issued,)
    rest = (plan.gross * Decimal("0.03")).quantize(CENT, ROUND_HALF_UP)
    if rng.random() < 0.75 or not rest:
        return (issued, _against(plan, "Payment", day))
    kind = rng.choice(("Clearing", "Write-off", "Payment"))
    reason = "Discount" if kind == "Clearing" else None
    first = BalancePlan(kind="Payment", amount=rest - plan.gross, day=day)
    last = BalancePlan(kind=kind, amount=-rest, day=day, reason=reason)
    return (issued, first, last)
