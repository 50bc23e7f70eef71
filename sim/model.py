"""The model: puts scenario, engine, observer, recorder and agents together, nothing else."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import mesa
import numpy as np
from mesa.agentset import AgentSet

from sim.agents import Farmer, Household, Manufacturer, StoreOperator, Village
from sim.agents.checks import is_whole_number
from sim.agents.residents import Residents
from sim.engine.recorder import Columns, Record, Recorder, daily
from sim.engine.simulation import Simulation
from sim.errors import ExtensionError, ScenarioError
from sim.observer import Event, Observer, Rule
from sim.scenario import Scenario, load_scenario
from sim.scenario.fields import listed
from sim.world.calendar import date_of, day_of

_SEED_LIMIT = 2**63


class CommerceModel(mesa.Model):
    """Villages growing into e-commerce villages, day by day.

    `step` runs a day, `run_until` whole months inside the compiled engine; both give the same bits.

    Parameters
    ----------
    scenario : str, Path or Scenario
        Name of a scenario, a file, or a scenario made before.
    rng : int, optional
        Seed of all draws; the scenario's if not given.
    farmer, manufacturer, store_operator : type, optional
        Subclasses that override decisions.
    threads : int, optional
        Threads that run villages side by side; results do not depend on it.
    record : Record, optional
        What to keep for tables.
    collect : bool
        Fill `datacollector` at the end of each month.
    decide_in_python : bool
        Take every decision of every household in Python: slower, the same bits.
    asks_backwards : bool
        Ask households for their decisions in reverse order, which must change nothing.
    simulation : Simulation, optional
        An engine of this scenario and seed to go on with; made anew if not given.
    **overrides
        Keys of the scenario to change, such as
        ``**{"end": "2012-12-31", "behaviour.open_gain": 1}``.

    Attributes
    ----------
    scenario : Scenario
        What is simulated.
    simulation : Simulation
        The engine with the columns.
    observer : Observer
        Who is designated and listed.
    datacollector : mesa.DataCollector
        Sales, stores and designated villages at the end of each month.

    Raises
    ------
    ScenarioError
        If the scenario, a key to change or the seed is not valid.
    ExtensionError
        If a class is not a subclass of the one it stands for.
    """

    def __init__(  # noqa: PLR0913 - all but two are by name and seldom given
        self,
        scenario: str | Path | Scenario = "cangtian",
        rng: int | None = None,
        *,
        farmer: type[Farmer] = Farmer,
        manufacturer: type[Manufacturer] = Manufacturer,
        store_operator: type[StoreOperator] = StoreOperator,
        threads: int | None = None,
        record: Record | None = None,
        collect: bool = True,
        decide_in_python: bool = False,
        asks_backwards: bool = False,
        simulation: Simulation | None = None,
        **overrides: Any,
    ) -> None:
        chosen = _chosen(scenario, overrides)
        self._study = chosen
        self.seed = chosen.seed if rng is None else _seed(rng)
        super().__init__(rng=self.seed)
        self.simulation = simulation or Simulation(chosen, self.seed, threads)
        self._residents = Residents(
            self,
            {"farmer": farmer, "manufacturer": manufacturer, "store_operator": store_operator},
            decide_in_python=decide_in_python,
            asks_backwards=asks_backwards,
        )
        self._run_to_day: int | None = None
        self._collects = collect
        self.observer = Observer(
            Rule.of(chosen.observer), chosen.observer.listing_date, self.simulation.register
        )
        self.villages = [Village(self, number) for number in range(len(self.simulation.register))]
        self.recorder = Recorder(record or Record(), self.simulation.register)
        self.datacollector = mesa.DataCollector(
            {
                "date": lambda m: date_of(m.simulation.day - 1),
                "year_sales_yuan": lambda m: float(m.observer.trailing_fen.sum() / 100.0),
                "active_stores": lambda m: int(m.observer.active_stores.sum()),
                "open_shops": lambda m: int(m.simulation.state.villages["open_shops"].sum()),
                "designated_villages": lambda m: int(m.observer.holds.sum()),
                "listed_villages": lambda m: int(m.observer.is_listed.sum()),
            }
        )

    @property
    def scenario(self) -> Scenario:
        """What is simulated."""
        return self._study

    @scenario.setter
    def scenario(self, mesa_scenario: Any) -> None:
        # Mesa assigns an empty scenario of its own on construction.
        pass

    @property
    def date(self) -> dt.date:
        """The next day to run."""
        return self.simulation.date

    @property
    def events(self) -> list[Event]:
        """Everything worth a date so far, in order."""
        starts = [
            Event(e.day, "policy", -1, f"{e.policy}{': ' + e.service if e.service else ''} begins")
            for e in self.simulation.timeline.events
            if e.day < self.simulation.day
        ]
        return sorted([*starts, *self.observer.events], key=lambda event: event.day)

    @property
    def tables(self) -> dict[str, Columns]:
        """What has been recorded, as columns by table (see sim.engine.recorder)."""
        return self.recorder.tables

    def village(self, name: str) -> Village:
        """Return the village of a name.

        Raises
        ------
        KeyError
            If there is none, or several.
        """
        found = [village for village in self.villages if village.name == name]
        if not found:
            there = listed(dict.fromkeys(village.name for village in self.villages))
            raise KeyError(f"no village is called {name!r}; there is {there}")
        if len(found) > 1:
            raise KeyError(f"{len(found)} villages are called {name!r}; see model.villages")
        return found[0]

    # --- agents: views made when first asked for

    @property
    def agents(self) -> Any:
        """All households, and agents that the user has added."""
        _ = self._residents.agents
        return self._all_agents

    @property
    def agents_by_type(self) -> dict[type, Any]:
        """Agents by class."""
        _ = self._residents.agents
        by_type: dict[type, Any] = self._agents_by_type
        return by_type

    @property
    def agent_types(self) -> list[type]:
        """Classes of agents in the model."""
        return list(self.agents_by_type)

    def households_of(self, village: int) -> list[Household]:
        """Return the households of a village, rooms for incomers included, in order of rows.

        Only this village's agents are made, so that those of a region do not fill the memory.
        """
        return list(self._residents.of_village(village))

    def convert(self, agents: Iterable[Household], cls: type[Household]) -> AgentSet:
        """Let some households decide by another class from the next month on.

        Parameters
        ----------
        agents : iterable of Household
            Agents of this model, such as ``model.agents_by_type[StoreOperator].select(...)``.
        cls : type
            Subclass of their class.

        Returns
        -------
        AgentSet
            The new agents.

        Raises
        ------
        ExtensionError
            If `cls` is not a subclass of an agent's class, or an agent is none of this model's.
        """
        return AgentSet(self._residents.convert(agents, cls), random=self.random)

    # --- time

    def step(self) -> None:
        """Run a day: users' agents act in the morning, then everyone trades."""
        days = self._run_days()
        # Mesa has counted one step; months inside `run_until` are several.
        self.steps += days - 1
        self.time += days - 1

    def run_until(self, end: dt.date | str | float) -> None:
        """Run to the end of a date, or, with a number, to a time as Mesa counts it.

        Runs whole months in the engine, or single days where the model has agents of the user.

        Parameters
        ----------
        end : date, str or float
            Last day to run, such as ``"2015-12-31"``; at most the scenario's last day counts.

        Raises
        ------
        ValueError
            If `end` is before the next day to run, or no date.
        """
        first = self.simulation.day
        last = self._last_day(end)
        if last < first:
            raise ValueError(f"cannot run until {end}: the next day to run is {self.date}")
        last = min(last, self.simulation.end_day)
        self._run_to_day = last
        try:
            super().run_until(self.time + last - first + 1)
        finally:
            self._run_to_day = None

    def run(self) -> None:
        """Run to the scenario's last day, if it has not been run yet."""
        if not self.simulation.is_over:
            self.run_until(date_of(self.simulation.end_day))

    def _daily_agents(self) -> list[Any]:
        """Agents of the user, in the order in which they have joined."""
        own = [
            agent
            for cls, agents in self._agents_by_type.items()
            if not issubclass(cls, Household)
            for agent in agents
        ]
        return sorted(own, key=lambda agent: agent.unique_id)

    def _last_day(self, end: object) -> int:
        if isinstance(end, int | float | np.number):
            return self.simulation.day - 1 + int(float(end) - self.time)
        return _day(end)

    def _run_days(self) -> int:
        """Run a day, or the rest of the month where no one needs single days; return the days."""
        if self.simulation.is_over:
            self.running = False
            return 1
        simulation = self.simulation
        if simulation.is_month_start:
            simulation.start_month(self._residents.decisions())
        agents = self._daily_agents()
        for agent in agents:
            agent.step()
        last_day = simulation.day
        # The step that is being run has left Mesa's list; what is in it is due on a day of its own.
        if self._run_to_day is not None and not agents and len(self._event_list) == 0:
            last_day = self._run_to_day
        first, last = simulation.walk(last_day)
        self.observer.observe(first, *daily(simulation, first, last))
        if last == simulation.terms.m["last_day"][0]:
            self._close_month(last)
        elif simulation.is_over:
            first_day = int(simulation.terms.m["first_day"][0])
            self.recorder.close_season_days(simulation, first_day)
            self._collect()
        self.running = not simulation.is_over
        return last - first + 1

    def _close_month(self, last_day: int) -> None:
        terms, observer = self.simulation.terms, self.observer
        first_day = int(terms.m["first_day"][0])
        cost_yuan = terms.levers["policy_cost_yuan"]
        observer.close_month(first_day, self.simulation.state.month, cost_yuan)
        self.recorder.close_month(
            self.simulation,
            first_day,
            {
                "trailing_sales_yuan": observer.trailing_fen / 100.0,
                "designated": observer.holds,
                "listed": observer.is_listed,
            },
        )
        today = date_of(last_day)
        if (today.month, today.day) == (12, 31):
            self.recorder.close_year(self.simulation, last_day)
        self._collect()

    def _collect(self) -> None:
        if self._collects:
            self.datacollector.collect(self)


def _day(end: object) -> int:
    if isinstance(end, str):
        with suppress(ValueError):
            return day_of(dt.date.fromisoformat(end))
    elif isinstance(end, dt.date):
        return day_of(end.date() if isinstance(end, dt.datetime) else end)
    raise ValueError(f"cannot run until {end!r}: allowed is a date such as 2015-12-31")


def _seed(rng: object) -> int:
    if not is_whole_number(rng) or not 0 <= rng < _SEED_LIMIT:
        allowed = "a whole number from 0 to 2**63 - 1"
        raise ScenarioError("CommerceModel", "rng", rng, allowed)
    return int(rng)


def _chosen(scenario: str | Path | Scenario, overrides: Mapping[str, Any]) -> Scenario:
    if not isinstance(scenario, Scenario):
        return load_scenario(scenario, _as_toml(overrides))
    if overrides:
        raise ExtensionError(
            f"overrides {sorted(overrides)} need a scenario by name or file, not one made before"
        )
    return scenario


def _as_toml(overrides: Mapping[str, Any]) -> Sequence[str]:
    def written(value: Any) -> str:
        return str(value).lower() if isinstance(value, bool) else str(value)

    return [f"{key}={written(value)}" for key, value in overrides.items()]
