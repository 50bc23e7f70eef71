"""The engine: a scenario's state, and the calls that carry it from day to day."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np

from sim.engine.commuting import publish_commuting
from sim.engine.hearsay import publish_hearsay, town_links
from sim.engine.market import publish_competition
from sim.engine.month import END, OPEN, decide_villages, share_villages, walk_villages
from sim.engine.policy import PolicyTimeline
from sim.engine.setup import first_state
from sim.engine.shops import ShopBlocks
from sim.engine.terms import COMPETITION, MONTH, SEASON_FIELDS, Terms, as_table
from sim.engine.threads import default_threads, for_villages
from sim.scenario import Scenario, register_of
from sim.world.calendar import EPOCH, date_of, day_of
from sim.world.columns import CHANNELS, MONTHS, SETTLEMENT_SLOTS, State
from sim.world.drivers import build_drivers
from sim.world.parameters import behaviour, goods, platform_names, platforms

NEVER = np.iinfo(np.int32).max
"""Opening day of a platform that does not exist in the scenario."""
MONTHS_OF_NOTICE = 2
"""Months before the nominal start of a season in which it is determined."""

Decide = Callable[["Simulation"], None]
"""Runs the stages of a month's first day up to attraction, some of them in Python."""


class Simulation:
    """The compiled model of a scenario, without any face.

    Parameters
    ----------
    scenario : Scenario
        What to simulate.
    seed : int, optional
        Seed of all draws; the scenario's if not given.
    threads : int, optional
        Threads that run villages side by side; all processors if not given. Results do not depend
        on it.
    state : State, optional
        The state to go on from (see sim.engine.resuming); that of the first morning if not given.

    Attributes
    ----------
    register : Register
        The villages.
    state : State
        The columns. The arrays of `state.shops` are replaced when shops need more room.
    terms : Terms
        What the month in progress is computed from.
    day : int
        The next day to run [days since 2000-01-01].
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int | None = None,
        threads: int | None = None,
        state: State | None = None,
    ) -> None:
        self.scenario = scenario
        self.threads = default_threads() if threads is None else threads
        self.seed = scenario.seed if seed is None else seed
        self.register = register_of(scenario)
        self.timeline = PolicyTimeline(scenario, self.register, self.seed)
        self.start_day, self.end_day = day_of(scenario.start), day_of(scenario.end)
        self.day = self.start_day
        its_goods = goods(scenario.goods)
        its_behaviour = behaviour(scenario.behaviour)
        b = as_table(its_behaviour)
        self.drivers = build_drivers(scenario.start, scenario.end, its_goods, its_behaviour)
        goods_table = as_table(its_goods, SEASON_FIELDS)
        income = float(self.drivers.income_per_head_yuan_per_month[0])
        if state is None:
            state = first_state(self.register, self.seed, income, b[0], goods_table, self.threads)
        self.state: State = state
        platform_table = as_table(platforms(scenario.platform_terms))
        platform_table["opened"][~np.isin(platform_names(), scenario.platforms)] = NEVER
        counties = int(self.state.villages["county"].max()) + 1
        self._levers = self.timeline.levers(self.start_day)
        self.terms = Terms(
            self.seed,
            b,
            goods_table,
            platform_table,
            as_table(self._levers),
            np.zeros(1, MONTH),
            self.drivers.day_factor,
            np.zeros((counties, goods_table.size, CHANNELS)),
            np.zeros((goods_table.size, CHANNELS), COMPETITION),
        )
        self._shop_blocks = ShopBlocks(state.villages)
        self._links = town_links(self.register, its_behaviour.hearsay_reach_km)
        self._by_key = np.argsort(self.state.villages["key"], kind="stable")

    @property
    def date(self) -> date:
        """Date of the next day to run."""
        return date_of(self.day)

    @property
    def is_month_start(self) -> bool:
        """Whether the next day to run is the first of a month."""
        return self.date.day == 1

    @property
    def is_over(self) -> bool:
        """Whether the last day of the scenario has been run."""
        return self.day > self.end_day

    @property
    def month_end_day(self) -> int:
        """Last day of the month of the next day to run."""
        return _last_day_of_month(self.date)

    def _set_month(self) -> None:
        today, start = self.date, self.scenario.start
        months = (today.year - start.year) * 12 + today.month - start.month
        since_epoch = (today.year - EPOCH.year) * 12 + today.month - 1
        drivers = self.drivers
        self.terms.m[0] = (
            self.day,
            self.month_end_day,
            today.year,
            since_epoch % MONTHS,
            since_epoch % SETTLEMENT_SLOTS,
            self.start_day,
            self.scenario.observer.active_within_days,
            drivers.retail_index[months],
            drivers.cross_border_index[months],
            drivers.parcel_price_yuan[months],
            drivers.rural_internet_share[months],
            drivers.income_per_head_yuan_per_month[months],
            drivers.yuan_per_usd[months],
            drivers.trend_years[months],
            1.0 if self.scenario.region is None else self.scenario.region.county_share,
        )

    def _set_seasons(self) -> None:
        its_goods, today = self.terms.goods, self.date
        for good in np.flatnonzero(its_goods["perishable"]):
            month = int(its_goods["window_start_month"][good])
            start = date(today.year, month, int(its_goods["window_start_day"][good]))
            its_goods["season_start_day"][good] = day_of(start)
            its_goods["season_is_set_now"][good] = (
                max(1, month - MONTHS_OF_NOTICE) <= today.month <= month
            )

    def start_month(self, decide: Decide | None = None) -> None:
        """Run the stages of a month's first day (see sim.engine.month).

        Parameters
        ----------
        decide : callable, optional
            Runs the stages in which villages are alone, instead of the compiled ones.
        """
        s = self.state
        if self.date.month == 1:
            _start_accounts_of_the_year(s)
        s.month[:] = 0.0
        s.season_day[:] = 0.0
        s.day_sales_yuan[:] = 0.0
        s.day_active_stores[:] = 0.0
        self._set_month()
        self._set_seasons()
        levers = self.timeline.levers(self.day)
        if levers is not self._levers:  # months with the same measures share them
            self._levers = levers
            self.terms = self.terms._replace(levers=as_table(levers))
        b, villages = self.terms.b[0], s.villages
        wage = b["wage_income_ratio"] * self.terms.m["income_yuan_per_head"][0]
        villages["wage_yuan_per_month"] = wage * villages["income_index"]
        publish_hearsay(villages, self._by_key, self._links, b)
        if decide is None:
            self.run_stages(0, END)
        else:
            decide(self)
        publish_commuting(self._by_key, self.state, self.terms)
        publish_competition(self._by_key, self.state, self.terms)
        self._for_villages(share_villages)

    def _for_villages(self, kernel: Callable[..., None], *arguments: Any) -> None:
        villages = self.state.villages.size
        for_villages(kernel, villages, self.threads, self.state, self.terms, *arguments)

    def run_stages(self, first_stage: int, end_stage: int) -> None:
        """Run some of the stages in which villages are alone (numbers in sim.engine.month).

        Room is made in the table of shops where the opening stage needs it.
        """
        self._for_villages(decide_villages, first_stage, end_stage, False)
        while self.state.villages["next_to_open"].any():
            self.state = self._shop_blocks.make_room(self.state)
            self._for_villages(decide_villages, OPEN, end_stage, True)

    def walk(self, to_day: int) -> tuple[int, int]:
        """Run from the next day to `to_day`, at most to the end of the month.

        Returns
        -------
        tuple of int
            First and last day run; their sales and active stores stand in `state.day_sales_yuan`
            and `state.day_active_stores` at the day's place in the month.
        """
        first, last = self.day, min(to_day, self.month_end_day)
        self._for_villages(walk_villages, first, last)
        self.day = last + 1
        return first, last


def _start_accounts_of_the_year(s: State) -> None:
    for name in ("shop_profit_yuan", "wages_yuan"):
        s.households[name] = 0.0
    for name in ("offline_yuan", "online_yuan"):
        s.producers[name] = 0.0


def _last_day_of_month(today: date) -> int:
    return day_of((today.replace(day=28) + timedelta(days=4)).replace(day=1)) - 1
