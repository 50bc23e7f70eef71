"""A month of the core, compiled: rules, draws by purpose, rows of villages.

In every village, in this order: shops close, households open shops, orders arrive day by day,
accounts close and profits are published. Villages do not touch each other, so any number of
threads gives the same bits.

Numba keeps what it compiled under this file and all of `sim`. So nothing here may come from
another file of this package but through arguments, whose types carry the names of all columns.
"""

from math import exp, inf, isnan, nan
from typing import Any

from sim.compiled import as_int64, entry_kernel, kernel
from sim.rules.chance import lognormal_unit_mean, poisson_count, standard_normal
from sim.rules.closing import ClosingOutlook, closing_line_yuan_per_month, wants_to_close
from sim.rules.demand import log_offer
from sim.rules.opening import (
    OpeningOutlook,
    expected_profit_yuan_per_month,
    forgone_yuan_per_month,
    highest_opening_utility,
    need_yuan,
    utility_needed,
    wants_to_open,
)
from sim.world.columns import OPERATOR
from sim.world.draws import Purpose, four_uniforms, member_id, one_uniform, purpose_of
from sim.world.network import ACQUAINTANCES, NEIGHBOURS, NO_PEER, neighbour_offset

_OPEN, _APPEAL, _ORDERS = map(as_int64, (Purpose.OPEN, Purpose.APPEAL, Purpose.ORDERS))
_SAVINGS, _KNOWLEDGE = as_int64(Purpose.SAVINGS), as_int64(Purpose.KNOWLEDGE)
_PEERS, _TIMELESS = as_int64(Purpose.PEERS), as_int64(-1)


@kernel
def _draw_household(v: int, number: int, s: Any, t: Any) -> None:
    h, b = s.households, t.b[0]
    row = s.villages.first_household[v] + number
    key, member = s.villages.key[v], member_id(OPERATOR, number)
    savings = one_uniform(t.seed, key, member, _TIMELESS, _SAVINGS)
    h.cash_yuan[row] = b.savings_yuan * lognormal_unit_mean(b.savings_sigma, savings)
    h.knowledge[row] = one_uniform(t.seed, key, member, _TIMELESS, _KNOWLEDGE)


@entry_kernel
def populate(first: int, last: int, s: Any, t: Any) -> None:
    """Draw all households of villages first … last - 1."""
    for v in range(first, last):
        for number in range(s.villages.kind_count[v, OPERATOR]):
            _draw_household(v, number, s, t)


@kernel
def _close_village(v: int, s: Any, t: Any) -> None:
    """Let shops close; those that stay move up, in their order."""
    shops, h, villages, b = s.shops, s.households, s.villages, t.b[0]
    first = villages.first_household[v]
    kept = first
    for shop in range(first, first + villages.open_shops[v]):
        owner = shops.owner[shop]
        outlook = ClosingOutlook(
            h.cash_yuan[owner],
            0.0,
            b.wage_yuan_per_month,
            int(shops.months_below[shop]),
            0,
            False,
            0.0,
        )
        if wants_to_close(outlook, b):
            h.shops[owner] = 0
            s.month.closed[v] += 1.0
            continue
        shops[kept] = shops[shop]
        shops.month_orders[kept] = 0.0
        kept += 1
    villages.open_shops[v] = kept - first


@kernel
def _peers(v: int, number: int, s: Any, t: Any) -> tuple[float, float, float]:
    """Peers known, peers selling, sum of the sellers' observed profits."""
    villages, h = s.villages, s.households
    first, count = villages.first_household[v], villages.kind_count[v]
    draws = four_uniforms(t.seed, villages.key[v], member_id(OPERATOR, number), _TIMELESS, _PEERS)
    known, selling, profit = 0.0, 0.0, 0.0
    for place in range(NEIGHBOURS + ACQUAINTANCES):
        if place < NEIGHBOURS:
            peer = neighbour_offset(place, OPERATOR, number, count)
        else:
            drawn = int(draws[place - NEIGHBOURS] * count[OPERATOR])
            peer = NO_PEER if drawn == number else drawn
        if peer == NO_PEER:
            continue
        known += 1.0
        seen = h.observed_profit_yuan[first + peer]
        if not isnan(seen):
            selling += 1.0
            profit += seen
    return known, selling, profit


@kernel
def _outlook(row: int, expected: float, selling: float, u: float, s: Any, t: Any) -> OpeningOutlook:
    h, b = s.households, t.b[0]
    wage = b.wage_yuan_per_month
    return OpeningOutlook(
        expected,
        forgone_yuan_per_month(wage, 1.0, False, 0.0),
        wage,
        1.0,
        need_yuan(b.setup_cost_yuan, 0.0, 0.0, 0.0),
        h.cash_yuan[row],
        selling,
        h.knowledge[row],
        9.0,
        30.0,
        False,
        False,
        False,
        0,
        0.0,
        u,
    )


@kernel
def _decides(v: int, number: int, s: Any, t: Any) -> bool:
    b = t.b[0]
    row = s.villages.first_household[v] + number
    member = member_id(OPERATOR, number)
    u = one_uniform(t.seed, s.villages.key[v], member, t.m[0].first_day, _OPEN)
    anyone_sells = s.villages.seen_shops[v] > 0
    o = _outlook(row, nan, nan, u, s, t)
    best_share = 1.0 if anyone_sells else 0.0
    if utility_needed(u) > highest_opening_utility(o, inf, 0.0, best_share, b):
        return False  # whatever its peers may show
    known, selling, profit = _peers(v, number, s, t)
    expected = expected_profit_yuan_per_month(
        b.wage_yuan_per_month, selling, profit, 0.0, 0.0, False, nan, 0.0, 0.0, b
    )
    share = selling / known if known > 0.0 else 0.0
    return wants_to_open(_outlook(row, expected, share, u, s, t), b)


@kernel
def _open(v: int, number: int, s: Any, t: Any) -> None:
    shops, h, villages, b = s.shops, s.households, s.villages, t.b[0]
    row = villages.first_household[v] + number
    shop = villages.first_household[v] + villages.open_shops[v]
    villages.open_shops[v] += 1
    ordinal = h.shops_ever[row]
    luck = one_uniform(
        t.seed,
        villages.key[v],
        member_id(OPERATOR, number),
        _TIMELESS,
        purpose_of(_APPEAL, ordinal),
    )
    log_appeal = b.appeal_sigma * standard_normal(luck)
    offer = log_offer(log_appeal, h.knowledge[row], b.rating_start, 0.0, 0.0, b)
    shops.owner[shop] = row
    shops.ordinal[shop] = ordinal
    shops.months_below[shop] = 0
    shops.orders_per_day[shop] = b.typical_orders_per_day * exp(offer)
    shops.month_orders[shop] = 0.0
    h.shops[row] = 1
    h.shops_ever[row] += 1
    s.month.opened[v] += 1.0
    s.month.setup_yuan[v] += b.setup_cost_yuan
    _earns(row, -b.setup_cost_yuan, s)


@kernel
def _earns(row: int, yuan: float, s: Any) -> None:
    """Add `yuan` to a household's cash and income; the caller enters it in the month's record."""
    s.households.cash_yuan[row] += yuan
    s.households.income_month_yuan[row] += yuan


@kernel
def _open_village(v: int, s: Any, t: Any) -> None:
    """Let households that had no shop at the end of the last month open one."""
    h, villages = s.households, s.villages
    first = villages.first_household[v]
    for number in range(villages.kind_count[v, OPERATOR]):
        row = first + number
        if isnan(h.observed_profit_yuan[row]) and _decides(v, number, s, t):
            _open(v, number, s, t)


@kernel
def _walk_village(v: int, s: Any, t: Any) -> None:
    """Draw the orders of every open shop, day by day."""
    shops, villages = s.shops, s.villages
    first = villages.first_household[v]
    for d in range(t.m[0].days):
        total = 0.0
        for shop in range(first, first + villages.open_shops[v]):
            o = four_uniforms(
                t.seed,
                villages.key[v],
                member_id(OPERATOR, shops.owner[shop] - first),
                t.m[0].first_day + d,
                purpose_of(_ORDERS, shops.ordinal[shop]),
            )
            orders = float(poisson_count(shops.orders_per_day[shop], o[0]))
            shops.month_orders[shop] += orders
            total += orders
        s.day_orders[v, d] = total
        s.month.orders[v] += total


@kernel
def _close_shop_month(v: int, shop: int, s: Any, t: Any) -> None:
    shops, b = s.shops, t.b[0]
    owner, orders = shops.owner[shop], shops.month_orders[shop]
    sales = b.price_yuan * orders
    fees, fixed = b.fee_share * sales, b.fixed_cost_yuan_per_month
    goods, parcels = b.unit_cost_yuan * orders, b.parcel_yuan * orders
    month = s.month
    month.sales_yuan[v] += sales
    month.fees_yuan[v] += fees
    month.goods_yuan[v] += goods
    month.parcels_yuan[v] += parcels
    month.fixed_yuan[v] += fixed
    profit = sales - fees - goods - parcels - fixed
    _earns(owner, profit, s)
    line = closing_line_yuan_per_month(b.wage_yuan_per_month, 1.0, b.close_wage_ratio)
    shops.months_below[shop] = shops.months_below[shop] + 1 if profit < line else 0
    s.households.observed_profit_yuan[owner] = profit


@kernel
def _close_household_month(v: int, row: int, s: Any, t: Any) -> None:
    h, b = s.households, t.b[0]
    if h.shops[row] == 0:
        h.observed_profit_yuan[row] = nan
    wages = (b.workers - h.shops[row]) * b.wage_yuan_per_month
    s.month.wages_yuan[v] += wages
    _earns(row, wages, s)
    income = h.income_month_yuan[row]
    spent = b.consumption_share * max(0.0, income)
    h.cash_yuan[row] -= spent
    s.month.consumption_yuan[v] += spent
    if t.m[0].in_last_year:
        h.income_year_yuan[row] += income
    h.income_month_yuan[row] = 0.0
    s.month.cash_yuan[v] += h.cash_yuan[row]


@kernel
def _close_month(v: int, s: Any, t: Any) -> None:
    villages = s.villages
    first = villages.first_household[v]
    for shop in range(first, first + villages.open_shops[v]):
        _close_shop_month(v, shop, s, t)
    for row in range(first, first + villages.kind_count[v, OPERATOR]):
        _close_household_month(v, row, s, t)
    villages.seen_shops[v] = villages.open_shops[v]
    s.month.shops[v] = villages.open_shops[v]


@entry_kernel
def run_month(first: int, last: int, s: Any, t: Any) -> None:
    """Run a month in villages first … last - 1."""
    for v in range(first, last):
        _close_village(v, s, t)
        _open_village(v, s, t)
        _walk_village(v, s, t)
        _close_month(v, s, t)
