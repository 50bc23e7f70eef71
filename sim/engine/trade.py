"""A day's orders; how durable-goods shops source, ship, are paid and rated (ODD 7.11-12)."""

from math import ceil, floor
from typing import Any

from sim.compiled import as_int64, kernel
from sim.engine.ledger import (
    buyers_pay,
    maker_supplies_own_shop,
    producer_earns_offline,
    shop_pays,
    shop_uses,
)
from sim.engine.market import transit_loss
from sim.engine.places import (
    is_maker,
    member_of,
    orders_per_worker_day,
    smallest_lot_pieces,
    supply_price_yuan,
)
from sim.rules.chance import poisson_count
from sim.rules.fulfilment import (
    capacity_orders_per_day,
    lot_pieces,
    score,
    storeroom_pieces,
    updated_rating,
)
from sim.world.columns import CHANNELS, FARMER, MANUFACTURER, PRODUCT_SLOT
from sim.world.draws import Purpose, four_uniforms, purpose_of
from sim.world.network import first_of_race
from sim.world.records import Month

_ORDERS, _SUPPLIER, _TIMELESS = as_int64(Purpose.ORDERS), as_int64(Purpose.SUPPLIER), as_int64(-1)
_PLACED, _SHIPPED = as_int64(Month.ORDERS_PLACED), as_int64(Month.ORDERS_SHIPPED)
_CANCELLED, _PIECES = as_int64(Month.ORDERS_CANCELLED), as_int64(Month.PIECES_SHIPPED)
_MAKERS, _OUTSIDE = (
    as_int64(Month.PAID_TO_MAKERS_YUAN),
    as_int64(Month.PAID_TO_OUTSIDE_SUPPLIERS_YUAN),
)
_FROM_OUTSIDE = as_int64(Month.PIECES_FROM_OUTSIDE)


@kernel
def is_selling(shop: int, day: int, s: Any, t: Any) -> bool:
    """Whether the shop takes orders today (always, unless its season is not on)."""
    if not t.goods.perishable[s.shops.good[shop]]:
        return True
    return s.shops.window_open_day[shop] <= day <= s.shops.window_close_day[shop]


@kernel
def receive_orders(v: int, shop: int, day: int, s: Any, t: Any) -> None:
    """Draw the day's orders of a shop by platform and add them to the backlog."""
    shops = s.shops
    good = shops.good[shop]
    total = 0.0
    o = four_uniforms(
        t.seed,
        s.villages.key[v],
        member_of(s, v, shops.owner[shop] - s.villages.first_household[v]),
        day,
        purpose_of(_ORDERS, shops.ordinal[shop]),
    )
    for k in range(CHANNELS):
        mean = shops.orders_per_day[shop, k]
        if mean > 0.0:
            mean *= t.day_factor[good, int(t.platforms.cross_border[k]), day - t.m[0].start_day]
            n = float(poisson_count(mean, o[k]))
            shops.backlog[shop, k] += n
            total += n
    if total > 0.0:
        shops.last_order_day[shop] = day
        s.month[v, _PLACED] += total
    if not t.goods.perishable[good]:
        smooth_orders(shop, total, s, t)


@kernel
def smooth_orders(shop: int, orders: float, s: Any, t: Any) -> None:
    """Move the shop's idea of a usual day towards today's orders."""
    smoothed = s.shops.smoothed_orders_per_day[shop]
    s.shops.smoothed_orders_per_day[shop] = smoothed + t.b[0].smoothing * (orders - smoothed)


@kernel
def orders_waiting(shop: int, s: Any) -> float:
    """Orders that wait at a shop."""
    waiting = 0.0
    for k in range(CHANNELS):
        waiting += s.shops.backlog[shop, k]
    return waiting


@kernel
def capacity_today(shop: int, s: Any, t: Any) -> float:
    """Whole orders that the shop can handle in a day."""
    return floor(
        capacity_orders_per_day(
            s.shops.hands[shop],
            float(s.shops.staff[shop]),
            orders_per_worker_day(t, s.shops.good[shop]),
        )
    )


@kernel
def rate_shop(
    shop: int, shipped: float, cancelled: float, delay_days: float, spoiled: float, s: Any, t: Any
) -> None:
    """Let buyers rate what was shipped and cancelled today."""
    judged = shipped + cancelled
    if judged > 0.0:
        points = score(delay_days, cancelled / judged, spoiled, t.b[0])
        s.shops.rating[shop] = updated_rating(s.shops.rating[shop], points, judged, t.b[0])


@kernel
def _buy_from_makers(v: int, shop: int, wanted: float, price: float, s: Any, t: Any) -> float:
    villages, p = s.villages, s.producers
    makers = villages.kind_count[v, MANUFACTURER]
    if makers == 0:
        return 0.0
    farmers = villages.kind_count[v, FARMER]
    owner = s.shops.owner[shop]
    member = member_of(s, v, owner - villages.first_household[v])
    purpose = purpose_of(_SUPPLIER, s.shops.ordinal[shop])
    u = four_uniforms(t.seed, villages.key[v], member, _TIMELESS, purpose)
    start = first_of_race(u[0], makers)[1]
    bought = 0.0
    for step in range(min(makers, int(t.b[0].supplier_tries))):
        if bought >= wanted:
            break
        number = (start + step) % makers
        producer = villages.first_producer[v] + farmers + number
        given = min(floor(p.stock[producer]), wanted - bought)
        if given > 0.0:
            p.stock[producer] -= given
            row = villages.first_household[v] + farmers + number
            producer_earns_offline(s, v, row, producer, given * price)
            bought += given
    return bought


@kernel
def _restock(v: int, shop: int, short: float, s: Any, t: Any) -> None:
    """Buy a lot from makers of the village or from outside and pay for it."""
    shops = s.shops
    good, slot = shops.good[shop], int(shops.slot[shop])
    price = supply_price_yuan(s, t, v, good, slot)
    smallest = smallest_lot_pieces(t, v)
    cover = (
        ceil(shops.smoothed_orders_per_day[shop] * t.b[0].cover_days)
        * t.goods.pieces_per_order[good]
    )
    room = storeroom_pieces(t.levers.storage[v], t.b[0]) - shops.pieces[shop]
    cash = s.households.cash_yuan[shops.owner[shop]] + t.levers.credit_yuan[v]
    affordable = floor(max(0.0, cash) / price)
    lot = lot_pieces(short, smallest, cover, floor(room), affordable)
    if lot <= 0.0:
        return
    if slot == PRODUCT_SLOT:
        bought = _buy_from_makers(v, shop, lot, price, s, t)
        shop_pays(s, v, shop, bought * price, _MAKERS)
    else:
        bought = lot
        shop_pays(s, v, shop, bought * price, _OUTSIDE)
        s.month[v, _FROM_OUTSIDE] += bought
    shops.pieces[shop] += bought


@kernel
def serve_durable(v: int, shop: int, day: int, s: Any, t: Any) -> float:
    """Source, ship, collect and be rated for a day; return the day's sales [yuan].

    Conserves pieces (bought or made = shipped + stock) and orders (waiting = shipped + cancelled +
    still waiting).
    """
    waiting = orders_waiting(shop, s)
    if waiting <= 0.0:
        return 0.0
    shops, p, villages = s.shops, s.producers, s.villages
    good = shops.good[shop]
    per_order = t.goods.pieces_per_order[good]
    capacity = capacity_today(shop, s, t)
    wanted = min(waiting, capacity)
    owner = shops.owner[shop]
    own_make = shops.slot[shop] == PRODUCT_SLOT and is_maker(s, v, owner)
    producer = villages.first_producer[v] + owner - villages.first_household[v]
    if own_make:
        pieces = floor(p.stock[producer])
    else:
        short = wanted * per_order - shops.pieces[shop]
        if short > 0.0:
            _restock(v, shop, short, s, t)
        pieces = shops.pieces[shop]
    shipped = min(wanted, floor(pieces / per_order))
    used = shipped * per_order
    cost = used * supply_price_yuan(s, t, v, good, int(shops.slot[shop]))
    if own_make:
        p.stock[producer] -= used
        maker_supplies_own_shop(s, owner, producer, shop, cost)
    else:
        shops.pieces[shop] -= used
        shop_uses(s, shop, cost)
    s.month[v, _PIECES] += used
    sales = shops.month_sales_yuan[shop]
    ship(v, shop, shipped, s, t)
    sales = shops.month_sales_yuan[shop] - sales
    left = waiting - shipped
    cancelled = cancel_late(v, shop, left > capacity, s, t)
    rate_shop(shop, shipped, cancelled, (left - cancelled) / max(capacity, 1.0), 0.0, s, t)
    return sales


@kernel
def ship(v: int, shop: int, shipped: float, s: Any, t: Any) -> float:
    """Take shipped orders from the backlog, platform by platform, and collect from the buyers.

    Returns the share of what was shipped that spoils on the way (0-1).
    """
    shops = s.shops
    left = shipped
    spoiled = 0.0
    for k in range(CHANNELS):
        taken = min(shops.backlog[shop, k], left)
        if taken > 0.0:
            shops.backlog[shop, k] -= taken
            loss = transit_loss(v, shops.good[shop], k, t)
            buyers_pay(s, t, v, shop, k, taken, loss)
            spoiled += loss * taken
            left -= taken
    shops.orders_shipped[shop] += shipped
    s.month[v, _SHIPPED] += shipped
    return spoiled / shipped if shipped > 0.0 else 0.0


@kernel
def cancel_late(v: int, shop: int, is_late: bool, s: Any, t: Any) -> float:
    """Let part of the waiting buyers cancel if the shop is late; return their orders."""
    if not is_late:
        return 0.0
    cancelled = 0.0
    for k in range(CHANNELS):
        gone = floor(s.shops.backlog[shop, k] * t.b[0].cancel_share)
        s.shops.backlog[shop, k] -= gone
        cancelled += gone
    s.month[v, _CANCELLED] += cancelled
    return cancelled
