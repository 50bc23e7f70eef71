"""The core in plain Mesa, as its documentation teaches: agents with methods, sets of agents.

Households and shops are agents; a step is a day. The day's orders of all shops are drawn at once
from `model.rng` and handed to them, which takes half the time of each shop drawing its own.
"""

from collections import Counter
from math import exp

import mesa
import numpy as np
from mesa.agentset import AbstractAgentSet

from benchmarks.peers.outcome import MONTH_FIELDS, Outcome
from benchmarks.peers.settings import (
    ACCOUNTING_YEAR,
    ACQUAINTANCES,
    MONTH_DAYS,
    NEIGHBOUR_STEPS,
    VILLAGE_HOUSEHOLDS,
    Settings,
)


class Household(mesa.Agent):
    """A household, which may open one shop."""

    def __init__(self, model: "CoreModel", cash_yuan: float, knowledge: float) -> None:
        super().__init__(model)
        self.cash_yuan = cash_yuan
        self.knowledge = knowledge
        self.peers: list[Household] = []
        self.shop: Shop | None = None
        self.income_month_yuan = 0.0
        self.income_year_yuan = 0.0
        self.observed_profit_yuan: float | None = None
        self.highest_chance = model.settings.highest_chance(knowledge, anyone_sells=True)

    def pay(self, yuan: float, account: str) -> None:
        self.cash_yuan -= yuan
        self.income_month_yuan -= yuan
        self.model.accounts[account] += yuan

    def receive(self, yuan: float, account: str) -> None:
        self.cash_yuan += yuan
        self.income_month_yuan += yuan
        self.model.accounts[account] += yuan

    def decide(self) -> None:
        """Open a shop, perhaps, if there was none at the end of the last month."""
        if self.observed_profit_yuan is not None:
            return
        model = self.model
        u = model.random.random()
        if u >= self.highest_chance:
            return  # whatever its peers may show
        p = model.settings
        seen = [peer.observed_profit_yuan for peer in self.peers]
        profits = [profit for profit in seen if profit is not None]
        wage = p.wage_yuan_per_month
        expected = p.learning_prior * p.prior_profit_wages * wage + p.learning_peer * sum(profits)
        expected /= p.learning_prior + p.learning_peer * len(profits)
        gain = min(max((expected - wage) / wage, -2.0), p.gain_limit)
        utility = p.utility_of_all + p.open_gain * gain + p.open_knowledge * self.knowledge
        if seen:
            utility += p.open_imitation * len(profits) / len(seen)
        if self.cash_yuan >= p.setup_cost_yuan and u < 1.0 / (1.0 + exp(-utility)):
            self.shop = Shop(model, self)
            self.pay(p.setup_cost_yuan, "setup_yuan")

    def close_month(self) -> None:
        """Earn wages, consume."""
        model, p = self.model, self.model.settings
        if self.shop is None:
            self.observed_profit_yuan = None
        workers = p.workers - (self.shop is not None)
        self.receive(workers * p.wage_yuan_per_month, "wages_yuan")
        spent = p.consumption_share * max(0.0, self.income_month_yuan)
        self.cash_yuan -= spent
        model.accounts["consumption_yuan"] += spent
        if model.is_last_year:
            self.income_year_yuan += self.income_month_yuan
        self.income_month_yuan = 0.0


class Shop(mesa.Agent):
    """An open shop."""

    def __init__(self, model: "CoreModel", owner: Household) -> None:
        super().__init__(model)
        p = model.settings
        offer = model.random.gauss(0.0, p.appeal_sigma)
        offer += p.appeal_knowledge * (owner.knowledge - 0.5)
        self.owner = owner
        self.orders_per_day = p.typical_orders_per_day * exp(offer)
        self.month_orders = 0
        self.months_below = 0
        model.accounts["opened"] += 1

    def sell(self, orders: int) -> None:
        """Take the day's orders."""
        self.month_orders += orders

    def close_if_bad(self) -> None:
        p = self.model.settings
        if self.months_below >= p.close_patience_months:
            self.owner.shop = None
            self.model.accounts["closed"] += 1
            self.remove()

    def close_month(self) -> None:
        """Settle the month's accounts; others see the profit."""
        p, owner, orders = self.model.settings, self.owner, self.month_orders
        before = owner.income_month_yuan
        sales = p.price_yuan * orders
        owner.receive(sales, "sales_yuan")
        owner.pay(p.fee_share * sales, "fees_yuan")
        owner.pay(p.unit_cost_yuan * orders, "goods_yuan")
        owner.pay(p.parcel_yuan * orders, "parcels_yuan")
        owner.pay(p.fixed_cost_yuan_per_month, "fixed_yuan")
        profit = owner.income_month_yuan - before
        self.months_below = self.months_below + 1 if profit < p.closing_line_yuan else 0
        owner.observed_profit_yuan = profit

    def start_month(self) -> None:
        self.month_orders = 0


class CoreModel(mesa.Model):
    """Villages of households; `step` is a day."""

    def __init__(self, households: int, seed: int, months: int, settings: Settings) -> None:
        super().__init__(rng=seed)
        self.settings = settings
        self.months = months
        self.month, self.day_of_month = 0, 0
        self.means = np.zeros(0)
        self.accounts: Counter[str] = Counter()
        self.day_orders: list[int] = []
        luck = self.rng.normal(0.0, settings.savings_sigma, households)
        cash = settings.savings_yuan * np.exp(luck - settings.savings_sigma**2 / 2)
        Household.create_agents(
            self,
            households,
            cash_yuan=cash.tolist(),
            knowledge=self.rng.random(households).tolist(),
        )
        self.households = self.agents_by_type[Household]
        self._meet(self.households.to_list())
        self.datacollector = mesa.DataCollector(
            {field: (lambda model, name=field: model.accounts[name]) for field in MONTH_FIELDS}
        )

    def _meet(self, everyone: list[Household]) -> None:
        """Give each household its peers: neighbours on a line and random acquaintances."""
        for first in range(0, len(everyone), VILLAGE_HOUSEHOLDS):
            village = everyone[first : first + VILLAGE_HOUSEHOLDS]
            drawn = self.rng.integers(len(village), size=(len(village), ACQUAINTANCES)).tolist()
            for number, (household, acquaintances) in enumerate(zip(village, drawn, strict=True)):
                near = [number + step for step in NEIGHBOUR_STEPS]
                numbers = [n for n in near if 0 <= n < len(village)]
                numbers += [n for n in acquaintances if n != number]
                household.peers = [village[n] for n in numbers]

    @property
    def shops(self) -> AbstractAgentSet[Shop] | tuple[()]:
        return self.agents_by_type.get(Shop, ())

    @property
    def is_last_year(self) -> bool:
        return self.month >= self.months - ACCOUNTING_YEAR

    def step(self) -> None:
        """Run a day, with the first and the last one's decisions and accounts of a month."""
        if self.day_of_month == 0:
            self.start_month()
        orders = self.rng.poisson(self.means).tolist()
        for shop, its_orders in zip(self.shops, orders, strict=True):
            shop.sell(its_orders)
        self.day_orders.append(sum(orders))
        self.accounts["orders"] += self.day_orders[-1]
        self.day_of_month += 1
        if self.day_of_month == MONTH_DAYS[self.month]:
            self.close_month()

    def start_month(self) -> None:
        self.accounts.clear()
        if shops := self.shops:
            shops.do("start_month")
            shops.do("close_if_bad")
        self.households.do("decide")
        self.means = np.array(self.shops.get("orders_per_day") if self.shops else [], float)

    def close_month(self) -> None:
        if shops := self.shops:
            shops.do("close_month")
        self.households.do("close_month")
        self.accounts["shops"] = len(self.shops)
        self.accounts["cash_yuan"] = self.households.agg("cash_yuan", sum)
        self.datacollector.collect(self)
        self.month, self.day_of_month = self.month + 1, 0


def run(
    households: int,
    seed: int,
    months: int = len(MONTH_DAYS),
    settings: Settings | None = None,
) -> Outcome:
    """Run the core."""
    model = CoreModel(households, seed, months, settings or Settings())
    first_cash = model.households.agg("cash_yuan", sum)
    for _ in range(sum(MONTH_DAYS[:months])):
        model.step()
    collected = model.datacollector.model_vars
    return Outcome(
        np.array([collected[field] for field in MONTH_FIELDS], float).T,
        np.array(model.day_orders, float),
        np.array(model.households.get("income_year_yuan")),
        np.array(model.households.get("cash_yuan")),
        np.array(model.shops.get("month_orders") if model.shops else [], float),
        first_cash,
    )
