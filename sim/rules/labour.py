"""Who works: staff wanted, wages, tax."""

from math import ceil, floor
from typing import Any, NamedTuple

from sim.compiled import rule
from sim.rules.traits import workers_of


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
    wage_yuan_per_month: float, hired: float, labour_pool: float, wage_tightness: float
) -> float:
    """Monthly wage of hired workers [yuan/month], above the village wage when hands are short.

    hired are the villagers with work in shops, here or elsewhere in the town [persons].
    Source: assumed, behaviour.toml wage_tightness.
    """
    if labour_pool <= 0.0:
        return wage_yuan_per_month * (1.0 + wage_tightness)
    return wage_yuan_per_month * (1.0 + wage_tightness * hired / labour_pool)


@rule
def hands_for_hire(members: int, is_maker: bool, is_farmer: bool, b: Any) -> float:
    """Workers of a household that others can hire [persons], >= 0.

    A maker's own work and a farmer's time on the farm are not for hire.
    Source: assumed form; behaviour.toml farm_work_share.
    """
    hands = float(workers_of(members))
    if is_maker:
        hands -= 1.0
    if is_farmer:
        hands *= 1.0 - b.farm_work_share
    return hands


@rule
def hands_to_spare(
    hands: float,
    family_hands: float,
    smoothed_orders_per_day: float,
    orders_per_worker_day: float,
    hire_buffer: float,
) -> float:
    """Family hands in a shop that its orders leave to other work [persons], >= 0.

    One person of the family stays in its shops, however few the orders are. hands are those of the
    shop, family_hands those of all shops of the family.
    Source: assumed form; the same work as in choose_staff.
    """
    work = smoothed_orders_per_day * (1.0 + hire_buffer) / orders_per_worker_day
    return max(0.0, hands - max(hands / family_hands, work))


@rule
def share_of_hands_hired(is_first: bool, first_hands: float, pool: float, hired: float) -> float:
    """Share of a household's hands for hire that are hired (0-1).

    Of `pool` hands, the `first_hands` of the households first in the queue are hired before the
    others; all hands alike in each of the two groups. 0 <= hired <= pool.
    Source: assumed; jobs stay with the same households.
    """
    if is_first:
        return min(1.0, hired / first_hands) if first_hands > 0.0 else 0.0
    rest = pool - first_hands
    return min(1.0, max(0.0, hired - first_hands) / rest) if rest > 0.0 else 0.0


@rule
def tax_yuan(month_sales_yuan: float, tax_share: float, exempt_yuan_per_month: float) -> float:
    """Tax on a shop's sales of the month [yuan], >= 0.

    Source: small-scale taxpayers' rate with exemption (assumed values), behaviour.toml tax_*.
    """
    return tax_share * max(0.0, month_sales_yuan - exempt_yuan_per_month)
