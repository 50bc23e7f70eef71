"""What did each policy do? All combinations with the same luck, and each policy's Shapley value."""

import importlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np

from sim.errors import ScenarioError
from sim.experiments.causes import Cause, causes_of, worlds_of_sets
from sim.experiments.compare import (
    REPLICATES,
    check_nothing_new,
    described_scenario,
    runs_table,
)
from sim.experiments.differences import FOLLOWED, LEFT_OUT, WAITED
from sim.experiments.extras import need
from sim.experiments.intervals import (
    CONFIDENCE,
    METHOD,
    Floats,
    Interval,
    mean_interval,
    ratio_interval,
)
from sim.experiments.outcomes import OUTCOMES, Outcome
from sim.experiments.replicates import Pairing, Replicate, run_replicates
from sim.experiments.run import Progress
from sim.experiments.shapley import alone, last, shapley_values
from sim.results.manifest import versions
from sim.scenario import Scenario, load_scenario

TOGETHER: Final = "all together"
"""Row of what all causes do together."""
SHARES: Final = "of what all do together, with Fieller's interval; none where that may be nothing"
SHOWN: Final = (
    "online_sales_yuan",
    "active_stores",
    "jobs_in_stores",
    "mean_income_local_yuan",
    "listed_after_days",
    "crossed_after_days",
)
"""Outcomes that are shown on screen and in figures; tables have all."""


@dataclass(frozen=True)
class Explanation:
    """What each of several policies did.

    Attributes
    ----------
    about : mapping
        What was run and by which rules: plain JSON.
    runs : polars.DataFrame
        A row for each run: ``scenario`` (the policies that are there), ``replicate``, ``seed`` and
        every outcome.
    shares : polars.DataFrame
        A row for each outcome and policy: its Shapley value ``value`` with ``low`` and ``high``,
        what it does ``alone`` and what it adds as the ``last`` one, each with its interval, and
        the ``share`` of what all do together with Fieller's interval ``share_low`` and
        ``share_high``; null where all together may do nothing. The row `TOGETHER` has the sum.
    """

    about: Mapping[str, Any]
    runs: Any
    shares: Any

    @property
    def policies(self) -> tuple[str, ...]:
        """Names of the policies."""
        return tuple(self.about["policies"])

    def to_polars(self) -> Any:
        """Return the values as a Polars data frame."""
        return self.shares

    def to_pandas(self) -> Any:
        """Return the values as a pandas data frame.

        Raises
        ------
        RunError
            If pandas is not installed.
        """
        need("pandas", "notebook")
        return self.shares.to_arrow().to_pandas()

    def to_xarray(self) -> Any:
        """Return the values as an xarray dataset, by outcome and policy.

        Raises
        ------
        RunError
            If xarray is not installed.
        """
        from sim.experiments.sweep_arrays import dataset_of_table

        return dataset_of_table(self.shares, ("outcome", "policy"))

    def plot(self) -> Any:
        """Return a matplotlib figure of the values."""
        # By name, for figures are made from results and no experiment depends on them.
        drawing = importlib.import_module("sim.plots.explanation")
        return drawing.explanation_figures(self)["shares"]

    def __repr__(self) -> str:
        """Tell what was explained, in one line."""
        about = self.about
        return (
            f"<Explanation of {about['scenario']}: {', '.join(self.policies)}, "
            f"{about['replicates']} replicates of {about['worlds']} worlds>"
        )

    def _repr_html_(self) -> str:
        """Show the values, for notebooks."""
        from sim.experiments.explanation_text import html_of

        return html_of(self)


def explain(  # noqa: PLR0913 - all but the scenario and the policies are seldom given
    scenario: Scenario | str | Path | None = None,
    *policies: str | Path,
    runs: Any = None,
    replicates: int | None = None,
    out: Path | str | None = None,
    seed: int | None = None,
    until: date | None = None,
    overrides: Sequence[str] = (),
    confidence: float = CONFIDENCE,
    keep_households: bool | None = None,
    workers: Any = None,
    progress: Progress | None = None,
) -> Explanation:
    """Run every combination of some policies with the same luck, and tell what each does.

    Parameters
    ----------
    scenario : Scenario, str or Path, optional
        Where the policies act; None with stored runs.
    *policies : str or Path
        Policies of the scenario by name, services of them such as ``"Hub.training"``, or policies
        that are added to it. If there are none, the services of the scenario's service platform; of
        stored runs all that are there and not there in them.
    runs : Comparison, Explanation, SweepResult, Path or str, optional
        Runs to explain instead of new ones: those of an earlier comparison, explanation or sweep
        that has every combination of the policies, or its folder; see
        `sim.experiments.stored_causes`. What is to be run cannot be said then.
    replicates : int, optional
        Runs of each combination; `sim.experiments.compare.REPLICATES` if not given.
    out : Path or str, optional
        Folder to write; nothing is written if not given.
    seed : int, optional
        Seed of the first replicate; the scenario's if not given.
    until : date, optional
        Last day to run; the scenario's if not given.
    overrides : sequence of str
        Changes of the scenario.
    confidence : float
        Share of intervals that cover what is true (0-1).
    keep_households : bool, optional
        Whether incomes are looked at; if not given, only where households are few.
    workers : int, str, Executor or distributed.Client, optional
        Who runs; see `sim.experiments.compare.compare`.
    progress : callable, optional
        Told how far it is (0-1) and what it is doing.

    Raises
    ------
    ScenarioError
        If the scenario or a policy is not valid.
    RunError
        If a run fails, or the folder cannot be written.
    """
    from sim.experiments.differences import Wish
    from sim.experiments.explanation_folder import check_explanation_place, write_explanation

    Wish(confidence)  # refuses what is no confidence
    if out is not None:
        check_explanation_place(Path(out))
    if runs is not None:
        new = {
            "scenario": scenario, "replicates": replicates, "seed": seed, "until": until,
            "overrides": overrides, "keep_households": keep_households, "workers": workers,
        }  # fmt: skip
        check_nothing_new(new)
        made = explanation_of_stored(runs, policies, confidence)
    else:
        if scenario is None:
            raise ScenarioError("explain", allowed="a scenario to run, or stored runs")
        loaded = scenario if isinstance(scenario, Scenario) else load_scenario(scenario, overrides)
        causes = causes_of(loaded, policies)
        worlds = worlds_of_sets(loaded, causes)
        first = loaded.seed if seed is None else seed
        count = REPLICATES if replicates is None else replicates
        pairing = Pairing(worlds, count, first, until, keep_households, has_twins=False)
        done = run_replicates(pairing, workers, progress)
        made = explanation_of(loaded, causes, pairing, done, confidence)
    if out is not None:
        write_explanation(Path(out), made)
    return made


def explanation_of(
    scenario: Scenario,
    causes: Sequence[Cause],
    pairing: Pairing,
    replicates: Sequence[Replicate],
    confidence: float,
) -> Explanation:
    """Return what replicates of all combinations amount to.

    Parameters
    ----------
    scenario : Scenario
        Where the causes act.
    causes : sequence of Cause
        What was switched.
    pairing : Pairing
        All combinations, as of `worlds_of_sets`.
    replicates : sequence of Replicate
        All of their replicates.
    confidence : float
        Share of intervals that cover what is true (0-1).
    """
    runs = runs_table(pairing, replicates)
    end = pairing.until or scenario.end
    return _made(scenario, causes, runs, end, confidence, {"runs": "new", "versions": versions()})


def explanation_of_stored(
    runs: Any, policies: Sequence[str | Path], confidence: float
) -> Explanation:
    """Return what stored runs of all combinations amount to.

    Parameters
    ----------
    runs : Comparison, Explanation, SweepResult, Path or str
        The runs.
    policies : sequence of str or Path
        Policies to tell apart, by their names in the runs; all if there are none.
    confidence : float
        Share of intervals that cover what is true (0-1).

    Raises
    ------
    ScenarioError
        If a policy is not there, or there are too few or too many.
    RunError
        If a folder is damaged, lacks a combination, or the worlds do not have the same seeds.
    """
    import polars as pl

    from sim.experiments.stored_causes import stored_sets
    from sim.experiments.stored_worlds import stored_worlds

    stored = stored_worlds(runs)
    sets = stored_sets(stored, policies)
    names = dict(zip(sets.labels, (world.label for world in sets.worlds), strict=True))
    table = stored.runs_of(sets.labels)
    table = table.with_columns(pl.col("scenario").replace_strict(names, return_dtype=pl.String))
    end = date.fromisoformat(stored.about.get("end") or sets.scenario.end.isoformat())
    more = {"runs": f"stored by a {stored.kind}", "versions": stored.about["versions"]}
    return _made(sets.scenario, sets.causes, table, end, confidence, more)


def _made(
    scenario: Scenario,
    causes: Sequence[Cause],
    runs: Any,
    end: date,
    confidence: float,
    more: Mapping[str, Any],
) -> Explanation:
    names = [cause.name for cause in causes]
    rows: list[dict[str, Any]] = []
    for outcome in OUTCOMES:
        if outcome.name == FOLLOWED:
            continue
        of_sets = _values(outcome, runs)
        if of_sets.shape[1]:
            rows += _rows(outcome, names, of_sets, confidence)
    about = {
        "scenario": scenario.name,
        "policies": names,
        "worlds": runs["scenario"].n_unique(),
        "replicates": runs["replicate"].n_unique(),
        "seed": int(runs["seed"].min()),
        "start": scenario.start.isoformat(),
        "end": end.isoformat(),
        "confidence": confidence,
        "method": METHOD,
        "shares": SHARES,
        "missing": {"crossing and listing": WAITED, "all others": LEFT_OUT},
        "causes": [cause.told() for cause in causes],
        "base": described_scenario(scenario),
        **more,
    }
    return Explanation(about, runs, _table(rows))


def _values(outcome: Outcome, runs: Any) -> Floats:
    """Return an outcome by world and replicate, those that lack it handled."""
    replicates = runs["replicate"].n_unique()
    values, days = (
        runs[name].to_numpy().reshape(-1, replicates) for name in (outcome.name, FOLLOWED)
    )
    if outcome.better == "sooner":
        values = np.where(np.isnan(values), days, values)
    there: Floats = values[:, ~np.isnan(values).any(axis=0)]
    return there


def _rows(
    outcome: Outcome, names: Sequence[str], of_sets: Floats, confidence: float
) -> list[dict[str, Any]]:
    together = of_sets[-1] - of_sets[0]
    values, singly, added = shapley_values(of_sets), alone(of_sets), last(of_sets)
    rows = []
    for name, value, by_itself, after_all in [
        *zip(names, values, singly, added, strict=True),
        (TOGETHER, together, together, together),
    ]:
        share = _share(value, together, confidence)
        row: dict[str, Any] = {
            "outcome": outcome.name,
            "unit": outcome.unit,
            "meaning": outcome.meaning,
            "better": outcome.better,
            "policy": name,
            "without_mean": float(of_sets[0].mean()),
            "share": share.mean,
            "share_low": share.low,
            "share_high": share.high,
            "replicates": together.size,
        }
        for prefix, numbers in (("", value), ("alone_", by_itself), ("last_", after_all)):
            found = mean_interval(numbers, confidence)
            row |= {
                prefix.rstrip("_") or "value": found.mean,
                f"{prefix}low": found.low,
                f"{prefix}high": found.high,
            }
        rows.append(row)
    return rows


def _share(value: Floats, together: Floats, confidence: float) -> Interval:
    """Return a value as a share of what all do together; nan where that may be nothing."""
    whole = mean_interval(together, confidence)
    if not whole.excludes_zero:
        return Interval(math.nan, math.nan, math.nan)
    return ratio_interval(value, together, confidence)


def _table(rows: Sequence[dict[str, Any]]) -> Any:
    import polars as pl

    words = dict.fromkeys(("outcome", "unit", "meaning", "better", "policy"), pl.String)
    numbers = dict.fromkeys(
        (
            *("value", "low", "high", "share", "share_low", "share_high"),
            *("alone", "alone_low", "alone_high"),
            *("last", "last_low", "last_high", "without_mean"),
        ),
        pl.Float64,
    )
    schema: Any = words | numbers | {"replicates": pl.Int64}
    found = pl.DataFrame(rows, schema=schema)
    return found.with_columns(pl.col("share", "share_low", "share_high").fill_nan(None))
