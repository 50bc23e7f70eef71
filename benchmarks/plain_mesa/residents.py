"""Who lives in a household: traits, money, what it learns and earns, what others see of it."""

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import mesa

from benchmarks.plain_mesa.chance import clamp, first_above, lognormal, rounded, standard_normal
from benchmarks.plain_mesa.offers import NEVER
from benchmarks.plain_mesa.settings import Month
from benchmarks.plain_mesa.shops import Shop
from sim.world.draws import TIMELESS, Purpose, four_uniforms, member_id

if TYPE_CHECKING:
    from benchmarks.plain_mesa.village import Village

FARMER, MANUFACTURER, LOCAL_OPERATOR, INCOMER = range(4)
SCHOOLING_YEARS = (0, 6, 9, 12, 15)
WAGES, SHOP_PROFIT, OFFLINE, ONLINE = (
    "wages_yuan",
    "shop_profit_yuan",
    "offline_yuan",
    "online_yuan",
)
"""Sources of income: wages, shops, and production sold offline and online."""


class Resident(mesa.Agent):
    """A household as it lives and works; `Household` adds what it does about shops."""

    profit_source = SHOP_PROFIT

    def __init__(self, model: Any, village: "Village", kind: int, number: int) -> None:
        super().__init__(model)
        self.village, self.kind, self.number = village, kind, number
        self.behaviour = model.settings.behaviour
        self.member = member_id(kind, number)
        self.is_present = kind != INCOMER
        self.is_trained = False
        self.shops: list[Shop] = []
        self.shops_ever = 0
        self.last_opening_day = NEVER
        self.main_slot = NEVER
        """Good with which it last went from no shop to one."""
        self.peers: list[Resident] = []
        self.income_yuan = 0.0
        """Of the month so far."""
        self.year_income_yuan: dict[str, float] = defaultdict(float)
        # What others can see of it, as published at the end of the last month.
        self.seen_slot = NEVER
        self.seen_profit_yuan: float | None = None
        self._draw_traits()
        self._draw_savings()

    def draw(self, purpose: int, day: int) -> tuple[float, float, float, float]:
        return four_uniforms(
            self.model.study.seed, self.village.key, self.member, day, int(purpose)
        )

    def draw_of_four(self, purpose: int, day: int) -> float:
        """The household's number of a draw that four households in a row share."""
        member = member_id(self.kind, self.number // 4)
        numbers = four_uniforms(self.model.study.seed, self.village.key, member, day, int(purpose))
        return numbers[self.number % 4]

    def _draw_traits(self) -> None:
        behaviour = self.behaviour
        t = self.draw(Purpose.TRAITS, TIMELESS)
        c = self.draw(Purpose.CITY, TIMELESS)
        is_incomer = self.kind == INCOMER
        sizes = [getattr(behaviour, f"household_size_share_{n}") for n in range(1, 7)]
        self.members = 1 + first_above(sizes, self.draw(Purpose.MEMBERS, TIMELESS)[0])
        self.workers = min(self.members, 2)
        mean_age = behaviour.incomer_age_mean if is_incomer else behaviour.head_age_mean
        age_years = mean_age + behaviour.head_age_sd * standard_normal(t[0])
        self.age_years = rounded(clamp(age_years, 22.0, 75.0))
        levels = [getattr(behaviour, f"schooling_share_{years}") for years in SCHOOLING_YEARS]
        self.schooling_years = SCHOOLING_YEARS[first_above(levels, t[1])]
        technical_training = t[2] < behaviour.technical_training_share
        self.worked_in_city = is_incomer or c[0] < behaviour.worked_in_city_share
        self.is_away = (
            self.kind == LOCAL_OPERATOR and self.worked_in_city and c[1] < behaviour.away_share
        )
        self.knowledge = clamp(
            behaviour.knowledge_base
            + behaviour.knowledge_schooling * (self.schooling_years - 9) / 3
            - behaviour.knowledge_age * (self.age_years - 35) / 10
            + behaviour.knowledge_city * self.worked_in_city
            + behaviour.knowledge_technical * technical_training
            + behaviour.knowledge_sd * standard_normal(t[3]),
            0.0,
            1.0,
        )
        self.internet_luck = self.draw(Purpose.INTERNET, TIMELESS)[0]
        self.job_rank = self.draw(Purpose.HIRED, TIMELESS)[0]

    def _draw_savings(self) -> None:
        behaviour = self.behaviour
        luck = self.draw(Purpose.SAVINGS, TIMELESS)[0]
        savings = lognormal(behaviour.savings_sigma, luck)
        if self.kind == INCOMER:
            self.cash_yuan = behaviour.incomer_capital_yuan * savings
        else:
            income_yuan = self.members * self.village.first_income_per_head_yuan
            self.cash_yuan = behaviour.savings_months * income_yuan * savings

    @property
    def is_connected(self) -> bool:
        return self.internet_luck < self.village.terms.internet_share

    @property
    def means_yuan(self) -> float:
        return max(self.cash_yuan, 0.0) + self.village.terms.levers.credit_yuan

    @property
    def family_hands(self) -> int:
        return max(1, self.workers - (self.kind == MANUFACTURER))

    @property
    def free_hands(self) -> float:
        """Workers without those who make goods, and without the time on the farm."""
        hands = self.workers - (self.kind == MANUFACTURER)
        return hands * (1.0 - self.behaviour.farm_work_share * (self.kind == FARMER))

    @property
    def hands_for_hire(self) -> float:
        is_in_labour_pool = self.is_present and not self.is_away and not self.shops
        return self.free_hands if is_in_labour_pool else 0.0

    def enter_income(self, yuan: float, source: str) -> None:
        """Enter income, or a cost if it is negative; the money has moved, or does not."""
        self.income_yuan += yuan
        self.year_income_yuan[source] += yuan

    def earn(self, yuan: float, source: str) -> None:
        self.cash_yuan += yuan
        self.enter_income(yuan, source)

    def book_shop_profit(self, yuan: float) -> None:
        self.village.record["shop_profit_yuan"] += yuan
        self.enter_income(yuan, self.profit_source)

    # Learning.

    def learn(self, month: Month) -> None:
        """Learn by doing, and by training where it reaches the household."""
        if not self.is_present:
            return
        behaviour = self.behaviour
        if self.shops:
            self.knowledge += behaviour.learning_by_doing * (1.0 - self.knowledge)
        reach = behaviour.training_reach * self.village.terms.levers.training
        if reach <= 0.0 or self.is_trained or not self.is_connected:
            return
        if self.draw(Purpose.TRAINING, month.first_day)[0] < reach:
            self.is_trained = True
            self.knowledge = min(1.0, self.knowledge + behaviour.training_gain)
            self.village.record["trained"] += 1

    # The last day of a month.

    def work_outside(self, hands_in_shops: float) -> None:
        """Earn wages outside shops with the hands that are free."""
        if not self.is_present:
            return
        behaviour, village = self.behaviour, self.village
        free = self.free_hands - hands_in_shops
        if self.shops and village.goods[self.main_slot].work_share == 1.0:
            free = sum(shop.hands_to_spare for shop in self.shops)
        wages_yuan = max(0.0, free) * village.terms.wage_yuan * behaviour.employment_share
        wages_yuan *= 1.0 + behaviour.city_wage_premium * self.is_away
        self.earn(wages_yuan, WAGES)
        village.record["outside_wages_yuan"] += wages_yuan

    def consume(self) -> None:
        if not self.is_present:
            return
        spent_yuan = self.behaviour.consumption_share * max(0.0, self.income_yuan)
        self.cash_yuan -= spent_yuan
        self.income_yuan = 0.0
        self.village.record["consumption_yuan"] += spent_yuan

    def publish(self) -> None:
        """Let others see whether and with what profit it sells."""
        profits = [shop.till.average_profit_yuan for shop in self.shops]
        self.seen_slot = self.main_slot
        self.seen_profit_yuan = sum(profits) / len(profits) if profits else None
