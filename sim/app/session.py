"""Two worlds of one scenario in lockstep: the baseline, and a variant with the same luck."""

import datetime as dt
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.app.choices import Choices
from sim.app.world import World
from sim.errors import ScenarioError
from sim.experiments.run import month_ends
from sim.observer import FEN_PER_YUAN, Rule
from sim.results import summary_of
from sim.results.incomes import of_year
from sim.results.schema import INCOME_SOURCES, KINDS
from sim.scenario import Scenario
from sim.words import phrase
from sim.world.calendar import date_of
from sim.world.columns import INCOMER
from sim.world.records import Month

WORLDS: Final = ("baseline", "variant")
_MILLION: Final = 1e6


class Difference(NamedTuple):
    """A number in both worlds."""

    name: str
    unit: str
    baseline: float | None
    variant: float | None
    year: int | None = None
    """The year that the name speaks of, if it does."""

    @property
    def difference(self) -> float | None:
        """Variant less baseline, in the same unit; None where one of them is not known."""
        if self.baseline is None or self.variant is None:
            return None
        return self.variant - self.baseline


class DatedDifference(NamedTuple):
    """A date in both worlds; None: not yet."""

    name: str
    baseline: dt.date | None
    variant: dt.date | None

    @property
    def days(self) -> int | None:
        """Days by which the variant is later; None where one of them is not known."""
        if self.baseline is None or self.variant is None:
            return None
        return (self.variant - self.baseline).days


class Session:
    """What one visitor looks at; nothing of it is shared with others.

    Parameters
    ----------
    scenario : Scenario
        The scenario that both worlds start from.

    Attributes
    ----------
    choices : Choices
        What differs between the worlds.
    baseline, variant : World
        The worlds, always at the same day.
    village : int
        The village that is looked at.

    Raises
    ------
    ScenarioError
        If the scenario is too large for the page.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.choices = Choices(scenario)
        self.baseline = World(scenario)
        self.variant = World(scenario)
        self.village = 0
        for policy in scenario.policies:
            if policy.target.villages:  # what the scenario is about
                self.choose_village(policy.target.villages[0])
                break

    # --- time

    @property
    def worlds(self) -> tuple[World, World]:
        """Baseline and variant."""
        return self.baseline, self.variant

    @property
    def date(self) -> dt.date:
        """The next day to run."""
        return self.baseline.date

    @property
    def last_date(self) -> dt.date:
        """The last day that was run; the day before the start if none was."""
        return self.baseline.last_date

    @property
    def start(self) -> dt.date:
        """The first day."""
        return self.baseline.scenario.start

    @property
    def end(self) -> dt.date:
        """The last day."""
        return self.baseline.scenario.end

    @property
    def is_over(self) -> bool:
        """Whether the last day has been run."""
        return self.baseline.is_over

    def advance(self, days: int) -> None:
        """Run some days in both worlds, at most to the end."""
        self.run_until(self.last_date + dt.timedelta(days=days))

    def advance_month(self) -> None:
        """Run to the end of the month in both worlds."""
        if not self.is_over:
            self.run_until(next(month_ends(self.date, self.end)))

    def run_until(self, last: dt.date) -> None:
        """Run both worlds to the end of a date; one that lies behind starts them anew."""
        if last < self.last_date:
            self._begin_again(last)
        for world in self.worlds:
            world.advance(last)

    def restart(self) -> None:
        """Start both worlds anew, on the first morning."""
        self._begin_again(None)

    def _begin_again(self, until: dt.date | None) -> None:
        choices = self.choices
        self.baseline = World(choices.baseline, until)
        self.variant = World(choices.variant, until)

    # --- choices

    def set(self, key: str, given: Any) -> bool:
        """Change a value of the variant, or of both worlds, and bring them to the same day.

        Returns
        -------
        bool
            Whether it was accepted; if not, `choices.errors` says at its key what is allowed.
        """
        if self.choices.set(key, given):
            self._follow(key)
        return key not in self.choices.errors

    def add_policy(self, name: str) -> bool:
        """Add a policy file to the variant; return whether it was accepted."""
        if self.choices.add_policy(name):
            self._follow("policies")
        return "policies" not in self.choices.errors

    def reset(self) -> None:
        """Take back every change."""
        if self.choices.reset():
            self._follow("")

    def _follow(self, key: str) -> None:
        """Make the worlds anew that have changed, up to the day that had been reached."""
        reached = self.last_date
        try:
            baseline, variant = self.choices.baseline, self.choices.variant
            old = self.baseline, self.variant
            if baseline != self.baseline.scenario:
                self.baseline = World(baseline, reached)
            if variant != self.variant.scenario:
                self.variant = World(variant, reached)
            if self.baseline.date != self.variant.date:  # the end has moved
                old[0].advance(reached)
                self.run_until(min(self.baseline.last_date, self.variant.last_date))
        except ScenarioError as error:
            self.choices.errors[key] = str(error)
            self.choices.changes.pop(key, None)
        self.village = min(self.village, len(self.baseline.model.villages) - 1)

    # --- the village that is looked at

    def choose_village(self, path: str) -> bool:
        """Look at the village of a path, or of its end such as ``Changhe/Cangtian``."""
        register = self.baseline.model.simulation.register
        ending = f"/{path}"
        found = [v for v, whole in enumerate(register.paths()) if f"/{whole}".endswith(ending)]
        if len(found) >= 1:
            self.village = int(found[0])
        return bool(found)

    @property
    def village_path(self) -> str:
        """Path of the village that is looked at."""
        return str(self.baseline.model.simulation.register[self.village].path)

    @property
    def village_name(self) -> str:
        """Name of the village that is looked at."""
        return str(self.baseline.model.simulation.register.names[self.village])

    # --- numbers

    def summary(self, world: int) -> dict[str, Any]:
        """Return what ``villagesim run --json`` prints of a world, but for the time it took."""
        return summary_of(self.worlds[world].model)

    def differences(self) -> list[Difference]:
        """Return the numbers of the village that is looked at, in both worlds."""
        v = self.village
        made = [
            Difference(name, unit, read(self.baseline, v), read(self.variant, v))
            for name, unit, read in _NUMBERS
        ]
        years = _years_kept(self.baseline)
        if years:
            incomes = [_mean_incomes(world, v, years[-1]) for world in self.worlds]
            means = [None if i is None else float(sum(i.values())) for i in incomes]
            name = phrase("mean income of a household in {year}")
            made.append(Difference(name, phrase("yuan"), means[0], means[1], years[-1]))
        return made

    def dates(self) -> list[DatedDifference]:
        """Return when the village that is looked at was designated, in both worlds."""
        found = []
        for name, attribute in (
            (phrase("first store"), "first_store_day"),
            (phrase("thresholds crossed"), "crossed_day"),
            (phrase("on the list"), "listed_day"),
            (phrase("off the list"), "lost_day"),
        ):
            days = [getattr(w.model.observer, attribute)[self.village] for w in self.worlds]
            found.append(DatedDifference(name, *(date_of(d) if d >= 0 else None for d in days)))
        return found

    def thresholds(self) -> tuple[float, float]:
        """Return the thresholds of the village: sales [yuan], and active stores."""
        rule = Rule.of(self.variant.scenario.observer)
        households = self.baseline.model.simulation.register.households[[self.village]]
        return rule.sales_yuan, float(rule.stores_needed(households)[0])

    def incomes(self, world: int) -> dict[int, dict[str, float]]:
        """Return mean income of the village's households by year and source [yuan]."""
        found = {}
        for year in _years_kept(self.worlds[world]):
            means = _mean_incomes(self.worlds[world], self.village, year)
            if means is not None:
                found[year] = means
        return found

    # --- households

    def differing(self) -> NDArray[np.bool_]:
        """Return which households of the village do not do the same in both worlds.

        They differ in what they sell, or in the number of their shops. Where the villages are not
        the same, households without a twin differ.
        """
        v = self.village
        goods = [world.goods_sold(v) for world in self.worlds]
        shops = [
            w.model.simulation.state.households["shops"][w.household_rows(v)] for w in self.worlds
        ]
        size = max(goods[0].size, goods[1].size)
        differs = np.ones(size, np.bool_)
        if self.has_twins():
            differs = (goods[0] != goods[1]) | (shops[0] != shops[1])
        return differs

    def has_twins(self) -> bool:
        """Whether the village has the same households in both worlds."""
        counts = [
            world.model.simulation.state.villages["kind_count"][self.village]
            for world in self.worlds
        ]
        return bool((counts[0] == counts[1]).all())

    def household_name(self, world: int, place: int) -> str:
        """Return the name of a household by its place in the village, such as ``operator 12``."""
        kind, number = self.worlds[world].kinds_and_numbers(self.village)
        return f"{KINDS[int(kind[place])]} {int(number[place])}"

    def place_of(self, world: int, name: str) -> int | None:
        """Return the place in the village of a household by its name; None if it has none such."""
        word, _, number = name.partition(" ")
        if word not in KINDS or not number.isdecimal():
            return None
        counts = self.worlds[world].model.simulation.state.villages["kind_count"][self.village]
        kind = KINDS.index(word)
        if int(number) >= int(counts[kind]):
            return None
        return int(counts[:kind].sum()) + int(number)


def _parts(world: World, table: str) -> list[Any]:
    return world.model.recorder.sink.parts.get(table, [])  # type: ignore[attr-defined, no-any-return]


def _years_kept(world: World) -> list[int]:
    """Return the years of which households were kept."""
    parts = _parts(world, "household_years")
    return [int(part.columns["year"][0]) for part in parts if part.columns["year"].size]


def _mean_incomes(world: World, village: int, year: int) -> dict[str, float] | None:
    """Return the mean income of a village's households by source; None if they were not kept."""
    for part in reversed(_parts(world, "household_years")):
        columns = part.columns
        if columns["year"].size and int(columns["year"][0]) == year:
            rows = of_year(columns, year)
            first, end = np.searchsorted(rows["village"], [village, village + 1])
            if first == end:
                return None
            return {name: float(rows[name][first:end].mean()) for name in INCOME_SOURCES}
    return None


def _sales(world: World, village: int) -> float:
    return float(world.model.observer.trailing_fen[village]) / FEN_PER_YUAN / _MILLION


def _stores(world: World, village: int) -> float:
    return float(world.model.observer.active_stores[village])


def _selling(world: World, village: int) -> float:
    state = world.model.simulation.state
    return float((state.households["shops"][world.household_rows(village)] > 0).sum())


def _open(world: World, village: int) -> float:
    return float(world.model.simulation.state.villages["open_shops"][village])


def _incomers(world: World, village: int) -> float:
    state, rows = world.model.simulation.state, world.household_rows(village)
    kind, _ = world.kinds_and_numbers(village)
    return float((state.households["present"][rows] & (kind == INCOMER)).sum())


def _jobs(world: World, village: int) -> float:
    return float(world.model.simulation.state.villages["staff"][village])


def _cost(world: World, village: int) -> float:
    return world.sum_of(village, Month.POLICY_COST_YUAN) / _MILLION


_NUMBERS: Final = (
    (phrase("online sales of the trailing year"), phrase("million yuan"), _sales),
    (phrase("active stores"), phrase("stores"), _stores),
    (phrase("open shops"), phrase("shops"), _open),
    (phrase("selling households"), phrase("households"), _selling),
    (phrase("incomers"), phrase("households"), _incomers),
    (phrase("hired staff, families not counted"), phrase("persons"), _jobs),
    (phrase("policies cost so far"), phrase("million yuan"), _cost),
)
