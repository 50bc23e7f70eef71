"""Who works: staff wanted, wages, tax."""

from math import ceil, floor
from typing import Any, NamedTuple

from sim.compiled import rule


class HiringOutlook(NamedTuple):
    """What an owner knows on the first of a month when staff is hired or laid off."""

    smoothed_orders_per_day: float
    """Recent orders a day."""
    orders_per_worker_day: float
    """Orders of its good that one person serves, packs and ships in a day."""
    hands: float
    """Family hands in the shop [persons]."""
    staff: int
    """Hired workers now [persons]."""
    cash_yuan: float
    """The household's cash [yuan]."""
    wage_yuan_per_month: float
    """The village's wage [yuan/month]."""
    is_open: bool
    """The shop sells in this month (always, unless it is seasonal)."""


@rule
def choose_staff(o: Any, b: Any) -> int:
    """Hired workers for the month [persons], >= 0; o is a HiringOutlook.

    Enough hands for recent orders and some more; new ones only if their wages are at hand.
    Source: assumed form; orders_per_worker_day calibrated on jobs per shop, behaviour.toml.
    """
    if not o.is_open:
        return 0
    work = o.smoothed_orders_per_day * (1.0 + b.hire_buffer) / o.orders_per_worker_day
    wanted = ceil(max(0.0, work - o.hands))
    if wanted <= o.staff:
        return wanted
    payable = floor(max(0.0, o.cash_yuan) / (b.hire_reserve_months * o.wage_yuan_per_month))
    return min(wanted, o.staff + int(payable))


@rule
def staff_wage_yuan(
    wage_yuan_per_month: float, hired_villagers: float, labour_pool: float, wage_tightness: float
) -> float:
    """Monthly wage of hired workers [yuan/month], above the village wage when hands are short.

    Source: assumed, behaviour.toml wage_tightness.
    """
    if labour_pool <= 0.0:
        return wage_yuan_per_month * (1.0 + wage_tightness)
    return wage_yuan_per_month * (1.0 + wage_tightness * hired_villagers / labour_pool)


@rule
def tax_yuan(month_sales_yuan: float, tax_share: float, exempt_yuan_per_month: float) -> float:
    """Tax on a shop's sales of the month [yuan], >= 0.

    Source: small-scale taxpayers' rate with exemption (assumed values), behaviour.toml tax_*.
    """
    return tax_share * max(0.0, month_sales_yuan - exempt_yuan_per_month)
