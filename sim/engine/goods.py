"""Makers: daily production and sale to traditional merchants (ODD 7.10)."""

from typing import Any

from sim.compiled import as_int64, kernel
from sim.engine.ledger import producer_earns_offline
from sim.rules.chance import lognormal_unit_mean
from sim.rules.makers import made_pieces, merchants_buy_pieces
from sim.world.columns import FARMER, MANUFACTURER, PRODUCT_SLOT
from sim.world.draws import Purpose, member_id, one_uniform
from sim.world.records import Month

_MERCHANTS = as_int64(Purpose.MERCHANTS)
_MADE, _TO_MERCHANTS = as_int64(Month.PIECES_MADE), as_int64(Month.PIECES_TO_MERCHANTS)
_PAID_BY_MERCHANTS, _COSTS = as_int64(Month.MERCHANTS_YUAN), as_int64(Month.PRODUCTION_COSTS_YUAN)


@kernel
def draw_merchants(v: int, s: Any, t: Any) -> None:
    """Draw how much merchants want from each maker this month."""
    first = s.villages.first_producer[v] + s.villages.kind_count[v, FARMER]
    for number in range(s.villages.kind_count[v, MANUFACTURER]):
        member = member_id(MANUFACTURER, number)
        u = one_uniform(t.seed, s.villages.key[v], member, t.m[0].first_day, _MERCHANTS)
        s.producers.merchants_luck[first + number] = lognormal_unit_mean(t.b[0].merchant_sigma, u)


@kernel
def make_goods(v: int, s: Any, t: Any) -> None:
    """Each maker produces for a day and sells to merchants.

    Conserves pieces: stock grows by what is made, falls by what merchants take.
    """
    villages, p = s.villages, s.producers
    farmers = villages.kind_count[v, FARMER]
    first = villages.first_producer[v] + farmers
    first_row = villages.first_household[v] + farmers
    good = villages.good_of_slot[v, PRODUCT_SLOT]
    price = t.goods.unit_cost_yuan[good] * (1.0 + t.b[0].merchant_margin)
    for number in range(villages.kind_count[v, MANUFACTURER]):
        producer = first + number
        made = made_pieces(p.output[producer], p.stock[producer], t.b[0].stock_months)
        stock = p.stock[producer] + made
        sold = merchants_buy_pieces(
            stock, p.first_output[producer], t.b[0].merchant_share, p.merchants_luck[producer]
        )
        p.stock[producer] = stock - sold
        p.made_pieces_month[producer] += made
        cost = made * p.unit_cost_yuan[producer]
        producer_earns_offline(s, v, first_row + number, producer, sold * price - cost)
        s.month[v, _MADE] += made
        s.month[v, _TO_MERCHANTS] += sold
        s.month[v, _PAID_BY_MERCHANTS] += sold * price
        s.month[v, _COSTS] += cost
