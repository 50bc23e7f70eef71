"""What things cost and take in a village in one month: levers, wage, prices, days on the way."""

import math
from typing import TYPE_CHECKING, Any

from benchmarks.plain_mesa.chance import rounded
from benchmarks.plain_mesa.settings import Month
from sim.engine.policy import Levers

if TYPE_CHECKING:
    from benchmarks.plain_mesa.village import Village

CROP, PRODUCT = 0, 1
"""Good slots; 2 and 3 are goods from outside."""


class MonthlyTerms:
    """The terms of a month for everybody in a village."""

    def __init__(self, village: "Village", month: Month) -> None:
        self.village, self.month = village, month
        behaviour = self.behaviour = village.model.settings.behaviour
        self.levers = self._levers()
        income = month.income_per_head_yuan * village.spec.income_index
        self.wage_yuan = behaviour.wage_income_ratio * income
        self.has_broadband = month.first_day >= self.levers.broadband_day
        share = month.rural_internet_share * village.spec.internet_ratio
        self.internet_share = share if self.has_broadband else 0.0
        supply_cut = 1.0 - self.levers.product_supply
        self.minimum_lot_pieces = max(1, rounded(behaviour.minimum_lot_pieces * supply_cut))
        room_gain = behaviour.storage_room_gain * self.levers.storage
        self.storeroom_pieces = behaviour.storeroom_pieces * (1.0 + room_gain)
        self.reference_price_yuan = {
            slot: good.reference_price_yuan * (1.0 + good.price_trend) ** month.trend_years
            for slot, good in village.goods.items()
        }
        self.supply_price_yuan = {
            slot: self._supply_price_yuan(slot) for slot in village.goods if slot != CROP
        }
        self._set_delivery()
        self._set_parcels()

    def _levers(self) -> Levers:
        of_all = self.village.model.policies.levers(self.month.first_day)
        return Levers(*(column[self.village.place].item() for column in of_all))

    def _supply_price_yuan(self, slot: int) -> float:
        price = self.village.goods[slot].unit_cost_yuan * (1.0 + self.behaviour.supply_margin)
        if slot == PRODUCT:
            return price
        return price * (1.0 + self.behaviour.outside_supply_premium)

    def _set_delivery(self) -> None:
        behaviour, levers = self.behaviour, self.levers
        platforms = self.village.model.settings.platforms
        cut = behaviour.storage_handling_cut * levers.storage
        self.handling_days = behaviour.handling_days * (1.0 - cut)
        saved = behaviour.logistics_days_saved * levers.logistics
        self.transit_days = {
            slot: [
                max(0.5, platform.transit_days - good.express_days_saved - saved)
                for platform in platforms
            ]
            for slot, good in self.village.goods.items()
        }
        self.fee_share = [
            (platform.commission_share + platform.advertising_share) * levers.commission_multiple
            for platform in platforms
        ]
        self.transit_loss = {
            slot: [self._transit_loss_share(good, days) for days in self.transit_days[slot]]
            for slot, good in self.village.goods.items()
        }

    def _transit_loss_share(self, good: Any, days: float) -> float:
        if not good.perishable:
            return 0.0
        gain = good.cold_parcel_shelf_life_days - good.parcel_shelf_life_days
        shelf_life = good.parcel_shelf_life_days + gain * self.levers.cold_chain
        return 1.0 - math.exp(-((days / shelf_life) ** self.behaviour.spoilage_shape))

    def _set_parcels(self) -> None:
        behaviour, levers = self.behaviour, self.levers
        volume = self.village.parcels_last_month
        discount = behaviour.parcel_discount_max * volume
        discount /= volume + behaviour.parcel_discount_half
        village_yuan = (
            self.month.parcel_price_yuan
            * (1.0 - discount)
            * (1.0 - behaviour.logistics_parcel_cut * levers.logistics)
            * levers.parcel_price_multiple
        )
        self.parcel_yuan = {
            slot: [
                village_yuan * good.parcel_price_ratio * platform.parcel_multiple
                for platform in self.village.model.settings.platforms
            ]
            for slot, good in self.village.goods.items()
        }

    def shelf_life_days(self, good: Any) -> float:
        """How long fruit keeps with the growers."""
        gain = good.cold_shelf_life_days - good.shelf_life_days
        return float(good.shelf_life_days + gain * self.levers.cold_chain)

    def reference_wholesale_yuan_per_kg(self, good: Any) -> float:
        """Wholesale price of common fruit on a day of normal supply."""
        trend = (1.0 + good.price_trend) ** self.month.trend_years
        return float(good.wholesale_price_yuan_per_kg * trend)

    def goods_yuan_per_order(self, slot: int) -> float:
        """What the goods of an order cost."""
        good = self.village.goods[slot]
        if slot == CROP:
            premium = self.reference_wholesale_yuan_per_kg(good) * good.premium_price_ratio
            return good.box_kg * premium
        return good.pieces_per_order * self.supply_price_yuan[slot]
