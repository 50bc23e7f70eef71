"""What a run of the core leaves, and the numbers by which runs are compared."""

from typing import Final, NamedTuple

import numpy as np

from benchmarks.peers.settings import ACCOUNTING_YEAR, MONTH_DAYS

MONTH_FIELDS: Final = (
    "shops", "opened", "closed", "orders", "sales_yuan", "fees_yuan", "goods_yuan",
    "parcels_yuan", "fixed_yuan", "wages_yuan", "setup_yuan", "consumption_yuan", "cash_yuan",
)  # fmt: skip
"""What is recorded of a month: shops and cash at its end, everything else during it."""

PAID_IN: Final = ("sales_yuan", "wages_yuan")
PAID_OUT: Final = (
    "fees_yuan", "goods_yuan", "parcels_yuan", "fixed_yuan", "setup_yuan", "consumption_yuan",
)  # fmt: skip


class Outcome(NamedTuple):
    """What a run leaves."""

    months: np.ndarray
    """(months, `MONTH_FIELDS`)"""
    day_orders: np.ndarray
    """Orders of all shops, by day."""
    income_yuan: np.ndarray
    """Income of the last twelve months, by household."""
    cash_yuan: np.ndarray
    """Cash at the end, by household."""
    shop_orders: np.ndarray
    """Orders of the last month, by open shop."""
    first_cash_yuan: float
    """Cash of all households at the start."""

    def month(self, field: str) -> np.ndarray:
        """Return a field of every month."""
        return self.months[:, MONTH_FIELDS.index(field)]

    def lost_yuan(self) -> float:
        """Money that no account explains [yuan]; rounding apart it is 0."""
        paid = sum(float(self.month(name).sum()) for name in PAID_IN)
        paid -= sum(float(self.month(name).sum()) for name in PAID_OUT)
        return self.first_cash_yuan + paid - float(self.cash_yuan.sum())


def statistics(outcome: Outcome) -> dict[str, float]:
    """Return the numbers by which runs of two years are compared."""
    shops = outcome.month("shops")
    found = {f"shops open after {month} months": shops[month - 1] for month in (6, 12, 18, 24)}
    found["shops opened"] = outcome.month("opened").sum()
    found["shops closed"] = outcome.month("closed").sum()
    found["orders"] = outcome.month("orders").sum()
    found["variance of a day's orders over their mean"] = _day_dispersion(outcome.day_orders)
    for share in (0.1, 0.5, 0.9):
        quantile = np.quantile(outcome.shop_orders, share)
        found[f"orders of a shop, {share:.0%} quantile"] = quantile
    found["income, mean"] = outcome.income_yuan.mean()
    for share in (0.9, 0.99):
        found[f"income, {share:.0%} quantile"] = np.quantile(outcome.income_yuan, share)
    for share in (0.1, 0.5, 0.9):
        found[f"cash, {share:.0%} quantile"] = np.quantile(outcome.cash_yuan, share)
    return {name: float(value) for name, value in found.items()}


def _day_dispersion(day_orders: np.ndarray) -> float:
    """Within a month the mean stays, so that Poisson orders give 1; the last year counts."""
    months = np.split(day_orders, np.cumsum(MONTH_DAYS)[:-1])[-ACCOUNTING_YEAR:]
    return float(np.mean([month.var(ddof=1) / month.mean() for month in months]))
