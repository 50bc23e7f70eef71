"""A trial by lot inside the model: what it shows to those who hold it, beside what is true.

Villages are drawn by lot, and households are asked a year later. The model holds the trial many
times, each with other luck and other lots, and knows besides what every household would have had
without the programme, and without any platform.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final, NamedTuple

import numpy as np

from sim.errors import ScenarioError
from sim.experiments.analysis import Analysis, check_findings, percent, write_analysis
from sim.experiments.calibrate.luck import run_seed
from sim.experiments.executors import do_all
from sim.experiments.extras import need
from sim.experiments.intervals import mean_interval
from sim.experiments.numbers_given import check_first_seed, check_whole
from sim.experiments.randomisation import PERMUTATIONS
from sim.experiments.run import Progress
from sim.experiments.trial_estimates import (
    CHANGE,
    EVERYBODY,
    INTENTION,
    LEVEL,
    LOG,
    PROGRAMME,
    SELLERS,
    SELLING,
    SURVEY,
    TREATED,
    ahead_anyway_yuan,
    estimates_of,
    placebo_of,
    truths_of,
)
from sim.experiments.trial_worlds import TrialDesign, find_programme, households_of
from sim.results.manifest import versions
from sim.scenario import Scenario, load_scenario, scenario_hash

REPLICATES: Final = 20
"""Trials, if not said otherwise."""
SURVEYED: Final = 38
"""Households of each village that are asked, if not said otherwise."""
PLACEBOS: Final = 10
"""Further lots of each replicate that have no consequence, if not said otherwise."""
SIGNIFICANT: Final = 0.05
FEWEST: Final = 2
_SCIPY_SEEDS: Final = 2**32
NOTHING: Final = "lots without consequence"
"""Row of trials in which nothing was done."""

Row = dict[str, Any]


@dataclass(frozen=True, repr=False)
class Trial(Analysis):
    """A trial that was held many times.

    Attributes
    ----------
    about : mapping
        What was held: plain JSON.
    table : polars.DataFrame
        A row for each ``analysis``, ``outcome`` and ``who``: the mean ``effect``, how much effects
        ``spread`` (standard deviation) beside the mean clustered ``error``, shares of trials with a
        p-value below 0.05 by clustered errors (``found_share`` with ``found_low`` and
        ``found_high``) and by randomisation inference, the effect that such a trial would find
        with a chance of 80 % (``detectable``), and the ``true_effect``.
    estimates : polars.DataFrame
        The same trial by trial, with ``world``, ``p_value`` and ``randomisation_p``.
    truths : polars.DataFrame
        What the programme, and selling at all, did to whom, over the replicates.
    notes : tuple of str
        What a reader must know.
    """

    name: ClassVar[str] = "trial"
    index: ClassVar[tuple[str, ...]] = ("world", "analysis", "outcome", "who")

    estimates: Any
    truths: Any

    def headline(self) -> str:
        """Return what was found, in a sentence."""
        trial = self.row(INTENTION, LEVEL, SURVEY)
        ahead = self.row(SELLERS, LEVEL, EVERYBODY)
        known = self.truth(PROGRAMME, "drawn villages")
        side = "behind" if ahead["effect"] < 0.0 else "ahead"
        return (
            f"{percent(trial['found_share'])} of {self.about['replicates']} trials find an effect "
            f"on income (p < {SIGNIFICANT}); in truth it is {known['difference_yuan']:,.0f} yuan "
            f"of {known['income_without_yuan']:,.0f}, and a survey would find from "
            f"{trial['detectable']:,.0f} yuan on. "
            f"Sellers are {abs(ahead['effect']):,.0f} yuan {side}."
        )

    def row(self, analysis: str, outcome: str, who: str) -> Row:
        """Return a row of the table of real trials."""
        for row in self.table.iter_rows(named=True):
            if (row["analysis"], row["outcome"], row["who"]) == (analysis, outcome, who):
                return dict(row)
        raise ScenarioError("trial", "analysis", f"{analysis}, {outcome}, {who}", "a row of it")

    def truth(self, cause: str, group: str) -> Row:
        """Return a row of the truths."""
        for row in self.truths.iter_rows(named=True):
            if (row["cause"], row["group"]) == (cause, group):
                return dict(row)
        raise ScenarioError("trial", "truth", f"{cause}, {group}", "a row of the truths")

    def tables(self) -> dict[str, Any]:
        """Return all tables by the names of their files."""
        return {"trial": self.table, "estimates": self.estimates, "truths": self.truths}


class _Task(NamedTuple):
    """What is done in each replicate."""

    design: TrialDesign
    placebos: int
    permutations: int


class _Done(NamedTuple):
    """A replicate that is done."""

    estimates: list[Row]
    truths: list[Row]


def trial(  # noqa: PLR0913 - all but the scenario are by name and seldom given
    scenario: Scenario | str | Path = "trial",
    *,
    policy: str | None = None,
    years: int = 1,
    survey: int = SURVEYED,
    replicates: int = REPLICATES,
    placebos: int = PLACEBOS,
    permutations: int = PERMUTATIONS,
    seed: int | None = None,
    overrides: Sequence[str] = (),
    out: Path | str | None = None,
    workers: Any = 1,
    progress: Progress | None = None,
) -> Trial:
    """Hold a trial many times, and tell what it shows and what is true.

    Parameters
    ----------
    scenario : Scenario, str or Path
        The place. One of its policies has a ``target.share`` below 1: the programme.
    policy : str, optional
        Name of the programme, where there are several.
    years : int
        Complete years of the programme until incomes are asked for.
    survey : int
        Households of each village that are asked.
    replicates : int
        Trials, each with other luck and other lots.
    placebos : int
        Lots without consequence for each replicate, which show how often a trial errs.
    permutations : int
        Further lots that are drawn for randomisation inference.
    seed : int, optional
        Seed of the first replicate; the scenario's if not given.
    overrides : sequence of str
        Changes of the scenario.
    out : Path or str, optional
        Folder for the tables; nothing is written if not given.
    workers : int, str, Executor or distributed.Client
        Who runs; see `sim.experiments.executors.workplace_of`. Results do not depend on it.
    progress : callable, optional
        Told how far it is (0-1) and what it is doing.

    Raises
    ------
    ScenarioError
        If the scenario has no such programme, or a number is not possible.
    RunError
        If a run fails, statsmodels is not installed, or the folder cannot be written.
    """
    need("statsmodels.api", "experiments")
    loaded = scenario if isinstance(scenario, Scenario) else load_scenario(scenario, overrides)
    if isinstance(scenario, Scenario) and overrides:
        allowed = "no changes of a scenario made before; change it first"
        raise ScenarioError("trial", "", list(overrides), allowed)
    first = loaded.seed if seed is None else seed
    check_whole("replicates", replicates, FEWEST)
    check_whole("placebos", placebos, 1)
    check_whole("permutations", permutations, 1)
    check_first_seed(first, replicates)
    if out is not None:
        check_findings(Path(out))
    design = TrialDesign(loaded, find_programme(loaded, policy), years, survey, first)
    task = _Task(design, placebos, permutations)
    found = _made(task, _carried_out(task, replicates, workers, progress))
    if out is not None:
        write_analysis(found, Path(out))
    return found


def _carried_out(
    task: _Task, replicates: int, workers: Any, progress: Progress | None
) -> list[_Done]:
    def tell(done: int) -> None:
        if progress is not None:
            progress(done / replicates, f"trial {done} of {replicates}")

    return do_all(workers, _replicate, [(task, number) for number in range(replicates)], tell)


def _replicate(task: _Task, number: int) -> _Done:
    design = task.design
    found = households_of(design, number)
    seed = run_seed(design.seed, "permutations", number) % _SCIPY_SEEDS
    same = {"replicate": number, "seed": design.seed + number}
    rows = [
        {"world": PROGRAMME, **same, "drawing": 0, **row}
        for row in estimates_of(found, task.permutations, seed)
    ]
    for drawing in range(1, task.placebos + 1):
        lots = design.lots(number, drawing)[design.within_reach]
        rows += [
            {"world": NOTHING, **same, "drawing": drawing, **row}
            for row in placebo_of(found, lots, task.permutations, seed)
        ]
    truths = [{**same, **row} for row in truths_of(found)]
    ahead = {**same, "cause": SELLING, "group": "ahead anyway"}
    truths.append({**ahead, "difference_yuan": ahead_anyway_yuan(found)})
    return _Done(rows, truths)


def _made(task: _Task, done: Sequence[_Done]) -> Trial:
    import polars as pl

    estimates = pl.DataFrame([row for each in done for row in each.estimates])
    truths = _truths(pl.DataFrame([row for each in done for row in each.truths]))
    table = pl.DataFrame(list(_summaries(estimates, truths)))
    return Trial(_about(task, len(done)), table, _NOTES, estimates, truths)


def _summaries(estimates: Any, truths: Any) -> Any:
    keys = ("world", "analysis", "outcome", "who")
    for names, part in estimates.group_by(*keys, maintain_order=True):
        effects, p_values = (part[name].to_numpy() for name in ("effect", "p_value"))
        known = ~np.isnan(p_values)
        shares = _share_below(p_values[known])
        lots = part["randomisation_p"].to_numpy()
        lots = lots[~np.isnan(lots)]
        yield {
            **dict(zip(keys, names, strict=True)),
            "trials": int(known.sum()),
            "effect": _mean(effects[known]),
            "spread": float(effects[known].std(ddof=1)) if known.sum() > 1 else math.nan,
            "error": _mean(part["error"].to_numpy()[known]),
            "found_share": shares[0],
            "found_low": shares[1],
            "found_high": shares[2],
            "randomisation_share": _mean(lots < SIGNIFICANT),
            "detectable": _mean(part["detectable"].to_numpy()[known]),
            "mean_others": _mean(part["mean_others"].to_numpy()[known]),
            "true_effect": _true(dict(zip(keys, names, strict=True)), truths),
            "observations": _mean(part["observations"].to_numpy()),
        }


def _true(names: Mapping[str, str], truths: Any) -> float:
    """Return what an estimate is meant to find: the mean over trials of what is true."""
    if names["world"] == NOTHING:
        return 0.0
    group = {INTENTION: "drawn villages", SELLERS: "sellers"}.get(names["analysis"])
    if group is None:
        return math.nan
    cause = PROGRAMME if names["analysis"] == INTENTION else SELLING
    column = "log_difference" if names["outcome"] == LOG else "difference_yuan"
    rows = truths.filter((truths["cause"] == cause) & (truths["group"] == group))
    return float(rows[column][0])


def _share_below(p_values: Any) -> tuple[float, float, float]:
    """Return the share of trials that find something, with the interval of Clopper and Pearson."""
    if not p_values.size:
        return math.nan, math.nan, math.nan
    count = need("statsmodels.stats.proportion", "experiments").proportion_confint
    hits = int((p_values < SIGNIFICANT).sum())
    low, high = count(hits, p_values.size, method="beta")
    return hits / p_values.size, float(low), float(high)


def _mean(values: Any) -> float:
    return float(np.mean(values)) if len(values) else math.nan


def _truths(rows: Any) -> Any:
    """Return means over the replicates, with the interval of the difference."""
    import polars as pl

    found = []
    for (cause, group), part in rows.group_by("cause", "group", maintain_order=True):
        kept = part["difference_yuan"].to_numpy()
        across = mean_interval(kept[~np.isnan(kept)])
        means = {
            name: part[name].drop_nans().mean()
            for name in (
                "households", "share", "income_without_yuan", "median_yuan", "log_difference",
                "gaining_share", "losing_share",
            )
        }  # fmt: skip
        found.append(
            {
                "cause": cause,
                "group": group,
                **means,
                "difference_yuan": across.mean,
                "low": across.low,
                "high": across.high,
                "replicates": int((~np.isnan(kept)).sum()),
            }
        )
    return pl.DataFrame(found)


def _about(task: _Task, replicates: int) -> dict[str, Any]:
    design = task.design
    cost = design.programme.measures()
    return {
        "sweep": design.scenario.name,
        "programme": design.policy,
        "replicates": replicates,
        "placebos": task.placebos,
        "permutations": task.permutations,
        "seed": design.seed,
        "villages": int(design.within_reach.sum()),
        "households": int(design.register.households[design.within_reach].sum()),
        "surveyed_per_village": design.survey,
        "baseline_year": design.baseline,
        "endline_year": design.endline,
        "yearly_cost_yuan": float(sum(measure.yearly_cost_yuan for measure in cost)),
        "significant": SIGNIFICANT,
        "scenario_sha256": scenario_hash(design.scenario),
        "versions": versions(),
    }


_NOTES: Final = (
    f"{INTENTION.capitalize()}: incomes on the lots, with a constant for each county and errors "
    f"clustered by village; {CHANGE} has the income of the year before among the regressors.",
    f"{TREATED.capitalize()}: lots are the instrument of being served: selling, or having had "
    "courses, in a drawn village. It takes for granted that lots do nothing to the others.",
    f"{SELLERS.capitalize()} compares who has a shop with who has none, counties apart. Its errors "
    "are corrected for few sellers in few villages; with sellers in one village alone there are "
    "none. Its true effect is what sellers have more than themselves in a world without platforms.",
    "True effects are of all households. A survey asks as many in a small village as in a large "
    "one, so that its estimate is that of the mean village.",
    f"{NOTHING.capitalize()} are drawn over incomes of the world without the programme. In a "
    f"right test {percent(SIGNIFICANT)} of them find something.",
    "Logarithms leave out incomes of zero and less. The programme's cost is not part of incomes.",
)
