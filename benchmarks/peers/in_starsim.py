"""The core as a Starsim module: states of agents, distributions, a network of who observes whom.

A time step is a day. With common random numbers, Starsim's default, every number comes from an
`ss` distribution asked for agents. Without them (`run_without_crn`) the day's orders come from the
same distribution's own NumPy generator, which is many times faster for a mean of each agent's own
and not comparable between scenarios.
"""

from datetime import date, timedelta

import numpy as np
import starsim as ss

from benchmarks.peers.outcome import MONTH_FIELDS, Outcome
from benchmarks.peers.settings import (
    ACCOUNTING_YEAR,
    ACQUAINTANCES,
    MONTH_DAYS,
    NEIGHBOUR_STEPS,
    VILLAGE_HOUSEHOLDS,
    Settings,
)

FIRST_DAY = date(2015, 1, 1)
FIRST_OF_MONTH = np.cumsum([0, *MONTH_DAYS])


class Peers(ss.Network):
    """Who observes whom: p1 observes p2. It stays as it is."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__()
        self.define_pars(acquaintance=ss.random())
        self.update_pars(**kwargs)

    def init_post(self) -> None:
        super().init_post()
        uids = self.sim.people.auids
        number = np.asarray(uids)
        first = number - number % VILLAGE_HOUSEHOLDS
        end = np.minimum(first + VILLAGE_HOUSEHOLDS, number.size)
        peers = [number + step for step in NEIGHBOUR_STEPS]
        draws = self.pars.acquaintance.rvs((ACQUAINTANCES, number.size))
        peers += [first + np.floor(u * (end - first)).astype(number.dtype) for u in draws]
        observed = np.stack(peers, axis=1).ravel()
        observer = np.repeat(number, len(peers))
        first, end = np.repeat(first, len(peers)), np.repeat(end, len(peers))
        known = (observed >= first) & (observed < end) & (observed != observer)
        self.append(
            p1=observer[known], p2=observed[known], beta=np.ones(known.sum(), ss.dtypes.float)
        )
        self.validate()
        self.known = np.bincount(observer[known], minlength=number.size)

    def step(self) -> None:
        """Nobody comes or goes."""


class Shops(ss.Module):
    """Households open shops, sell day by day, keep accounts month by month, close shops."""

    def __init__(self, settings: Settings, months: int, **kwargs: object) -> None:
        super().__init__()
        self.settings, self.months = settings, months
        p = settings
        self.define_pars(
            savings=ss.normal(loc=0.0, scale=p.savings_sigma),
            knowing=ss.random(),
            luck=ss.random(),
            appeal=ss.normal(loc=0.0, scale=p.appeal_sigma),
            orders=ss.poisson(lam=lambda module, uids: module.orders_per_day[uids]),
        )
        self.update_pars(**kwargs)
        self.define_states(
            ss.FloatArr("cash_yuan", default=0.0),
            ss.FloatArr("knowledge", default=0.0),
            ss.FloatArr("income_month_yuan", default=0.0),
            ss.FloatArr("income_year_yuan", default=0.0),
            ss.FloatArr("observed_profit_yuan"),
            ss.FloatArr("orders_per_day", default=0.0),
            ss.FloatArr("month_orders", default=0.0),
            ss.FloatArr("months_below", default=0.0),
            ss.BoolState("sells", default=False),
        )
        self.month = 0
        self.open_shops = ss.uids()
        self.record: list[list[float]] = []
        self.first_cash_yuan = 0.0

    def init_results(self) -> None:
        super().init_results()
        self.define_results(ss.Result("orders", dtype=int, label="Orders of the day"))

    def init_post(self) -> None:
        super().init_post()
        p, everyone = self.settings, self.sim.people.auids
        luck = self.pars.savings.rvs(everyone) - p.savings_sigma**2 / 2
        self.cash_yuan[:] = p.savings_yuan * np.exp(luck)
        self.knowledge[:] = self.pars.knowing.rvs(everyone)
        self.first_cash_yuan = self.cash_yuan.values.sum(dtype=float)

    def step(self) -> None:
        """Run a day, with the first and the last one's decisions and accounts of a month."""
        if self.ti == FIRST_OF_MONTH[self.month]:
            self.start_month()
        self.sell()
        if self.ti + 1 == FIRST_OF_MONTH[self.month + 1]:
            self.close_month()

    def draw_orders(self) -> np.ndarray:
        return self.pars.orders.rvs(self.open_shops)

    def sell(self) -> None:
        """Take the day's orders."""
        shops = self.open_shops
        orders = self.draw_orders()
        self.month_orders[shops] = self.month_orders[shops] + orders
        self.results.orders[self.ti] = orders.sum()

    def start_month(self) -> None:
        closing = (self.months_below >= self.settings.close_patience_months).uids
        self.sells[closing] = False
        self.months_below[closing] = 0.0
        self.month_orders[self.open_shops] = 0.0
        opening = self.openers()
        self.open(opening)
        self.open_shops = self.sells.uids
        self.opened, self.closed = len(opening), len(closing)

    def openers(self) -> ss.uids:
        """Return who opens a shop: only those whom their luck allows look at their peers."""
        p = self.settings
        may = (self.observed_profit_yuan.isnan & (self.cash_yuan >= p.setup_cost_yuan)).uids
        if not len(may):
            return may
        u = self.pars.luck.rvs(may)
        knowledge = p.open_knowledge * self.knowledge[may]
        highest = p.utility_of_all + p.open_gain * p.gain_limit
        if self.open_shops.size:
            highest += p.open_imitation
        looks = u < 1.0 / (1.0 + np.exp(-(highest + knowledge)))
        may, u, knowledge = may[looks], u[looks], knowledge[looks]
        selling, profit = self.seen_by(may)
        wage = p.wage_yuan_per_month
        expected = p.learning_prior * p.prior_profit_wages * wage + p.learning_peer * profit
        expected /= p.learning_prior + p.learning_peer * selling
        utility = p.utility_of_all + knowledge
        utility += p.open_gain * np.clip((expected - wage) / wage, -2.0, p.gain_limit)
        utility += p.open_imitation * selling / np.maximum(self.sim.networks.peers.known[may], 1)
        return may[u < 1.0 / (1.0 + np.exp(-utility))]

    def seen_by(self, observers: ss.uids) -> tuple[np.ndarray, np.ndarray]:
        """Return how many peers of each sell, and the sum of their profits."""
        peers, households = self.sim.networks.peers.edges, len(self.sim.people)
        looks = np.zeros(households, bool)
        looks[observers] = True
        edges = np.flatnonzero(looks[peers.p1])
        seen = self.observed_profit_yuan.raw[peers.p2[edges]]
        edges, seen = edges[~np.isnan(seen)], seen[~np.isnan(seen)]
        who = peers.p1[edges]
        selling = np.bincount(who, minlength=households)[observers]
        return selling, np.bincount(who, seen, households)[observers]

    def open(self, uids: ss.uids) -> None:
        p = self.settings
        if len(uids):
            offer = self.pars.appeal.rvs(uids) + p.appeal_knowledge * (self.knowledge[uids] - 0.5)
            self.orders_per_day[uids] = p.typical_orders_per_day * np.exp(offer)
        self.month_orders[uids] = 0.0
        self.months_below[uids] = 0.0
        self.sells[uids] = True
        self.cash_yuan[uids] = self.cash_yuan[uids] - p.setup_cost_yuan
        self.income_month_yuan[uids] = self.income_month_yuan[uids] - p.setup_cost_yuan

    def close_month(self) -> None:
        """Settle the accounts of shops and households."""
        p, shops = self.settings, self.open_shops
        orders = self.month_orders[shops]
        profit = p.margin_yuan * orders - p.fixed_cost_yuan_per_month
        self.months_below[shops] = np.where(
            profit < p.closing_line_yuan, self.months_below[shops] + 1.0, 0.0
        )
        self.observed_profit_yuan[:] = np.nan
        self.observed_profit_yuan[shops] = profit
        earned = (p.workers - self.sells.values) * p.wage_yuan_per_month
        wages = earned.sum(dtype=float)
        earned[shops] += profit
        income = self.income_month_yuan.values + earned
        spent = p.consumption_share * np.maximum(income, 0.0)
        self.cash_yuan[:] = self.cash_yuan.values + earned - spent
        if self.month >= self.months - ACCOUNTING_YEAR:
            self.income_year_yuan[:] = self.income_year_yuan.values + income
        self.income_month_yuan[:] = 0.0
        self.note(float(orders.sum(dtype=float)), wages, float(spent.sum(dtype=float)))
        self.month += 1

    def note(self, orders: float, wages_yuan: float, spent_yuan: float) -> None:
        p = self.settings
        month = {
            "shops": len(self.open_shops),
            "opened": self.opened,
            "closed": self.closed,
            "orders": orders,
            "sales_yuan": p.price_yuan * orders,
            "fees_yuan": p.fee_share * p.price_yuan * orders,
            "goods_yuan": p.unit_cost_yuan * orders,
            "parcels_yuan": p.parcel_yuan * orders,
            "fixed_yuan": p.fixed_cost_yuan_per_month * len(self.open_shops),
            "wages_yuan": wages_yuan,
            "setup_yuan": p.setup_cost_yuan * self.opened,
            "consumption_yuan": spent_yuan,
            "cash_yuan": float(self.cash_yuan.values.sum(dtype=float)),
        }
        self.record.append([month[field] for field in MONTH_FIELDS])


class ShopsWithoutCrn(Shops):
    """The same, with orders straight from the generator of the distribution."""

    def draw_orders(self) -> np.ndarray:
        return self.pars.orders.rng.poisson(self.orders_per_day[self.open_shops])


def run(
    households: int,
    seed: int,
    months: int = len(MONTH_DAYS),
    settings: Settings | None = None,
    kind: type[Shops] = Shops,
) -> Outcome:
    """Run the core."""
    last_day = FIRST_DAY + timedelta(days=sum(MONTH_DAYS[:months]) - 1)
    sim = ss.Sim(
        n_agents=households,
        start=FIRST_DAY.isoformat(),
        stop=last_day.isoformat(),
        dt=ss.days(1),
        rand_seed=seed,
        networks=Peers(),
        modules=kind(settings or Settings(), months),
        people_results=False,
        verbose=0,
    )
    sim.run()
    shops = next(module for module in sim.modules if isinstance(module, Shops))
    return Outcome(
        np.array(shops.record, float),
        np.asarray(shops.results.orders, float),
        np.asarray(shops.income_year_yuan.values, float),
        np.asarray(shops.cash_yuan.values, float),
        np.asarray(shops.month_orders[shops.open_shops], float),
        shops.first_cash_yuan,
    )


def run_without_crn(
    households: int,
    seed: int,
    months: int = len(MONTH_DAYS),
    settings: Settings | None = None,
) -> Outcome:
    """Run the core without common random numbers."""
    ss.options(crn=False)
    try:
        return run(households, seed, months, settings, ShopsWithoutCrn)
    finally:
        ss.options(crn=True)
