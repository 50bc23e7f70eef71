"""The model of e-commerce villages with Mesa agents as ordinary Python objects."""

import math
from collections import defaultdict
from statistics import fmean
from typing import Any, NamedTuple

import mesa

from benchmarks.plain_mesa.observer import GroupObserver, Observer
from benchmarks.plain_mesa.records import household_row, month_row, season_row, shop_row
from benchmarks.plain_mesa.settings import Month, Settings
from benchmarks.plain_mesa.shops import Shop
from benchmarks.plain_mesa.village import Village
from sim.engine.policy import PolicyTimeline
from sim.scenario import Scenario, register_of
from sim.world.calendar import date_of, day_of
from sim.world.parameters import CURRENCIES

USD = CURRENCIES.index("USD")
NOBODY = -1


class Event(NamedTuple):
    """Something worth a date; numbers are -1 where they mean nothing."""

    day: int
    kind: str
    """opened, closed, first_store, crossed, listed, lost, town or cluster."""
    village: int
    member: int = NOBODY
    """Owner of the shop that was opened or closed, within its village."""
    ordinal: int = NOBODY
    slot: int = NOBODY
    name: str = ""
    """Of a town or of the county of a cluster."""
    size: int = NOBODY
    """Villages that make a cluster of its size."""


class PlainVillageModel(mesa.Model):
    """A run of a scenario; one step is one day.

    `events` is in the order in which things happened; `village_months`, `season_days`,
    `household_years` and `shop_years` have one dictionary for each row.
    """

    def __init__(self, study: Scenario) -> None:
        super().__init__(rng=study.seed)
        self.study = study
        self.settings = Settings(study)
        self.first_day, self.last_day = day_of(study.start), day_of(study.end)
        self.day = self.first_day
        specs = study.expanded_villages()
        self.policies = PolicyTimeline(study, register_of(study), study.seed)
        self.events: list[Event] = []
        self.village_months: list[dict[str, Any]] = []
        self.season_days: list[dict[str, Any]] = []
        self.household_years: list[dict[str, Any]] = []
        self.shop_years: list[dict[str, Any]] = []
        self.villages = [Village(self, place, spec) for place, spec in enumerate(specs)]
        self._place_towns()
        self.observers = [Observer(self, village) for village in self.villages]
        self.groups = GroupObserver(self, self.observers)

    def run(self) -> None:
        while self.day <= self.last_day:
            self.step()

    def step(self) -> None:
        """Go through one day, with the decisions of its month or the month's end around it."""
        today = date_of(self.day)
        if today.day == 1:
            self.month = self.settings.month_of(today)
            self._begin_month(self.month)
        is_listing_day = today.strftime("%m-%d") == self.study.observer.listing_date
        for village, observer in zip(self.villages, self.observers, strict=True):
            village.trade(self.day, self.month)
            observer.watch(self.day, is_listing_day)
        if is_listing_day:
            self.groups.draw_up_list(today.year)
        if self.day == self.month.last_day:
            self._end_month(self.month)
        if (today.month, today.day) == (12, 31):
            self._end_year(today.year)
        self.day += 1

    def note(self, kind: str, village: Village, shop: Shop | None = None) -> None:
        event = Event(self.day, kind, village.place)
        if shop is not None:
            event = event._replace(member=shop.owner.member, ordinal=shop.ordinal, slot=shop.slot)
        self.events.append(event)

    def note_group(self, kind: str, name: str, size: int = NOBODY) -> None:
        self.events.append(Event(self.day, kind, NOBODY, name=name, size=size))

    def note_season_day(self, village: Village, day: int, today: dict[str, float]) -> None:
        """Keep a day on which there was fruit or an order for it."""
        if any(value for name, value in today.items() if name != "wholesale_yuan_per_kg"):
            self.season_days.append(season_row(village, day, today))

    def is_paid_in_usd(self, platform: Any) -> bool:
        return bool(platform.currency == USD)

    def _begin_month(self, month: Month) -> None:
        for village in self.villages:
            village.enter_month(month)
        for village in self.villages:
            village.learn(month)
        for village in self.villages:
            village.close_shops(month)
        for village in self.villages:
            village.open_shops(month)
        for village in self.villages:
            village.run_shops(month)
        self._send_commuters()
        self._compete(month)

    def _send_commuters(self) -> None:
        """Let hands that are free work in shops of their town that lack hands."""
        towns = defaultdict(list)
        for village in self.villages:
            towns[town_of(village)].append(village)
        for villages in towns.values():
            places = sum(it.staff - it.hired_villagers for it in villages)
            hands = self.settings.behaviour.commuting_share * sum(
                it.labour_pool - it.hired_villagers for it in villages
            )
            filled = min(places, hands)
            for it in villages:
                it.hired_neighbours = it.commuters = 0.0
                if filled:
                    free = it.labour_pool - it.hired_villagers
                    willing = self.settings.behaviour.commuting_share * free
                    it.hired_neighbours = filled * (it.staff - it.hired_villagers) / places
                    it.commuters = filled * willing / hands
            bill = sum(it.hired_neighbours * it.staff_wage_yuan for it in villages)
            for it in villages:
                it.commuter_wage_yuan = bill / filled if filled else 0.0

    def _compete(self, month: Month) -> None:
        """Divide the demand for each good on each platform among shops here and elsewhere."""
        offers: dict[tuple[str, int], dict[str, list[Shop]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for village in self.villages:
            for shop in village.shops:
                for channel in shop.channels:
                    key = village.good_names[shop.slot], channel
                    offers[key][village.spec.zone_path].append(shop)
        for (name, channel), counties in offers.items():
            self._share_demand(name, channel, counties, month)

    def _share_demand(
        self, name: str, channel: int, counties: dict[str, list[Shop]], month: Month
    ) -> None:
        behaviour, good = self.settings.behaviour, self.settings.goods[name]
        platform = self.settings.platforms[channel]
        index = month.cross_border_index if platform.cross_border else month.retail_index
        typical_yuan = good.typical_sales_yuan_per_year / 365 * good.outside_shops
        market_yuan = typical_yuan * platform.reach * index
        attraction = good.outside_shops * index**behaviour.outside_growth
        crowding = {}
        for county, shops in counties.items():
            total = sum(shop.attraction[channel] for shop in shops)
            crowding[county] = max(total, 1.0) ** (behaviour.crowding - 1.0)
            attraction += total * crowding[county]
        for county, shops in counties.items():
            for shop in shops:
                share = shop.attraction[channel] * crowding[county] / attraction
                price_yuan = shop.price_yuan * platform.price_multiple
                shop.orders_per_day[channel] = market_yuan * share / price_yuan

    def _end_month(self, month: Month) -> None:
        for village, observer in zip(self.villages, self.observers, strict=True):
            village.end_month(month)
            self.village_months.append(month_row(village, observer, month))
        self._spread_hearsay()

    def _spread_hearsay(self) -> None:
        """Tell every village what shops earn in the other villages of its town and county."""
        behaviour = self.settings.behaviour
        for village in self.villages:
            heard_shops = heard_profit = 0.0
            for other in self.villages:
                if other is village:
                    continue
                weight = self._hearsay_weight(village, other)
                heard_shops += weight * other.seen_shops_all
                heard_profit += weight * other.seen_shops_all * other.seen_profit_all_yuan
            half = behaviour.hearsay_half_shops
            village.hearsay_weight = heard_shops / (heard_shops + half)
            village.hearsay_profit_yuan = heard_profit / heard_shops if heard_shops else 0.0

    def _hearsay_weight(self, village: Village, other: Village) -> float:
        behaviour, town, other_town = self.settings.behaviour, town_of(village), town_of(other)
        if other_town == town:
            return behaviour.hearsay_town
        weight = 0.0
        if other.spec.zone_path == village.spec.zone_path:
            weight += behaviour.hearsay_county
        if other_town in self.neighbouring_towns[town]:
            far_km = math.dist(self.town_seats[town], self.town_seats[other_town])
            weight += behaviour.hearsay_neighbours * math.exp(-far_km / behaviour.hearsay_reach_km)
        return weight

    def _place_towns(self) -> None:
        """Find where towns lie, and which are the eight nearest within three reaches of hearsay."""
        found: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for village in self.villages:
            place = village.spec.position
            seat = (place.x_km, place.y_km) if place else (math.nan, math.nan)
            found[town_of(village)].append(seat)
        self.town_seats = {
            town: (fmean(x for x, _ in places), fmean(y for _, y in places))
            for town, places in found.items()
        }
        most_km = 3.0 * self.settings.behaviour.hearsay_reach_km
        self.neighbouring_towns = {}
        for town, seat in self.town_seats.items():
            far_km = {other: math.dist(seat, it) for other, it in self.town_seats.items()}
            near = [it for it in sorted(far_km) if it != town and far_km[it] < most_km]
            self.neighbouring_towns[town] = set(sorted(near, key=far_km.__getitem__)[:8])

    def _end_year(self, year: int) -> None:
        for village in self.villages:
            for household in village.households:
                if household.is_present:
                    self.household_years.append(household_row(household, year))
                household.year_income_yuan.clear()
            self.shop_years.extend(shop_row(shop, year) for shop in village.shops)


def town_of(village: Village) -> str:
    return f"{village.spec.zone_path}/{village.spec.town}"
