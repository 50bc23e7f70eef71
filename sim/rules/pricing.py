"""What an order costs: the seller's price and the parcel."""

from math import exp
from typing import Any, NamedTuple

from sim.compiled import rule


class PriceOutlook(NamedTuple):
    """What an owner knows on the first of a month when the price is set."""

    unit_cost_yuan: float
    """Goods, parcel and packaging of an order [yuan]."""
    fee_share: float
    """Share of the price that the platform keeps (0-1)."""
    price_elasticity: float
    """Elasticity of the shop's demand (> 1)."""
    backlog_days: float
    """Days of work that wait [days]."""
    price_skill: float
    """Tendency of the owner to a higher price [standard deviations]."""


@rule
def choose_price_yuan(o: Any, b: Any) -> float:
    """Price of an order [yuan], > 0; o is a PriceOutlook.

    The markup of a small seller in monopolistic competition, elasticity/(elasticity - 1), on cost
    over what the platform leaves; owners differ, and raise it when orders wait.
    Source: textbook markup rule; spread and pressure assumed, behaviour.toml price_*.
    """
    markup = o.price_elasticity / (o.price_elasticity - 1.0)
    pressure = min(max(o.backlog_days / b.backlog_days_reference, 0.0), 1.0)
    price = o.unit_cost_yuan / (1.0 - o.fee_share) * markup
    return price * exp(b.price_spread * o.price_skill) * (1.0 + b.price_pressure * pressure)


@rule
def parcel_yuan(
    national_parcel_yuan: float,
    good_ratio: float,
    platform_multiple: float,
    village_parcels_per_month: float,
    logistics: float,
    policy_multiple: float,
    b: Any,
) -> float:
    """Price of one parcel [yuan], >= 0.

    The national price times the good's and platform's ratio, lower with the village's volume and
    with the logistics service (intensity 0-1).
    Source: State Post Bureau series (drivers.csv); discounts assumed, behaviour.toml parcel_*.
    """
    volume = village_parcels_per_month / (village_parcels_per_month + b.parcel_discount_half)
    price = national_parcel_yuan * good_ratio * platform_multiple
    price *= 1.0 - b.parcel_discount_max * volume
    return price * (1.0 - b.logistics_parcel_cut * logistics) * policy_multiple
