"""The model of e-commerce villages with Mesa agents as ordinary Python objects."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

import mesa

from benchmarks.plain_mesa.observer import Observer
from benchmarks.plain_mesa.settings import Month, Settings
from benchmarks.plain_mesa.shops import Shop
from benchmarks.plain_mesa.village import Village
from sim.engine.policy import PolicyTimeline
from sim.scenario import Scenario
from sim.world.calendar import date_of, day_of
from sim.world.parameters import CURRENCIES

USD = CURRENCIES.index("USD")


class PlainVillageModel(mesa.Model):
    """A run of a scenario; one step is one day.

    `events` lists (day, kind, village, member, shop ordinal, good); `village_months` has one
    dictionary for each village and complete month.
    """

    def __init__(self, study: Scenario) -> None:
        super().__init__(rng=study.seed)
        self.study = study
        self.settings = Settings(study)
        self.first_day, self.last_day = day_of(study.start), day_of(study.end)
        self.day = self.first_day
        specs = study.expanded_villages()
        self.policies = PolicyTimeline(study, specs, study.seed)
        self.events: list[tuple[int, str, str, int, int, str]] = []
        self.village_months: list[dict[str, Any]] = []
        self.villages = [Village(self, place, spec) for place, spec in enumerate(specs)]
        self.observers = [Observer(self, village) for village in self.villages]

    def run(self) -> None:
        while self.day <= self.last_day:
            self.step()

    def step(self) -> None:
        """Go through one day, with the decisions of its month or the month's end around it."""
        today = date_of(self.day)
        if today.day == 1 or self.day == self.first_day:
            self.month = self.settings.month_of(today)
            next_month = today.replace(day=28) + timedelta(days=4)
            for village in self.villages:
                village.enter_month(self.month, day_of(next_month.replace(day=1)))
        if today.day == 1:
            self._begin_month(self.month)
        is_listing_day = today.strftime("%m-%d") == self.study.observer.listing_date
        for village, observer in zip(self.villages, self.observers, strict=True):
            village.trade(self.day, self.month)
            observer.watch(self.day, is_listing_day)
        if date_of(self.day + 1).day == 1:
            self._end_month(self.month)
        self.day += 1

    def note(self, kind: str, village: Village, member: int, ordinal: int, slot: int) -> None:
        good = village.good_names.get(slot, "")
        self.events.append((self.day, kind, village.spec.name, member, ordinal, good))

    def is_paid_in_usd(self, platform: Any) -> bool:
        return bool(platform.currency == USD)

    def _begin_month(self, month: Month) -> None:
        for village in self.villages:
            village.train(month)
        for village in self.villages:
            village.close_shops(month)
        for village in self.villages:
            village.open_shops(month)
        for village in self.villages:
            village.run_shops(month)
        self._compete(month)

    def _compete(self, month: Month) -> None:
        """Divide the demand for each good on each platform among shops here and elsewhere."""
        offers: dict[tuple[str, int], dict[str, list[Shop]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for village in self.villages:
            for shop in village.shops:
                shop.orders_per_day = [0.0] * len(self.settings.platforms)
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
        typical = good.typical_sales_yuan_per_year / 365 * good.outside_shops
        market_yuan = typical * platform.reach * index
        outside = good.outside_shops * index**behaviour.outside_growth
        sums = {
            county: sum(shop.attraction[channel] for shop in shops)
            for county, shops in counties.items()
        }
        inside = sum(max(s, 1.0) ** behaviour.crowding for s in sums.values() if s > 0.0)
        for county, shops in counties.items():
            crowding = max(sums[county], 1.0) ** (behaviour.crowding - 1.0)
            for shop in shops:
                share = shop.attraction[channel] * crowding / (outside + inside)
                sales_yuan = market_yuan * share
                shop.orders_per_day[channel] = sales_yuan / shop.channel_price_yuan(channel)

    def _end_month(self, month: Month) -> None:
        for village in self.villages:
            village.end_month(month)
        self._spread_hearsay()
        for village, observer in zip(self.villages, self.observers, strict=True):
            self.village_months.append(observer.month_row(month))
            village.start_counting()

    def _spread_hearsay(self) -> None:
        """Tell every village what shops earn in the other villages of its town and county."""
        behaviour = self.settings.behaviour
        for village in self.villages:
            heard_shops = heard_profit = 0.0
            for other in self.villages:
                if other is village or other.spec.zone_path != village.spec.zone_path:
                    continue
                same_town = other.spec.town == village.spec.town
                weight = behaviour.hearsay_town if same_town else behaviour.hearsay_county
                heard_shops += weight * other.seen_shops_all
                heard_profit += weight * other.seen_shops_all * other.seen_profit_all_yuan
            half = behaviour.hearsay_half_shops
            village.hearsay_weight = heard_shops / (heard_shops + half)
            village.hearsay_profit_yuan = heard_profit / heard_shops if heard_shops else 0.0
