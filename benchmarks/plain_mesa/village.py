"""A village: its households, its goods and what things cost there in a month."""

import math
from typing import TYPE_CHECKING, Any

from mesa.agentset import AgentSet

from benchmarks.plain_mesa.harvest import FruitMarket, Season, season_of
from benchmarks.plain_mesa.households import (
    FARMER,
    INCOMER,
    LOCAL_OPERATOR,
    MANUFACTURER,
    Household,
)
from benchmarks.plain_mesa.operators import StoreOperator
from benchmarks.plain_mesa.producers import Farmer, Manufacturer
from benchmarks.plain_mesa.settings import Month
from benchmarks.plain_mesa.shops import CROP, PRODUCT, Shop
from sim.engine.policy import Levers
from sim.scenario import VillageSpec
from sim.world.draws import TIMELESS, Purpose, village_key

if TYPE_CHECKING:
    from benchmarks.plain_mesa.model import PlainVillageModel

SLOTS = 4
KINDS = {
    FARMER: Farmer,
    MANUFACTURER: Manufacturer,
    LOCAL_OPERATOR: StoreOperator,
    INCOMER: StoreOperator,
}
COUNTED = (
    "orders_placed",
    "orders_shipped",
    "orders_cancelled",
    "shops_opened",
    "shops_closed",
    "made_pieces",
    "merchant_pieces",
    "salvaged_pieces",
    "ripe_kg",
    "fruit_online_kg",
    "wholesale_kg",
    "processed_kg",
    "left_kg",
    "spoiled_kg",
)
"""What a village counts in a month."""


class Village:
    """Where households live, goods are made and wages are paid."""

    def __init__(self, model: "PlainVillageModel", place: int, spec: VillageSpec) -> None:
        self.model, self.place, self.spec = model, place, spec
        self.key = village_key(spec.path)
        self.good_names = _good_slots(spec)
        self.goods = {slot: model.settings.goods[name] for slot, name in self.good_names.items()}
        self.shops: list[Shop] = []
        self.sales_by_day_yuan: list[float] = []
        self.online_sales_today_yuan = 0.0
        self.online_sales_yuan = 0.0
        self.parcels_last_month = 0
        self.start_counting()
        self._publish_nothing()
        first_income = model.settings.month_of(model.study.start).income_per_head_yuan
        self.first_income_per_head_yuan = first_income * spec.income_index
        self._settle_households()
        self.fruit = FruitMarket(self) if CROP in self.goods else None

    def _settle_households(self) -> None:
        spec = self.spec
        counts = {
            FARMER: spec.farmers.households if spec.farmers else 0,
            MANUFACTURER: spec.manufacturers.households if spec.manufacturers else 0,
            LOCAL_OPERATOR: spec.operators,
            INCOMER: round(spec.rooms_per_household * spec.households),
        }
        self.counts = counts
        self.spans = {kind: _power_of_two_from(count) for kind, count in counts.items()}
        self.by_member = {
            (kind, number): KINDS[kind](self.model, self, kind, number)
            for kind, count in counts.items()
            for number in range(count)
        }
        self.households = self._agents(*KINDS)
        self.farmers = self._agents(FARMER)
        self.makers = self._agents(MANUFACTURER)
        self.rooms = self._agents(INCOMER)
        self.makers_by_number = {maker.number: maker for maker in self.makers}
        self.orchard_mu = sum(farmer.orchard_mu for farmer in self.farmers)
        for household in self.households:
            household.peers = self._peers_of(household)

    def _agents(self, *kinds: int) -> AgentSet:
        chosen = [who for (kind, _), who in self.by_member.items() if kind in kinds]
        return AgentSet(chosen, random=self.model.random)

    def _peers_of(self, household: Household) -> list[Household]:
        """Up to four neighbours of the own kind and four acquaintances of any kind."""
        kind, number = household.kind, household.number
        slots = [(kind, number + step) for step in (-2, -1, 1, 2)]
        span = sum(self.spans.values())
        for luck in household.draw(Purpose.PEERS, TIMELESS):
            rest = math.floor(luck * span)
            for other_kind, kind_span in self.spans.items():
                if rest < kind_span:
                    slots.append((other_kind, rest))
                    break
                rest -= kind_span
        peers = [self.by_member.get(slot) for slot in slots if slot != (kind, number)]
        return [peer for peer in peers if peer is not None]

    # The terms of a month.

    def levers_of(self, first_day: int) -> Levers:
        levers = self.model.policies.levers(first_day)
        return Levers(*(column[self.place].item() for column in levers))

    def season_of(self, year: int) -> Season:
        return season_of(self, year)

    def enter_month(self, month: Month, next_month_day: int) -> None:
        settings, spec = self.model.settings, self.spec
        behaviour = settings.behaviour
        self.next_month_day = next_month_day
        self.levers = self.levers_of(month.first_day)
        income = month.income_per_head_yuan * spec.income_index
        self.wage_yuan = behaviour.wage_income_ratio * income
        has_broadband = month.first_day >= self.levers.broadband_day
        self.internet_share = has_broadband * month.rural_internet_share * spec.internet_ratio
        supply_cut = 1.0 - self.levers.product_supply
        self.minimum_lot_pieces = max(1, round(behaviour.minimum_lot_pieces * supply_cut))
        room_gain = behaviour.storage_room_gain * self.levers.storage
        self.storeroom_pieces = behaviour.storeroom_pieces * (1.0 + room_gain)
        self.reference_price_yuan = {
            slot: good.reference_price_yuan * (1.0 + good.price_trend) ** month.trend_years
            for slot, good in self.goods.items()
        }
        self.supply_price_yuan = {
            slot: self._supply_price_yuan(slot) for slot in self.goods if slot != CROP
        }
        self._set_delivery_terms(month)
        self.makers.do("meet_merchants", month)
        if self.fruit is not None:
            self.fruit.enter_month(month)
            self.season = self.season_of(month.year)
            good = self.goods[CROP]
            gain = good.cold_shelf_life_days - good.shelf_life_days
            self.shelf_life_days = good.shelf_life_days + gain * self.levers.cold_chain

    def _set_delivery_terms(self, month: Month) -> None:
        settings, levers = self.model.settings, self.levers
        behaviour, platforms = settings.behaviour, settings.platforms
        cut = behaviour.storage_handling_cut * levers.storage
        self.handling_days = behaviour.handling_days * (1.0 - cut)
        saved = behaviour.logistics_days_saved * levers.logistics
        self.transit_days = [max(0.5, platform.transit_days - saved) for platform in platforms]
        self.fee_share = [
            (platform.commission_share + platform.advertising_share) * levers.commission_multiple
            for platform in platforms
        ]
        volume = self.parcels_last_month
        discount = behaviour.parcel_discount_max * volume
        discount /= volume + behaviour.parcel_discount_half
        village_yuan = (
            month.parcel_price_yuan
            * (1.0 - discount)
            * (1.0 - behaviour.logistics_parcel_cut * levers.logistics)
            * levers.parcel_price_multiple
        )
        self.parcel_yuan = {
            slot: [
                village_yuan * good.parcel_price_ratio * platform.parcel_multiple
                for platform in platforms
            ]
            for slot, good in self.goods.items()
        }
        self.transit_loss = {
            slot: [self._transit_loss_share(good, days) for days in self.transit_days]
            for slot, good in self.goods.items()
        }

    def _transit_loss_share(self, good: Any, days: float) -> float:
        if not good.perishable:
            return 0.0
        gain = good.cold_parcel_shelf_life_days - good.parcel_shelf_life_days
        shelf_life = good.parcel_shelf_life_days + gain * self.levers.cold_chain
        shape = self.model.settings.behaviour.spoilage_shape
        return 1.0 - math.exp(-((days / shelf_life) ** shape))

    def _supply_price_yuan(self, slot: int) -> float:
        behaviour = self.model.settings.behaviour
        price = self.goods[slot].unit_cost_yuan * (1.0 + behaviour.supply_margin)
        return price if slot == PRODUCT else price * (1.0 + behaviour.outside_supply_premium)

    def goods_cost_per_order_yuan(self, slot: int) -> float:
        good = self.goods[slot]
        if self.fruit is not None and slot == CROP:
            return good.box_kg * self.fruit.reference_yuan_per_kg * good.premium_price_ratio
        return good.pieces_per_order * self.supply_price_yuan[slot]

    # The stages of the first day of a month.

    def train(self, month: Month) -> None:
        self.households.do("learn_by_doing")
        self.households.do("attend_training", month)

    def close_shops(self, month: Month) -> None:
        for shop in self.shops:
            shop.settle_receivables(month)
        closing = [shop for shop in self.shops if shop.wants_to_close(month)]
        for shop in closing:
            shop.owner.close_shop(shop, month)
            self.shops_closed += 1
            self.model.note("closed", self, shop.owner.member, shop.ordinal, shop.slot)
        self.shops = [shop for shop in self.shops if shop not in closing]

    def open_shops(self, month: Month) -> None:
        self.rooms.do("consider_settling", month)
        self.households.do("consider_opening", month)

    def add_shop(self, shop: Shop) -> None:
        self.shops.append(shop)
        self.shops_opened += 1
        self.model.note("opened", self, shop.owner.member, shop.ordinal, shop.slot)

    def run_shops(self, month: Month) -> None:
        for shop in self.shops:
            shop.choose_price()
        for shop in self.shops:
            shop.add_channels(month)
        for shop in self.shops:
            shop.hire(month)
        for shop in self.shops:
            if shop.good.perishable:
                shop.set_window(month)
        for shop in self.shops:
            shop.publish_attraction(month)

    # Every day.

    def trade(self, day: int, month: Month) -> None:
        self.online_sales_today_yuan = 0.0
        self.makers.do("make_and_sell")
        self.households.do("receive_orders", day)
        for shop in self.shops:
            if not shop.good.perishable:
                shop.ship_durables(month)
        if self.fruit is not None:
            self.fruit.trade(day, month)
        self.sales_by_day_yuan.append(self.online_sales_today_yuan)
        self.online_sales_yuan += self.online_sales_today_yuan

    # The last day of a month.

    def end_month(self, month: Month) -> None:
        staff = sum(shop.staff for shop in self.shops)
        pool = [who for who in self.households if who.is_in_labour_pool]
        pool_workers = sum(who.workers for who in pool)
        hired = min(staff, pool_workers)
        tightness = hired / pool_workers if pool_workers else 0.0
        wage = self.wage_yuan * (1.0 + self.model.settings.behaviour.wage_tightness * tightness)
        for shop in self.shops:
            shop.close_books(shop.staff * wage)
        chosen = [who for who in pool if who.draw(Purpose.HIRED, month.first_day)[0] < tightness]
        sharing = chosen or pool
        for household in sharing:
            household.earn(hired * wage / len(sharing))
        self.households.do("work_outside")
        self.households.do("consume")
        self.makers.do("expand")
        self.staff, self.hired_villagers, self.labour_pool = staff, hired, pool_workers
        self.parcels_last_month = self.orders_shipped
        self.publish()

    def _publish_nothing(self) -> None:
        self.seen_shops = dict.fromkeys(range(SLOTS), 0)
        self.seen_profit_yuan = dict.fromkeys(range(SLOTS), 0.0)
        self.seen_shops_all, self.seen_profit_all_yuan = 0, 0.0
        self.hearsay_weight, self.hearsay_profit_yuan = 0.0, 0.0

    def publish(self) -> None:
        """Let everybody know how many shops there are and what they earn on average."""
        self.households.do("publish")
        profits = {slot: [] for slot in range(SLOTS)}
        for shop in self.shops:
            profits[shop.slot].append(shop.average_profit_yuan)
        for slot, of_slot in profits.items():
            self.seen_shops[slot] = len(of_slot)
            self.seen_profit_yuan[slot] = _mean(of_slot)
        self.seen_shops_all = len(self.shops)
        self.seen_profit_all_yuan = _mean([profit for some in profits.values() for profit in some])

    def start_counting(self) -> None:
        for name in COUNTED:
            setattr(self, name, 0)
        self.online_sales_yuan = 0.0


def _good_slots(spec: VillageSpec) -> dict[int, str]:
    names = [
        spec.farmers.crop if spec.farmers else None,
        spec.manufacturers.product if spec.manufacturers else None,
        *spec.within_reach,
    ]
    return {slot: name for slot, name in enumerate(names) if name is not None}


def _power_of_two_from(count: int) -> int:
    return 1 << (count - 1).bit_length() if count else 0


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0
