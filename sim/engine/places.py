"""What is where: rows of a village, goods and platforms that it can use, prices of supply."""

from typing import Any

from sim.compiled import kernel
from sim.rules.fulfilment import minimum_lot_pieces
from sim.rules.pricing import parcel_yuan
from sim.rules.traits import workers_of
from sim.world.columns import (
    CHANNELS,
    FARMER,
    FIRST_OUTSIDE_SLOT,
    INCOMER,
    KINDS,
    MANUFACTURER,
    SLOTS,
)
from sim.world.draws import member_id

NO_CHANNEL = -1


@kernel
def households_of(s: Any, v: int) -> int:
    """Rows of the village in the table of households, rooms for incomers included."""
    total = 0
    for kind in range(KINDS):
        total += s.villages.kind_count[v, kind]
    return total


@kernel
def kind_of(s: Any, v: int, offset: int) -> int:
    """Kind of the household at a row offset in the village."""
    count = s.villages.kind_count
    for kind in range(INCOMER):
        if offset < count[v, kind]:
            return kind
        offset -= count[v, kind]
    return INCOMER


@kernel
def member_of(s: Any, v: int, offset: int) -> int:
    """Stable member id of the household at a row offset in the village."""
    count = s.villages.kind_count
    for kind in range(INCOMER):
        if offset < count[v, kind]:
            return member_id(kind, offset)
        offset -= count[v, kind]
    return member_id(INCOMER, offset)


@kernel
def producer_of(s: Any, v: int, offset: int) -> int:
    """Row in the table of producers of a farmer or maker at a row offset; -1 for others."""
    count = s.villages.kind_count
    if offset < count[v, FARMER] + count[v, MANUFACTURER]:
        return s.villages.first_producer[v] + offset
    return -1


@kernel
def is_farmer(s: Any, v: int, household: int) -> bool:
    """Whether a household (row) is a farmer of village v."""
    return household - s.villages.first_household[v] < s.villages.kind_count[v, FARMER]


@kernel
def is_maker(s: Any, v: int, household: int) -> bool:
    """Whether a household (row) is a manufacturer of village v."""
    offset = household - s.villages.first_household[v] - s.villages.kind_count[v, FARMER]
    return 0 <= offset < s.villages.kind_count[v, MANUFACTURER]


@kernel
def family_hands(s: Any, v: int, household: int) -> int:
    """Hands that a household can give to its shops [persons], at least 1."""
    workers = workers_of(s.households.members[household])
    if is_maker(s, v, household):
        workers -= 1
    return max(1, workers)


@kernel
def first_channel(t: Any, good: int) -> int:
    """First platform on which a shop with the good may open today, or NO_CHANNEL."""
    for k in range(CHANNELS):
        if channel_is_open(t, good, k):
            return k
    return NO_CHANNEL


@kernel
def channel_is_open(t: Any, good: int, k: int) -> bool:
    """Whether platform k takes shops with the good this month."""
    if t.platforms.opened[k] > t.m[0].first_day:
        return False
    return t.goods.exportable[good] or not t.platforms.cross_border[k]


@kernel
def pricing_channel(channels: int, t: Any) -> int:
    """Platform of the shop by which it prices: the first domestic one, else the first."""
    first = NO_CHANNEL
    for k in range(CHANNELS):
        if channels & (1 << k):
            if not t.platforms.cross_border[k]:
                return k
            if first == NO_CHANNEL:
                first = k
    return first


@kernel
def supply_price_yuan(s: Any, t: Any, v: int, good: int, slot: int) -> float:
    """Price at which operators of the village buy a piece of a durable good [yuan]."""
    price = t.goods.unit_cost_yuan[good] * (1.0 + t.b[0].supply_margin)
    if slot >= FIRST_OUTSIDE_SLOT:
        reaches = s.villages.outside_km[v, slot - FIRST_OUTSIDE_SLOT] / t.b[0].supply_reach_km
        price *= 1.0 + t.b[0].outside_supply_premium * (1.0 + reaches)
    return price


@kernel
def smallest_lot_pieces(t: Any, v: int) -> float:
    """Smallest lot sold to operators in the village this month [pieces]."""
    return minimum_lot_pieces(t.levers.product_supply[v], t.b[0])


@kernel
def reference_wholesale_yuan_per_kg(t: Any, good: int) -> float:
    """Wholesale price of common fruit in a normal day's supply, this month [yuan/kg]."""
    trend = (1.0 + t.goods.price_trend[good]) ** t.m[0].trend_years
    return t.goods.wholesale_price_yuan_per_kg[good] * trend


@kernel
def premium_wholesale_yuan_per_kg(t: Any, good: int) -> float:
    """Wholesale price of premium fruit in a normal day's supply, this month [yuan/kg]."""
    return reference_wholesale_yuan_per_kg(t, good) * t.goods.premium_price_ratio[good]


@kernel
def parcel_price_yuan(s: Any, t: Any, v: int, good: int, k: int) -> float:
    """Price of a parcel from the village with the good on platform k, this month [yuan]."""
    return parcel_yuan(
        t.m[0].parcel_yuan,
        t.goods.parcel_price_ratio[good],
        t.platforms.parcel_multiple[k],
        s.villages.parcels_last_month[v],
        t.levers.logistics[v],
        t.levers.parcel_price_multiple[v],
        t.b[0],
    )


@kernel
def orders_per_worker_day(t: Any, good: int) -> float:
    """Orders of the good that one person serves, packs and ships in a day [orders/day]."""
    return t.b[0].orders_per_worker_day / t.goods.work_per_order[good]


@kernel
def has_broadband(s: Any, t: Any, v: int) -> bool:
    """Whether the village has broadband this month."""
    return t.m[0].first_day >= min(s.villages.broadband_day[v], t.levers.broadband_day[v])


@kernel
def is_connected(s: Any, t: Any, v: int, household: int) -> bool:
    """Whether the household has internet at home this month."""
    share = connected_share(s, t, v)
    return has_broadband(s, t, v) and s.households.internet_rank[household] < share


@kernel
def connected_share(s: Any, t: Any, v: int) -> float:
    """Share of the village's households with internet at home once there is broadband (0-1)."""
    return t.m[0].internet_share * s.villages.internet_ratio[v]


@kernel
def village_profit_yuan(s: Any, v: int) -> float:
    """Published mean of the average monthly profits of all shops in the village [yuan/month]."""
    shops = 0.0
    profit = 0.0
    for slot in range(SLOTS):
        shops += s.villages.slot_shops[v, slot]
        profit += s.villages.slot_shops[v, slot] * s.villages.slot_profit[v, slot]
    return profit / shops if shops > 0.0 else 0.0


@kernel
def village_shops(s: Any, v: int) -> float:
    """Published number of shops in the village."""
    shops = 0.0
    for slot in range(SLOTS):
        shops += s.villages.slot_shops[v, slot]
    return shops
