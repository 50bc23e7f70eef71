"""From dated policies to the levers of each village, month by month (ODD 7.1).

A measure is in force in a month if it is in force on the month's first day. What measures do to
the same lever of the same village adds up, and is capped at 1 where it is an intensity; multiples
are multiplied; of greenhouses the largest counts.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import as_int64
from sim.engine.setup import broadband_days
from sim.scenario import Measure, Scenario, Target, register_of
from sim.world.calendar import day_of
from sim.world.draws import TIMELESS, VILLAGE_ITSELF, Purpose, one_uniform, village_key
from sim.world.register import Register

MONTHS_PER_YEAR: Final = 12
_TARGET: Final = as_int64(Purpose.TARGET)

Floats = NDArray[np.float64]
Combine = Callable[[Floats, float], Floats]


class Levers(NamedTuple):
    """What policies do to each village in a month, arrays (villages,). Not to be written to."""

    storage: Floats
    """Intensity of the storage service (0-1), as of the six below."""
    product_supply: Floats
    training: Floats
    logistics: Floats
    cold_chain: Floats
    brand: Floats
    cross_border_pilot: Floats
    subsidy_yuan: Floats
    """For every new shop."""
    credit_yuan: Floats
    """For every household."""
    greenhouse_share: Floats
    """Share of the orchards under cover (0-1)."""
    greenhouse_days_earlier: Floats
    yield_multiple: Floats
    season_shift_days: Floats
    """Later if positive."""
    parcel_price_multiple: Floats
    commission_multiple: Floats
    broadband_day: NDArray[np.int64]
    """First day with broadband, by the village's own year or a policy's, the earlier one."""
    policy_cost_yuan: Floats
    """The village's part of a twelfth of the yearly costs, by its households."""


class PolicyEvent(NamedTuple):
    """The start of a policy, or of one service of it, during the run."""

    day: int
    policy: str
    service: str
    """Empty if it is the policy as a whole."""
    villages: NDArray[np.int64]
    """Places of the villages reached in the list of villages."""


def _add_up_to_one(lever: Floats, value: float) -> Floats:
    return np.minimum(lever + value, 1.0)


def _add(lever: Floats, value: float) -> Floats:
    return lever + value


def _multiply(lever: Floats, value: float) -> Floats:
    return lever * value


def _largest(lever: Floats, value: float) -> Floats:
    return np.maximum(lever, value)


_COMBINE: Final[dict[str, Combine]] = {
    "storage": _add_up_to_one,
    "product_supply": _add_up_to_one,
    "training": _add_up_to_one,
    "logistics": _add_up_to_one,
    "cold_chain": _add_up_to_one,
    "brand": _add_up_to_one,
    "cross_border_pilot": _add_up_to_one,
    "subsidy_yuan": _add,
    "credit_yuan": _add,
    "greenhouse_share": _largest,
    "greenhouse_days_earlier": _largest,
    "yield_multiple": _multiply,
    "season_shift_days": _add,
    "parcel_price_multiple": _multiply,
    "commission_multiple": _multiply,
}
_START: Final[dict[Combine, float]] = {_multiply: 1.0}


class PolicyTimeline:
    """The levers of a scenario's villages, for any month; who is reached is settled at the start.

    Parameters
    ----------
    scenario : Scenario
        Whose policies act.
    register : Register, optional
        The villages in the order of the arrays; the scenario's, in its order, if not given.
    seed : int, optional
        Seed of targets that are chosen at random and have none of their own; the scenario's if
        not given.

    Attributes
    ----------
    events : tuple of PolicyEvent
        Starts of policies and services during the run, in order of their days.
    """

    def __init__(
        self,
        scenario: Scenario,
        register: Register | None = None,
        seed: int | None = None,
    ) -> None:
        self._register = register_of(scenario) if register is None else register
        self._seed = scenario.seed if seed is None else seed
        self._steps = [
            (measure, reached)
            for policy in scenario.policies
            for reached in [self._reached(policy.target)]
            for measure in policy.measures()
        ]
        self._broadband_day = self._broadband()
        self._months: dict[tuple[int, ...], Levers] = {}
        self.events = self._events(scenario.start, scenario.end)

    def levers(self, first_day: int) -> Levers:
        """Return the levers of the month that begins on a day [days since 2000-01-01].

        Months in which the same measures are in force share their arrays.
        """
        in_force = tuple(
            number
            for number, (measure, _) in enumerate(self._steps)
            if day_of(measure.start) <= first_day
            and (measure.end is None or first_day < day_of(measure.end))
        )
        if in_force not in self._months:
            self._months[in_force] = self._combined(in_force)
        return self._months[in_force]

    def _combined(self, in_force: Sequence[int]) -> Levers:
        count = len(self._register)
        levers = {name: np.full(count, _START.get(how, 0.0)) for name, how in _COMBINE.items()}
        cost = np.zeros(count)
        for measure, reached in (self._steps[number] for number in in_force):
            for name, value in measure.levers.items():
                if name in _COMBINE:
                    levers[name][reached] = _COMBINE[name](levers[name][reached], value)
            cost[reached] += self._monthly_cost_yuan(measure, reached)
        return Levers(**levers, broadband_day=self._broadband_day, policy_cost_yuan=cost)

    def _monthly_cost_yuan(self, measure: Measure, reached: NDArray[np.bool_]) -> Floats:
        households = self._register.households[reached].astype(np.float64)
        monthly_cost = measure.yearly_cost_yuan / MONTHS_PER_YEAR
        cost: Floats = monthly_cost * households / max(float(households.sum()), 1.0)
        return cost

    def _broadband(self) -> NDArray[np.int64]:
        """First day with broadband. What is laid stays, whenever the policy ends."""
        days = broadband_days(self._register)
        for measure, reached in self._steps:
            if "broadband_day" in measure.levers:
                earlier = np.int64(measure.levers["broadband_day"])
                days[reached] = np.minimum(days[reached], earlier)
        return days

    def _reached(self, target: Target) -> NDArray[np.bool_]:
        """Which villages a policy reaches."""
        seed = self._seed if target.seed is None else target.seed
        reached = _named(target, self._register)
        if target.share < 1.0:
            for place, path in enumerate(self._register.paths()):
                if reached[place]:
                    luck = one_uniform(seed, village_key(path), VILLAGE_ITSELF, TIMELESS, _TARGET)
                    reached[place] = luck < target.share
        return reached

    def _events(self, first: date, last: date) -> tuple[PolicyEvent, ...]:
        events = [
            PolicyEvent(day_of(it.start), it.policy, it.part, np.flatnonzero(reached))
            for it, reached in self._steps
            if first <= it.start <= last
        ]
        return tuple(sorted(events, key=lambda event: event.day))


def _named(target: Target, register: Register) -> NDArray[np.bool_]:
    """Which villages a target names, by themselves or by their town or county; all if by none."""
    if not (target.villages or target.towns or target.counties):
        return np.ones(len(register), np.bool_)
    towns = np.array([target.reaches_town(path) for path in register.town_paths], np.bool_)
    reached: NDArray[np.bool_] = towns[register.town]
    if target.villages:
        reached |= np.fromiter(map(target.reaches, register.paths()), np.bool_, len(register))
    return reached
