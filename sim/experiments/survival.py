"""Survival: how long it takes until a village crosses the thresholds or is listed.

Curves are those of Kaplan and Meier, by statsmodels: the share of runs in which it has not yet come
about. A village that has not by the end of its run is censored on that day: it counts as long as
it is followed, and nobody takes it to cross at the end, nor never.

Whether groups differ is told by a permutation test (`sim.experiments.group_test`), which knows that
runs of a point belong together, and so do the bands of a curve (`sim.experiments.curves`). They are
those of all points that might have been drawn; of a whole grid, of its points.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from sim.errors import RunError, ScenarioError
from sim.experiments.analysis import Analysis, percent
from sim.experiments.curves import (
    CONFIDENCE,
    Curve,
    kaplan_meier,
    median_days,
    restricted_mean_days,
)
from sim.experiments.design import Design, Vary, design_of_points, make_design
from sim.experiments.group_test import (
    FEWEST_ARRANGEMENTS,
    PERMUTATIONS,
    POINTS,
    Blocks,
    GroupTest,
    group_test,
)
from sim.experiments.stored_runs import (
    FOLLOWED,
    Times,
    blocks_of,
    check_source,
    has_chosen_points,
    stored_sweep,
    times_of,
)
from sim.experiments.sweep import Means, check_points, run_points
from sim.experiments.sweep_result import SweepResult
from sim.experiments.variant import ScenarioVariant
from sim.scenario import Scenario, load_scenario
from sim.scenario.fields import listed, nearest

EVENTS: Final = {"listed": "listed_after_days", "crossed": "crossed_after_days"}
REPLICATES: Final = 100
MOST_GROUPS: Final = 8
"""A key with more values than this is cut into parts."""
PARTS: Final = 3
EVERYTHING: Final = "all runs"
NO_POLICY: Final = "no policy"
_FEWEST_RUNS: Final = 5

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Survival(Analysis):
    """Times to crossing or listing by group.

    The table has a row for each group: runs, events, the median time with its interval, the
    restricted mean time, and the share in which it has come about by the end.

    Attributes
    ----------
    curves : polars.DataFrame
        A row for each step of each curve: ``group``, ``days``, ``at_risk``, ``events``, ``share``,
        ``low``, ``high``.
    """

    name: ClassVar[str] = "survival"
    index: ClassVar[tuple[str, ...]] = ("group",)

    curves: Any

    @property
    def p_value(self) -> float | None:
        """Of the permutation test that all groups are alike; None where there is none."""
        found: float | None = self.about["log_rank_p"]
        return found

    def tables(self) -> dict[str, Any]:
        """Return all tables by the names of their files."""
        return {self.name: self.table, "curves": self.curves}

    def headline(self) -> str:
        """Say how groups differ, or how long it takes."""
        event = self.about["event"]
        first, last = _slowest_and_fastest(self.table)
        if len(self.table) == 1:
            return f"{event} in {percent(first['came'])} of runs, {_median(first)}"
        said = f"{last['group']} {_median(last)}, {first['group']} {_median(first)}"
        if self.p_value is None:
            return f"{event}: {said}; whether groups differ is not tested"
        differ = "differ" if self.p_value < 1.0 - CONFIDENCE else "are not seen to differ"
        return (
            f"{event}: {said}; groups {differ} (log-rank by permutation, {written_p(self.p_value)})"
        )


def survival(  # noqa: PLR0913 - all but two are by name and seldom given
    scenario: Scenario | str | Path | None = None,
    vary: Vary = (),
    out: Path | str | None = None,
    *,
    runs: SweepResult | Path | str | None = None,
    event: str = "listed",
    by: Sequence[str] | None = None,
    policies: Sequence[str] = (),
    samples: int | None = None,
    replicates: int = REPLICATES,
    seed: int | None = None,
    means: Means | None = None,
) -> Survival:
    """Find how long it takes to crossing or listing, from new runs or from a stored sweep.

    Parameters
    ----------
    scenario : Scenario, str or Path, optional
        What to run.
    vary : sequence of str, or mapping
        What is varied; see `sim.sweep`. Without it and `policies`, only replicates differ.
    out : Path or str, optional
        Sweep folder for new runs; the same call goes on with what is there.
    runs : SweepResult, Path or str, optional
        A sweep to analyse instead of new runs.
    event : str
        ``"listed"`` or ``"crossed"``.
    by : sequence of str, optional
        Keys whose values make groups; every key that is varied if not given.
    policies : sequence of str
        Policies that are added: none of them, each alone, and all together are the groups.
    samples : int, optional
        Points of a design that has no number of its own.
    replicates : int
        Runs of each point.
    seed : int, optional
        Seed of the first replicate; the scenario's if not given.
    means : Means, optional
        By what means; nothing in it changes a result.

    Raises
    ------
    ScenarioError
        If what is asked is not possible.
    RunError
        If runs are missing, or statsmodels is not installed.
    """
    check_source(scenario, [*vary, *policies], runs)
    if event not in EVENTS:
        raise ScenarioError("event", "", event, listed(EVENTS), nearest(event, [*EVENTS]))
    if runs is None:
        chosen, design = _planned(scenario or "", vary, policies, samples)
        _check_by(by, design.keys)
        check_points(chosen, design)
        seed = chosen.seed if seed is None else seed
        runs = run_points(ScenarioVariant.of(chosen), design, out, replicates, seed, means)
    return survival_of(stored_sweep(runs), event, by)


def survival_of(
    sweep: SweepResult, event: str = "listed", by: Sequence[str] | None = None
) -> Survival:
    """Return the survival curves of a sweep; see `survival`."""
    import polars as pl

    _check_by(by, sweep.keys)
    name = EVENTS[event]
    if name not in sweep.outcomes or FOLLOWED not in sweep.outcomes:
        raise RunError(f"survival: these runs have no {name}; allowed: a sweep of a scenario")
    keys = sweep.keys if by is None else tuple(dict.fromkeys(by))
    times = times_of(sweep, name)
    labels = _labels(sweep.to_polars()[times.rows], keys)
    order = list(dict.fromkeys(labels.sort("place")["group"].to_list()))
    groups = labels["group"].to_numpy()
    blocks = blocks_of(sweep, times)
    tested = _tested(sweep, times, [order.index(group) for group in groups], keys)
    horizon = float(times.days[~times.came].min(initial=np.inf))
    horizon = horizon if np.isfinite(horizon) else float(times.days.max())
    rows, curves = [], []
    for group in order:
        mine = groups == group
        if mine.sum() < _FEWEST_RUNS:
            raise RunError(
                f"survival: runs in group {group!r}: {mine.sum()}; allowed: {_FEWEST_RUNS} or more "
                "in each group, so more replicates or fewer groups"
            )
        curve = kaplan_meier(times.days[mine], times.came[mine], [each[mine] for each in blocks])
        rows.append({"group": group} | _summary(curve, times.days[mine], times.came[mine], horizon))
        steps = {name: getattr(curve, name) for name in Curve._fields}
        curves.append(pl.DataFrame({"group": [group] * curve.days.size, **steps}))
    about = {
        "sweep": sweep.about.get("name", ""),
        "sweep_sha256": sweep.manifest.get("sha256", ""),
        "event": event,
        "by": list(keys),
        "runs": int(times.days.size),
        "horizon_days": horizon,
        "confidence": CONFIDENCE,
        "log_rank_p": tested.p_value,
        "exchanged": tested.exchanged,
        "permutations": PERMUTATIONS if tested.exchanged else 0,
    }
    notes = [*_notes(sweep, times.came, horizon), *_notes_on_groups(sweep, tested, len(order))]
    return Survival(about, pl.DataFrame(rows), tuple(notes), pl.concat(curves))


def written_p(p_value: float) -> str:
    """Return a p-value as it is written."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.2g}"


def _summary(curve: Curve, days: Floats, came: NDArray[np.bool_], horizon: float) -> dict[str, Any]:
    return {
        "runs": int(days.size),
        "events": int(came.sum()),
        "came": 1.0 - float(curve.share[-1]) if curve.share.size else 0.0,
        "median_days": median_days(curve, curve.share),
        "median_days_low": median_days(curve, curve.low),
        "median_days_high": median_days(curve, curve.high),
        "restricted_mean_days": restricted_mean_days(curve, horizon),
    }


def _planned(
    scenario: Scenario | str | Path, vary: Vary, policies: Sequence[str], samples: int | None
) -> tuple[Scenario, Design]:
    from sim.scenario import with_policies

    chosen = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    if not policies:
        if vary:
            return chosen, make_design(chosen, vary, None, samples)
        return chosen, design_of_points(chosen, [{}], "replicates")
    if vary:
        raise ScenarioError("vary", allowed="either keys to vary, or policies to compare")
    before = {policy.name for policy in chosen.policies}
    chosen = with_policies(chosen, policies)
    keys = [f'policies."{each.name}"' for each in chosen.policies if each.name not in before]
    if not keys:
        allowed = "policies that the scenario does not have yet"
        raise ScenarioError("policies", "", ", ".join(policies), allowed)
    points = [dict.fromkeys(keys, False)]
    points += [{other: other == key for other in keys} for key in keys]
    points += [dict.fromkeys(keys, True)] if len(keys) > 1 else []
    return chosen, design_of_points(chosen, points, "policies")


def _check_by(by: Sequence[str] | None, keys: Sequence[str]) -> None:
    for key in by or ():
        if key not in keys:
            allowed = listed(keys) if keys else "none, for no key of this sweep is varied"
            raise ScenarioError("by", "", key, allowed, nearest(key, [*keys]))


def _labels(runs: Any, keys: Sequence[str]) -> Any:
    """Return the name of each run's group, and its place among the groups."""
    import polars as pl

    if not keys:
        return pl.DataFrame({"group": [EVERYTHING] * len(runs), "place": [0] * len(runs)})
    kinds = [runs.schema[key] for key in keys]
    if all(kind == pl.Boolean for kind in kinds) and all(
        key.startswith("policies.") for key in keys
    ):
        parts = runs.select(
            pl.when(pl.col(key)).then(pl.lit(_short(key))).otherwise(None).alias(key)
            for key in keys
        )
        group = parts.select(pl.concat_str(keys, separator=" + ", ignore_nulls=True).alias("group"))
        group = group.with_columns(pl.col("group").replace("", NO_POLICY))
        on = runs.select(pl.sum_horizontal(pl.col(key).cast(pl.Int64) for key in keys))
        return group.with_columns(on.to_series().alias("place"))
    named = runs.select(_parts_of(runs[key], _short(key), len(keys) > 1) for key in keys)
    group = named.select(pl.concat_str(keys, separator=", ").alias("group"))
    order = runs.select(pl.struct(keys).rank("dense").alias("place"))
    found = group.with_columns(order.to_series())
    if found["group"].n_unique() > MOST_GROUPS:
        count = found["group"].n_unique()
        allowed = f"keys that make {MOST_GROUPS} groups or fewer"
        raise ScenarioError("by", "", f"{', '.join(keys)} ({count:,} groups)", allowed)
    return found


def _parts_of(column: Any, short: str, is_one_of_many: bool) -> Any:
    """Return a key's values as texts, in a few parts of like numbers of runs if there are many."""
    import polars as pl

    if column.n_unique() <= (PARTS if is_one_of_many else MOST_GROUPS):
        return pl.Series(column.name, [f"{short} = {_text(value)}" for value in column.to_list()])
    if column.dtype in (pl.String, pl.Boolean):
        return column.cast(pl.String)
    levels = column.unique().sort()
    edges = [levels[round(part * (len(levels) - 1) / PARTS)] for part in range(1, PARTS)]
    texts = [f"{short} ≤ {_text(edges[0])}"]
    texts += [f"{short} ≤ {_text(edge)}, above {_text(edges[0])}" for edge in edges[1:]]
    texts.append(f"{short} above {_text(edges[-1])}")
    numbers = np.searchsorted(np.array(edges), column.to_numpy(), side="left")
    return pl.Series(column.name, [texts[number] for number in numbers])


def _short(key: str) -> str:
    return key.rpartition(".")[2].strip('"') if not key.endswith('"') else key.split('"')[-2]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _notes(sweep: SweepResult, came: NDArray[np.bool_], horizon: float) -> list[str]:
    notes = [f"restricted means are up to day {horizon:,.0f}, to which every run is followed"]
    censored = int((~came).sum())
    if censored:
        notes.insert(
            0,
            f"in {censored:,} of {came.size:,} runs it had not come about by the end; they are "
            "censored there",
        )
    missing = sweep.about["runs"] - came.size
    if missing:
        notes.append(f"{missing:,} of {sweep.about['runs']:,} runs failed or are not there")
    return notes


def _tested(
    sweep: SweepResult, times: Times, groups: Sequence[int], keys: Sequence[str]
) -> GroupTest:
    import polars as pl

    if len(set(groups)) < 2:
        return GroupTest(None, "")
    runs = sweep.to_polars()[times.rows]
    others = [key for key in sweep.keys if key not in keys]
    rest = runs.select(pl.struct(others).rank("dense")).to_series() if others else None
    return group_test(
        times.days,
        times.came,
        Blocks(
            np.array(groups, dtype=np.int64),
            runs["point"].to_numpy().astype(np.int64),
            runs["replicate"].to_numpy().astype(np.int64),
            np.zeros(len(runs), np.int64) if rest is None else rest.to_numpy().astype(np.int64),
        ),
    )


def _notes_on_groups(sweep: SweepResult, tested: GroupTest, groups: int) -> list[str]:
    notes = []
    if tested.exchanged:
        what = (
            "whole points with all their runs" if tested.exchanged == POINTS else "runs of a seed"
        )
        notes.append(
            f"p is the share of {PERMUTATIONS + 1:,} arrangements in which groups differ as much, "
            f"when {what} change places between groups"
        )
    elif groups > 1:
        notes.append(
            "there is no p-value: nothing came about, or points and seeds can be arranged in fewer "
            f"than {FEWEST_ARRANGEMENTS} ways, so more replicates or points"
        )
    if sweep.about["design"]["points"] > groups:
        notes.append(_note_on_intervals(sweep))
    return notes


def _note_on_intervals(sweep: SweepResult) -> str:
    if sweep.about["replicates"] == 1:
        return "intervals do not know the luck that all runs share: there is one seed"
    if has_chosen_points(sweep):
        return "intervals hold for these points; runs of a seed stay together"
    return "intervals hold for all points that might have been drawn; runs of a point stay together"


def _slowest_and_fastest(table: Any) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    ordered = table.sort("restricted_mean_days", descending=True, maintain_order=True)
    return ordered.row(0, named=True), ordered.row(-1, named=True)


def _median(row: Mapping[str, Any]) -> str:
    if np.isnan(row["median_days"]):
        return "in fewer than half of the runs"
    return f"half by day {row['median_days']:,.0f}"
