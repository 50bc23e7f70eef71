"""Households with a production of their own: farmers and manufacturers."""

import math
from typing import TYPE_CHECKING, Any

from benchmarks.plain_mesa.chance import lognormal, standard_normal
from benchmarks.plain_mesa.households import Household
from benchmarks.plain_mesa.residents import OFFLINE, ONLINE
from benchmarks.plain_mesa.settings import Month
from benchmarks.plain_mesa.shops import Shop
from benchmarks.plain_mesa.terms import CROP, PRODUCT
from sim.world.draws import TIMELESS, Purpose

if TYPE_CHECKING:
    from benchmarks.plain_mesa.harvest import FruitMarket
    from benchmarks.plain_mesa.village import Village


class Producer(Household):
    """Sells in its shops what it makes or grows itself, and learns from those who sell the same."""

    is_producer = True
    own_slot: int

    def __init__(self, model: Any, village: "Village", kind: int, number: int) -> None:
        super().__init__(model, village, kind, number)
        self.good = village.goods[self.own_slot]
        self.main_slot = self.own_slot

    def product_slot(self, month: Month) -> int | None:
        return self.own_slot

    def learns_from(self, peer: Household) -> bool:
        return super().learns_from(peer) and peer.seen_slot == self.own_slot

    def village_experience(self) -> tuple[int, float]:
        seen = self.village.seen_shops, self.village.seen_profit_yuan
        return seen[0][self.own_slot], seen[1][self.own_slot]


class Farmer(Producer):
    """Grows the village's crop, and may sell it online."""

    own_slot = CROP
    profit_source = ONLINE

    def __init__(self, model: Any, village: "Village", kind: int, number: int) -> None:
        super().__init__(model, village, kind, number)
        behaviour = self.behaviour
        s = self.draw(Purpose.SIZE, TIMELESS)
        mean_mu = village.spec.farmers.orchard_mu_mean
        self.orchard_mu = mean_mu * lognormal(behaviour.orchard_sigma, s[0])
        self.yield_skill = lognormal(behaviour.farm_skill_sigma, s[1])
        spread = math.exp(behaviour.picking_cost_sigma * standard_normal(s[2]))
        self.picking_cost_yuan_per_kg = self.good.picking_cost_yuan_per_kg * spread
        self.stock_kg = self.stock_age_days = 0.0
        # Of today: common fruit picked, premium fruit offered, fruit left for processors.
        self.common_kg = self.surplus_kg = self.rest_kg = 0.0

    def pick(self, market: "FruitMarket", ripe_kg_per_mu: float) -> None:
        """Lose what spoiled overnight, pick premium fruit, and common fruit where it pays."""
        good, today, record = self.good, market.today, self.village.record
        if self.stock_kg > 0.0:
            spoiled_kg = self.stock_kg
            shelf_life_days = self.village.terms.shelf_life_days(good)
            if self.stock_age_days < shelf_life_days:
                spoiled_kg /= shelf_life_days
            self.stock_kg -= spoiled_kg
            self.stock_age_days += 1.0
            today["spoiled_kg"] += spoiled_kg
        ripe_kg = self.orchard_mu * ripe_kg_per_mu * self.yield_skill
        premium_kg, common_kg = ripe_kg * good.premium_share, ripe_kg * good.common_share
        pays = market.price_yuan_per_kg >= self.picking_cost_yuan_per_kg
        self.common_kg = common_kg if pays else 0.0
        self.rest_kg = ripe_kg - premium_kg - self.common_kg
        self._put_into_stock(premium_kg)
        picked_kg = premium_kg + self.common_kg
        cost_yuan = picked_kg * self.picking_cost_yuan_per_kg
        self.earn(-cost_yuan, OFFLINE)
        record["picking_costs_yuan"] += cost_yuan
        record["picked_premium_kg"] += premium_kg
        record["picked_common_kg"] += self.common_kg
        today["growers_offline_yuan"] -= cost_yuan
        today["ripe_kg"] += ripe_kg
        today["picked_kg"] += picked_kg

    def _put_into_stock(self, fresh_kg: float) -> None:
        total_kg = self.stock_kg + fresh_kg
        if total_kg > 0.0:
            self.stock_age_days *= self.stock_kg / total_kg
        self.stock_kg = total_kg

    def set_aside_boxes(self, shop: Shop) -> int:
        """Take out of the stock what an own shop ships today; return the boxes."""
        boxes = math.floor(self.stock_kg / self.good.box_kg)
        boxes = min(shop.orders_waiting, boxes, math.floor(shop.capacity))
        self.stock_kg -= boxes * self.good.box_kg
        return boxes

    def supply_own_shop(self, shop: Shop, kg: float, value_yuan: float) -> float:
        """Count fruit for an own shop at its worth; return what it cost to pick [yuan]."""
        shop.till.charge(value_yuan)
        self.enter_income(value_yuan, ONLINE)
        return self._move_picking_cost(kg)

    def sell_online(self, kg: float, price_yuan_per_kg: float) -> float:
        """Sell fruit from the pool to shops; return what it cost to pick [yuan]."""
        self.earn(kg * price_yuan_per_kg, ONLINE)
        return self._move_picking_cost(kg)

    def _move_picking_cost(self, kg: float) -> float:
        """Count the picking of fruit that went online, paid already, as a cost of online sale."""
        cost_yuan = kg * self.picking_cost_yuan_per_kg
        self.year_income_yuan[ONLINE] -= cost_yuan
        self.year_income_yuan[OFFLINE] += cost_yuan
        return cost_yuan

    def offer_surplus(self, day: int) -> None:
        """Give the village's pool what is not kept for the own shops' next orders."""
        orders = sum(
            shop.smoothed_orders
            for shop in self.shops
            if shop.is_selling(day) and day < shop.window_close_day
        )
        kept_kg = min(self.stock_kg, self.behaviour.reserve_days * orders * self.good.box_kg)
        self.surplus_kg = self.stock_kg - kept_kg
        self.stock_kg = kept_kg


class Manufacturer(Producer):
    """Makes the village's product for merchants and online shops, and may sell it online."""

    own_slot = PRODUCT

    def __init__(self, model: Any, village: "Village", kind: int, number: int) -> None:
        super().__init__(model, village, kind, number)
        luck = self.draw(Purpose.SIZE, TIMELESS)[0]
        mean = village.spec.manufacturers.capacity_pieces_per_month_mean
        self.capacity_pieces = mean * lognormal(self.behaviour.maker_size_sigma, luck)
        self.first_capacity_pieces = self.capacity_pieces
        self.stock_pieces = self.behaviour.stock_months * self.capacity_pieces
        self.month_pieces = 0.0
        self.unit_cost_yuan = self.merchants_pieces_per_day = 0.0

    def begin_month(self, month: Month) -> None:
        """Learn what traditional merchants want this month, and what a piece costs to make."""
        behaviour = self.behaviour
        luck = self.draw(Purpose.MERCHANTS, month.first_day)[0]
        appetite = behaviour.merchant_share * lognormal(behaviour.merchant_sigma, luck)
        self.merchants_pieces_per_day = self.first_capacity_pieces / 30 * appetite
        size = self.capacity_pieces / behaviour.capacity_reference
        self.unit_cost_yuan = self.good.unit_cost_yuan * size**-behaviour.scale_elasticity

    def make_and_sell(self) -> None:
        behaviour, record = self.behaviour, self.village.record
        room = max(0.0, behaviour.stock_months * self.capacity_pieces - self.stock_pieces)
        made = min(self.capacity_pieces / 30, room)
        self.month_pieces += made
        self.stock_pieces += made
        bought = min(self.stock_pieces, self.merchants_pieces_per_day)
        self.stock_pieces -= bought
        cost_yuan = made * self.unit_cost_yuan
        price_yuan = self.good.unit_cost_yuan * (1.0 + behaviour.merchant_margin)
        self.earn(bought * price_yuan - cost_yuan, OFFLINE)
        record["pieces_made"] += made
        record["pieces_to_merchants"] += bought
        record["production_costs_yuan"] += cost_yuan
        record["merchants_yuan"] += bought * price_yuan

    def sell_to_operator(self, wanted: float, price_yuan: float) -> float:
        """Sell whole pieces as far as the stock goes; return how many."""
        given = min(math.floor(self.stock_pieces), wanted)
        self.stock_pieces -= given
        self.earn(given * price_yuan, OFFLINE)
        return given

    def source_pieces(self, shop: Shop, wanted_pieces: float) -> float:
        return math.floor(self.stock_pieces)

    def use_pieces(self, shop: Shop, pieces: float, worth_yuan: float) -> None:
        self.stock_pieces -= pieces
        self.enter_income(worth_yuan, OFFLINE)

    def expand(self, month: Month) -> None:
        """Enlarge a workshop that was busy all month, if there is money for it."""
        behaviour = self.behaviour
        full_pieces = self.capacity_pieces * month.days / 30
        added = behaviour.expansion_step * self.capacity_pieces
        cost_yuan = behaviour.expansion_cost_yuan_per_piece * added
        is_busy = self.month_pieces >= behaviour.full_use_share * full_pieces
        if is_busy and self.cash_yuan >= cost_yuan:
            self.earn(-cost_yuan, OFFLINE)
            self.village.record["expansion_yuan"] += cost_yuan
            self.capacity_pieces += added
        self.month_pieces = 0.0
