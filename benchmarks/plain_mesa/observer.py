"""The observer: watches a village from day to day and says when it is an e-commerce village."""

from typing import TYPE_CHECKING, Any

from benchmarks.plain_mesa.settings import Month
from benchmarks.plain_mesa.shops import NEVER
from benchmarks.plain_mesa.village import COUNTED, Village
from sim.world.draws import VILLAGE_ITSELF

if TYPE_CHECKING:
    from benchmarks.plain_mesa.model import PlainVillageModel

SALES_THRESHOLD_YUAN = 10_000_000.0
STORES_THRESHOLD = 100
HOUSEHOLD_SHARE = 0.1


class Observer:
    """Applies the rule of the lists of e-commerce villages to one village."""

    def __init__(self, model: "PlainVillageModel", village: Village) -> None:
        self.model, self.village = model, village
        self.rule = model.study.observer
        self.has_crossed = self.is_listed = False
        self.active_stores = 0

    def watch(self, day: int, is_listing_day: bool) -> None:
        """Look at the village at the end of a day."""
        village, rule = self.village, self.rule
        self.active_stores = sum(
            shop.last_order_day != NEVER and day - shop.last_order_day < rule.active_within_days
            for shop in village.shops
        )
        sales_yuan = sum(village.sales_by_day_yuan[-rule.trailing_days :])
        holds = self._rule_holds(sales_yuan)
        if holds and not self.has_crossed:
            self.has_crossed = True
            self._note("crossed")
        if is_listing_day:
            if holds != self.is_listed:
                self._note("listed" if holds else "lost")
            self.is_listed = holds

    def _rule_holds(self, sales_yuan: float) -> bool:
        rule = self.rule
        sales_needed = rule.sales_threshold_yuan
        sales_needed = SALES_THRESHOLD_YUAN if sales_needed is None else sales_needed
        stores_needed = rule.stores_threshold
        stores_needed = STORES_THRESHOLD if stores_needed is None else stores_needed
        if rule.rule == "strict":
            return sales_yuan > sales_needed and self.active_stores > stores_needed
        share = HOUSEHOLD_SHARE if rule.household_share is None else rule.household_share
        enough = (
            self.active_stores >= stores_needed
            or self.active_stores >= share * self.village.spec.households
        )
        return sales_yuan >= sales_needed and enough

    def _note(self, kind: str) -> None:
        self.model.note(kind, self.village, VILLAGE_ITSELF, NEVER, NEVER)

    def month_row(self, month: Month) -> dict[str, Any]:
        """What is recorded of the village at the end of a month."""
        village = self.village
        fruit = village.fruit
        return {
            "village": village.spec.name,
            "first_day": month.first_day,
            "online_sales_yuan": village.online_sales_yuan,
            **{name: getattr(village, name) for name in COUNTED},
            "active_stores": self.active_stores,
            "open_shops": len(village.shops),
            "selling_households": len({id(shop.owner) for shop in village.shops}),
            "present_incomers": sum(room.is_present for room in village.rooms),
            "staff": village.staff,
            "hired_villagers": village.hired_villagers,
            "labour_pool": village.labour_pool,
            "cash_total_yuan": sum(village.households.get("cash_yuan")),
            "mean_profit_yuan": village.seen_profit_all_yuan,
            "wage_yuan": village.wage_yuan,
            "capacity_pieces": sum(village.makers.get("capacity_pieces")),
            "stock_pieces": sum(village.makers.get("stock_pieces")),
            "wholesale_yuan_per_kg": fruit.price_yuan_per_kg if fruit else 0.0,
        }
