"""What is published each month of the market: attraction and competition (ODD 7.9)."""

from math import exp, log
from typing import Any

import numpy as np

from sim.compiled import entry_kernel, kernel
from sim.engine.decisions import backlog_days
from sim.engine.places import parcel_price_yuan
from sim.rules.demand import (
    crowding_factor,
    daily_sales_yuan,
    inside_attraction,
    log_delivery,
    log_offer,
    log_price,
    log_reputation,
    outside_sellers,
)
from sim.rules.fulfilment import between, handling_days, transit_days, transit_loss_share
from sim.world.columns import CHANNELS, SLOTS


@kernel
def transit_loss(v: int, good: int, k: int, t: Any) -> float:
    """Share of an order's fruit that spoils on the way on platform k; 0 for durable goods."""
    goods = t.goods
    if not goods.perishable[good]:
        return 0.0
    life = between(
        goods.parcel_shelf_life_days[good],
        goods.cold_parcel_shelf_life_days[good],
        t.levers.cold_chain[v],
    )
    days = transit_days(
        t.platforms.transit_days[k] - goods.express_days_saved[good], t.levers.logistics[v], t.b[0]
    )
    return transit_loss_share(days, life, t.b[0].spoilage_shape)


@kernel
def _attraction(v: int, shop: int, k: int, s: Any, t: Any) -> float:
    shops, goods, b = s.shops, t.goods, t.b[0]
    good = shops.good[shop]
    platform_days = t.platforms.transit_days[k]
    delivery = handling_days(t.levers.storage[v], b)
    delivery += transit_days(
        platform_days - goods.express_days_saved[good], t.levers.logistics[v], b
    )
    if not goods.perishable[good]:
        delivery += backlog_days(shop, s, t)
    reference = (
        goods.reference_price_yuan[good] * (1.0 + goods.price_trend[good]) ** t.m[0].trend_years
    )
    total = log_offer(
        log(shops.appeal[shop]),
        s.households.knowledge[shops.owner[shop]],
        shops.rating[shop],
        transit_loss(v, good, k, t),
        t.levers.brand[v],
        b,
    )
    total += log_reputation(shops.orders_shipped[shop], b)
    total += log_price(shops.price_yuan[shop], reference, goods.price_elasticity[good])
    total += log_delivery(delivery, platform_days - t.platforms.transit_days[0], b)
    return exp(total)


@kernel
def attraction_village(v: int, s: Any, t: Any) -> None:
    """Publish each shop's attraction and parcel prices, and their sum by slot and platform."""
    shops, villages = s.shops, s.villages
    first = villages.first_shop[v]
    for place in range(SLOTS * CHANNELS):
        villages.attraction[v, place] = 0.0
    for shop in range(first, first + villages.open_shops[v]):
        good = shops.good[shop]
        over = t.goods.perishable[good] and shops.window_close_day[shop] < t.m[0].first_day
        for k in range(CHANNELS):
            shops.attraction[shop, k] = 0.0
            if over or not shops.channels[shop] & (1 << k):
                continue
            shops.parcel_yuan[shop, k] = parcel_price_yuan(s, t, v, good, k)
            a = _attraction(v, shop, k, s, t)
            shops.attraction[shop, k] = a
            villages.attraction[v, shops.slot[shop] * CHANNELS + k] += a


@entry_kernel
def publish_competition(order: np.ndarray, s: Any, t: Any) -> None:
    """Sum attraction by county, good and platform, and set it against outside sellers.

    Villages are summed in the given order (by key), so their order in the table does not matter.
    """
    villages, goods, competition = s.villages, t.goods, t.competition
    t.county_attraction[:] = 0.0
    for v in order:
        for slot in range(SLOTS):
            good = villages.good_of_slot[v, slot]
            if good >= 0:
                for k in range(CHANNELS):
                    a = villages.attraction[v, slot * CHANNELS + k]
                    t.county_attraction[villages.county[v], good, k] += a
    for good in range(goods.size):
        for k in range(CHANNELS):
            inside = 0.0
            for county in range(t.county_attraction.shape[0]):
                a = t.county_attraction[county, good, k]
                inside += inside_attraction(a, t.b[0].crowding)
            competition.inside[good, k] = inside / t.m[0].county_share
            index = (
                t.m[0].cross_border_index if t.platforms.cross_border[k] else t.m[0].retail_index
            )
            competition.outside[good, k] = outside_sellers(
                goods.outside_shops[good], index, t.b[0].outside_growth
            )
            competition.market_yuan_per_day[good, k] = (
                goods.typical_sales_yuan_per_year[good]
                / 365.0
                * goods.outside_shops[good]
                * t.platforms.reach[k]
                * index
            )


@kernel
def share_village(v: int, s: Any, t: Any) -> None:
    """Turn attraction into mean orders a day, by shop and platform."""
    shops, villages, competition = s.shops, s.villages, t.competition
    first = villages.first_shop[v]
    county = villages.county[v]
    for shop in range(first, first + villages.open_shops[v]):
        good = shops.good[shop]
        for k in range(CHANNELS):
            a = shops.attraction[shop, k]
            if a <= 0.0:
                shops.orders_per_day[shop, k] = 0.0
                continue
            factor = crowding_factor(t.county_attraction[county, good, k], t.b[0].crowding)
            sales = daily_sales_yuan(
                competition.market_yuan_per_day[good, k],
                a,
                factor,
                competition.outside[good, k],
                competition.inside[good, k],
            )
            price = shops.price_yuan[shop] * t.platforms.price_multiple[k]
            shops.orders_per_day[shop, k] = sales / price
