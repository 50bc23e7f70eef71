"""A day of fruit: ripening, picking, online sale, wholesale, processing and loss (ODD 7.13)."""

from math import floor
from typing import Any

from sim.compiled import as_int64, kernel
from sim.engine.ledger import (
    grower_supplies_own_shop,
    picking_was_for_online,
    producer_earns_offline,
    producer_earns_online,
    shop_pays,
    shop_uses,
)
from sim.engine.places import (
    is_farmer,
    premium_wholesale_yuan_per_kg,
    reference_wholesale_yuan_per_kg,
)
from sim.engine.season import season_first_day, season_last_ripe_day
from sim.engine.trade import (
    capacity_today,
    is_selling,
    orders_waiting,
    rate_shop,
    ship,
    smooth_orders,
)
from sim.rules.fruit import (
    hand_picked_yuan_per_kg,
    picks_common,
    ripening_share,
    spoiled_kg,
    wholesale_price_ratio,
)
from sim.rules.fulfilment import between
from sim.world.columns import CHANNELS, CROP_SLOT, FARMER
from sim.world.records import Month, Season

_GROWERS = as_int64(Month.PAID_TO_GROWERS_YUAN)
_CANCELLED = as_int64(Month.ORDERS_CANCELLED)
_PICKING = as_int64(Month.PICKING_COSTS_YUAN)
_S = Season


@kernel
def is_in_season(v: int, day: int, s: Any, t: Any) -> bool:
    """Whether fruit of the village ripens or is still sold today."""
    if s.villages.good_of_slot[v, CROP_SLOT] < 0 or s.villages.season_year[v] != t.m[0].year:
        return False
    return (
        season_first_day(v, s) <= day <= season_last_ripe_day(v, s) + int(t.b[0].window_tail_days)
    )


@kernel
def _pick(v: int, day: int, d: int, s: Any, t: Any) -> tuple[float, float, float]:
    """Ripen, spoil and pick.

    Returns fallen and unpicked fruit [kg], the reference supply [kg], and what a mu ripens today
    with a skill of 1 [kg/mu].
    """
    villages, p, goods = s.villages, s.producers, t.goods
    good = villages.good_of_slot[v, CROP_SLOT]
    season, at = s.season_day, s.villages.season_row[v]
    g = villages.greenhouse_share[v]
    place = day - villages.first_ripe_day[v] + 1
    days = villages.ripe_days[v]
    share = (1.0 - g) * ripening_share(place, days)
    if g > 0.0:
        early = ripening_share(place + villages.greenhouse_days[v], days)
        share += g * goods.greenhouse_yield_ratio[good] * early
    trend = (1.0 + goods.yield_trend[good]) ** t.m[0].trend_years
    yield_kg_per_mu = goods.yield_kg_per_mu[good] * trend
    ripe_kg_per_mu = yield_kg_per_mu * villages.yield_index[v] * share
    life = between(
        goods.shelf_life_days[good], goods.cold_shelf_life_days[good], t.levers.cold_chain[v]
    )
    expected = villages.wholesale_yuan_per_kg[v]
    premium_share, common_share = goods.premium_share[good], goods.common_share[good]
    rest = 0.0
    for number in range(villages.kind_count[v, FARMER]):
        i = villages.first_producer[v] + number
        row = villages.first_household[v] + number
        if p.stock[i] > 0.0:
            lost = spoiled_kg(p.stock[i], p.stock_age_days[i], life)
            p.stock[i] -= lost
            p.stock_age_days[i] += 1.0
            season[at, d, _S.SPOILED_KG] += lost
        ripe = p.output[i] * p.skill[i] * ripe_kg_per_mu
        premium = ripe * premium_share
        common = ripe * common_share
        picks = picks_common(expected, p.unit_cost_yuan[i])
        p.common_kg[i] = common if picks else 0.0
        rest += ripe - premium - p.common_kg[i]
        stock = p.stock[i] + premium
        if stock > 0.0:
            p.stock_age_days[i] *= p.stock[i] / stock
        p.stock[i] = stock
        cost = (premium + p.common_kg[i]) * p.unit_cost_yuan[i]
        producer_earns_offline(s, v, row, i, -cost)
        s.month[v, _PICKING] += cost
        season[at, d, _S.GROWERS_OFFLINE_YUAN] -= cost
        season[at, d, _S.RIPE_KG] += ripe
        season[at, d, _S.PICKED_KG] += premium + p.common_kg[i]
        s.month[v, Month.PICKED_PREMIUM_KG] += premium
        s.month[v, Month.PICKED_COMMON_KG] += p.common_kg[i]
    normal = villages.orchard_mu[v] * yield_kg_per_mu * (premium_share + common_share)
    return rest, normal / goods.window_days[good], ripe_kg_per_mu


@kernel
def _sells_fruit(v: int, shop: int, day: int, s: Any, t: Any) -> bool:
    return s.shops.slot[shop] == CROP_SLOT and is_selling(shop, day, s, t)


@kernel
def _set_aside_own(v: int, day: int, s: Any, t: Any) -> None:
    """Set aside in `own_boxes` what growers' shops ship today from their own fruit."""
    villages, shops, p = s.villages, s.shops, s.producers
    first = villages.first_shop[v]
    box = t.goods.box_kg[villages.good_of_slot[v, CROP_SLOT]]
    for shop in range(first, first + villages.open_shops[v]):
        owner = shops.owner[shop]
        if not _sells_fruit(v, shop, day, s, t) or not is_farmer(s, v, owner):
            continue
        i = villages.first_producer[v] + owner - villages.first_household[v]
        possible = min(orders_waiting(shop, s), floor(p.stock[i] / box))
        boxes = min(possible, capacity_today(shop, s, t))
        shops.own_boxes[shop] = boxes
        p.stock[i] -= boxes * box


@kernel
def _offer_surplus(v: int, day: int, s: Any, t: Any) -> float:
    """Growers put up what they do not keep for their own orders; return the pool [kg]."""
    villages, shops, p = s.villages, s.shops, s.producers
    good = villages.good_of_slot[v, CROP_SLOT]
    for number in range(villages.kind_count[v, FARMER]):
        i = villages.first_producer[v] + number
        p.surplus_kg[i] = p.stock[i]
        p.stock[i] = 0.0
    first = villages.first_shop[v]
    for shop in range(first, first + villages.open_shops[v]):
        owner = shops.owner[shop]
        if not _sells_fruit(v, shop, day, s, t) or not is_farmer(s, v, owner):
            continue
        if day >= shops.window_close_day[shop]:
            continue
        i = villages.first_producer[v] + owner - villages.first_household[v]
        wish = t.b[0].reserve_days * shops.smoothed_orders_per_day[shop] * t.goods.box_kg[good]
        kept = min(p.surplus_kg[i], wish)
        p.surplus_kg[i] -= kept
        p.stock[i] += kept
    pool = 0.0
    for number in range(villages.kind_count[v, FARMER]):
        pool += p.surplus_kg[villages.first_producer[v] + number]
    return pool


@kernel
def _allot_pool(v: int, day: int, pool: float, s: Any, t: Any) -> float:
    """Set aside in `pieces` the boxes that shops ship today from the pool; return the kg taken.

    Operators have no other fruit; growers' shops come here when their own does not suffice.
    """
    villages, shops = s.villages, s.shops
    box = t.goods.box_kg[villages.good_of_slot[v, CROP_SLOT]]
    first = villages.first_shop[v]
    taken = 0.0
    for shop in range(first, first + villages.open_shops[v]):
        if not _sells_fruit(v, shop, day, s, t):
            continue
        own = shops.own_boxes[shop]
        possible = min(orders_waiting(shop, s) - own, floor((pool - taken) / box))
        smooth_orders(shop, own + possible, s, t)
        boxes = min(possible, capacity_today(shop, s, t) - own)
        shops.pieces[shop] = boxes
        taken += boxes * box
    return taken


@kernel
def _finish_orders(v: int, shop: int, d: int, shipped: float, s: Any, t: Any) -> float:
    """Ship, cancel the rest, be rated; return what the shop keeps of the sales [yuan]."""
    shops = s.shops
    before_sales, before_profit = shops.month_sales_yuan[shop], shops.month_profit_yuan[shop]
    loss = ship(v, shop, shipped, s, t)
    cancelled = 0.0
    for k in range(CHANNELS):
        cancelled += shops.backlog[shop, k]
        shops.backlog[shop, k] = 0.0
    s.month[v, _CANCELLED] += cancelled
    rate_shop(shop, shipped, cancelled, 0.0, loss, s, t)
    season, at = s.season_day, s.villages.season_row[v]
    season[at, d, _S.ORDERS_SHIPPED] += shipped
    season[at, d, _S.ORDERS_CANCELLED] += cancelled
    season[at, d, _S.ONLINE_SALES_YUAN] += shops.month_sales_yuan[shop] - before_sales
    return shops.month_profit_yuan[shop] - before_profit


@kernel
def _use_own_fruit(v: int, shop: int, d: int, kg: float, worth: float, s: Any, t: Any) -> None:
    """Value the fruit that a grower's shop takes from the owner's orchard."""
    owner = s.shops.owner[shop]
    i = s.villages.first_producer[v] + owner - s.villages.first_household[v]
    picking = kg * s.producers.unit_cost_yuan[i]
    grower_supplies_own_shop(s, owner, i, shop, kg * worth)
    picking_was_for_online(s, i, picking)
    season, at = s.season_day, s.villages.season_row[v]
    season[at, d, _S.ONLINE_OWN_KG] += kg
    season[at, d, _S.GROWERS_ONLINE_YUAN] -= picking
    season[at, d, _S.GROWERS_OFFLINE_YUAN] += picking


@kernel
def _sell_online(
    v: int, day: int, d: int, worth: float, pool_price: float, s: Any, t: Any
) -> float:
    """Ship the boxes set aside and pay for those from the pool; return the sales [yuan].

    worth is what a grower's own fruit counts, pool_price what fruit from others costs [yuan/kg].
    """
    villages, shops = s.villages, s.shops
    box = t.goods.box_kg[villages.good_of_slot[v, CROP_SLOT]]
    first = villages.first_shop[v]
    sales = 0.0
    for shop in range(first, first + villages.open_shops[v]):
        if shops.slot[shop] != CROP_SLOT or orders_waiting(shop, s) <= 0.0:
            continue
        own, bought = shops.own_boxes[shop], shops.pieces[shop]
        shops.own_boxes[shop] = 0.0
        shops.pieces[shop] = 0.0
        before = shops.month_sales_yuan[shop]
        left = _finish_orders(v, shop, d, own + bought, s, t)
        sales += shops.month_sales_yuan[shop] - before
        cost = bought * box * pool_price
        shop_pays(s, v, shop, cost, _GROWERS)
        shop_uses(s, shop, cost)
        if is_farmer(s, v, shops.owner[shop]):
            s.season_day[villages.season_row[v], d, _S.GROWERS_ONLINE_YUAN] += left - cost
            _use_own_fruit(v, shop, d, own * box, worth, s, t)
    return sales


@kernel
def _pay_growers(
    v: int, d: int, pool: float, taken: float, pool_price: float, price: float, s: Any, t: Any
) -> None:
    """Share what shops and wholesale pay for the pool among growers, by what they gave."""
    villages, p = s.villages, s.producers
    premium = price * t.goods.premium_price_ratio[villages.good_of_slot[v, CROP_SLOT]]
    season, at = s.season_day, s.villages.season_row[v]
    for number in range(villages.kind_count[v, FARMER]):
        i = villages.first_producer[v] + number
        row = villages.first_household[v] + number
        share = p.surplus_kg[i] / pool if pool > 0.0 else 0.0
        sold_kg = share * taken
        online = sold_kg * pool_price
        picking = sold_kg * p.unit_cost_yuan[i]
        producer_earns_online(s, v, row, i, online)
        picking_was_for_online(s, i, picking)
        offline = share * (pool - taken) * premium + p.common_kg[i] * price
        producer_earns_offline(s, v, row, i, offline)
        s.month[v, Month.WHOLESALE_YUAN] += offline
        season[at, d, _S.GROWERS_ONLINE_YUAN] += online - picking
        season[at, d, _S.GROWERS_OFFLINE_YUAN] += offline + picking


@kernel
def _process(
    v: int, d: int, rest: float, normal: float, ripe_kg_per_mu: float, s: Any, t: Any
) -> float:
    """Sell fallen and unpicked fruit to processors, from each grower in proportion; return kg."""
    villages, p, goods = s.villages, s.producers, t.goods
    good = villages.good_of_slot[v, CROP_SLOT]
    margin = goods.floor_price_yuan_per_kg[good] - goods.gathering_cost_yuan_per_kg[good]
    if margin < 0.0 or rest <= 0.0:
        return 0.0
    processed = min(rest, t.b[0].processor_capacity_share * normal)
    unpicked_share = 1.0 - goods.premium_share[good]
    for number in range(villages.kind_count[v, FARMER]):
        i = villages.first_producer[v] + number
        ripe = p.output[i] * p.skill[i] * ripe_kg_per_mu
        kg = processed * (ripe * unpicked_share - p.common_kg[i]) / rest
        row = villages.first_household[v] + number
        producer_earns_offline(s, v, row, i, kg * margin)
    s.month[v, Month.PROCESSING_YUAN] += processed * goods.floor_price_yuan_per_kg[good]
    s.month[v, _PICKING] += processed * goods.gathering_cost_yuan_per_kg[good]
    s.season_day[villages.season_row[v], d, _S.GROWERS_OFFLINE_YUAN] += processed * margin
    return processed


@kernel
def harvest_village(v: int, day: int, d: int, s: Any, t: Any) -> float:
    """Run a day of the season; return the day's online sales of fruit [yuan].

    Conserves kg: ripe = picked + processed + left; premium picked = online + wholesale + spoiled +
    change of stock.
    """
    villages, season, at = s.villages, s.season_day, s.villages.season_row[v]
    good = villages.good_of_slot[v, CROP_SLOT]
    if day == season_first_day(v, s):
        villages.wholesale_yuan_per_kg[v] = reference_wholesale_yuan_per_kg(t, good)
    worth = villages.wholesale_yuan_per_kg[v] * t.goods.premium_price_ratio[good]
    rest, normal, ripe_kg_per_mu = _pick(v, day, d, s, t)
    _set_aside_own(v, day, s, t)
    pool = _offer_surplus(v, day, s, t)
    taken = _allot_pool(v, day, pool, s, t)
    common = 0.0
    for number in range(villages.kind_count[v, FARMER]):
        common += s.producers.common_kg[villages.first_producer[v] + number]
    supply = pool - taken + common
    price = villages.wholesale_yuan_per_kg[v]
    if supply > 0.0 and normal > 0.0:
        price = reference_wholesale_yuan_per_kg(t, good) * wholesale_price_ratio(
            supply, normal, t.b[0].glut_exponent, t.b[0].wholesale_floor, t.b[0].wholesale_cap
        )
    pool_price = hand_picked_yuan_per_kg(
        price * t.goods.premium_price_ratio[good],
        premium_wholesale_yuan_per_kg(t, good),
        t.b[0].procurement_premium,
    )
    sales = _sell_online(v, day, d, worth, pool_price, s, t)
    _pay_growers(v, d, pool, taken, pool_price, price, s, t)
    processed = _process(v, d, rest, normal, ripe_kg_per_mu, s, t)
    villages.wholesale_yuan_per_kg[v] = price
    season[at, d, _S.ONLINE_BOUGHT_KG] += taken
    season[at, d, _S.WHOLESALE_KG] += supply
    season[at, d, _S.PROCESSED_KG] += processed
    season[at, d, _S.LEFT_KG] += rest - processed
    season[at, d, _S.WHOLESALE_YUAN_PER_KG] = price
    _close_season_day(v, day, d, s, t)
    return sales


@kernel
def _close_season_day(v: int, day: int, d: int, s: Any, t: Any) -> None:
    """On the last day throw away what is kept; add the day to the month."""
    villages, p, season, month = s.villages, s.producers, s.season_day, s.month
    at = villages.season_row[v]
    is_last = day == season_last_ripe_day(v, s) + int(t.b[0].window_tail_days)
    kept = 0.0
    for number in range(villages.kind_count[v, FARMER]):
        i = villages.first_producer[v] + number
        if is_last:
            season[at, d, _S.SPOILED_KG] += p.stock[i]
            p.stock[i] = 0.0
        if p.stock[i] <= 0.0:
            p.stock_age_days[i] = 0.0
        kept += p.stock[i]
    season[at, d, _S.IN_STOCK_KG] = kept
    month[v, Month.RIPE_KG] += season[at, d, _S.RIPE_KG]
    month[v, Month.ONLINE_OWN_KG] += season[at, d, _S.ONLINE_OWN_KG]
    month[v, Month.ONLINE_BOUGHT_KG] += season[at, d, _S.ONLINE_BOUGHT_KG]
    month[v, Month.WHOLESALE_KG] += season[at, d, _S.WHOLESALE_KG]
    month[v, Month.PROCESSED_KG] += season[at, d, _S.PROCESSED_KG]
    month[v, Month.LEFT_KG] += season[at, d, _S.LEFT_KG]
    month[v, Month.SPOILED_KG] += season[at, d, _S.SPOILED_KG]
    month[v, Month.GROWERS_ONLINE_YUAN] += season[at, d, _S.GROWERS_ONLINE_YUAN]
    month[v, Month.GROWERS_OFFLINE_YUAN] += season[at, d, _S.GROWERS_OFFLINE_YUAN]
