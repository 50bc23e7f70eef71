"""The month's end: wages, costs, taxes, consumption, and what others get to see (ODD 7.14)."""

from math import nan
from typing import Any

import numpy as np

from sim.compiled import as_int64, kernel
from sim.engine.commuting import first_hands, hands_of
from sim.engine.ledger import (
    book_profit,
    household_consumes,
    household_earns,
    producer_earns_offline,
    shop_pays,
    start_shop_month,
)
from sim.engine.places import family_hands, orders_per_worker_day, producer_of
from sim.rules.closing import average_profit_yuan_per_month, closing_line_yuan_per_month
from sim.rules.labour import (
    hands_for_hire,
    hands_to_spare,
    share_of_hands_hired,
    staff_wage_yuan,
    tax_yuan,
)
from sim.rules.makers import making_cost_yuan
from sim.world.columns import (
    FARMER,
    KINDS,
    MANUFACTURER,
    PRODUCT_SLOT,
    SETTLEMENT_SLOTS,
    SLOTS,
)
from sim.world.records import Month

_WAGES, _FIXED, _TAXES = (
    as_int64(Month.STAFF_WAGES_YUAN),
    as_int64(Month.FIXED_COSTS_YUAN),
    as_int64(Month.TAXES_YUAN),
)
_OUTSIDE = as_int64(Month.OUTSIDE_WAGES_YUAN)


@kernel
def _close_shop_month(v: int, shop: int, wage: float, s: Any, t: Any) -> None:
    shops, villages, b = s.shops, s.villages, t.b[0]
    work_share = t.goods.work_share[shops.good[shop]]
    wages = shops.staff[shop] * wage
    fixed = b.fixed_cost_yuan_per_month * work_share
    taxes = tax_yuan(shops.month_sales_yuan[shop], b.tax_share, b.tax_exempt_yuan_per_month)
    shop_pays(s, v, shop, wages, _WAGES)
    shop_pays(s, v, shop, fixed, _FIXED)
    shop_pays(s, v, shop, taxes, _TAXES)
    profit = shops.month_profit_yuan[shop] - wages - fixed - taxes
    owner = shops.owner[shop]
    offset = owner - villages.first_household[v]
    book_profit(s, v, owner, producer_of(s, v, offset), profit)
    _let_spare_hands_earn(v, shop, s, t)
    ring = t.m[0].ring
    shops.profit_ring_yuan[shop, ring] = profit
    shops.sales_ring_yuan[shop, ring] = shops.month_sales_yuan[shop]
    start_shop_month(s, shop)
    shops.age_months[shop] += 1
    average = average_profit_yuan_per_month(
        shops.profit_ring_yuan[shop].sum(), int(shops.age_months[shop])
    )
    line = closing_line_yuan_per_month(
        villages.wage_yuan_per_month[v], work_share, b.close_wage_ratio
    )
    shops.months_below[shop] = shops.months_below[shop] + 1 if average < line else 0


@kernel
def _takes_all_hands(v: int, household: int, s: Any, t: Any) -> bool:
    """Whether the household (row) has a shop that is open all the year as its main one."""
    h = s.households
    if h.shops[household] == 0:
        return False
    return t.goods.work_share[s.villages.good_of_slot[v, h.slot[household]]] >= 1.0


@kernel
def _let_spare_hands_earn(v: int, shop: int, s: Any, t: Any) -> None:
    """Let family hands that a shop does not need earn wages outside."""
    shops, b = s.shops, t.b[0]
    owner = shops.owner[shop]
    if not _takes_all_hands(v, owner, s, t):
        return
    spare = hands_to_spare(
        shops.hands[shop],
        float(family_hands(s, v, owner)),
        shops.smoothed_orders_per_day[shop],
        orders_per_worker_day(t, shops.good[shop]),
        b.hire_buffer,
    )
    wages = spare * s.villages.wage_yuan_per_month[v] * b.employment_share
    s.households.wages_yuan[owner] += wages
    household_earns(s, owner, wages)
    s.month[v, _OUTSIDE] += wages


@kernel
def _hands_outside(v: int, row: int, kind: int, busy: float, s: Any, t: Any) -> float:
    """Hands that work outside shops this month [persons], `busy` being hired by shops.

    A shop that is open all the year takes all; what it leaves, it has let go already.
    """
    if _takes_all_hands(v, row, s, t):
        return 0.0
    hands = hands_for_hire(s.households.members[row], kind == MANUFACTURER, kind == FARMER, t.b[0])
    return max(0.0, hands - busy)


@kernel
def _close_households_month(v: int, staff_wage: float, s: Any, t: Any) -> None:
    """Pay wages, let households consume, and record what they then have."""
    h, villages, month, b = s.households, s.villages, s.month, t.b[0]
    hired, pool = villages.hired_villagers[v] + villages.commuters[v], villages.labour_pool[v]
    in_village = villages.hired_villagers[v] * staff_wage
    elsewhere = villages.commuters[v] * villages.commuter_wage_yuan[v]
    share, hand_wage, first_in_queue = 0.0, 0.0, 0.0
    if hired > 0.0:
        share = hired / pool
        hand_wage = (in_village + elsewhere) / hired
        first_in_queue = first_hands(v, share, s, t)
    wage = villages.wage_yuan_per_month[v] * b.employment_share
    city_wage = wage * (1.0 + b.city_wage_premium)
    all_outside, all_consumed, all_cash, selling = 0.0, 0.0, 0.0, 0
    row = villages.first_household[v]
    for kind in range(KINDS):
        for _ in range(villages.kind_count[v, kind]):
            sells = h.shops[row] > 0
            h.observed_profit_yuan_per_month[row] = 0.0 if sells else nan
            selling += sells
            if h.present[row]:
                busy = 0.0
                if hired > 0.0:
                    is_first = h.job_rank[row] < share
                    busy = hands_of(v, row, s, t) * share_of_hands_hired(
                        is_first, first_in_queue, pool, hired
                    )
                hands = _hands_outside(v, row, kind, busy, s, t)
                outside = hands * (city_wage if h.away[row] else wage)
                all_outside += outside
                wages = outside + busy * hand_wage
                h.wages_yuan[row] += wages
                household_earns(s, row, wages)
                all_consumed += household_consumes(s, row, b.consumption_share)
            all_cash += h.cash_yuan[row]
            row += 1
    month[v, Month.STAFF_WAGES_TO_VILLAGERS_YUAN] += in_village
    month[v, Month.COMMUTERS_WAGES_YUAN] += elsewhere
    month[v, Month.OUTSIDE_WAGES_YUAN] += all_outside
    month[v, Month.CONSUMPTION_YUAN] += all_consumed
    month[v, Month.CASH_YUAN] += all_cash
    month[v, Month.SELLING_HOUSEHOLDS] += selling


@kernel
def _publish_profits(v: int, s: Any) -> None:
    shops, h, villages = s.shops, s.households, s.villages
    for slot in range(SLOTS):
        villages.slot_shops[v, slot] = 0.0
        villages.slot_profit[v, slot] = 0.0
    first = villages.first_shop[v]
    for shop in range(first, first + villages.open_shops[v]):
        owner = shops.owner[shop]
        average = average_profit_yuan_per_month(
            shops.profit_ring_yuan[shop].sum(), int(shops.age_months[shop])
        )
        h.observed_profit_yuan_per_month[owner] += average / h.shops[owner]
        villages.slot_shops[v, shops.slot[shop]] += 1.0
        villages.slot_profit[v, shops.slot[shop]] += average
    for slot in range(SLOTS):
        if villages.slot_shops[v, slot] > 0.0:
            villages.slot_profit[v, slot] /= villages.slot_shops[v, slot]
    best = 0.0
    for shop in range(first, first + villages.open_shops[v]):
        best = max(best, np.float64(h.observed_profit_yuan_per_month[shops.owner[shop]]))
    villages.best_profit[v] = best


@kernel
def _expand_makers(v: int, s: Any, t: Any) -> None:
    villages, p, b = s.villages, s.producers, t.b[0]
    farmers = villages.kind_count[v, FARMER]
    good = villages.good_of_slot[v, PRODUCT_SLOT]
    months = (t.m[0].last_day - t.m[0].first_day + 1) / 30.0
    for number in range(villages.kind_count[v, MANUFACTURER]):
        i = villages.first_producer[v] + farmers + number
        row = villages.first_household[v] + farmers + number
        growth = b.expansion_step * p.output[i]
        cost = b.expansion_cost_yuan_per_piece * growth
        if (
            p.made_pieces_month[i] >= b.full_use_share * months * p.output[i]
            and s.households.cash_yuan[row] >= cost
        ):
            producer_earns_offline(s, v, row, i, -cost)
            s.month[v, Month.EXPANSION_YUAN] += cost
            s.month[v, Month.CASH_YUAN] -= cost
            p.output[i] += growth
            p.unit_cost_yuan[i] = making_cost_yuan(
                t.goods.unit_cost_yuan[good], p.output[i], b.capacity_reference, b.scale_elasticity
            )
        p.made_pieces_month[i] = 0.0


@kernel
def close_month(v: int, s: Any, t: Any) -> None:
    """Pay, tax, consume, remember, publish (ODD 7.14), and fill the end-of-month record."""
    villages, shops, month = s.villages, s.shops, s.month
    wage = staff_wage_yuan(
        villages.wage_yuan_per_month[v],
        villages.hired_villagers[v] + villages.commuters[v],
        villages.labour_pool[v],
        t.b[0].wage_tightness,
    )
    first = villages.first_shop[v]
    for shop in range(first, first + villages.open_shops[v]):
        _close_shop_month(v, shop, wage, s, t)
    _close_households_month(v, wage, s, t)
    _publish_profits(v, s)
    _expand_makers(v, s, t)
    villages.parcels_last_month[v] = villages.parcels_month[v]
    villages.parcels_month[v] = 0.0
    month[v, Month.OPEN_SHOPS] = villages.open_shops[v]
    month[v, Month.STAFF] = villages.staff[v]
    month[v, Month.HIRED_VILLAGERS] = villages.hired_villagers[v]
    month[v, Month.HIRED_NEIGHBOURS] = villages.hired_neighbours[v]
    month[v, Month.COMMUTERS] = villages.commuters[v]
    month[v, Month.WAGE_YUAN_PER_MONTH] = villages.wage_yuan_per_month[v]
    month[v, Month.ACTIVE_STORES] = s.day_active_stores[v, t.m[0].last_day - t.m[0].first_day]
    for shop in range(first, first + villages.open_shops[v]):
        month[v, Month.FAMILY_HANDS] += shops.hands[shop]
        month[v, Month.PIECES_IN_STOCK] += shops.pieces[shop]
        for due in range(SETTLEMENT_SLOTS):
            month[v, Month.RECEIVABLES_YUAN] += shops.receivable_yuan[shop, due]
    _record_producers(v, s)


@kernel
def _record_producers(v: int, s: Any) -> None:
    villages, p, month = s.villages, s.producers, s.month
    farmers = villages.kind_count[v, FARMER]
    i = villages.first_producer[v]
    for number in range(farmers):
        month[v, Month.FRUIT_IN_STOCK_KG] += p.stock[i + number]
    for number in range(farmers, farmers + villages.kind_count[v, MANUFACTURER]):
        month[v, Month.PIECES_IN_STOCK] += p.stock[i + number]
