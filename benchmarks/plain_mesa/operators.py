"""Households without production that sell what others make or grow, local or from outside."""

import math

from benchmarks.plain_mesa.households import INCOMER, MANUFACTURER, Household, first_above
from benchmarks.plain_mesa.settings import Month, clamp
from benchmarks.plain_mesa.shops import CROP, PRODUCT, Shop
from sim.rules.chance import logistic
from sim.world.draws import TIMELESS, Purpose


class StoreOperator(Household):
    """Has no production of its own; sells what others make. Local, or from outside in a room."""

    def product_slot(self, month: Month) -> int | None:
        village = self.village
        if not village.goods:
            return None
        slots = sorted(village.goods)
        weights = [self._product_weight(slot) for slot in slots]
        luck = self.draw(Purpose.PRODUCT, month.first_day)[0]
        return slots[first_above([weight / sum(weights) for weight in weights], luck)]

    def _product_weight(self, slot: int) -> float:
        village, behaviour = self.village, self.model.settings.behaviour
        profit = village.seen_profit_yuan[slot] / village.wage_yuan
        pull = math.exp(behaviour.choice_profit * clamp(profit, -2.0, behaviour.gain_limit))
        supply = 1.0 if slot in (CROP, PRODUCT) else behaviour.choice_outside
        return pull * (behaviour.choice_base + village.seen_shops[slot]) * supply

    def consider_settling(self, month: Month) -> None:
        """Take a free room and open a shop, if the village seems to pay."""
        if self.is_present or not self.is_connected:
            return
        slot = self.product_slot(month)
        if slot is None:
            return
        village, settings = self.village, self.model.settings
        if not settings.platforms_open_to(village.goods[slot], month.first_day):
            return
        if self.means_yuan < self.need_yuan(slot, month):
            return
        behaviour, levers, wage = settings.behaviour, village.levers, village.wage_yuan
        gain = (village.seen_profit_all_yuan - wage) / wage
        services = levers.storage + levers.product_supply + levers.logistics
        chance = logistic(
            behaviour.settle_intercept
            + behaviour.settle_gain * clamp(gain, -2.0, behaviour.gain_limit)
            + behaviour.settle_services * services / 3
            + behaviour.settle_stores * math.log1p(village.seen_shops_all)
        )
        if self.draw(Purpose.SETTLE, month.first_day)[0] < chance:
            self.is_present = True
            self.open_shop(slot, month)
            self.model.note("settled", village, self.member, self.shops_ever - 1, slot)

    def consider_opening(self, month: Month) -> None:
        has_just_settled = self.kind == INCOMER and any(
            shop.opened_on == month.first_day for shop in self.shops
        )
        if not has_just_settled:
            super().consider_opening(month)

    def source_pieces(self, shop: Shop, wanted_orders: int) -> float:
        short = wanted_orders * shop.good.pieces_per_order - shop.pieces
        if short > 0.0:
            self._buy_lot(shop, short)
        return shop.pieces

    def _buy_lot(self, shop: Shop, short_pieces: float) -> None:
        behaviour, village = self.model.settings.behaviour, self.village
        price_yuan = village.supply_price_yuan[shop.slot]
        smallest = village.minimum_lot_pieces
        cover = math.ceil(shop.smoothed_orders * behaviour.cover_days) * shop.good.pieces_per_order
        room = math.floor(village.storeroom_pieces - shop.pieces)
        lot = min(max(short_pieces, smallest, cover), max(room, short_pieces))
        affordable = math.floor(max(0.0, self.cash_yuan + village.levers.credit_yuan) / price_yuan)
        if affordable < min(smallest, lot):
            return
        lot = min(lot, affordable)
        is_local = shop.slot == PRODUCT
        bought = self._buy_from_makers(shop, lot, price_yuan) if is_local else lot
        shop.pieces += bought
        self.earn(-bought * price_yuan)

    def _buy_from_makers(self, shop: Shop, lot: float, price_yuan: float) -> float:
        makers, span = self.village.makers_by_number, self.village.spans[MANUFACTURER]
        first = math.floor(shop.draw(Purpose.SUPPLIER, TIMELESS)[0] * span)
        missing = lot
        for attempt in range(int(self.model.settings.behaviour.supplier_tries)):
            maker = makers.get((first + attempt) % span) if span else None
            if maker is None:
                continue
            taken = min(math.floor(maker.stock_pieces), missing)
            maker.stock_pieces -= taken
            maker.earn(taken * price_yuan)
            missing -= taken
            if missing <= 0.0:
                break
        return lot - missing
