"""The season of a village's crop and what happens to the fruit on a day of it."""

import math
from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.plain_mesa.chance import clamp, lognormal, rounded, standard_normal
from benchmarks.plain_mesa.producers import Farmer
from benchmarks.plain_mesa.residents import OFFLINE
from benchmarks.plain_mesa.settings import Month
from benchmarks.plain_mesa.shops import Shop
from benchmarks.plain_mesa.terms import CROP
from sim.world.calendar import day_of
from sim.world.draws import VILLAGE_ITSELF, Purpose, four_uniforms, village_key

if TYPE_CHECKING:
    from benchmarks.plain_mesa.village import Village

MONTHS_OF_NOTICE = 2
OF_THE_MONTH = (
    "ripe_kg",
    "online_own_kg",
    "online_bought_kg",
    "wholesale_kg",
    "processed_kg",
    "left_kg",
    "spoiled_kg",
    "growers_online_yuan",
    "growers_offline_yuan",
)
"""What is recorded of a day in the season and added up for the month."""


class Season(NamedTuple):
    """When and how well the crop of a village ripens in a year."""

    year: int
    first_ripe_day: int
    """In the open."""
    start_day: int
    """Of the earliest fruit, in a greenhouse if there is one."""
    last_ripe_day: int
    close_day: int
    """Last day of the shops' windows."""
    days: int
    yield_index: float
    greenhouse_share: float

    def ripening_share(self, day: int) -> float:
        """Share of the open orchards' fruit that ripens on a day."""
        n, j = self.days, day - self.first_ripe_day + 1
        if not 1 <= j <= n:
            return 0.0
        return (j - 0.5) * (n - j + 0.5) / (n**3 / 6 + n / 12)

    def ripe_share(self, day: int, greenhouse_yield_ratio: float) -> float:
        """Share of a year's fruit that ripens on a day, in the open and under cover."""
        days_earlier = self.first_ripe_day - self.start_day
        in_open = (1.0 - self.greenhouse_share) * self.ripening_share(day)
        under_cover = self.greenhouse_share * greenhouse_yield_ratio
        return in_open + under_cover * self.ripening_share(day + days_earlier)


def is_time_to_draw(good: Any, month: Month) -> bool:
    """Whether a year's season is drawn on the first of this month, if it has not been before."""
    starts = int(good.window_start_month)
    return max(1, starts - MONTHS_OF_NOTICE) <= month.month_of_year <= starts


def draw_season(village: "Village", month: Month) -> Season:
    """Draw the weather of a year for a village; the county has its part in common."""
    good, levers = village.goods[CROP], village.terms.levers
    behaviour, seed = village.model.settings.behaviour, village.model.study.seed
    zone = village_key(village.spec.zone_path)
    w = four_uniforms(seed, zone, VILLAGE_ITSELF, month.year, int(Purpose.WEATHER))
    v = four_uniforms(seed, village.key, VILLAGE_ITSELF, month.year, int(Purpose.WEATHER))
    shift = (
        good.window_shift_sd_days * standard_normal(w[0])
        + good.village_shift_sd_days * standard_normal(v[0])
        + levers.season_shift_days
    )
    start = date(month.year, int(good.window_start_month), int(good.window_start_day))
    first = day_of(start) + rounded(shift)
    days = max(3, rounded(good.window_days + good.window_days_sd * standard_normal(w[2])))
    earlier = int(levers.greenhouse_days_earlier) if levers.greenhouse_share > 0.0 else 0
    last = first + days - 1
    return Season(
        year=month.year,
        first_ripe_day=first,
        start_day=first - earlier,
        last_ripe_day=last,
        close_day=last + int(behaviour.window_tail_days),
        days=days,
        yield_index=lognormal(good.yield_sigma, w[1]) * levers.yield_multiple,
        greenhouse_share=levers.greenhouse_share,
    )


class FruitMarket:
    """The village's fruit from day to day: shops, wholesale, processing and loss."""

    def __init__(self, village: "Village") -> None:
        self.village = village
        self.good: Any = village.goods[CROP]
        self.behaviour: Any = village.model.settings.behaviour
        self.price_yuan_per_kg = 0.0
        """Wholesale price of common fruit, of yesterday until today's is known."""
        self.today: dict[str, float] = defaultdict(float)
        """What is recorded of the day."""

    def trade(self, day: int, month: Month) -> None:
        """Go through a day of the season; nothing happens outside of it."""
        village, season = self.village, self.village.season
        if season is None or season.year != month.year:
            return
        if not season.start_day <= day <= season.close_day:
            return
        self.today = defaultdict(float)
        reference_yuan = village.terms.reference_wholesale_yuan_per_kg(self.good)
        if day == season.start_day:
            self.price_yuan_per_kg = reference_yuan
        trend = (1.0 + self.good.yield_trend) ** month.trend_years
        yield_kg_per_mu = self.good.yield_kg_per_mu * trend
        share = season.ripe_share(day, self.good.greenhouse_yield_ratio)
        village.farmers.do("pick", self, yield_kg_per_mu * season.yield_index * share)
        shops = [shop for shop in village.shops if shop.slot == CROP and shop.is_selling(day)]
        for shop in shops:
            shop.own_boxes = shop.owner.set_aside_boxes(shop)
        village.farmers.do("offer_surplus", day)
        pool_kg = sum(village.farmers.get("surplus_kg"))
        left_kg = self._take_from_pool(shops, pool_kg)
        normal_kg = self._normal_supply_kg(yield_kg_per_mu)
        worth_yuan_per_kg = self._premium_yuan_per_kg
        self._set_price(left_kg, normal_kg, reference_yuan)
        for shop in shops:
            if shop.orders_waiting > 0:
                self._sell_online(shop, worth_yuan_per_kg, month)
        self._pay_growers(pool_kg, left_kg)
        self._process(normal_kg)
        self._end_day(day, is_last=day == season.close_day)

    def _take_from_pool(self, shops: list[Shop], pool_kg: float) -> float:
        """Let shops take from the pool, in their order, what their own fruit does not fill.

        Returns what is left [kg].
        """
        box_kg, left_kg = self.good.box_kg, pool_kg
        for shop in shops:
            possible = min(shop.orders_waiting - shop.own_boxes, math.floor(left_kg / box_kg))
            shop.smooth(shop.own_boxes + possible)
            shop.bought_boxes = min(possible, math.floor(shop.capacity) - shop.own_boxes)
            left_kg -= shop.bought_boxes * box_kg
        return left_kg

    def _sell_online(self, shop: Shop, worth_yuan_per_kg: float, month: Month) -> None:
        """Ship the boxes of a shop and pay for those from the pool."""
        box_kg, today = self.good.box_kg, self.today
        bought_kg = shop.bought_boxes * box_kg
        kept_yuan = shop.ship_fruit(shop.own_boxes + shop.bought_boxes, month)
        cost_yuan = bought_kg * self._pool_yuan_per_kg
        shop.till.pay_for_order(cost_yuan, "paid_to_growers_yuan")
        today["online_bought_kg"] += bought_kg
        if isinstance(shop.owner, Farmer):
            own_kg = shop.own_boxes * box_kg
            picking_yuan = shop.owner.supply_own_shop(shop, own_kg, own_kg * worth_yuan_per_kg)
            today["online_own_kg"] += own_kg
            today["growers_online_yuan"] += kept_yuan - cost_yuan - picking_yuan
            today["growers_offline_yuan"] += picking_yuan

    def _normal_supply_kg(self, yield_kg_per_mu: float) -> float:
        """Daily supply to the wholesale market at which the price is the reference price."""
        marketable = self.good.premium_share + self.good.common_share
        return self.village.orchard_mu * yield_kg_per_mu * marketable / self.good.window_days

    def _set_price(self, left_kg: float, normal_kg: float, reference_yuan: float) -> None:
        supply_kg = left_kg + sum(self.village.farmers.get("common_kg"))
        if supply_kg > 0.0 and normal_kg > 0.0:
            self.price_yuan_per_kg = reference_yuan * clamp(
                (supply_kg / normal_kg) ** -self.behaviour.glut_exponent,
                self.behaviour.wholesale_floor,
                self.behaviour.wholesale_cap,
            )
        self.today["wholesale_kg"] += supply_kg
        self.today["wholesale_yuan_per_kg"] = self.price_yuan_per_kg

    @property
    def _premium_yuan_per_kg(self) -> float:
        return self.price_yuan_per_kg * self.good.premium_price_ratio

    @property
    def _pool_yuan_per_kg(self) -> float:
        reference_yuan = self.village.terms.reference_wholesale_yuan_per_kg(self.good)
        agreed_yuan = reference_yuan * self.good.premium_price_ratio
        agreed_yuan *= 1.0 + self.behaviour.procurement_premium
        return max(self._premium_yuan_per_kg, agreed_yuan)

    def _pay_growers(self, pool_kg: float, left_kg: float) -> None:
        """Share what shops and wholesale dealers pay for the pool among those who gave to it."""
        today, record = self.today, self.village.record
        for farmer in self.village.farmers:
            share = farmer.surplus_kg / pool_kg if pool_kg > 0.0 else 0.0
            online_kg = share * (pool_kg - left_kg)
            picking_yuan = farmer.sell_online(online_kg, self._pool_yuan_per_kg)
            offline_yuan = share * left_kg * self._premium_yuan_per_kg
            offline_yuan += farmer.common_kg * self.price_yuan_per_kg
            farmer.earn(offline_yuan, OFFLINE)
            record["wholesale_yuan"] += offline_yuan
            online_yuan = online_kg * self._pool_yuan_per_kg
            today["growers_online_yuan"] += online_yuan - picking_yuan
            today["growers_offline_yuan"] += offline_yuan + picking_yuan

    def _process(self, normal_kg: float) -> None:
        """Sell fallen fruit, and what was not picked, to processors as far as they take it."""
        floor_yuan, cost_yuan = (
            self.good.floor_price_yuan_per_kg,
            self.good.gathering_cost_yuan_per_kg,
        )
        rest_kg = sum(self.village.farmers.get("rest_kg"))
        processed_kg = 0.0
        if floor_yuan >= cost_yuan and rest_kg > 0.0:
            processed_kg = min(rest_kg, self.behaviour.processor_capacity_share * normal_kg)
            for farmer in self.village.farmers:
                kg = processed_kg * farmer.rest_kg / rest_kg
                farmer.earn(kg * (floor_yuan - cost_yuan), OFFLINE)
            self.village.record["processing_yuan"] += processed_kg * floor_yuan
            self.village.record["picking_costs_yuan"] += processed_kg * cost_yuan
            self.today["growers_offline_yuan"] += processed_kg * (floor_yuan - cost_yuan)
        self.today["processed_kg"] += processed_kg
        self.today["left_kg"] += rest_kg - processed_kg

    def _end_day(self, day: int, is_last: bool) -> None:
        """Throw away what is kept beyond the last day; add the day to the month."""
        for farmer in self.village.farmers:
            if is_last:
                self.today["spoiled_kg"] += farmer.stock_kg
                farmer.stock_kg = 0.0
            if farmer.stock_kg <= 0.0:
                farmer.stock_age_days = 0.0
            self.today["in_stock_kg"] += farmer.stock_kg
        for name in OF_THE_MONTH:
            self.village.record[name] += self.today[name]
        self.village.model.note_season_day(self.village, day, self.today)
