"""Published facts against runs, and counterfactuals: medians over many seeds, with their spread.

A target is a fact of ``sim/data/facts.toml`` with bounds; it is reached if the median over the
seeds lies between them. Its role, whether parameters are fitted to it or tested on it, is that of
``sim/data/targets.toml``. A counterfactual has no target: it is what the model says, seed by seed
with the same luck in both worlds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.experiments.measures import (
    active_stores_2016,
    all_jobs_per_shop_2019,
    first_listed_year,
    growers_yuan_per_kg,
    jobs_per_shop_2016,
    of_bayberry_2019,
    online_share_after_shop_costs,
    online_weight_share,
    sales_2018_yuan,
    season_days,
    share_of_large_shops_2016,
    unpicked_share,
)
from sim.experiments.run import Progress, RunOptions, RunResult, run
from sim.experiments.targets import load_targets
from sim.world.parameters import read_data

FIRST_SEED: Final = 101
"""First of the seeds that facts are held against; parameters were searched with smaller ones."""

Measure = Callable[[RunResult], float]


class Target(NamedTuple):
    """Where a published fact is measured, and how."""

    scenario: str
    of: Measure


TARGETS: Final[dict[str, Target]] = {
    "cangtian_first_listed_year": Target("cangtian", first_listed_year),
    "cangtian_sales_2018": Target("cangtian", sales_2018_yuan),
    "cn_tv_share_shops_1m_2016": Target("cangtian", share_of_large_shops_2016),
    "cn_tv_jobs_per_shop_2016": Target("cangtian", jobs_per_shop_2016),
    "cixi_bay_season_2019": Target("bayberry", season_days),
    "cixi_bay_orders_2019": Target("bayberry", of_bayberry_2019("orders")),
    "cixi_bay_online_2019": Target("bayberry", of_bayberry_2019("online_sales_yuan")),
    "cixi_bay_online_share_2019": Target(
        "bayberry", of_bayberry_2019("growers_online_income_share")
    ),
    "cixi_bay_online_weight_share_2019": Target("bayberry", online_weight_share),
}
"""Every fact with bounds, by its key in facts.toml."""


CONTEXT: Final[dict[str, tuple[str, Target]]] = {
    "cixi_bay_online_share_2019": (
        "the same after set-up, staff, fixed costs and tax of shops",
        Target("bayberry", online_share_after_shop_costs),
    ),
    "cn_tv_shops_per_village_2016": ("", Target("cangtian", active_stores_2016)),
    "cixi_jobs_per_shop_2019": (
        "with makers and carriers",
        Target("cangtian", all_jobs_per_shop_2019),
    ),
}
"""Facts that were neither fitted nor given bounds, with what is compared instead, if anything."""


class Counterfactual(NamedTuple):
    """What is compared between a scenario and the same without something."""

    measure: str
    unit: str
    scenario: str
    without: str
    of: Measure


COUNTERFACTUALS: Final = (
    Counterfactual(
        "Year of Cangtian's first listing",
        "year",
        "cangtian",
        "cangtian-without-platform",
        first_listed_year,
    ),
    Counterfactual(
        "Cangtian's online sales of 2018",
        "yuan",
        "cangtian",
        "cangtian-without-platform",
        sales_2018_yuan,
    ),
    Counterfactual(
        "Growers' net income per kg of ripe bayberries, 2019",
        "yuan/kg",
        "bayberry",
        "bayberry-offline",
        growers_yuan_per_kg,
    ),
    Counterfactual(
        "Share of the ripe bayberries processed or left on the tree, 2019",
        "1",
        "bayberry",
        "bayberry-offline",
        unpicked_share,
    ),
)


@dataclass(frozen=True)
class Spread:
    """What the seeds gave for one measure.

    Attributes
    ----------
    values : array (seeds,)
        One number for each seed; infinite for what never came about.
    """

    values: NDArray[np.float64]

    @property
    def median(self) -> float:
        """Median over the seeds: with an even number of them the lower of the middle two."""
        return float(np.quantile(self.values, 0.5, method="lower"))

    @property
    def low(self) -> float:
        """The seed nearest to the 5th of a hundred."""
        return float(np.quantile(self.values, 0.05, method="nearest"))

    @property
    def high(self) -> float:
        """The seed nearest to the 95th of a hundred."""
        return float(np.quantile(self.values, 0.95, method="nearest"))


@dataclass(frozen=True)
class Verdict:
    """A published fact, its bounds, and what the seeds gave."""

    key: str
    scenario: str
    measure: str
    unit: str
    published: float
    lower_bound: float
    upper_bound: float
    found: Spread
    role: str
    """``fit`` or ``test``."""

    @property
    def is_reached(self) -> bool:
        """Whether the median lies between the bounds."""
        return self.lower_bound <= self.found.median <= self.upper_bound

    @property
    def share_within(self) -> float:
        """Share of the seeds between the bounds (0-1)."""
        values = self.found.values
        return float(((values >= self.lower_bound) & (values <= self.upper_bound)).mean())


@dataclass(frozen=True)
class Beside:
    """A published fact without bounds, and what the seeds gave."""

    key: str
    scenario: str
    measure: str
    unit: str
    published: float
    found: Spread


@dataclass(frozen=True)
class Difference:
    """A counterfactual: both worlds, and seed by seed what the first has more."""

    measure: str
    unit: str
    scenario: str
    without: str
    base: Spread
    other: Spread

    @property
    def paired(self) -> Spread:
        """Base less other, seed by seed; nan where neither came about."""
        with np.errstate(invalid="ignore"):
            return Spread(self.base.values - self.other.values)

    @property
    def shares(self) -> tuple[float, float, float]:
        """Shares of the seeds in which the base has less, the same and more (0-1)."""
        base, other = self.base.values, self.other.values
        return (
            float((base < other).mean()),
            float((base == other).mean()),
            float((base > other).mean()),
        )


@dataclass(frozen=True)
class Validation:
    """Verdicts, facts beside them and counterfactuals of one set of seeds."""

    seeds: tuple[int, ...]
    verdicts: tuple[Verdict, ...]
    beside: tuple[Beside, ...]
    differences: tuple[Difference, ...]


def validate(seeds: Sequence[int], progress: Progress | None = None) -> Validation:
    """Run every scenario that has a target or a counterfactual once with each seed.

    Parameters
    ----------
    seeds : sequence of int
        Seeds of the runs.
    progress : callable, optional
        Told how far it is (0-1) and what it is doing.
    """
    wanted = {(target.scenario, target.of) for target in TARGETS.values()}
    wanted |= {(target.scenario, target.of) for _, target in CONTEXT.values()}
    for each in COUNTERFACTUALS:
        wanted |= {(each.scenario, each.of), (each.without, each.of)}
    values: dict[tuple[str, Measure], list[float]] = {pair: [] for pair in wanted}
    names = sorted({scenario for scenario, _ in wanted})
    for place, name in enumerate(names):
        for number, seed in enumerate(seeds):
            if progress is not None:
                share = (place + number / len(seeds)) / len(names)
                progress(share, f"{name}, seed {seed}")
            result = run(name, seed, options=RunOptions(keep_households=True))
            for scenario, measure in wanted:
                if scenario == name:
                    values[scenario, measure].append(measure(result))
    found = {pair: Spread(np.array(numbers)) for pair, numbers in values.items()}
    return Validation(tuple(seeds), _verdicts(found), _beside(found), _differences(found))


def _verdicts(found: dict[tuple[str, Measure], Spread]) -> tuple[Verdict, ...]:
    facts: dict[str, dict[str, Any]] = read_data("facts.toml")
    roles = {target.source: target.role for target in load_targets(("fit", "test"))}
    return tuple(
        Verdict(
            key,
            target.scenario,
            facts[key]["measure"],
            facts[key]["unit"],
            float(facts[key]["value"]),
            float(facts[key]["low"]),
            float(facts[key]["high"]),
            found[target.scenario, target.of],
            roles[key],
        )
        for key, target in TARGETS.items()
    )


def _beside(found: dict[tuple[str, Measure], Spread]) -> tuple[Beside, ...]:
    facts: dict[str, dict[str, Any]] = read_data("facts.toml")
    return tuple(
        Beside(
            key,
            target.scenario,
            f"{facts[key]['measure']}; here {instead}" if instead else facts[key]["measure"],
            facts[key]["unit"],
            float(facts[key]["value"]),
            found[target.scenario, target.of],
        )
        for key, (instead, target) in CONTEXT.items()
    )


def _differences(found: dict[tuple[str, Measure], Spread]) -> tuple[Difference, ...]:
    return tuple(
        Difference(
            each.measure,
            each.unit,
            each.scenario,
            each.without,
            found[each.scenario, each.of],
            found[each.without, each.of],
        )
        for each in COUNTERFACTUALS
    )
