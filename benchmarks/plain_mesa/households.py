"""The households: what they know and own, how they decide to sell online, what they live on."""

from itertools import accumulate
from typing import TYPE_CHECKING, Any

import mesa

from benchmarks.plain_mesa.settings import Month, clamp
from benchmarks.plain_mesa.shops import CROP, NEVER, Shop
from sim.rules.chance import logistic, lognormal_unit_mean, standard_normal
from sim.world.draws import TIMELESS, Purpose, four_uniforms, member_id

if TYPE_CHECKING:
    from benchmarks.plain_mesa.village import Village

FARMER, MANUFACTURER, LOCAL_OPERATOR, INCOMER = range(4)
SCHOOLING_YEARS = (0, 6, 9, 12, 15)


class Household(mesa.Agent):
    """A household; subclasses say what it can sell and what else it does."""

    is_producer = False

    def __init__(self, model: Any, village: "Village", kind: int, number: int) -> None:
        super().__init__(model)
        self.village, self.kind, self.number = village, kind, number
        self.member = member_id(kind, number)
        self.is_present = kind != INCOMER
        self.is_trained = False
        self.shops: list[Shop] = []
        self.shops_ever = 0
        self.peers: list[Household] = []
        self.income_yuan = 0.0
        # What others can see of it, as published at the end of the last month.
        self.seen_present = self.is_present
        self.seen_slot = NEVER
        self.seen_profit_yuan = 0.0
        self._draw_traits()

    def draw(self, purpose: int, day: int) -> tuple[float, float, float, float]:
        return four_uniforms(
            self.model.study.seed, self.village.key, self.member, day, int(purpose)
        )

    def _draw_traits(self) -> None:
        behaviour = self.model.settings.behaviour
        t = self.draw(Purpose.TRAITS, TIMELESS)
        c = self.draw(Purpose.CITY, TIMELESS)
        is_incomer = self.kind == INCOMER
        sizes = [getattr(behaviour, f"household_size_share_{n}") for n in range(1, 7)]
        self.members = 1 + first_above(sizes, self.draw(Purpose.MEMBERS, TIMELESS)[0])
        self.workers = min(self.members, 2)
        mean_age = behaviour.incomer_age_mean if is_incomer else behaviour.head_age_mean
        age = clamp(mean_age + behaviour.head_age_sd * standard_normal(t[0]), 22.0, 75.0)
        self.age_years = round(age)
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
        savings = lognormal_unit_mean(
            behaviour.savings_sigma, self.draw(Purpose.SAVINGS, TIMELESS)[0]
        )
        if is_incomer:
            self.cash_yuan = behaviour.incomer_capital_yuan * savings
        else:
            income = self.members * self.village.first_income_per_head_yuan
            self.cash_yuan = behaviour.savings_months * income * savings

    @property
    def is_connected(self) -> bool:
        return self.internet_luck < self.village.internet_share

    @property
    def means_yuan(self) -> float:
        return max(self.cash_yuan, 0.0) + self.village.levers.credit_yuan

    @property
    def family_hands(self) -> int:
        return max(1, self.workers - (self.kind == MANUFACTURER))

    @property
    def hands_per_shop(self) -> float:
        return self.family_hands / len(self.shops)

    @property
    def is_in_labour_pool(self) -> bool:
        return self.is_present and not self.is_away and not self.shops

    def earn(self, yuan: float) -> None:
        """Take in what counts as income, or pay it if it is negative."""
        self.cash_yuan += yuan
        self.income_yuan += yuan

    # Learning.

    def learn_by_doing(self) -> None:
        if self.is_present and self.shops:
            rate = self.model.settings.behaviour.learning_by_doing
            self.knowledge += rate * (1.0 - self.knowledge)

    def attend_training(self, month: Month) -> None:
        if not self.is_present or self.is_trained or not self.is_connected:
            return
        behaviour = self.model.settings.behaviour
        reach = behaviour.training_reach * self.village.levers.training
        if self.draw(Purpose.TRAINING, month.first_day)[0] < reach:
            self.is_trained = True
            self.knowledge = min(1.0, self.knowledge + behaviour.training_gain)

    # Closing and opening shops.

    def close_shop(self, shop: Shop, month: Month) -> None:
        settings = self.model.settings
        if not shop.good.perishable:
            supply = self.village.supply_price_yuan[shop.slot]
            self.earn(shop.pieces * supply * settings.behaviour.salvage_share)
            self.village.salvaged_pieces += shop.pieces
        self.village.orders_cancelled += sum(shop.backlog)
        self.cash_yuan += sum(settings.platforms[k].deposit_yuan for k in shop.channels)
        shop.settle_receivables(month, everything=True)
        self.shops.remove(shop)
        if self.kind == INCOMER and not self.shops:
            self.is_present = False

    def product_slot(self, month: Month) -> int | None:
        """Slot of the good that a new shop would sell, None if there is none."""
        raise NotImplementedError

    def consider_opening(self, month: Month) -> None:
        """Open a shop if it seems to pay and the means are there."""
        if not self.is_present or not self.is_connected:
            return
        slot = self.product_slot(month)
        if slot is None:
            return
        if not self.model.settings.platforms_open_to(self.village.goods[slot], month.first_day):
            return
        need = self.need_yuan(slot, month)
        if self.means_yuan < need:
            return
        chance = logistic(self.opening_utility(slot, need))
        if self.draw(Purpose.OPEN, month.first_day)[0] < chance:
            self.open_shop(slot, month)

    def need_yuan(self, slot: int, month: Month) -> float:
        settings, village = self.model.settings, self.village
        first = settings.platforms_open_to(village.goods[slot], month.first_day)[0]
        first_lot = 0.0
        if not self.is_producer and slot != CROP:
            first_lot = village.minimum_lot_pieces * village.supply_price_yuan[slot]
        entry = settings.behaviour.setup_cost_yuan + settings.platforms[first].deposit_yuan
        return max(0.0, entry + first_lot - village.levers.subsidy_yuan)

    def opening_utility(self, slot: int, need_yuan: float) -> float:
        behaviour, wage = self.model.settings.behaviour, self.village.wage_yuan
        known = [peer for peer in self.peers if peer.seen_present]
        selling = [peer for peer in known if self.learns_from(peer)]
        expected = self.expected_profit_yuan(selling)
        forgone = self.village.goods[slot].work_share * wage
        forgone *= 1.0 + behaviour.city_wage_premium * self.is_away
        gain = clamp((expected - forgone) / wage, -2.0, behaviour.gain_limit)
        return (
            behaviour.open_intercept
            + behaviour.open_gain * gain
            + behaviour.open_imitation * (len(selling) / len(known) if known else 0.0)
            + behaviour.open_knowledge * self.knowledge
            + behaviour.open_schooling * (self.schooling_years - 9) / 3
            - behaviour.open_age * max(0.0, (self.age_years - 30) / 10)
            + behaviour.open_city * self.worked_in_city
            + behaviour.open_producer * self.is_producer
            - behaviour.open_away * self.is_away
            - behaviour.open_span * len(self.shops)
            - behaviour.open_entry_cost * need_yuan / (12.0 * wage)
        )

    def learns_from(self, peer: "Household") -> bool:
        return peer.seen_slot != NEVER

    def expected_profit_yuan(self, selling: list["Household"]) -> float:
        behaviour, village = self.model.settings.behaviour, self.village
        shops, mean_profit_yuan = self.village_experience()
        full = behaviour.learning_village_shops
        by_village = behaviour.learning_village * min(shops, full) / full
        by_own = behaviour.learning_own if self.shops else 0.0
        by_nearby = behaviour.learning_nearby * village.hearsay_weight
        prior = behaviour.prior_profit_wages * village.wage_yuan
        peer_profits = sum(peer.seen_profit_yuan for peer in selling)
        return (
            behaviour.learning_prior * prior
            + behaviour.learning_peer * peer_profits
            + by_village * mean_profit_yuan
            + by_own * self.seen_profit_yuan
            + by_nearby * village.hearsay_profit_yuan
        ) / (
            behaviour.learning_prior
            + behaviour.learning_peer * len(selling)
            + by_village
            + by_own
            + by_nearby
        )

    def village_experience(self) -> tuple[int, float]:
        """Published number of shops in the village and their mean profit."""
        return self.village.seen_shops_all, self.village.seen_profit_all_yuan

    def open_shop(self, slot: int, month: Month) -> None:
        settings = self.model.settings
        first = settings.platforms_open_to(self.village.goods[slot], month.first_day)[0]
        entry = settings.behaviour.setup_cost_yuan + settings.platforms[first].deposit_yuan
        self.cash_yuan -= entry - min(self.village.levers.subsidy_yuan, entry)
        self.is_away = False
        shop = Shop(self, self.shops_ever, slot, month.first_day, month.number, [first])
        self.shops_ever += 1
        self.shops.append(shop)
        self.village.add_shop(shop)

    # Every day.

    def receive_orders(self, day: int) -> None:
        for shop in self.shops:
            shop.receive_orders(day)

    def source_pieces(self, shop: Shop, wanted_orders: int) -> float:
        """Pieces at hand for today's shipping, after buying more if they are short."""
        raise NotImplementedError

    def take_pieces(self, shop: Shop, pieces: float) -> None:
        shop.pieces -= pieces

    # The last day of a month.

    def work_outside(self) -> None:
        if not self.is_present:
            return
        behaviour = self.model.settings.behaviour
        free = self.workers - (self.kind == MANUFACTURER)
        if any(shop.good.work_share == 1.0 for shop in self.shops):
            free -= self.family_hands
        time = max(0, free) * (1.0 - behaviour.farm_work_share if self.kind == FARMER else 1.0)
        pay = self.village.wage_yuan * (1.0 + behaviour.city_wage_premium * self.is_away)
        self.earn(time * pay * behaviour.employment_share)

    def consume(self) -> None:
        if self.is_present:
            share = self.model.settings.behaviour.consumption_share
            self.cash_yuan -= share * max(0.0, self.income_yuan)
        self.income_yuan = 0.0

    def publish(self) -> None:
        """Let others see whether and with what profit it sells."""
        profits = [shop.average_profit_yuan for shop in self.shops]
        self.seen_present = self.is_present
        self.seen_slot = self.shops[0].slot if self.shops else NEVER
        self.seen_profit_yuan = sum(profits) / len(profits) if profits else 0.0


def first_above(shares: list[float], u: float) -> int:
    """First place at which the cumulative share exceeds u, the last one if none does."""
    for place, reached in enumerate(accumulate(shares)):
        if u < reached:
            return place
    return len(shares) - 1
