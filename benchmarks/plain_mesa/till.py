"""A shop's till: what its owner takes and pays for it, and what platforms still owe."""

from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.plain_mesa.settings import Month

if TYPE_CHECKING:
    from benchmarks.plain_mesa.households import Household


class Receivable(NamedTuple):
    """What a platform owes a shop."""

    due_month: int
    amount: float
    """In the platform's currency."""
    is_usd: bool
    booked_yuan: float


class Till:
    """Moves the owner's cash for a shop; every yuan is recorded by what it was for."""

    def __init__(self, owner: "Household") -> None:
        self.owner = owner
        self.receivables: list[Receivable] = []
        self.month_sales_yuan = self.month_profit_yuan = 0.0
        self.sales_of_year: deque[float] = deque(maxlen=12)
        self.profits_of_year: deque[float] = deque(maxlen=12)

    @property
    def average_profit_yuan(self) -> float:
        profits = self.profits_of_year
        return sum(profits) / len(profits) if profits else 0.0

    def pay(self, yuan: float, what: str) -> None:
        self.owner.cash_yuan -= yuan
        self.owner.village.record[what] += yuan

    def take(self, yuan: float, what: str) -> None:
        self.owner.cash_yuan += yuan
        self.owner.village.record[what] += yuan

    def charge(self, yuan: float) -> None:
        """Set goods that were sold against the profit; what was to be paid is paid elsewhere."""
        self.month_profit_yuan -= yuan

    def take_from_buyers(
        self, sales_yuan: float, kept_yuan: float, platform: Any, month: Month
    ) -> None:
        """Take what the platform leaves of the buyers' money, now or when it is due."""
        self.month_sales_yuan += sales_yuan
        self.month_profit_yuan += kept_yuan
        if platform.settlement_months == 0:
            self.take(kept_yuan, "receipts_yuan")
            return
        is_usd = self.owner.model.is_paid_in_usd(platform)
        amount = kept_yuan / month.yuan_per_usd if is_usd else kept_yuan
        due = month.number + platform.settlement_months
        self.receivables.append(Receivable(due, amount, is_usd, kept_yuan))
        self.owner.village.record["receivables_booked_yuan"] += kept_yuan

    def pay_for_order(self, yuan: float, what: str) -> None:
        """Pay a cost of shipping, which lowers the profit."""
        self.pay(yuan, what)
        self.charge(yuan)

    def settle(self, month: Month, everything: bool = False) -> None:
        """Take what is due, or all that is owed, at today's exchange rate."""
        waiting = []
        for receivable in self.receivables:
            if receivable.due_month > month.number and not everything:
                waiting.append(receivable)
                continue
            yuan = receivable.amount * (month.yuan_per_usd if receivable.is_usd else 1.0)
            gain = yuan - receivable.booked_yuan
            self.take(yuan, "receivables_settled_yuan")
            self.owner.village.record["exchange_gain_yuan"] += gain
            self.month_profit_yuan += gain
        self.receivables = waiting

    def close_month(self, staff_wages_yuan: float, fixed_yuan: float, taxes_yuan: float) -> None:
        """Pay the month's dues, and remember its sales and profit."""
        self.pay(staff_wages_yuan, "staff_wages_yuan")
        self.pay(fixed_yuan, "fixed_costs_yuan")
        self.pay(taxes_yuan, "taxes_yuan")
        self.charge(staff_wages_yuan + fixed_yuan + taxes_yuan)
        self.owner.book_shop_profit(self.month_profit_yuan)
        self.sales_of_year.append(self.month_sales_yuan)
        self.profits_of_year.append(self.month_profit_yuan)
        self.month_sales_yuan = self.month_profit_yuan = 0.0
