"""Households without production that sell what others make or grow, local or from outside."""

import math

from benchmarks.plain_mesa.chance import clamp, first_above, logistic, race
from benchmarks.plain_mesa.households import Household
from benchmarks.plain_mesa.residents import FARMER, MANUFACTURER
from benchmarks.plain_mesa.settings import Month
from benchmarks.plain_mesa.shops import Shop
from benchmarks.plain_mesa.terms import CROP, PRODUCT
from sim.world.draws import TIMELESS, Purpose

PRODUCERS_OF = {CROP: FARMER, PRODUCT: MANUFACTURER}


class StoreOperator(Household):
    """Has no production of its own; sells what others make. Local, or from outside in a room."""

    def product_slot(self, month: Month) -> int | None:
        slots = sorted(self.village.goods)
        weights = [self._product_weight(slot) for slot in slots]
        total = sum(weights)
        if total <= 0.0:
            return None
        luck = self.draw(Purpose.PRODUCT, month.first_day)[0]
        return slots[first_above([weight / total for weight in weights], luck)]

    def _product_weight(self, slot: int) -> float:
        village, behaviour = self.village, self.behaviour
        profit = village.seen_profit_yuan[slot] / village.terms.wage_yuan
        pull = math.exp(behaviour.choice_profit * clamp(profit, -2.0, behaviour.gain_limit))
        return pull * (behaviour.choice_base * self._supply(slot) + village.seen_shops[slot])

    def _supply(self, slot: int) -> float:
        """Share of the village's producers that make or grow a good; fixed for outside goods."""
        if slot not in PRODUCERS_OF:
            return float(self.behaviour.choice_outside)
        counts = self.village.counts
        return counts[PRODUCERS_OF[slot]] / (counts[FARMER] + counts[MANUFACTURER])

    def consider_settling(self, month: Month) -> None:
        """Take a free room and open a shop, if the village seems to pay.

        A room that was left on this day is not taken before the next month.
        """
        village, behaviour = self.village, self.behaviour
        terms, levers, wage = village.terms, village.terms.levers, village.terms.wage_yuan
        if self.is_present or self.seen_profit_yuan is not None or not terms.has_broadband:
            return
        slot = self.slot_to_open(month)
        if slot is None or self.means_yuan < self.need_yuan(slot, month):
            return
        gain = (village.seen_profit_all_yuan - wage) / wage
        services = levers.storage + levers.product_supply + levers.logistics
        chance = logistic(
            behaviour.settle_intercept
            + behaviour.settle_gain * clamp(gain, -2.0, behaviour.gain_limit)
            + behaviour.settle_services * services / 3
            + behaviour.settle_stores * math.log1p(village.seen_shops_all)
        )
        if self.draw_of_four(Purpose.SETTLE, month.first_day) < chance:
            self.is_present = True
            village.record["settlers"] += 1
            self.open_shop(slot, month)

    def source_pieces(self, shop: Shop, wanted_pieces: float) -> float:
        short_pieces = wanted_pieces - shop.pieces
        if short_pieces > 0.0:
            self._buy_lot(shop, short_pieces)
        return shop.pieces

    def use_pieces(self, shop: Shop, pieces: float, worth_yuan: float) -> None:
        shop.pieces -= pieces

    def _buy_lot(self, shop: Shop, short_pieces: float) -> None:
        behaviour, terms = self.behaviour, self.village.terms
        price_yuan = terms.supply_price_yuan[shop.slot]
        smallest = terms.minimum_lot_pieces
        cover = math.ceil(shop.smoothed_orders * behaviour.cover_days) * shop.good.pieces_per_order
        room = math.floor(terms.storeroom_pieces - shop.pieces)
        lot = min(max(short_pieces, smallest, cover), max(room, short_pieces))
        payable = math.floor(max(0.0, self.cash_yuan + terms.levers.credit_yuan) / price_yuan)
        if payable < min(smallest, lot):
            return
        lot = min(lot, payable)
        if shop.slot == PRODUCT:
            bought = self._buy_from_makers(shop, lot, price_yuan)
            shop.till.pay(bought * price_yuan, "paid_to_makers_yuan")
        else:
            bought = lot
            shop.till.pay(bought * price_yuan, "paid_to_outside_suppliers_yuan")
            self.village.record["pieces_from_outside"] += bought
        shop.pieces += bought

    def _buy_from_makers(self, shop: Shop, lot: float, price_yuan: float) -> float:
        makers = self.village.makers_by_number
        first = race(shop.draw(Purpose.SUPPLIER, TIMELESS)[0], len(makers))[1]
        in_turn = [makers[(first + step) % len(makers)] for step in range(len(makers))]
        missing = lot
        for maker in in_turn[: int(self.behaviour.supplier_tries)]:
            if missing > 0:
                missing -= maker.sell_to_operator(missing, price_yuan)
        return lot - missing
