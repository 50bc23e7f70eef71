"""Prices, platforms, staff and seasonal windows: what owners decide each month (ODD 7.5-7.8)."""

from math import floor, isnan, nan
from typing import Any

from sim.compiled import as_int64, entry_kernel, kernel
from sim.engine.commuting import labour_pool
from sim.engine.ledger import fee_share, shop_pays
from sim.engine.places import (
    channel_is_open,
    family_hands,
    member_of,
    orders_per_worker_day,
    parcel_price_yuan,
    premium_wholesale_yuan_per_kg,
    pricing_channel,
    supply_price_yuan,
)
from sim.engine.season import season_first_day, season_last_ripe_day
from sim.rules.chance import standard_normal
from sim.rules.channels import ChannelOutlook, adds_channel
from sim.rules.fulfilment import capacity_orders_per_day
from sim.rules.labour import HiringOutlook, choose_staff
from sim.rules.pricing import PriceOutlook, choose_price_yuan
from sim.world.columns import CHANNELS, CROP_SLOT, NO_ANSWER
from sim.world.draws import Purpose, four_uniforms, purpose_of
from sim.world.records import Month

_CHANNEL, _FORECAST = as_int64(Purpose.CHANNEL), as_int64(Purpose.FORECAST)
_DEPOSITS = as_int64(Month.DEPOSITS_PAID_YUAN)


@kernel
def _own_draws(
    v: int, shop: int, day: int, purpose: int, s: Any, t: Any
) -> tuple[float, float, float, float]:
    offset = s.shops.owner[shop] - s.villages.first_household[v]
    return four_uniforms(
        t.seed,
        s.villages.key[v],
        member_of(s, v, offset),
        day,
        purpose_of(purpose, s.shops.ordinal[shop]),
    )


@kernel
def share_hands(v: int, s: Any, t: Any) -> None:
    """Divide each family's hands among its shops."""
    shops = s.shops
    first = s.villages.first_shop[v]
    for shop in range(first, first + s.villages.open_shops[v]):
        owner = shops.owner[shop]
        shops.hands[shop] = family_hands(s, v, owner) / s.households.shops[owner]


@kernel
def backlog_days(shop: int, s: Any, t: Any) -> float:
    """Days of work that wait at the shop [days]."""
    waiting = 0.0
    for k in range(CHANNELS):
        waiting += s.shops.backlog[shop, k]
    capacity = capacity_orders_per_day(
        s.shops.hands[shop],
        float(s.shops.staff[shop]),
        orders_per_worker_day(t, s.shops.good[shop]),
    )
    return waiting / max(capacity, 1.0)


@entry_kernel
def price_outlook(v: int, shop: int, s: Any, t: Any) -> PriceOutlook:
    """What the owner of a shop knows when the price is set."""
    shops, goods = s.shops, t.goods
    good = shops.good[shop]
    k = pricing_channel(int(shops.channels[shop]), t)
    if goods.perishable[good]:
        cost = goods.box_kg[good] * premium_wholesale_yuan_per_kg(t, good)
    else:
        cost = goods.pieces_per_order[good] * supply_price_yuan(
            s, t, v, good, int(shops.slot[shop])
        )
    cost += parcel_price_yuan(s, t, v, good, k) + goods.packaging_yuan[good]
    return PriceOutlook(
        cost,
        fee_share(t, v, k),
        goods.price_elasticity[good],
        backlog_days(shop, s, t),
        shops.price_skill[shop],
    )


@kernel
def price_village(v: int, s: Any, t: Any) -> None:
    """Set the price of every shop (ODD 7.5)."""
    share_hands(v, s, t)
    first = s.villages.first_shop[v]
    for shop in range(first, first + s.villages.open_shops[v]):
        answer = s.shops.price_answer_yuan[shop]
        if not isnan(answer):
            s.shops.price_yuan[shop] = answer
            s.shops.price_answer_yuan[shop] = nan
        else:
            s.shops.price_yuan[shop] = choose_price_yuan(price_outlook(v, shop, s, t), t.b[0])


@entry_kernel
def channel_outlook(v: int, shop: int, k: int, s: Any, t: Any) -> ChannelOutlook:
    """What the owner of a shop knows about platform k."""
    shops, platforms = s.shops, t.platforms
    owner = shops.owner[shop]
    minimum = platforms.minimum_sales_yuan[k]
    if platforms.cross_border[k]:
        minimum *= 1.0 - t.levers.cross_border_pilot[v]
    return ChannelOutlook(
        k,
        channel_is_open(t, shops.good[shop], k),
        platforms.cross_border[k],
        shops.sales_ring_yuan[shop].sum(),
        minimum,
        s.households.cash_yuan[owner],
        platforms.deposit_yuan[k],
        s.households.knowledge[owner],
        _own_draws(v, shop, t.m[0].first_day, _CHANNEL, s, t)[k],
    )


@kernel
def channel_village(v: int, s: Any, t: Any) -> None:
    """Let shops join further platforms: all decide, then deposits are paid (ODD 7.6)."""
    shops = s.shops
    first = s.villages.first_shop[v]
    last = first + s.villages.open_shops[v]
    for shop in range(first, last):
        if shops.channels_answer[shop] != NO_ANSWER:
            continue
        chosen = int(shops.channels[shop])
        for k in range(CHANNELS):
            if not chosen & (1 << k) and adds_channel(channel_outlook(v, shop, k, s, t), t.b[0]):
                chosen |= 1 << k
        shops.channels_answer[shop] = chosen
    for shop in range(first, last):
        added = int(shops.channels_answer[shop]) & ~int(shops.channels[shop])
        for k in range(CHANNELS):
            if added & (1 << k):
                shops.channels[shop] |= 1 << k
                shop_pays(s, v, shop, t.platforms.deposit_yuan[k], _DEPOSITS)
        shops.channels_answer[shop] = NO_ANSWER


@entry_kernel
def hiring_outlook(v: int, shop: int, s: Any, t: Any) -> HiringOutlook:
    """What the owner of a shop knows when staff is hired."""
    shops = s.shops
    is_open = True
    if t.goods.perishable[shops.good[shop]]:
        is_open = (
            shops.window_open_day[shop] <= t.m[0].last_day
            and shops.window_close_day[shop] >= t.m[0].first_day
        )
    return HiringOutlook(
        shops.smoothed_orders_per_day[shop],
        orders_per_worker_day(t, shops.good[shop]),
        shops.hands[shop],
        int(shops.staff[shop]),
        s.households.cash_yuan[shops.owner[shop]],
        s.villages.wage_yuan_per_month[v],
        is_open,
    )


@kernel
def staff_village(v: int, s: Any, t: Any) -> None:
    """Hire and lay off; find who of the village is hired (ODD 7.7)."""
    shops, villages = s.shops, s.villages
    first = villages.first_shop[v]
    total = 0.0
    for shop in range(first, first + villages.open_shops[v]):
        answer = int(shops.staff_answer[shop])
        shops.staff_answer[shop] = NO_ANSWER
        if answer == NO_ANSWER:
            answer = choose_staff(hiring_outlook(v, shop, s, t), t.b[0])
        shops.staff[shop] = answer
        total += answer
    pool = labour_pool(v, s, t) if total > 0.0 else 0.0
    villages.staff[v] = total
    villages.labour_pool[v] = pool
    villages.hired_villagers[v] = min(total, pool)


@kernel
def forecast_day(v: int, shop: int, s: Any, t: Any) -> int:
    """Day on which the owner means to open the seasonal window."""
    u = _own_draws(v, shop, t.m[0].year, _FORECAST, s, t)[0]
    error = floor(t.b[0].forecast_sd_days * standard_normal(u) + 0.5)
    wait = floor(t.b[0].caution_days * s.shops.caution[shop] + 0.5)
    return season_first_day(v, s) + int(error + wait)


@kernel
def window_village(v: int, s: Any, t: Any) -> None:
    """Let seasonal sellers decide when their window opens (ODD 7.8)."""
    shops, villages = s.shops, s.villages
    good = villages.good_of_slot[v, CROP_SLOT]
    if good < 0 or villages.season_year[v] != t.m[0].year:
        return
    close = season_last_ripe_day(v, s) + int(t.b[0].window_tail_days)
    if close < t.m[0].first_day:
        return
    first = villages.first_shop[v]
    for shop in range(first, first + villages.open_shops[v]):
        if shops.slot[shop] != CROP_SLOT or shops.window_close_day[shop] == close:
            continue
        day = forecast_day(v, shop, s, t)
        if day <= t.m[0].last_day:
            shops.window_open_day[shop] = day
            shops.window_close_day[shop] = close
