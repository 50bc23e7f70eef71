"""Training and closing: the first stages of a month."""

from typing import Any

from sim.compiled import as_int64, entry_kernel, kernel
from sim.engine.ledger import book_profit, household_consumes, settle_receivables, shop_receives
from sim.engine.places import (
    households_of,
    is_connected,
    kind_of,
    member_of,
    producer_of,
    supply_price_yuan,
)
from sim.rules.closing import ClosingOutlook, wants_to_close
from sim.world.columns import CHANNELS, INCOMER, NO_ANSWER, SETTLEMENT_SLOTS
from sim.world.draws import Purpose, four_uniforms, one_uniform, purpose_of
from sim.world.records import Month

_TRAINING, _CLOSE = as_int64(Purpose.TRAINING), as_int64(Purpose.CLOSE)
_TRAINED, _CLOSED, _CANCELLED = (
    as_int64(Month.TRAINED),
    as_int64(Month.SHOPS_CLOSED),
    as_int64(Month.ORDERS_CANCELLED),
)
_RETURNED, _SALVAGE = as_int64(Month.DEPOSITS_RETURNED_YUAN), as_int64(Month.SALVAGE_YUAN)
_SALVAGED = as_int64(Month.PIECES_SALVAGED)


@kernel
def train_village(v: int, s: Any, t: Any) -> None:
    """Teach: owners learn by doing, training reaches other households (ODD 7.2)."""
    h, b = s.households, t.b[0]
    first = s.villages.first_household[v]
    training = t.levers.training[v]
    if training <= 0.0 and s.villages.open_shops[v] == 0:
        return
    for offset in range(households_of(s, v)):
        row = first + offset
        if not h.present[row]:
            continue
        if h.shops[row] > 0:
            h.knowledge[row] += b.learning_by_doing * (1.0 - h.knowledge[row])
        if training <= 0.0 or h.trained[row] or not is_connected(s, t, v, row):
            continue
        u = one_uniform(
            t.seed, s.villages.key[v], member_of(s, v, offset), t.m[0].first_day, _TRAINING
        )
        if u < b.training_reach * training:
            h.trained[row] = True
            h.knowledge[row] = min(1.0, h.knowledge[row] + b.training_gain)
            s.month[v, _TRAINED] += 1.0


@entry_kernel
def closing_outlook(v: int, shop: int, s: Any, t: Any) -> ClosingOutlook:
    """What the owner of a shop knows when it may close."""
    shops, h = s.shops, s.households
    owner = shops.owner[shop]
    u = four_uniforms(
        t.seed,
        s.villages.key[v],
        member_of(s, v, owner - s.villages.first_household[v]),
        t.m[0].first_day,
        purpose_of(_CLOSE, shops.ordinal[shop]),
    )[0]
    return ClosingOutlook(
        h.cash_yuan[owner],
        t.levers.credit_yuan[v],
        s.villages.wage_yuan_per_month[v],
        shops.months_below[shop],
        shops.age_months[shop],
        t.goods.perishable[shops.good[shop]],
        u,
    )


@kernel
def _close(v: int, shop: int, s: Any, t: Any) -> None:
    shops, h = s.shops, s.households
    owner = shops.owner[shop]
    for due in range(SETTLEMENT_SLOTS):
        settle_receivables(s, t, v, shop, due)
    deposits = 0.0
    for k in range(CHANNELS):
        if shops.channels[shop] & (1 << k):
            deposits += t.platforms.deposit_yuan[k]
        s.month[v, _CANCELLED] += shops.backlog[shop, k]
    shop_receives(s, v, shop, deposits, _RETURNED)
    last_profit = shops.month_profit_yuan[shop]
    if shops.pieces[shop] > 0.0:
        worth = supply_price_yuan(s, t, v, shops.good[shop], shops.slot[shop]) * shops.pieces[shop]
        shop_receives(s, v, shop, t.b[0].salvage_share * worth, _SALVAGE)
        s.month[v, _SALVAGED] += shops.pieces[shop]
        last_profit -= (1.0 - t.b[0].salvage_share) * worth
    offset = owner - s.villages.first_household[v]
    book_profit(s, v, owner, producer_of(s, v, offset), last_profit)
    h.shops[owner] -= 1
    s.month[v, _CLOSED] += 1.0
    if h.shops[owner] == 0 and kind_of(s, v, offset) == INCOMER:
        h.present[owner] = False
        household_consumes(s, owner, 0.0)  # its accounts end here


@kernel
def receive_village(v: int, s: Any, t: Any) -> None:
    """Pay out the dollars that are due to shops (ODD 7.3)."""
    first = s.villages.first_shop[v]
    for shop in range(first, first + s.villages.open_shops[v]):
        settle_receivables(s, t, v, shop, t.m[0].settlement)


@kernel
def close_village(v: int, s: Any, t: Any) -> None:
    """Let shops close and keep the rest in order (ODD 7.3)."""
    shops = s.shops
    first = s.villages.first_shop[v]
    last = first + s.villages.open_shops[v]
    for shop in range(first, last):
        if shops.closes_answer[shop] == NO_ANSWER:
            shops.closes_answer[shop] = wants_to_close(closing_outlook(v, shop, s, t), t.b[0])
    kept = first
    for shop in range(first, last):
        if shops.closes_answer[shop] == 1:
            _close(v, shop, s, t)
            continue
        shops.closes_answer[shop] = NO_ANSWER
        if kept != shop:
            shops[kept] = shops[shop]
        kept += 1
    s.villages.open_shops[v] = kept - first
