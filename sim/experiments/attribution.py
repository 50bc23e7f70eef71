"""What would have come anyway, as surely as the parameters are known: a policy's part of a history.

Parameters are drawn from the posterior that is shipped, where there is one, and the strength of
services from the whole of their plausible range, for nothing was published that they could be
fitted to. Each draw is run with seeds of its own, with the policy and without, with the same luck.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, ClassVar, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.agents.checks import is_whole_number
from sim.errors import ScenarioError
from sim.experiments.analysis import Analysis, check_findings, percent, write_analysis
from sim.experiments.executors import do_all
from sim.experiments.extras import need
from sim.experiments.luck import luck_of
from sim.experiments.numbers_given import check_first_seed, check_whole
from sim.experiments.outcomes import outcomes_of
from sim.experiments.parameter_draws import BEHAVIOUR, parameter_draws
from sim.experiments.run import Progress, RunOptions, run
from sim.results.manifest import versions
from sim.scenario import Scenario, load_scenario, scenario_hash, with_changes
from sim.scenario.fields import listed, nearest

DRAWS: Final = 40
REPLICATES: Final = 4
ASSUMED: Final = (
    "training_reach",
    "training_gain",
    "settle_services",
    "storage_handling_cut",
    "storage_room_gain",
    "logistics_days_saved",
    "logistics_parcel_cut",
)
"""What services do, in the registry's names; assumed, all of them."""
WITH: Final = "with"
WITHOUT: Final = "without"
FEWEST: Final = 2

Row = dict[str, Any]
Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Attribution(Analysis):
    """A policy's part of a history, with the uncertainty of the parameters.

    Attributes
    ----------
    about : mapping
        What was run: plain JSON.
    table : polars.DataFrame
        A row for each question: ``value`` with the bounds ``low`` and ``high``.
    runs : polars.DataFrame
        A row for each draw and seed: ``listed_with`` and ``listed_without`` (years; null if never),
        ``sales_with_yuan`` and ``sales_without_yuan``, ``share``, and the parameters.
    dependence : polars.DataFrame
        How the share depends on each parameter that was drawn.
    notes : tuple of str
        What a reader must know.
    """

    name: ClassVar[str] = "attribution"
    index: ClassVar[tuple[str, ...]] = ("question",)

    runs: Any
    dependence: Any

    def headline(self) -> str:
        """Return what was found, in a sentence."""
        year, listed_by = self.about["year"], self.about["listed_by"]
        listing, sales = self.value("listed without"), self.value("share of sales")
        return (
            f"Without {self.about['policy']}, a listing by {listed_by} has a chance of "
            f"{percent(listing['value'])}. Of the sales of {year}, {percent(sales['value'])} are "
            f"its doing ({percent(sales['low'])} to {percent(sales['high'])})."
        )

    def value(self, question: str) -> Row:
        """Return the row of a question."""
        for row in self.table.iter_rows(named=True):
            if row["question"] == question:
                return dict(row)
        raise ScenarioError("attribution", "question", question, listed(self.table["question"]))

    def tables(self) -> dict[str, Any]:
        """Return all tables by the names of their files."""
        return {self.name: self.table, "runs": self.runs, "dependence": self.dependence}


class _Task(NamedTuple):
    """What is run."""

    scenario: Scenario
    policy: str
    year: int
    """Whose sales are asked for."""
    last_year: int
    seed: int


def attribute(  # noqa: PLR0913 - all but the scenario are by name and seldom given
    scenario: Scenario | str | Path = "cangtian",
    *,
    policy: str | None = None,
    year: int = 2018,
    listed_by: int = 2016,
    draws: int = DRAWS,
    replicates: int = REPLICATES,
    seed: int | None = None,
    assumed: Sequence[str] = ASSUMED,
    posterior: Path | str | None = None,
    out: Path | str | None = None,
    workers: Any = 1,
    progress: Progress | None = None,
) -> Attribution:
    """Ask what of a history is a policy's doing, over the parameters that may be true.

    Parameters
    ----------
    scenario : Scenario, str or Path
        The history, with the policy.
    policy : str, optional
        Name of the policy; the only one of the scenario if not given.
    year : int
        The year whose sales are asked for.
    listed_by : int
        The year by whose end a village is to be listed.
    draws : int
        Draws of the parameters.
    replicates : int
        Seeds of each draw; no two draws share one.
    seed : int, optional
        Seed of the first run, which others follow; the scenario's if not given.
    assumed : sequence of str
        Parameters that are drawn from all of their plausible range, whatever was fitted.
    posterior : Path or str, optional
        A file of draws, as `calibrate` writes them; that of the package if there is one. Draws
        take the place of what the scenario sets for the same parameters.
    out : Path or str, optional
        Folder for the tables; nothing is written if not given.
    workers : int, str, Executor or distributed.Client
        Who runs; see `sim.experiments.executors.workplace_of`. Results do not depend on it.
    progress : callable, optional
        Told how far it is (0-1) and what it is doing.

    Raises
    ------
    ScenarioError
        If the scenario lacks the policy or the years, or a name or number is not possible.
    DataError
        If the posterior is damaged.
    RunError
        If a run fails, statsmodels is not installed, or the folder cannot be written.
    """
    need("statsmodels.stats.proportion", "experiments")
    loaded = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    first = loaded.seed if seed is None else seed
    check_whole("draws", draws, FEWEST)
    check_whole("replicates", replicates, FEWEST)
    check_first_seed(first, draws * replicates)
    for name, given in (("year", year), ("listed_by", listed_by)):
        _check_year(loaded, name, given)
    if out is not None:
        check_findings(Path(out))
    task = _Task(loaded, _policy(loaded, policy), year, max(year, listed_by), first)
    source, values = parameter_draws(draws, assumed, posterior)
    rows = _carried_out(task, values, replicates, workers, progress)
    about = {
        "sweep": loaded.name,
        "policy": task.policy,
        "year": year,
        "listed_by": listed_by,
        "draws": draws,
        "replicates": replicates,
        "seed": first,
        "parameters": source,
        "assumed": list(assumed),
        "scenario_sha256": scenario_hash(loaded),
        "versions": versions(),
    }
    found = _made(about, rows, values)
    if out is not None:
        write_analysis(found, Path(out))
    return found


def _check_year(scenario: Scenario, name: str, year: int) -> None:
    first = (scenario.start - timedelta(days=1)).year + 1
    last = (scenario.end + timedelta(days=1)).year - 1
    if not is_whole_number(year) or not first <= year <= last:
        allowed = f"a complete year of {scenario.name}, {first} to {last}"
        raise ScenarioError(name, "", year, allowed)


def _policy(scenario: Scenario, name: str | None) -> str:
    names = [policy.name for policy in scenario.policies]
    if name is None and len(names) == 1:
        return names[0]
    if name is None or name not in names:
        allowed = f"one of its policies: {listed(names)}" if names else "a scenario with a policy"
        raise ScenarioError(scenario.name, "policies", name, allowed, nearest(name or "", names))
    return name


def _carried_out(
    task: _Task,
    values: Sequence[Mapping[str, float]],
    replicates: int,
    workers: Any,
    progress: Progress | None,
) -> list[Row]:
    jobs = [(draw, replicate) for draw in range(len(values)) for replicate in range(replicates)]

    def tell(done: int) -> None:
        if progress is not None:
            progress(done / len(jobs), f"pair {done} of {len(jobs)}")

    named = [
        {"draw": draw, "replicate": replicate, "seed": task.seed + draw * replicates + replicate}
        for draw, replicate in jobs
    ]
    return do_all(workers, _pair, [(task, values[each["draw"]], each) for each in named], tell)


def _pair(task: _Task, values: Mapping[str, float], named: Mapping[str, int]) -> Row:
    """Run a draw with a seed in both worlds."""
    changed = with_changes(task.scenario, dict(values)) if values else task.scenario
    left = tuple(policy for policy in changed.policies if policy.name != task.policy)
    worlds = {WITH: changed, WITHOUT: changed.model_copy(update={"policies": left})}
    row: Row = {**named}
    until = date(task.last_year, 12, 31)
    options = RunOptions(1, keep_households=False, record={"shops": "none", "seasons": "none"})
    for name, world in worlds.items():
        done = run(world, named["seed"], until, options=options)
        day = outcomes_of(done)["listed_after_days"]
        listed_on = None if math.isnan(day) else world.start + timedelta(days=int(day))
        row[f"listed_{name}"] = None if listed_on is None else listed_on.year
        years = done.record.tables["village_years"]
        rows = years["year"] == task.year
        row[f"sales_{name}_yuan"] = float(years["online_sales_yuan"][rows].sum())
    return row


def _made(about: Mapping[str, Any], rows: list[Row], values: list[dict[str, float]]) -> Attribution:
    import polars as pl

    kinds: Any = {"listed_with": pl.Int64, "listed_without": pl.Int64}
    runs = pl.DataFrame(rows, schema_overrides=kinds).with_columns(_share().alias("share"))
    drawn = [{"draw": number, **draw} for number, draw in enumerate(values)]
    runs = runs.join(pl.DataFrame(drawn), on="draw", how="left")
    table = pl.DataFrame(list(_answers(about, runs)))
    notes = (*_NOTES, _note_on_parameters(about))
    return Attribution(about, table, notes, runs, _dependence(runs, values))


def _note_on_parameters(about: Mapping[str, Any]) -> str:
    drawn = f" Drawn over their whole ranges: {listed(about['assumed'])}." * bool(about["assumed"])
    return f"Parameters are those of {about['parameters']}.{drawn}"


def _share() -> Any:
    """Return the policy's share of sales; none where nothing is sold."""
    import polars as pl

    more = pl.col("sales_with_yuan") - pl.col("sales_without_yuan")
    return pl.when(pl.col("sales_with_yuan") > 0.0).then(more / pl.col("sales_with_yuan"))


def _answers(about: Mapping[str, Any], runs: Any) -> Iterator[Row]:
    """Give the answers with their bounds."""
    by = about["listed_by"]
    for name in (WITH, WITHOUT):
        yield _chance(f"listed {name}", _chances(runs, f"listed_{name}", by))
    shares = runs["share"].drop_nulls().to_numpy()
    yield _told("share of sales", _median(shares), shares, "runs")
    listed = runs.filter(runs["listed_with"].fill_null(9999) <= by)["share"].drop_nulls().to_numpy()
    yield _told("share of sales if listed in time", _median(listed), listed, "runs")
    total = runs["sales_with_yuan"].sum()
    whole = (total - runs["sales_without_yuan"].sum()) / total if total else math.nan
    yield {**_told("share of all sales together", whole, shares[:0], "runs")}
    seeds_of = runs.sort("draw", "replicate")["share"].to_numpy()
    seeds_of = seeds_of.reshape(about["draws"], about["replicates"])
    seeds_of = seeds_of[~np.isnan(seeds_of).any(axis=1)]
    if len(seeds_of) >= FEWEST:
        luck = luck_of(seeds_of, is_crossed=False)
        yield {
            "question": "luck in the share's variance",
            "value": luck.share,
            "low": luck.low,
            "high": luck.high,
            "of": "draws",
            "count": len(seeds_of),
        }


def _chances(runs: Any, column: str, year: int) -> Floats:
    """Return the share of each draw's seeds that are listed by the end of a year."""
    import polars as pl

    is_in_time = (pl.col(column).fill_null(9999) <= year).mean().alias("chance")
    return np.asarray(runs.group_by("draw").agg(is_in_time).sort("draw")["chance"], np.float64)


def _chance(question: str, chances: Floats) -> Row:
    """Return a chance with its 95 % interval, as if each draw were one run: no less is known."""
    bounds = need("statsmodels.stats.proportion", "experiments").proportion_confint
    chance, count = float(chances.mean()), chances.size
    low, high = bounds(chance * count, count, method="beta")
    low, high = (0.0 if chance == 0.0 else float(low)), (1.0 if chance == 1.0 else float(high))
    told = {"question": question, "value": chance, "low": low, "high": high}
    return told | {"of": "draws", "count": count}


def _told(question: str, value: float, values: Floats, of: str) -> Row:
    low, high = np.quantile(values, [0.05, 0.95]) if values.size else (math.nan, math.nan)
    return {
        "question": question,
        "value": value,
        "low": float(low),
        "high": float(high),
        "of": of,
        "count": values.size,
    }


def _median(values: Floats) -> float:
    return float(np.median(values)) if values.size else math.nan


def _dependence(runs: Any, values: list[dict[str, float]]) -> Any:
    """Return how the mean share of a draw goes with each parameter."""
    import polars as pl

    schema: Any = {"parameter": pl.String, "correlation": pl.Float64, "p_value": pl.Float64}
    schema |= {"share_lowest_third": pl.Float64, "share_highest_third": pl.Float64}
    means = runs.group_by("draw").agg(pl.col("share").mean()).sort("draw")["share"].to_numpy()
    known = ~np.isnan(means)
    rows = []
    for name in values[0] if known.sum() >= 3 else ():
        at = np.array([draw[name] for draw in values])[known]
        if np.ptp(at) == 0.0 or np.ptp(means[known]) == 0.0:
            continue
        ranked = need("scipy.stats", "experiments").spearmanr(at, means[known])
        third = np.quantile(at, [1 / 3, 2 / 3])
        rows.append(
            {
                "parameter": name.removeprefix(BEHAVIOUR),
                "correlation": float(ranked.statistic),
                "p_value": float(ranked.pvalue),
                "share_lowest_third": float(means[known][at <= third[0]].mean()),
                "share_highest_third": float(means[known][at >= third[1]].mean()),
            }
        )
    return pl.DataFrame(rows, schema=schema).sort(pl.col("correlation").abs(), descending=True)


_NOTES: Final = (
    "Bounds of a chance are its 95 % interval by Clopper and Pearson, as if each draw were one "
    "run; those of shares are the 5 and 95 % quantiles of all runs.",
    "What happens before the policy starts is the same in both worlds, to the last bit.",
)
