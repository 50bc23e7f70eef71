"""The worlds of a trial: the same households with a programme by lot, without it, and all with it.

A fourth world has no platform to sell on. Replicate r of every world has the same luck. Lots and
surveys have seeds of their own, so that none of them depends on what happens to households.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.agents.checks import is_whole_number
from sim.engine.policy import PolicyTimeline
from sim.errors import RunError, ScenarioError
from sim.experiments.calibrate.luck import run_seed
from sim.experiments.extras import need
from sim.experiments.numbers_given import check_whole
from sim.experiments.parting import household_keys
from sim.experiments.run import RunOptions, run
from sim.results.incomes import of_year
from sim.results.record import Columns
from sim.results.tables import income_yuan
from sim.scenario import Scenario, register_of
from sim.scenario.fields import listed, nearest
from sim.scenario.policy import PolicyBase
from sim.world.columns import INCOMER
from sim.world.register import Register

TRIAL: Final = "trial"
WITHOUT: Final = "without"
EVERYWHERE: Final = "everywhere"
OFFLINE: Final = "offline"
_SCIPY_SEEDS: Final = 2**32

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class TrialDesign:
    """Which trial is held.

    Attributes
    ----------
    scenario : Scenario
        The place, with the programme among its policies.
    policy : str
        Name of the programme: a policy whose target is a share of villages below 1.
    years : int
        Complete years of the programme until incomes are asked for.
    survey : int
        Households of each village that are asked.
    seed : int
        Seed of the first replicate.

    Raises
    ------
    ScenarioError
        If there is no such programme, or the scenario has no year before it or none after.
    """

    scenario: Scenario
    policy: str
    years: int
    survey: int
    seed: int

    def __post_init__(self) -> None:
        """Refuse what cannot be held."""
        check_whole("survey", self.survey, 1)
        if not is_whole_number(self.years) or self.years < 1:
            raise ScenarioError("years", "", self.years, "a whole number from 1 on")
        if date(self.baseline, 1, 1) < self.scenario.start:
            allowed = f"a date that leaves a complete year after {self.scenario.start}"
            key = f"policies.{self.policy}.start"
            raise ScenarioError(self.scenario.name, key, self.programme_start.isoformat(), allowed)
        last = (self.scenario.end + timedelta(days=1)).year - 1
        most = last - (self.endline - self.years)
        if self.years > most:
            allowed = f"1 to {most}" if most > 0 else "none"
            allowed += f", for {self.policy} starts on {self.programme_start} and "
            allowed += f"{self.scenario.name} ends on {self.scenario.end}"
            raise ScenarioError("years", "", self.years, allowed)

    @property
    def programme(self) -> PolicyBase:
        """The policy that is drawn by lot."""
        return next(policy for policy in self.scenario.policies if policy.name == self.policy)

    @property
    def programme_start(self) -> date:
        """First date on which any of it is in force."""
        return min(measure.start for measure in self.programme.measures())

    @property
    def baseline(self) -> int:
        """Last complete year before the programme."""
        return self.programme_start.year - 1

    @property
    def endline(self) -> int:
        """Year whose incomes are asked for: the programme is there from its first day on."""
        start = self.programme_start
        return start.year + self.years - (start == date(start.year, 1, 1))

    @cached_property
    def register(self) -> Register:
        """The villages."""
        return register_of(self.scenario)

    @cached_property
    def within_reach(self) -> Flags:
        """Villages among which lots are drawn (villages,)."""
        return self._reached(self.world(EVERYWHERE))

    def lots(self, number: int, drawing: int = 0) -> Flags:
        """Return which villages are drawn (villages,); the trial's own drawing is number 0."""
        return self._reached(self.world(TRIAL, self._lot_seed(number, drawing)))

    def world(self, name: str, lot_seed: int = 0) -> Scenario:
        """Return one of the worlds."""
        if name == WITHOUT:
            return self._with(None)
        if name == OFFLINE:
            return self._with(None).model_copy(update={"platforms": ()})
        target = self.programme.target
        change: dict[str, Any] = {"seed": lot_seed} if name == TRIAL else {"share": 1.0}
        drawn = target.model_copy(update=change)
        return self._with(self.programme.model_copy(update={"target": drawn}))

    def trial_world(self, number: int) -> Scenario:
        """Return the world of the trial of a replicate."""
        return self.world(TRIAL, self._lot_seed(number, 0))

    def _lot_seed(self, number: int, drawing: int) -> int:
        return run_seed(self.seed, f"lots {drawing}", number)

    def _reached(self, scenario: Scenario) -> Flags:
        timeline = PolicyTimeline(scenario, self.register)
        reached = np.zeros(len(self.register), np.bool_)
        for event in timeline.events:
            if event.policy == self.policy:
                reached[event.villages] = True
        return reached

    def _with(self, programme: PolicyBase | None) -> Scenario:
        policies = tuple(
            programme if policy.name == self.policy else policy
            for policy in self.scenario.policies
            if policy.name != self.policy or programme is not None
        )
        return self.scenario.model_copy(update={"policies": policies})


class Households(NamedTuple):
    """Local households of all villages among which lots were drawn, in every world (n,)."""

    village: Whole
    """Place among the villages that lots are drawn for."""
    stratum: Whole
    """Number of its county."""
    surveyed: Flags
    baseline: Floats
    """Income of the year before the programme [yuan]."""
    income: dict[str, Floats]
    """Income of the last year by world [yuan]."""
    sells: dict[str, Flags]
    """Whether it has a shop at the end of that year, by world."""
    ever_sold: Flags
    """Whether it had a shop at the end of any year up to the last one, in the trial."""
    trained: Flags
    """Whether courses have reached it, in the trial."""
    assigned: Flags
    """Whether its village was drawn."""
    lots: Flags
    """(villages,) which villages were drawn."""
    strata: Whole
    """(villages,) number of the county of each."""

    @property
    def takes_up(self) -> Flags:
        """Whether the programme serves it: its village was drawn, and it learns there or sells."""
        return self.assigned & (self.trained | self.sells[TRIAL])


def find_programme(scenario: Scenario, name: str | None = None) -> str:
    """Return the name of the policy that is drawn by lot.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    name : str, optional
        The policy; the only one that reaches a share of villages, if not given.

    Raises
    ------
    ScenarioError
        If there is none, it reaches all villages, or several could be meant.
    """
    drawn = [policy.name for policy in scenario.policies if policy.target.share < 1.0]
    if name is None and len(drawn) == 1:
        return drawn[0]
    if name in drawn and name is not None:
        return name
    allowed = "a policy with a target.share below 1"
    if drawn:
        allowed += f": {listed(drawn)}"
    raise ScenarioError(scenario.name, "policies", name, allowed, nearest(name or "", drawn))


def households_of(design: TrialDesign, number: int, threads: int | None = 1) -> Households:
    """Run all worlds of a replicate, and join their households.

    Parameters
    ----------
    design : TrialDesign
        The trial.
    number : int
        Number of the replicate, from 0.
    threads : int, optional
        Threads that run villages side by side.

    Raises
    ------
    RunError
        If worlds do not have the same households.
    """
    worlds = {TRIAL: design.trial_world(number)}
    worlds |= {name: design.world(name) for name in (WITHOUT, EVERYWHERE, OFFLINE)}
    options = RunOptions(threads, keep_households=True, record={"shops": "none"})
    until = date(design.endline, 12, 31)
    years = (design.baseline, design.endline)
    found: dict[str, tuple[Columns, ...]] = {}
    ever_sold = np.zeros(0, np.bool_)
    for name, world in worlds.items():
        record = run(world, design.seed + number, until, options=options).record
        rows = record.tables["household_years"]
        found[name] = tuple(_locals(of_year(rows, year)) for year in years)
        if name == TRIAL:
            ever_sold = _ever_sold(_locals(rows), found[name][1])
    last = {name: rows[1] for name, rows in found.items()}
    keys = _keys(last[TRIAL])
    if any(not np.array_equal(keys, _keys(rows)) for both in found.values() for rows in both):
        raise RunError("worlds of a trial have other households; allowed: the same in all years")
    inside = design.within_reach[last[TRIAL]["village"]]
    place = np.cumsum(design.within_reach) - 1
    village = place[last[TRIAL]["village"][inside]].astype(np.int64)
    strata = np.asarray(design.register.county, np.int64)[design.within_reach]
    lots = design.lots(number)[design.within_reach]
    return Households(
        village=village,
        stratum=strata[village],
        surveyed=_surveyed(village, design.survey, run_seed(design.seed, "survey", number)),
        baseline=income_yuan(found[TRIAL][0])[inside],
        income={name: income_yuan(rows)[inside] for name, rows in last.items()},
        sells={name: rows["shops"][inside] > 0 for name, rows in last.items()},
        ever_sold=ever_sold[inside],
        trained=last[TRIAL]["trained"][inside] > 0,
        assigned=lots[village],
        lots=lots,
        strata=strata,
    )


def _locals(rows: Columns) -> Columns:
    there = rows["kind"] != INCOMER
    return {name: values[there] for name, values in rows.items()}


def _ever_sold(rows: Columns, last: Columns) -> Flags:
    """Return which households of the last year had a shop at the end of any year."""
    return np.isin(_keys(last), _keys(rows)[rows["shops"] > 0])


def _keys(rows: Columns) -> Whole:
    return household_keys(rows["village"], rows)


def _surveyed(village: Whole, count: int, seed: int) -> Flags:
    """Return who is asked: so many households of each village, by lot."""
    stats = need("scipy.stats", "experiments")
    luck = stats.uniform.rvs(size=village.size, random_state=seed % _SCIPY_SEEDS)
    order = np.lexsort((luck, village))
    sorted_villages = village[order]
    first = np.searchsorted(sorted_villages, sorted_villages)
    asked = np.zeros(village.size, np.bool_)
    asked[order] = np.arange(village.size) - first < count
    return asked
