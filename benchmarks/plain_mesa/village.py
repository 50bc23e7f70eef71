"""A village: its households, its shops and what happens there in a month."""

from collections import defaultdict
from typing import TYPE_CHECKING

from mesa.agentset import AgentSet

from benchmarks.plain_mesa.chance import race, rounded
from benchmarks.plain_mesa.harvest import FruitMarket, Season, draw_season, is_time_to_draw
from benchmarks.plain_mesa.households import Household
from benchmarks.plain_mesa.operators import StoreOperator
from benchmarks.plain_mesa.producers import Farmer, Manufacturer
from benchmarks.plain_mesa.residents import FARMER, INCOMER, LOCAL_OPERATOR, MANUFACTURER, WAGES
from benchmarks.plain_mesa.settings import Month
from benchmarks.plain_mesa.shops import Shop
from benchmarks.plain_mesa.terms import CROP, MonthlyTerms
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


class Village:
    """Where households live, goods are made and wages are paid."""

    def __init__(self, model: "PlainVillageModel", place: int, spec: VillageSpec) -> None:
        self.model, self.place, self.spec = model, place, spec
        self.key = village_key(spec.path)
        self.good_names = _good_slots(spec)
        self.goods = {slot: model.settings.goods[name] for slot, name in self.good_names.items()}
        self.shops: list[Shop] = []
        self.season: Season | None = None
        self.record: dict[str, float] = defaultdict(float)
        """What has been counted and paid this month."""
        self.online_sales_today_yuan = 0.0
        self.parcels_last_month = 0.0
        self.staff = self.labour_pool = self.hired_villagers = self.hired_neighbours = 0
        self.commuters = self.commuter_wage_yuan = 0.0
        # What everybody hears, as published at the end of the last month.
        self.seen_shops = dict.fromkeys(range(SLOTS), 0)
        self.seen_profit_yuan = dict.fromkeys(range(SLOTS), 0.0)
        self.seen_shops_all, self.seen_profit_all_yuan = 0, 0.0
        self.hearsay_weight = self.hearsay_profit_yuan = 0.0
        first_income = model.settings.month_of(model.study.start).income_per_head_yuan
        self.first_income_per_head_yuan = first_income * spec.income_index
        self._settle_households()
        self.fruit = FruitMarket(self) if CROP in self.goods else None

    def _settle_households(self) -> None:
        spec = self.spec
        self.counts = {
            FARMER: spec.farmers.households if spec.farmers else 0,
            MANUFACTURER: spec.manufacturers.households if spec.manufacturers else 0,
            LOCAL_OPERATOR: spec.operators,
            INCOMER: rounded(spec.rooms_per_household * spec.households),
        }
        self.by_member = {
            (kind, number): KINDS[kind](self.model, self, kind, number)
            for kind, count in self.counts.items()
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
        """Up to four neighbours of the own kind and four local acquaintances of any kind."""
        kind, number = household.kind, household.number
        peers = [(kind, number + step) for step in (-2, -1, 1, 2)]
        for place in range(4):
            luck = household.draw(Purpose.PEERS + 256 * place, TIMELESS)
            races = {k: race(luck[k], n) for k, n in self.counts.items() if n and k != INCOMER}
            if races:
                winner = min(races, key=lambda k: races[k][0])
                peers.append((winner, races[winner][1]))
        return [
            self.by_member[who] for who in peers if who in self.by_member and who != (kind, number)
        ]

    # The stages of the first day of a month.

    def enter_month(self, month: Month) -> None:
        """Learn the terms of the month, and the year's season when it is time."""
        self.record.clear()
        self.terms = MonthlyTerms(self, month)
        self.makers.do("begin_month", month)
        if self.fruit is not None and self._has_to_draw_season(month):
            self.season = draw_season(self, month)

    def _has_to_draw_season(self, month: Month) -> bool:
        is_drawn = self.season is not None and self.season.year == month.year
        return not is_drawn and is_time_to_draw(self.goods[CROP], month)

    def learn(self, month: Month) -> None:
        self.households.do("learn", month)

    def close_shops(self, month: Month) -> None:
        for shop in self.shops:
            shop.till.settle(month)
        closing = {shop for shop in self.shops if shop.wants_to_close(month)}
        for shop in self.shops:
            if shop in closing:
                self.model.note("closed", self, shop)
                shop.close(month)
        self.shops = [shop for shop in self.shops if shop not in closing]

    def open_shops(self, month: Month) -> None:
        before = len(self.shops)
        self.rooms.do("consider_settling", month)
        self.households.do("consider_opening", month)
        for shop in self.shops[before:]:
            self.model.note("opened", self, shop)

    def run_shops(self, month: Month) -> None:
        """Decide about windows, prices, platforms and staff; publish what is offered."""
        for shop in self.shops:
            if shop.good.perishable:
                shop.set_window(month)
        self.households.do("share_hands")
        for shop in self.shops:
            shop.choose_price()
        joining = [(shop, shop.further_channels(month)) for shop in self.shops]
        for shop, channels in joining:
            shop.join(channels)
        for shop in self.shops:
            shop.hire(month)
        self._find_staff()
        for shop in self.shops:
            shop.publish_attraction(month)

    def _find_staff(self) -> None:
        self.staff = sum(shop.staff for shop in self.shops)
        self.labour_pool = sum(self.households.get("hands_for_hire"))
        self.hired_villagers = min(self.staff, self.labour_pool)

    # Every day.

    def trade(self, day: int, month: Month) -> None:
        self.online_sales_today_yuan = 0.0
        self.makers.do("make_and_sell")
        for shop in self.shops:
            shop.receive_orders(day)
        for shop in self.shops:
            if not shop.good.perishable:
                shop.ship_durables(month)
        if self.fruit is not None:
            self.fruit.trade(day, month)
        self.record["online_sales_yuan"] += self.online_sales_today_yuan

    # The last day of a month.

    def end_month(self, month: Month) -> None:
        for shop in self.shops:
            shop.close_books(self.staff_wage_yuan)
        self._pay_villagers()
        self.households.do("consume")
        self.households.do("publish")
        self.publish()
        self.makers.do("expand", month)
        self.parcels_last_month = self.record["orders_shipped"]

    @property
    def staff_wage_yuan(self) -> float:
        """Wage of hired workers, higher when hands are short."""
        hired = self.hired_villagers + self.commuters
        hired_share = hired / self.labour_pool if self.labour_pool else 1.0
        tightness = self.model.settings.behaviour.wage_tightness * hired_share
        return self.terms.wage_yuan * (1.0 + tightness)

    def _pay_villagers(self) -> None:
        """Pay those who work in shops, here and nearby; others work where else there is work."""
        in_village_yuan = self.hired_villagers * self.staff_wage_yuan
        elsewhere_yuan = self.commuters * self.commuter_wage_yuan
        self.record["staff_wages_to_villagers_yuan"] += in_village_yuan
        self.record["commuters_wages_yuan"] += elsewhere_yuan
        hands_in_shops = self._hands_in_shops()
        hired = self.hired_villagers + self.commuters
        for household in self.households:
            hands = hands_in_shops.get(household, 0.0)
            if hands:
                household.earn(hands * (in_village_yuan + elsewhere_yuan) / hired, WAGES)
            household.work_outside(hands)

    def _hands_in_shops(self) -> dict[Household, float]:
        """Hands of households in shops, those first in the queue before the others."""
        hired = self.hired_villagers + self.commuters
        if hired == 0:
            return {}
        share = hired / self.labour_pool
        queue = [who for who in self.households if who.hands_for_hire]
        places = {}
        for is_first in (True, False):
            group = [who for who in queue if (who.job_rank < share) == is_first]
            hands = sum(who.hands_for_hire for who in group)
            taken = min(hired, hands)
            places |= {who: who.hands_for_hire * taken / hands for who in group}
            hired -= taken
        return places

    def publish(self) -> None:
        """Let everybody know how many shops there are and what they earn on average."""
        profits: dict[int, list[float]] = {slot: [] for slot in range(SLOTS)}
        for shop in self.shops:
            profits[shop.slot].append(shop.till.average_profit_yuan)
        for slot, of_slot in profits.items():
            self.seen_shops[slot] = len(of_slot)
            self.seen_profit_yuan[slot] = _mean(of_slot)
        self.seen_shops_all = len(self.shops)
        self.seen_profit_all_yuan = _mean([profit for some in profits.values() for profit in some])


def _good_slots(spec: VillageSpec) -> dict[int, str]:
    names = [
        spec.farmers.crop if spec.farmers else None,
        spec.manufacturers.product if spec.manufacturers else None,
        *spec.within_reach,
    ]
    return {slot: name for slot, name in enumerate(names) if name is not None}


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0
