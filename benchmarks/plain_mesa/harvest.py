"""The season of a village's crop and what happens to the fruit on a day of it."""

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.plain_mesa.producers import Farmer
from benchmarks.plain_mesa.settings import Month, clamp
from benchmarks.plain_mesa.shops import CROP, Shop
from sim.engine.policy import Levers
from sim.rules.chance import lognormal_unit_mean, standard_normal
from sim.world.calendar import day_of
from sim.world.draws import VILLAGE_ITSELF, Purpose, four_uniforms, village_key

if TYPE_CHECKING:
    from benchmarks.plain_mesa.village import Village


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
    yield_kg_per_mu: float
    """Of the year, with its weather."""
    reference_yield_kg_per_mu: float
    """Without the weather."""
    greenhouse_share: float
    days_earlier: int

    def ripening_share(self, day: int) -> float:
        """Share of the open orchards' fruit that ripens on a day."""
        n, j = self.days, day - self.first_ripe_day + 1
        if not 1 <= j <= n:
            return 0.0
        return (j - 0.5) * (n - j + 0.5) / (n**3 / 6 + n / 12)

    def ripe_kg_per_mu(self, day: int, greenhouse_yield_ratio: float) -> float:
        """Fruit that ripens on a day in an orchard of average skill."""
        in_open = (1.0 - self.greenhouse_share) * self.ripening_share(day)
        under_cover = self.greenhouse_share * greenhouse_yield_ratio
        early = under_cover * self.ripening_share(day + self.days_earlier)
        return self.yield_kg_per_mu * (in_open + early)


def season_of(village: "Village", year: int) -> Season:
    """Draw the weather of a year for a village; the county has its part in common."""
    good, behaviour = village.goods[CROP], village.model.settings.behaviour
    nominal = day_of(date(year, int(good.window_start_month), int(good.window_start_day)))
    first_of_month = day_of(date(year, int(good.window_start_month), 1))
    levers: Levers = village.levers_of(first_of_month)
    seed = village.model.study.seed
    zone = village_key(village.spec.zone_path)
    w = four_uniforms(seed, zone, VILLAGE_ITSELF, year, int(Purpose.WEATHER))
    v = four_uniforms(seed, village.key, VILLAGE_ITSELF, year, int(Purpose.WEATHER))
    shift = (
        good.window_shift_sd_days * standard_normal(w[0])
        + good.village_shift_sd_days * standard_normal(v[0])
        + levers.season_shift_days
    )
    first = nominal + round(shift)
    days = max(3, round(good.window_days + good.window_days_sd * standard_normal(w[2])))
    earlier = round(levers.greenhouse_days_earlier) if levers.greenhouse_share > 0.0 else 0
    weather = lognormal_unit_mean(good.yield_sigma, w[1]) * levers.yield_multiple
    reference = good.yield_kg_per_mu * (1.0 + good.yield_trend) ** (year - 2015)
    last = first + days - 1
    return Season(
        year=year,
        first_ripe_day=first,
        start_day=first - earlier,
        last_ripe_day=last,
        close_day=last + round(behaviour.window_tail_days),
        days=days,
        yield_kg_per_mu=reference * weather,
        reference_yield_kg_per_mu=reference,
        greenhouse_share=float(levers.greenhouse_share),
        days_earlier=earlier,
    )


class FruitMarket:
    """The village's fruit from day to day: shops, wholesale, processing and loss."""

    def __init__(self, village: "Village") -> None:
        self.village = village
        self.good: Any = village.goods[CROP]
        self.behaviour: Any = village.model.settings.behaviour
        self.reference_yuan_per_kg = 0.0
        self.price_yuan_per_kg = 0.0
        """Wholesale price of common fruit, of yesterday until today's is known."""

    def enter_month(self, month: Month) -> None:
        trend = (1.0 + self.good.price_trend) ** month.trend_years
        self.reference_yuan_per_kg = self.good.wholesale_price_yuan_per_kg * trend
        if month.number == 0:
            self.price_yuan_per_kg = self.reference_yuan_per_kg

    def trade(self, day: int, month: Month) -> None:
        """Go through a day of the season; nothing happens outside of it."""
        village, season = self.village, self.village.season
        if not season.start_day <= day <= season.close_day:
            if day == season.close_day + 1:
                village.farmers.do("throw_away_stock")
            return
        if day == season.start_day:
            self.price_yuan_per_kg = self.reference_yuan_per_kg
        ripe = season.ripe_kg_per_mu(day, self.good.greenhouse_yield_ratio)
        village.farmers.do("pick", ripe, self.price_yuan_per_kg)
        shops = [shop for shop in village.shops if shop.slot == CROP]
        for shop in shops:
            if isinstance(shop.owner, Farmer):
                self._sell_own_fruit(shop, month)
        reserve_days = self.behaviour.reserve_days if day < season.last_ripe_day else 0.0
        village.farmers.do("offer_surplus", day, reserve_days)
        pool_kg = sum(village.farmers.get("surplus_kg"))
        left_kg, purchases = pool_kg, []
        for shop in shops:
            if not isinstance(shop.owner, Farmer):
                bought_kg = shop.ship_fruit(left_kg, month)
                left_kg -= bought_kg
                purchases.append((shop, bought_kg))
        reference_kg = self._reference_kg()
        self._set_price(left_kg, reference_kg)
        self._pay_growers(pool_kg, left_kg, purchases)
        self._process(reference_kg)

    def _sell_own_fruit(self, shop: Shop, month: Month) -> None:
        shipped_kg = shop.ship_fruit(shop.owner.stock_kg, month)
        shop.owner.stock_kg -= shipped_kg
        value = self.price_yuan_per_kg * self.good.premium_price_ratio
        shop.books.goods += shipped_kg * value
        self.village.fruit_online_kg += shipped_kg

    def _reference_kg(self) -> float:
        """Daily supply to the wholesale market at which the price is the reference price."""
        marketable = self.good.premium_share + self.good.common_share
        per_mu = self.village.season.reference_yield_kg_per_mu * marketable
        return self.village.orchard_mu * per_mu / self.good.window_days

    def _set_price(self, left_kg: float, reference_kg: float) -> None:
        supply_kg = left_kg + sum(self.village.farmers.get("common_kg"))
        if supply_kg > 0.0 and reference_kg > 0.0:
            ratio = clamp(
                (supply_kg / reference_kg) ** -self.behaviour.glut_exponent,
                self.behaviour.wholesale_floor,
                self.behaviour.wholesale_cap,
            )
            self.price_yuan_per_kg = self.reference_yuan_per_kg * ratio
        self.village.wholesale_kg += supply_kg

    def _pay_growers(
        self, pool_kg: float, left_kg: float, purchases: list[tuple[Shop, float]]
    ) -> None:
        premium_yuan = self.price_yuan_per_kg * self.good.premium_price_ratio
        operators_yuan = premium_yuan * (1.0 + self.behaviour.procurement_premium)
        income_yuan = left_kg * premium_yuan
        for shop, bought_kg in purchases:
            paid = bought_kg * operators_yuan
            shop.owner.earn(-paid)
            shop.books.goods += paid
            income_yuan += paid
            self.village.fruit_online_kg += bought_kg
        for farmer in self.village.farmers:
            if pool_kg > 0.0:
                farmer.earn(income_yuan * farmer.surplus_kg / pool_kg)
            farmer.earn(farmer.common_kg * self.price_yuan_per_kg)

    def _process(self, reference_kg: float) -> None:
        gain = self.good.floor_price_yuan_per_kg - self.good.gathering_cost_yuan_per_kg
        waste_kg = sum(self.village.farmers.get("waste_kg"))
        processed_kg = 0.0
        if gain >= 0.0 and waste_kg > 0.0:
            processed_kg = min(waste_kg, self.behaviour.processor_capacity_share * reference_kg)
            for farmer in self.village.farmers:
                farmer.earn(gain * processed_kg * farmer.waste_kg / waste_kg)
        self.village.processed_kg += processed_kg
        self.village.left_kg += waste_kg - processed_kg
