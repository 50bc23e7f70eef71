"""Settling and opening: who starts a shop this month, and with which good (ODD 7.4)."""

from math import exp, isnan, nan
from typing import Any

import numpy as np

from sim.compiled import as_int64, entry_kernel, kernel
from sim.engine.ledger import book_profit, shop_pays, shop_receives
from sim.engine.places import (
    NO_CHANNEL,
    first_channel,
    has_broadband,
    households_of,
    is_connected,
    kind_of,
    member_of,
    producer_of,
    smallest_lot_pieces,
    supply_price_yuan,
    village_profit_yuan,
    village_shops,
)
from sim.rules.chance import standard_normal
from sim.rules.opening import (
    OpeningOutlook,
    expected_profit_yuan_per_month,
    first_lot_yuan,
    forgone_yuan_per_month,
    highest_opening_probability,
    need_yuan,
    product_weight,
    settling_probability,
    wants_to_open,
)
from sim.world.columns import (
    CROP_SLOT,
    FARMER,
    FIRST_OUTSIDE_SLOT,
    INCOMER,
    MANUFACTURER,
    NO_ANSWER,
    NOT_YET,
    PRODUCT_SLOT,
    SLOTS,
)
from sim.world.draws import Purpose, four_uniforms, one_uniform, purpose_of
from sim.world.network import (
    ACQUAINTANCES,
    NEIGHBOURS,
    NO_PEER,
    acquaintance_draws,
    acquaintance_offset,
    neighbour_offset,
)
from sim.world.records import Month

_OPEN, _PRODUCT, _SETTLE = (
    as_int64(Purpose.OPEN),
    as_int64(Purpose.PRODUCT),
    as_int64(Purpose.SETTLE),
)
_APPEAL, _TIMELESS = as_int64(Purpose.APPEAL), as_int64(-1)
_OPENED, _RETURNEES, _SETTLERS = (
    as_int64(Month.SHOPS_OPENED),
    as_int64(Month.RETURNEES),
    as_int64(Month.SETTLERS),
)
_SETUP, _DEPOSITS = as_int64(Month.SETUP_YUAN), as_int64(Month.DEPOSITS_PAID_YUAN)
_SUBSIDIES = as_int64(Month.SUBSIDIES_YUAN)
_NO_SLOT = -1
_ANY_SLOT = -1


@kernel
def _supply(v: int, slot: int, s: Any, t: Any) -> float:
    """Share of the village's producers that make the slot's good; fixed for outside goods."""
    if slot >= FIRST_OUTSIDE_SLOT:
        return t.b[0].choice_outside
    count = s.villages.kind_count
    return count[v, slot] / (count[v, FARMER] + count[v, MANUFACTURER])


@kernel
def weigh_village(v: int, s: Any, t: Any) -> None:
    """Publish the weight with which the village's operators choose each good this month."""
    villages = s.villages
    for slot in range(SLOTS):
        weight = 0.0
        if villages.good_of_slot[v, slot] >= 0:
            weight = product_weight(
                villages.slot_profit[v, slot],
                villages.wage_yuan_per_month[v],
                villages.slot_shops[v, slot],
                _supply(v, slot, s, t),
                t.b[0],
            )
        villages.choice_weight[v, slot] = weight


@kernel
def _product_of_operator(v: int, offset: int, s: Any, t: Any) -> int:
    weight = s.villages.choice_weight
    total = 0.0
    for slot in range(SLOTS):
        total += weight[v, slot]
    if total <= 0.0:
        return _NO_SLOT
    member = member_of(s, v, offset)
    u = one_uniform(t.seed, s.villages.key[v], member, t.m[0].first_day, _PRODUCT)
    reached = 0.0
    chosen = _NO_SLOT
    for slot in range(SLOTS):
        if weight[v, slot] > 0.0:
            reached += weight[v, slot]
            chosen = slot
            if u < reached / total:
                return slot
    return chosen


@entry_kernel
def slot_to_open(v: int, offset: int, s: Any, t: Any) -> int:
    """Good slot with which the household would open a shop this month; -1: none."""
    kind = kind_of(s, v, offset)
    slot = _NO_SLOT
    if kind == FARMER:
        slot = CROP_SLOT
    elif kind == MANUFACTURER:
        slot = PRODUCT_SLOT
    else:
        slot = _product_of_operator(v, offset, s, t)
    if slot == _NO_SLOT:
        return _NO_SLOT
    good = s.villages.good_of_slot[v, slot]
    return slot if first_channel(t, good) != NO_CHANNEL else _NO_SLOT


@kernel
def _peers(v: int, offset: int, kind: int, slot: int, s: Any, t: Any) -> tuple[float, float, float]:
    """Peers known, peers selling, sum of the sellers' observed profits."""
    h, villages = s.households, s.villages
    first = villages.first_household[v]
    count = villages.kind_count[v]
    number = offset
    for earlier in range(kind):
        number -= count[earlier]
    known, selling, profit = 0.0, 0.0, 0.0
    for place in range(NEIGHBOURS + ACQUAINTANCES):
        if place < NEIGHBOURS:
            peer = neighbour_offset(place, kind, number, count)
        else:
            u = acquaintance_draws(t.seed, villages.key[v], kind, number, place - NEIGHBOURS)
            peer = acquaintance_offset(u, offset, count)
        if peer == NO_PEER:
            continue
        seen = np.float64(h.observed_profit_yuan_per_month[first + peer])
        if isnan(seen) and kind_of(s, v, peer) == INCOMER:
            continue
        known += 1.0
        if not isnan(seen) and (slot == _ANY_SLOT or h.slot[first + peer] == slot):
            selling += 1.0
            profit += seen
    return known, selling, profit


@kernel
def need_to_open_yuan(v: int, slot: int, kind: int, s: Any, t: Any) -> float:
    """Money needed to open a shop with the slot's good [yuan]."""
    good = s.villages.good_of_slot[v, slot]
    lot = 0.0
    if (kind == INCOMER or kind == INCOMER - 1) and not t.goods.perishable[good]:
        lot = first_lot_yuan(smallest_lot_pieces(t, v), supply_price_yuan(t, good, slot))
    deposit = t.platforms.deposit_yuan[first_channel(t, good)]
    return need_yuan(t.b[0].setup_cost_yuan, deposit, lot, t.levers.subsidy_yuan[v])


@entry_kernel
def opening_outlook(v: int, offset: int, slot: int, s: Any, t: Any) -> OpeningOutlook:
    """What the household at a row offset knows about opening a shop with the slot's good."""
    h, villages, b = s.households, s.villages, t.b[0]
    row = villages.first_household[v] + offset
    kind = kind_of(s, v, offset)
    producer = kind in (FARMER, MANUFACTURER)
    wage = villages.wage_yuan_per_month[v]
    if producer:
        shops, profit = villages.slot_shops[v, slot], villages.slot_profit[v, slot]
    else:
        shops, profit = village_shops(s, v), village_profit_yuan(s, v)
    known, selling, peers_profit = 0.0, 0.0, 0.0
    if village_shops(s, v) > 0.0:
        known, selling, peers_profit = _peers(
            v, offset, kind, slot if producer else _ANY_SLOT, s, t
        )
    own = np.float64(h.observed_profit_yuan_per_month[row])
    good = villages.good_of_slot[v, slot]
    expected = expected_profit_yuan_per_month(
        t.goods.work_share[good] * wage,
        selling,
        peers_profit,
        shops,
        profit,
        not isnan(own),
        own,
        villages.nearby_weight[v],
        villages.nearby_profit[v],
        b,
    )
    return OpeningOutlook(
        expected,
        forgone_yuan_per_month(wage, t.goods.work_share[good], h.away[row], b.city_wage_premium),
        wage,
        t.goods.work_share[good],
        need_to_open_yuan(v, slot, kind, s, t),
        max(h.cash_yuan[row], 0.0) + t.levers.credit_yuan[v],
        selling / known if known > 0.0 else 0.0,
        np.float64(h.knowledge[row]),
        float(h.schooling_years[row]),
        float(h.age_years[row]),
        h.worked_in_city[row],
        producer,
        h.away[row],
        int(h.shops[row]),
        _luck_of_opening(v, offset, s, t),
    )


@entry_kernel
def may_open(v: int, offset: int, s: Any, t: Any) -> bool:
    """Whether the household at a row offset may think of opening a shop this month."""
    row = s.villages.first_household[v] + offset
    if not s.households.present[row] or not is_connected(s, t, v, row):
        return False
    return s.households.last_opening_day[row] != t.m[0].first_day


@entry_kernel
def opening_outlooks(v: int, offsets: Any, outlooks: Any, s: Any, t: Any) -> None:
    """Fill in what households at these row offsets know about opening a shop this month.

    `outlooks` is (households, fields of OpeningOutlook); the first field of those that cannot open
    one becomes nan.
    """
    for place in range(offsets.size):
        offset = offsets[place]
        slot = slot_to_open(v, offset, s, t) if may_open(v, offset, s, t) else _NO_SLOT
        if slot == _NO_SLOT:
            outlooks[place, 0] = nan
            continue
        o = opening_outlook(v, offset, slot, s, t)
        outlooks[place, 0] = o.expected_profit_yuan_per_month
        outlooks[place, 1] = o.forgone_yuan_per_month
        outlooks[place, 2] = o.wage_yuan_per_month
        outlooks[place, 3] = o.work_share
        outlooks[place, 4] = o.need_yuan
        outlooks[place, 5] = o.means_yuan
        outlooks[place, 6] = o.selling_share
        outlooks[place, 7] = o.knowledge
        outlooks[place, 8] = o.schooling_years
        outlooks[place, 9] = o.age_years
        outlooks[place, 10] = o.worked_in_city
        outlooks[place, 11] = o.is_producer
        outlooks[place, 12] = o.away
        outlooks[place, 13] = o.shops
        outlooks[place, 14] = o.u


@kernel
def _settles(v: int, offset: int, slot: int, s: Any, t: Any) -> bool:
    h, villages, levers = s.households, s.villages, t.levers
    row = villages.first_household[v] + offset
    if not has_broadband(s, t, v):
        return False
    means = max(h.cash_yuan[row], 0.0) + levers.credit_yuan[v]
    if means < need_to_open_yuan(v, slot, INCOMER, s, t):
        return False
    services = (levers.storage[v] + levers.product_supply[v] + levers.logistics[v]) / 3.0
    chance = settling_probability(
        village_profit_yuan(s, v),
        villages.wage_yuan_per_month[v],
        services,
        village_shops(s, v),
        t.b[0],
    )
    member = member_of(s, v, offset)
    return one_uniform(t.seed, villages.key[v], member, t.m[0].first_day, _SETTLE) < chance


@kernel
def _open(v: int, offset: int, slot: int, s: Any, t: Any) -> None:
    """Append a shop to the village's list; the caller has seen that there is room."""
    shops, h, villages = s.shops, s.households, s.villages
    row = villages.first_household[v] + offset
    shop = villages.first_shop[v] + villages.open_shops[v]
    villages.open_shops[v] += 1
    good = villages.good_of_slot[v, slot]
    clear_shop(s, shop)
    ordinal = h.shops_ever[row]
    a = four_uniforms(
        t.seed,
        villages.key[v],
        member_of(s, v, offset),
        _TIMELESS,
        purpose_of(_APPEAL, ordinal),
    )
    k = first_channel(t, good)
    shops.owner[shop] = row
    shops.ordinal[shop] = ordinal
    shops.slot[shop] = slot
    shops.good[shop] = good
    shops.channels[shop] = 1 << k
    shops.opened_day[shop] = t.m[0].first_day
    shops.appeal[shop] = exp(t.b[0].appeal_sigma * standard_normal(a[0]))
    shops.price_skill[shop] = standard_normal(a[1])
    shops.caution[shop] = a[2]
    shops.rating[shop] = t.b[0].rating_start
    if h.shops[row] == 0:
        h.slot[row] = slot
    h.shops[row] += 1
    h.shops_ever[row] += 1
    h.last_opening_day[row] = t.m[0].first_day
    if h.away[row]:
        h.away[row] = False
        s.month[v, _RETURNEES] += 1.0
    s.month[v, _OPENED] += 1.0
    setup, deposit = t.b[0].setup_cost_yuan, t.platforms.deposit_yuan[k]
    subsidy = min(t.levers.subsidy_yuan[v], setup + deposit)
    shop_pays(s, v, shop, setup, _SETUP)
    shop_pays(s, v, shop, deposit, _DEPOSITS)
    shop_receives(s, v, shop, subsidy, _SUBSIDIES)
    book_profit(s, v, row, producer_of(s, v, offset), subsidy - setup)


@kernel
def clear_shop(s: Any, shop: int) -> None:
    """Set a row of the table of shops to its initial values."""
    shops = s.shops
    shops.closes_answer[shop] = NO_ANSWER
    shops.channels_answer[shop] = NO_ANSWER
    shops.staff_answer[shop] = NO_ANSWER
    shops.price_answer_yuan[shop] = nan
    shops.window_open_day[shop] = NOT_YET
    shops.window_close_day[shop] = NOT_YET
    shops.last_order_day[shop] = NOT_YET
    shops.months_below[shop] = 0
    shops.age_months[shop] = 0
    shops.staff[shop] = 0
    shops.price_yuan[shop] = 0.0
    shops.orders_shipped[shop] = 0.0
    shops.smoothed_orders_per_day[shop] = 0.0
    shops.pieces[shop] = 0.0
    shops.own_boxes[shop] = 0.0
    shops.month_sales_yuan[shop] = 0.0
    shops.month_profit_yuan[shop] = 0.0
    shops.hands[shop] = 0.0
    shops.backlog[shop, :] = 0.0
    shops.attraction[shop, :] = 0.0
    shops.orders_per_day[shop, :] = 0.0
    shops.parcel_yuan[shop, :] = 0.0
    shops.sales_ring_yuan[shop, :] = 0.0
    shops.profit_ring_yuan[shop, :] = 0.0
    shops.receivable_usd[shop, :] = 0.0
    shops.receivable_cny[shop, :] = 0.0
    shops.receivable_yuan[shop, :] = 0.0


@kernel
def open_village(v: int, s: Any, t: Any) -> bool:
    """Let outside operators settle, then households open shops, in the order of rows (ODD 7.4).

    Goes on where it stopped; returns False when the village has no room left in the table of shops.
    """
    villages, h = s.villages, s.households
    rows = households_of(s, v)
    rooms = villages.kind_count[v, INCOMER]
    step = max(0, villages.next_to_open[v] - 1)
    while step < rooms + rows:
        settling = step < rooms
        offset = rows - rooms + step if settling else step - rooms
        row = villages.first_household[v] + offset
        if settling:
            # A room that was left today is free from the next month on.
            is_free = not h.present[row] and isnan(h.observed_profit_yuan_per_month[row])
            slot = slot_to_open(v, offset, s, t) if is_free else _NO_SLOT
            opens = slot != _NO_SLOT and _settles(v, offset, slot, s, t)
        else:
            slot, opens = _decides(v, offset, row, s, t)
        if opens:
            if villages.open_shops[v] >= villages.shop_capacity[v]:
                villages.next_to_open[v] = step + 1  # 0 would mean that nobody waits
                return False
            if settling:
                h.present[row] = True
                s.month[v, _SETTLERS] += 1.0
            _open(v, offset, slot, s, t)
        step += 1
    villages.next_to_open[v] = 0
    return True


@kernel
def _never_opens(v: int, offset: int, row: int, s: Any, t: Any) -> bool:
    """Whether the household's luck rules out a shop this month, whatever it may learn.

    It spares most households the look at their peers.
    """
    h = s.households
    kind = kind_of(s, v, offset)
    traits = OpeningOutlook(
        nan,
        nan,
        nan,
        nan,
        nan,
        nan,
        nan,
        np.float64(h.knowledge[row]),
        float(h.schooling_years[row]),
        float(h.age_years[row]),
        h.worked_in_city[row],
        kind in (FARMER, MANUFACTURER),
        h.away[row],
        int(h.shops[row]),
        _luck_of_opening(v, offset, s, t),
    )
    anyone_sells = village_shops(s, v) > 0.0
    return traits.u >= highest_opening_probability(traits, anyone_sells, t.b[0])


@kernel
def _luck_of_opening(v: int, offset: int, s: Any, t: Any) -> float:
    member = member_of(s, v, offset)
    return one_uniform(t.seed, s.villages.key[v], member, t.m[0].first_day, _OPEN)


@kernel
def _decides(v: int, offset: int, row: int, s: Any, t: Any) -> tuple[int, bool]:
    if not may_open(v, offset, s, t):
        return _NO_SLOT, False
    answer = s.households.opens_answer[row]
    if answer == NO_ANSWER and _never_opens(v, offset, row, s, t):
        return _NO_SLOT, False
    slot = slot_to_open(v, offset, s, t)
    if slot == _NO_SLOT:
        return _NO_SLOT, False
    if answer != NO_ANSWER:
        return slot, answer == 1
    return slot, wants_to_open(opening_outlook(v, offset, slot, s, t), t.b[0])
