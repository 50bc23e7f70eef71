"""What a household knows when it may open a shop (ODD 7.4)."""

from math import inf, isnan, nan
from typing import Any

import numpy as np

from sim.compiled import as_int64, entry_kernel, kernel
from sim.engine.peers import ANY_SLOT, observed, peer_offset, sum_of_peers
from sim.engine.places import (
    NO_CHANNEL,
    first_channel,
    is_connected,
    kind_of,
    member_of,
    smallest_lot_pieces,
    supply_price_yuan,
    village_profit_yuan,
    village_shops,
)
from sim.rules.chance import logistic
from sim.rules.opening import (
    OpeningOutlook,
    expected_profit_yuan_per_month,
    first_lot_yuan,
    forgone_yuan_per_month,
    highest_expected_profit,
    highest_opening_utility,
    most_willing,
    need_yuan,
    utility_needed,
)
from sim.world.columns import CROP_SLOT, FARMER, INCOMER, MANUFACTURER, PRODUCT_SLOT, SLOTS
from sim.world.draws import Purpose, of_four, one_uniform, uniforms_of_four
from sim.world.network import NEIGHBOURS, PEERS, kind_offset

_OPEN, _PRODUCT = as_int64(Purpose.OPEN), as_int64(Purpose.PRODUCT)
NO_SLOT = -1


@kernel
def _product_of_operator(v: int, offset: int, s: Any, t: Any) -> int:
    weight = s.villages.choice_weight
    total = 0.0
    for slot in range(SLOTS):
        total += weight[v, slot]
    if total <= 0.0:
        return NO_SLOT
    member = member_of(s, v, offset)
    u = one_uniform(t.seed, s.villages.key[v], member, t.m[0].first_day, _PRODUCT)
    reached = 0.0
    chosen = NO_SLOT
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
    slot = NO_SLOT
    if kind == FARMER:
        slot = CROP_SLOT
    elif kind == MANUFACTURER:
        slot = PRODUCT_SLOT
    else:
        slot = _product_of_operator(v, offset, s, t)
    if slot == NO_SLOT:
        return NO_SLOT
    good = s.villages.good_of_slot[v, slot]
    return slot if first_channel(t, good) != NO_CHANNEL else NO_SLOT


@kernel
def need_to_open_yuan(v: int, slot: int, kind: int, s: Any, t: Any) -> float:
    """Money needed to open a shop with the slot's good [yuan]."""
    good = s.villages.good_of_slot[v, slot]
    lot = 0.0
    if (kind == INCOMER or kind == INCOMER - 1) and not t.goods.perishable[good]:
        lot = first_lot_yuan(smallest_lot_pieces(t, v), supply_price_yuan(s, t, v, good, slot))
    deposit = t.platforms.deposit_yuan[first_channel(t, good)]
    return need_yuan(t.b[0].setup_cost_yuan, deposit, lot, t.levers.subsidy_yuan[v])


@entry_kernel
def opening_outlook(v: int, offset: int, slot: int, s: Any, t: Any) -> OpeningOutlook:
    """What the household at a row offset knows about opening a shop with the slot's good."""
    h, villages, b = s.households, s.villages, t.b[0]
    row = villages.first_household[v] + offset
    kind = kind_of(s, v, offset)
    number = offset - kind_offset(kind, villages.kind_count[v])
    producer = kind in (FARMER, MANUFACTURER)
    wage = villages.wage_yuan_per_month[v]
    if producer:
        shops, profit = villages.slot_shops[v, slot], villages.slot_profit[v, slot]
    else:
        shops, profit = village_shops(s, v), village_profit_yuan(s, v)
    known, selling, peers_profit = 0.0, 0.0, 0.0
    if village_shops(s, v) > 0.0:
        known, selling, peers_profit = sum_of_peers(
            v, offset, kind, slot if producer else ANY_SLOT, s, t
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
        villages.trade_tradition[v],
        of_four(lucks_of_opening(v, kind, number, s, t), number),
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
        slot = slot_to_open(v, offset, s, t) if may_open(v, offset, s, t) else NO_SLOT
        if slot == NO_SLOT:
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
        outlooks[place, 14] = o.tradition
        outlooks[place, 15] = o.u


@kernel
def lucks_of_opening(
    v: int, kind: int, number: int, s: Any, t: Any
) -> tuple[float, float, float, float]:
    """Luck of the month of four households in a row, among them the one with this number."""
    return uniforms_of_four(t.seed, s.villages.key[v], kind, number, t.m[0].first_day, _OPEN)


@kernel
def highest_profits(v: int, s: Any, t: Any) -> tuple[float, float, float]:
    """What anyone in the village may see at best this month, and forgo at least [yuan/month].

    The highest of the prior, the village's and nearby profits; the highest profit of a household
    that sells, 0 without any gain; the least that time in a shop is worth.
    """
    villages = s.villages
    wage = villages.wage_yuan_per_month[v]
    most_work, least_work = 0.0, 1.0
    seen = -inf
    for slot in range(SLOTS):
        good = villages.good_of_slot[v, slot]
        if good >= 0:
            most_work = max(most_work, t.goods.work_share[good])
            least_work = min(least_work, t.goods.work_share[good])
        if villages.slot_shops[v, slot] > 0.0:
            seen = max(seen, villages.slot_profit[v, slot])
    if villages.nearby_weight[v] > 0.0:
        seen = max(seen, villages.nearby_profit[v])
    prior = t.b[0].prior_profit_wages * wage
    seen = max(seen, prior * most_work, prior * least_work)
    return seen, villages.best_profit[v], least_work * wage


@kernel
def highest_chances(
    v: int, kind: int, highest: tuple[float, float, float], s: Any, t: Any
) -> tuple[float, float, float, float, float]:
    """Bounds on the chance that a household of this kind opens a shop this month (0-1).

    For those with four neighbours of whom none, one, two, three or four sell: acquaintances may all
    be the same seller. The last holds for anybody.
    """
    villages, b = s.villages, t.b[0]
    o = most_willing(
        kind in (FARMER, MANUFACTURER),
        villages.wage_yuan_per_month[v],
        villages.trade_tradition[v],
        b,
    )
    seen, best, forgone = highest
    expected = max(seen, best)
    each, others = 1.0 / PEERS, float(PEERS - NEIGHBOURS) / PEERS
    if village_shops(s, v) <= 0.0:
        each, others = 0.0, 0.0
    return (
        logistic(highest_opening_utility(o, expected, forgone, others, b)),
        logistic(highest_opening_utility(o, expected, forgone, others + each, b)),
        logistic(highest_opening_utility(o, expected, forgone, others + 2.0 * each, b)),
        logistic(highest_opening_utility(o, expected, forgone, others + 3.0 * each, b)),
        logistic(highest_opening_utility(o, expected, forgone, others + 4.0 * each, b)),
    )


@kernel
def chance_of(chances: tuple[float, float, float, float, float], selling_neighbours: int) -> float:
    """The bound of `highest_chances` for a household with so many neighbours that sell."""
    for sellers in range(NEIGHBOURS):
        if selling_neighbours == sellers:
            return chances[sellers]
    return chances[NEIGHBOURS]


@kernel
def selling_neighbours(row: int, number: int, count: int, s: Any) -> int:
    """Neighbours of a household (row) that sell, at most; 4 where it has fewer than four.

    It is one of `count` households of its kind.
    """
    if number < 2 or number >= count - 2:
        return NEIGHBOURS
    profit = s.households.observed_profit_yuan_per_month
    selling = 0
    for step in (-2, -1, 1, 2):
        selling += not isnan(profit[row + step])
    return selling


@kernel
def sees_no_reason(
    v: int,
    offset: int,
    kind: int,
    u: float,
    highest: tuple[float, float, float],
    s: Any,
    t: Any,
) -> bool:
    """Whether the household's luck u rules out a shop this month, whatever it may learn.

    Peers are looked at one by one, only as long as the others could still make the difference.
    """
    h, b = s.households, t.b[0]
    row = s.villages.first_household[v] + offset
    o = OpeningOutlook(
        nan,
        nan,
        s.villages.wage_yuan_per_month[v],
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
        s.villages.trade_tradition[v],
        nan,
    )
    seen, best, forgone = highest
    own = np.float64(h.observed_profit_yuan_per_month[row])
    if not isnan(own):
        seen = max(seen, own)
    needed = utility_needed(u)
    if village_shops(s, v) <= 0.0:
        return needed > highest_opening_utility(o, seen, forgone, 0.0, b)
    first = s.villages.first_household[v]
    slot = ANY_SLOT
    if kind == FARMER:
        slot = CROP_SLOT
    elif kind == MANUFACTURER:
        slot = PRODUCT_SLOT
    known, selling, profits = 0.0, 0.0, 0.0
    for place in range(-1, PEERS):
        if place >= 0:
            peer = peer_offset(v, offset, kind, place, s, t)
            is_known, profit = observed(v, peer, s)
            known += is_known
            if not isnan(profit) and (slot == ANY_SLOT or h.slot[first + peer] == slot):
                selling += 1.0
                profits += max(profit, 0.0)
        if NEIGHBOURS - 1 > place >= 0:
            continue  # neighbours are found at once
        left = PEERS - 1.0 - place
        expected = highest_expected_profit(seen, selling + left, profits + left * best, b)
        share = (selling + left) / (known + left) if known + left > 0.0 else 0.0
        if needed > highest_opening_utility(o, expected, forgone, share, b):
            return True
    return False
