"""The observer: watches villages from day to day and says which are e-commerce villages."""

from collections import defaultdict, deque
from typing import TYPE_CHECKING

from benchmarks.plain_mesa.offers import NEVER
from benchmarks.plain_mesa.village import Village

if TYPE_CHECKING:
    from benchmarks.plain_mesa.model import PlainVillageModel

SALES_THRESHOLD_YUAN = 10_000_000.0
STORES_THRESHOLD = 100
HOUSEHOLD_SHARE = 0.1
VILLAGES_OF_A_TOWN = 3
LATER_TOWN_RULE_YEAR = 2019
TOWN_SALES_YUAN, TOWN_STORES = 30_000_000.0, 300
CLUSTER_SIZES = (10, 30, 100)
FEN_PER_YUAN = 100
DIGITS_OF_STORES = 6


class Observer:
    """Applies the rule of the lists of e-commerce villages to one village."""

    def __init__(self, model: "PlainVillageModel", village: Village) -> None:
        self.model, self.village = model, village
        self.rule = model.study.observer
        self.holds = self.is_listed = self.has_crossed = self.has_sold = False
        self.active_stores = 0
        self.days_fen = deque([0] * self.rule.trailing_days)
        self.trailing_fen = 0

    def watch(self, day: int, is_listing_day: bool) -> None:
        """Look at the village at the end of a day."""
        within = self.rule.active_within_days
        self.active_stores = sum(
            shop.last_order_day != NEVER and day - shop.last_order_day < within
            for shop in self.village.shops
        )
        today_fen = round(self.village.online_sales_today_yuan * FEN_PER_YUAN)
        self.days_fen.append(today_fen)
        self.trailing_fen += today_fen - self.days_fen.popleft()
        self.holds = self._rule_holds()
        if self.active_stores and not self.has_sold:
            self.has_sold = True
            self.model.note("first_store", self.village)
        if self.holds and not self.has_crossed:
            self.has_crossed = True
            self.model.note("crossed", self.village)
        if is_listing_day:
            if self.holds != self.is_listed:
                self.model.note("listed" if self.holds else "lost", self.village)
            self.is_listed = self.holds

    def _rule_holds(self) -> bool:
        rule, stores = self.rule, self.active_stores
        sales_yuan, stores_needed = rule.sales_threshold_yuan, rule.stores_threshold
        sales_yuan = SALES_THRESHOLD_YUAN if sales_yuan is None else sales_yuan
        sales_fen = round(sales_yuan * FEN_PER_YUAN)
        stores_needed = STORES_THRESHOLD if stores_needed is None else stores_needed
        if rule.rule == "strict":
            return self.trailing_fen > sales_fen and stores > stores_needed
        share = HOUSEHOLD_SHARE if rule.household_share is None else rule.household_share
        by_households = round(share * self.village.spec.households, DIGITS_OF_STORES)
        enough = stores >= min(stores_needed, by_households)
        return self.trailing_fen >= sales_fen and enough


class GroupObserver:
    """Says on a listing date which towns and clusters of villages have come up."""

    def __init__(self, model: "PlainVillageModel", observers: list[Observer]) -> None:
        self.model, self.observers = model, observers
        self.towns: dict[tuple[str, str], list[Observer]] = defaultdict(list)
        self.counties: dict[str, list[Observer]] = defaultdict(list)
        for observer in observers:
            spec = observer.village.spec
            self.towns[spec.zone_path, spec.town].append(observer)
            self.counties[spec.zone_path].append(observer)
        self.is_town = dict.fromkeys(self.towns, False)
        self.cluster_size = dict.fromkeys(self.counties, 0)

    def draw_up_list(self, year: int) -> None:
        for town, members in self.towns.items():
            is_town = self._is_town(members, year)
            if is_town and not self.is_town[town]:
                self.model.note_group("town", members[0].village.spec.town)
            self.is_town[town] = is_town
        for county, members in self.counties.items():
            listed = sum(observer.is_listed for observer in members)
            size = max((size for size in CLUSTER_SIZES if listed >= size), default=0)
            if size > self.cluster_size[county]:
                self.model.note_group("cluster", members[0].village.spec.county, size)
            self.cluster_size[county] = size

    @staticmethod
    def _is_town(members: list[Observer], year: int) -> bool:
        if sum(observer.is_listed for observer in members) >= VILLAGES_OF_A_TOWN:
            return True
        sales_yuan = sum(observer.trailing_fen for observer in members) / FEN_PER_YUAN
        stores = sum(observer.active_stores for observer in members)
        is_large = sales_yuan > TOWN_SALES_YUAN and stores > TOWN_STORES
        return year >= LATER_TOWN_RULE_YEAR and is_large
