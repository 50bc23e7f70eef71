"""Households with a production of their own: farmers and manufacturers."""

import math
from typing import TYPE_CHECKING, Any

from benchmarks.plain_mesa.households import Household
from benchmarks.plain_mesa.settings import Month
from benchmarks.plain_mesa.shops import CROP, PRODUCT, Shop
from sim.rules.chance import lognormal_unit_mean, standard_normal
from sim.world.draws import TIMELESS, Purpose

if TYPE_CHECKING:
    from benchmarks.plain_mesa.village import Village


class Farmer(Household):
    """Grows the village's crop, and may sell it online."""

    is_producer = True

    def __init__(self, model: Any, village: "Village", kind: int, number: int) -> None:
        super().__init__(model, village, kind, number)
        behaviour = model.settings.behaviour
        s = self.draw(Purpose.SIZE, TIMELESS)
        mean_mu = village.spec.farmers.orchard_mu_mean
        self.orchard_mu = mean_mu * lognormal_unit_mean(behaviour.orchard_sigma, s[0])
        self.yield_skill = lognormal_unit_mean(behaviour.farm_skill_sigma, s[1])
        self.picking_cost_yuan_per_kg = village.goods[CROP].picking_cost_yuan_per_kg * math.exp(
            behaviour.picking_cost_sigma * standard_normal(s[2])
        )
        self.stock_kg = 0.0
        self.stock_age_days = 0.0
        self.common_kg = self.surplus_kg = self.waste_kg = 0.0

    def product_slot(self, month: Month) -> int | None:
        return CROP

    def learns_from(self, peer: Household) -> bool:
        return peer.seen_slot == CROP

    def village_experience(self) -> tuple[int, float]:
        return self.village.seen_shops[CROP], self.village.seen_profit_yuan[CROP]

    def pick(self, ripe_kg_per_mu: float, picks_below_yuan: float) -> None:
        """Lose what spoiled overnight, pick premium fruit, and common fruit where it pays."""
        good, village = self.village.goods[CROP], self.village
        shelf_life = village.shelf_life_days
        if self.stock_age_days >= shelf_life:
            spoiled_kg = self.stock_kg
        else:
            spoiled_kg = self.stock_kg / shelf_life
        self.stock_kg -= spoiled_kg
        self.stock_age_days += 1.0
        ripe_kg = self.orchard_mu * ripe_kg_per_mu * self.yield_skill
        premium_kg = ripe_kg * good.premium_share
        common_kg = ripe_kg * good.common_share
        fallen_kg = ripe_kg - premium_kg - common_kg
        total_kg = self.stock_kg + premium_kg
        if total_kg > 0.0:
            self.stock_age_days *= self.stock_kg / total_kg
        self.stock_kg = total_kg
        picks_common = picks_below_yuan >= self.picking_cost_yuan_per_kg
        self.common_kg = common_kg if picks_common else 0.0
        self.waste_kg = fallen_kg if picks_common else fallen_kg + common_kg
        self.earn(-(premium_kg + self.common_kg) * self.picking_cost_yuan_per_kg)
        village.ripe_kg += ripe_kg
        village.spoiled_kg += spoiled_kg

    def offer_surplus(self, day: int, reserve_days: float) -> None:
        """Give the village's pool what is not kept for the own shops' next orders."""
        box_kg = self.village.goods[CROP].box_kg
        orders = sum(s.smoothed_orders for s in self.shops if s.window_is_open(day))
        self.surplus_kg = self.stock_kg - min(self.stock_kg, reserve_days * orders * box_kg)
        self.stock_kg -= self.surplus_kg

    def throw_away_stock(self) -> None:
        self.village.spoiled_kg += self.stock_kg
        self.stock_kg = self.stock_age_days = 0.0


class Manufacturer(Household):
    """Makes the village's product for merchants and online shops, and may sell it online."""

    is_producer = True

    def __init__(self, model: Any, village: "Village", kind: int, number: int) -> None:
        super().__init__(model, village, kind, number)
        sigma = model.settings.behaviour.maker_size_sigma
        luck = self.draw(Purpose.SIZE, TIMELESS)[0]
        mean = village.spec.manufacturers.capacity_pieces_per_month_mean
        self.capacity_pieces = mean * lognormal_unit_mean(sigma, luck)
        self.stock_pieces = 0.0
        self.made_pieces = 0.0
        self.unit_cost_yuan = 0.0
        self.merchants_pieces_per_day = 0.0

    def product_slot(self, month: Month) -> int | None:
        return PRODUCT

    def learns_from(self, peer: Household) -> bool:
        return peer.seen_slot == PRODUCT

    def village_experience(self) -> tuple[int, float]:
        return self.village.seen_shops[PRODUCT], self.village.seen_profit_yuan[PRODUCT]

    def meet_merchants(self, month: Month) -> None:
        """Learn what traditional merchants want this month, and what a piece costs to make."""
        behaviour = self.model.settings.behaviour
        luck = self.draw(Purpose.MERCHANTS, month.first_day)[0]
        appetite = behaviour.merchant_share * lognormal_unit_mean(behaviour.merchant_sigma, luck)
        self.merchants_pieces_per_day = self.capacity_pieces / 30 * appetite
        size = self.capacity_pieces / behaviour.capacity_reference
        scale = size**-behaviour.scale_elasticity
        self.unit_cost_yuan = self.village.goods[PRODUCT].unit_cost_yuan * scale

    def make_and_sell(self) -> None:
        behaviour, good = self.model.settings.behaviour, self.village.goods[PRODUCT]
        daily_pieces = self.capacity_pieces / 30
        room = max(0.0, behaviour.stock_months * self.capacity_pieces - self.stock_pieces)
        made = min(daily_pieces, room)
        self.earn(-made * self.unit_cost_yuan)
        self.made_pieces += made
        self.stock_pieces += made
        bought = min(self.stock_pieces, self.merchants_pieces_per_day)
        self.stock_pieces -= bought
        self.earn(bought * good.unit_cost_yuan * (1.0 + behaviour.merchant_margin))
        self.village.made_pieces += made
        self.village.merchant_pieces += bought

    def source_pieces(self, shop: Shop, wanted_orders: int) -> float:
        return self.stock_pieces

    def take_pieces(self, shop: Shop, pieces: float) -> None:
        self.stock_pieces -= pieces

    def expand(self) -> None:
        behaviour = self.model.settings.behaviour
        added = behaviour.expansion_step * self.capacity_pieces
        cost = behaviour.expansion_cost_yuan_per_piece * added
        if self.made_pieces >= 0.95 * self.capacity_pieces and self.cash_yuan >= cost:
            self.cash_yuan -= cost
            self.capacity_pieces += added
        self.made_pieces = 0.0
