"""Settling and opening: who starts a shop this month, and with which good (ODD 7.4)."""

from math import exp, isnan, nan
from typing import Any

from sim.compiled import as_int64, kernel
from sim.engine.ledger import book_profit, shop_pays, shop_receives
from sim.engine.outlook import (
    NO_SLOT,
    chance_of,
    highest_chances,
    highest_profits,
    lucks_of_opening,
    may_open,
    need_to_open_yuan,
    opening_outlook,
    sees_no_reason,
    selling_neighbours,
    slot_to_open,
)
from sim.engine.places import (
    connected_share,
    first_channel,
    has_broadband,
    households_of,
    member_of,
    producer_of,
    village_profit_yuan,
    village_shops,
)
from sim.rules.chance import standard_normal
from sim.rules.opening import product_weight, settling_probability, wants_to_open
from sim.world.columns import (
    FARMER,
    FIRST_OUTSIDE_SLOT,
    INCOMER,
    KINDS,
    MANUFACTURER,
    NO_ANSWER,
    NOT_YET,
    SLOTS,
)
from sim.world.draws import Purpose, four_uniforms, of_four, purpose_of, uniforms_of_four
from sim.world.network import NEIGHBOURS
from sim.world.records import Month

_SETTLE, _APPEAL = as_int64(Purpose.SETTLE), as_int64(Purpose.APPEAL)
_TIMELESS = as_int64(-1)
_OPENED, _RETURNEES, _SETTLERS = (
    as_int64(Month.SHOPS_OPENED),
    as_int64(Month.RETURNEES),
    as_int64(Month.SETTLERS),
)
_SETUP, _DEPOSITS = as_int64(Month.SETUP_YUAN), as_int64(Month.DEPOSITS_PAID_YUAN)
_SUBSIDIES = as_int64(Month.SUBSIDIES_YUAN)


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
def _settling_chance(v: int, s: Any, t: Any) -> float:
    """Chance that an outside operator takes a free room in the village this month (0-1)."""
    villages, levers = s.villages, t.levers
    return settling_probability(
        village_profit_yuan(s, v),
        villages.wage_yuan_per_month[v],
        (levers.storage[v] + levers.product_supply[v] + levers.logistics[v]) / 3.0,
        village_shops(s, v),
        t.b[0],
    )


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
def _has_room(v: int, s: Any) -> bool:
    return s.villages.open_shops[v] < s.villages.shop_capacity[v]


@kernel
def open_village(v: int, s: Any, t: Any) -> bool:
    """Let outside operators settle, then households open shops, in the order of rows (ODD 7.4).

    Goes on where it stopped; returns False when the village has no room left in the table of shops.
    """
    villages = s.villages
    if not has_broadband(s, t, v):
        return True
    step = max(0, villages.next_to_open[v] - 1)
    rooms = villages.kind_count[v, INCOMER]
    if step < rooms:
        step = _settle_rooms(v, step, s, t)
    if step >= rooms:
        step = rooms + _open_households(v, step - rooms, s, t)
    is_over = step == rooms + households_of(s, v)
    villages.next_to_open[v] = 0 if is_over else step + 1  # 0: nobody waits
    return is_over


@kernel
def _settle_rooms(v: int, first_room: int, s: Any, t: Any) -> int:
    """Let outside operators take rooms; return the first room not looked at for want of a row."""
    villages, h = s.villages, s.households
    rooms = villages.kind_count[v, INCOMER]
    before = households_of(s, v) - rooms
    chance = _settling_chance(v, s, t)
    lucks = (0.0, 0.0, 0.0, 0.0)
    for room in range(first_room, rooms):
        if room & 3 == 0 or room == first_room:
            key, day = villages.key[v], t.m[0].first_day
            lucks = uniforms_of_four(t.seed, key, INCOMER, room, day, _SETTLE)
        if of_four(lucks, room) >= chance:
            continue
        offset = before + room
        row = villages.first_household[v] + offset
        # A room that was left today is free from the next month on.
        if h.present[row] or not isnan(h.observed_profit_yuan_per_month[row]):
            continue
        slot = slot_to_open(v, offset, s, t)
        means = max(h.cash_yuan[row], 0.0) + t.levers.credit_yuan[v]
        if slot == NO_SLOT or means < need_to_open_yuan(v, slot, INCOMER, s, t):
            continue
        if not _has_room(v, s):
            return room
        h.present[row] = True
        s.month[v, _SETTLERS] += 1.0
        _open(v, offset, slot, s, t)
    return rooms


@kernel
def _open_households(v: int, first_offset: int, s: Any, t: Any) -> int:
    """Let households open shops; return the first not looked at for want of a row."""
    villages, h = s.villages, s.households
    internet_share = connected_share(s, t, v)
    highest = highest_profits(v, s, t)
    start = 0
    for kind in range(KINDS):
        count = villages.kind_count[v, kind]
        chances = highest_chances(v, kind, highest, s, t)
        asked = villages.is_asked[v]
        lucks = (0.0, 0.0, 0.0, 0.0)
        first_number = max(0, first_offset - start)
        for number in range(first_number, count):
            if number & 3 == 0 or number == first_number:
                lucks = lucks_of_opening(v, kind, number, s, t)
            u = of_four(lucks, number)
            if u > chances[NEIGHBOURS] and not asked:
                continue
            offset = start + number
            row = villages.first_household[v] + offset
            if h.internet_rank[row] >= internet_share:
                continue
            sellers = NEIGHBOURS  # of incomers, for an empty room is nobody's neighbour
            if kind != INCOMER:
                sellers = selling_neighbours(row, number, count, s)
            if u > chance_of(chances, sellers) and not asked:
                continue
            slot, opens = _decides(v, offset, kind, u, highest, s, t)
            if opens:
                if not _has_room(v, s):
                    return offset
                _open(v, offset, slot, s, t)
        start += count
    return start


@kernel
def _decides(
    v: int, offset: int, kind: int, u: float, highest: tuple[float, float, float], s: Any, t: Any
) -> tuple[int, bool]:
    if not may_open(v, offset, s, t):
        return NO_SLOT, False
    answer = s.households.opens_answer[s.villages.first_household[v] + offset]
    if answer == NO_ANSWER and sees_no_reason(v, offset, kind, u, highest, s, t):
        return NO_SLOT, False
    slot = slot_to_open(v, offset, s, t)
    if slot == NO_SLOT:
        return NO_SLOT, False
    if answer != NO_ANSWER:
        return slot, answer == 1
    return slot, wants_to_open(opening_outlook(v, offset, slot, s, t), t.b[0])
