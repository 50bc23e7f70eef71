"""Sensitivity: which keys move an outcome, how surely, and how much is plain luck.

Rules
-----
- Every point is run with the same seeds, two replicates or more, so that luck can be told from
  keys; without replicates there is no analysis.
- A first crossing or listing that never came counts with the days of the run
  (`sim.experiments.stored_runs`). Where any other number is missing, or a run failed, the block of
  points that belongs together is left out, and the result says how many.
- Dates, choices and switches are treated like numbers; see `sim.experiments.sensitivity_designs`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np

from sim.errors import RunError, ScenarioError
from sim.experiments.analysis import Analysis, percent
from sim.experiments.design import Vary, factors_of
from sim.experiments.luck import FEWEST_REPLICATES
from sim.experiments.sensitivity_designs import (
    DESIGN_NAMES,
    FEWEST_SAMPLES,
    GIVEN,
    METHODS,
    MORRIS,
    SOBOL,
    Blocks,
    blocks_of,
    sensitivity_design,
)
from sim.experiments.sensitivity_indices import (
    CONFIDENCE,
    INTERACTIONS,
    LUCK,
    Found,
    given_rows,
    morris_rows,
    sobol_rows,
)
from sim.experiments.stored_runs import (
    CENSORED,
    Numbers,
    check_source,
    chosen_outcomes,
    codes_of,
    notes_on,
    numbers_of,
    points_of,
    stored_sweep,
)
from sim.experiments.sweep import Means, check_points, run_points
from sim.experiments.sweep_result import SweepResult
from sim.experiments.variant import ScenarioVariant
from sim.scenario import Scenario, load_scenario
from sim.scenario.fields import listed, nearest

REPLICATES: Final = 4
"""Runs of each point, if not said otherwise."""
_FEW_SEEDS: Final = 10
_FEWEST_BLOCKS: Final = 4
_HIDDEN_BY_LUCK: Final = 0.5


@dataclass(frozen=True, repr=False)
class Sensitivity(Analysis):
    """Sensitivity indices of outcomes.

    The table has a row for each outcome and key, and rows ``interactions`` and ``luck``; columns
    are those of `sim.experiments.sensitivity_indices`.
    """

    name: ClassVar[str] = "sensitivity"
    index: ClassVar[tuple[str, ...]] = ("outcome", "parameter")

    @property
    def method(self) -> str:
        """How the indices were found: ``sobol``, ``morris`` or ``rbd-fast``."""
        return str(self.about["method"])

    def headline(self) -> str:
        """Say what moves the first outcome most."""
        import polars as pl

        outcome = self.about["outcomes"][0]
        rows = self.table.filter(pl.col("outcome") == outcome)
        measure = "mu_star" if self.method == MORRIS else "share"
        keys = rows.filter(~pl.col("parameter").is_in([LUCK, INTERACTIONS]))
        luck = rows.filter(pl.col("parameter") == LUCK)["share"][0]
        by_size = keys.drop_nulls(measure).drop_nans(measure).sort(measure, descending=True)
        if by_size.is_empty():
            return f"no key is seen to move {outcome}; {percent(luck)} of its variance is luck"
        first = by_size["parameter"][0]
        if self.method == MORRIS:
            how = f"{first} moves {outcome} most"
        else:
            how = f"{first} alone explains {percent(by_size['share'][0])} of {outcome}"
        return f"{how}; plain luck is {percent(luck)} of its variance"


def sensitivity(  # noqa: PLR0913 - all but two are by name and seldom given
    scenario: Scenario | str | Path | None = None,
    vary: Vary = (),
    out: Path | str | None = None,
    *,
    runs: SweepResult | Path | str | None = None,
    method: str | None = None,
    outcomes: Sequence[str] | None = None,
    samples: int | None = None,
    replicates: int = REPLICATES,
    seed: int | None = None,
    design_seed: int = 0,
    means: Means | None = None,
) -> Sensitivity:
    """Find which keys move an outcome, from new runs or from a stored sweep.

    Parameters
    ----------
    scenario : Scenario, str or Path, optional
        What to run.
    vary : sequence of str, or mapping
        What is varied; see `sim.sweep`.
    out : Path or str, optional
        Sweep folder for new runs; the same call goes on with what is there.
    runs : SweepResult, Path or str, optional
        A sweep to analyse instead of new runs.
    method : str, optional
        ``"sobol"``, ``"morris"`` or ``"rbd-fast"``; if not given, Sobol for new runs, and for
        stored ones what their design is made for.
    outcomes : sequence of str, optional
        Which outcomes; the usual ones if not given.
    samples : int, optional
        Base samples of Sobol (times keys + 2 points), trajectories of Morris (times keys + 1
        points), or points of RBD-FAST.
    replicates : int
        Runs of each point, two at least.
    seed : int, optional
        Seed of the first replicate; the scenario's if not given.
    design_seed : int
        Seed of the design.
    means : Means, optional
        By what means; nothing in it changes a result.

    Raises
    ------
    ScenarioError
        If what is asked is not possible.
    RunError
        If runs are missing, or SALib is not installed.
    """
    check_source(scenario, vary, runs)
    if runs is None:
        method = _known(method or SOBOL)
        chosen = scenario if isinstance(scenario, Scenario) else load_scenario(scenario or "")
        design = sensitivity_design(method, factors_of(chosen, vary), samples, design_seed)
        check_points(chosen, design)
        experiment = ScenarioVariant.of(chosen)
        chosen_outcomes(experiment.outcomes, outcomes)
        check_replicates(replicates)
        seed = chosen.seed if seed is None else seed
        runs = run_points(experiment, design, out, replicates, seed, means)
    return sensitivity_of(stored_sweep(runs), method, outcomes)


def sensitivity_of(
    sweep: SweepResult, method: str | None = None, outcomes: Sequence[str] | None = None
) -> Sensitivity:
    """Return the sensitivity indices of a sweep; see `sensitivity`."""
    names = chosen_outcomes(sweep.outcomes, outcomes)
    check_replicates(sweep.about["replicates"])
    method, blocks = _fitting(sweep, method)
    rows: list[Mapping[str, Any]] = []
    notes = [_rule(method)]
    seeds = sweep.about["replicates"]
    if seeds < _FEW_SEEDS:
        notes.append(f"the share of luck rests on {seeds} seeds; with so few its interval is rough")
    for name in names:
        numbers = numbers_of(sweep, name)
        found = _found(sweep, method, blocks, numbers)
        rows += [{"outcome": name} | row for row in found.rows]
        notes += _notes(numbers, found, method, blocks)
    about = {
        "sweep": sweep.about.get("name", ""),
        "sweep_sha256": sweep.manifest.get("sha256", ""),
        "method": method,
        "design": sweep.about["design"],
        "replicates": sweep.about["replicates"],
        "outcomes": list(names),
        "confidence": CONFIDENCE,
        "missing_times": CENSORED,
    }
    return Sensitivity(about, _frame(rows), tuple(notes))


def check_replicates(replicates: int) -> None:
    """Refuse runs in which luck cannot be told from what is varied.

    Raises
    ------
    ScenarioError
        If there are too few of each point.
    """
    if replicates < FEWEST_REPLICATES:
        allowed = f"{FEWEST_REPLICATES} or more, for luck cannot be told from keys by fewer"
        raise ScenarioError("replicates", "", replicates, allowed)


def _known(method: str) -> str:
    if method not in METHODS:
        raise ScenarioError("method", "", method, listed(METHODS), nearest(method, [*METHODS]))
    return method


def _fitting(sweep: SweepResult, method: str | None) -> tuple[str, Blocks | None]:
    """Return the method for a sweep and the layout of its points, or refuse it."""
    design = sweep.about["design"]
    own = {name: known for known, name in DESIGN_NAMES.items()}.get(design["name"], GIVEN)
    method = own if method is None else _known(method)
    if not sweep.keys:
        raise ScenarioError("runs", allowed="a sweep in which a key is varied")
    if method == GIVEN:
        if own != GIVEN:
            allowed = f"{own}, for which the points of this sweep were chosen"
            raise ScenarioError("method", "", method, allowed)
        fewest = FEWEST_SAMPLES[GIVEN]
        if design["points"] < fewest:
            raise ScenarioError("points", "", design["points"], f"{fewest} or more for {GIVEN}")
        return method, None
    blocks = blocks_of(method, design["points"], len(sweep.keys)) if own == method else None
    if blocks is None:
        allowed = f"{own}, which this sweep's design ({design['name']}) fits"
        raise ScenarioError("method", "", method, allowed)
    return method, blocks


def _found(sweep: SweepResult, method: str, blocks: Blocks | None, numbers: Numbers) -> Found:
    whole = _whole_blocks(numbers, blocks)
    fewest = FEWEST_SAMPLES[GIVEN] if blocks is None else _FEWEST_BLOCKS
    if whole < fewest:
        what = "points" if blocks is None else "blocks of points"
        raise RunError(
            f"{numbers.name}: only {whole:,} {what} have it in every run; allowed: {fewest} or more"
        )
    if method == SOBOL and blocks is not None:
        return sobol_rows(sweep.keys, numbers.values, blocks)
    points = points_of(sweep)
    codes = np.full((len(numbers.values), len(sweep.keys)), np.nan)
    codes[points["point"].to_numpy()] = np.column_stack([codes_of(points[k]) for k in sweep.keys])
    if blocks is not None:
        kinds = sweep.about["keys"]
        named = [key for key in sweep.keys if kinds[key] in ("choice", "switch")]
        return morris_rows(sweep.keys, codes, numbers.values, blocks, named)
    return given_rows(sweep.keys, codes, numbers.values)


def _whole_blocks(numbers: Numbers, blocks: Blocks | None) -> int:
    count = len(numbers.values) if blocks is None else blocks.count
    return int((~np.isnan(numbers.values.reshape(count, -1)).any(axis=1)).sum())


def _rule(method: str) -> str:
    if method == MORRIS:
        return (
            "mu_star is the mean absolute effect of going through the whole range of a key, or of "
            "another choice; "
            "luck_alone is what luck would give a key without any effect"
        )
    return (
        "share is that of the variance of a single run; first_order and total are shares of the "
        "variance of the expected outcome, with the luck left in replicates taken away"
    )


def _notes(numbers: Numbers, found: Found, method: str, blocks: Blocks | None) -> list[str]:
    notes = notes_on(numbers)
    count = len(numbers.values) if blocks is None else blocks.count
    if found.used < count:
        what = {SOBOL: "blocks of points", MORRIS: "trajectories", GIVEN: "points"}[method]
        notes.append(
            f"{numbers.name}: {count - found.used:,} of {count:,} {what} are left out, for a run "
            "failed, is not there or does not have it"
        )
    luck = found.luck
    if np.isnan(luck.share):
        notes.append(f"{numbers.name}: the same in every run, so that nothing moves it")
    elif luck.expected_variance < _HIDDEN_BY_LUCK * luck.mean_variance:
        notes.append(
            f"{numbers.name}: luck is still most of what differs between means of replicates; "
            "with more replicates the indices would be surer"
        )
    return notes


def _frame(rows: list[Mapping[str, Any]]) -> Any:
    import polars as pl

    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: [row.get(name) for row in rows] for name in names}
    is_text = {"outcome", "parameter"}
    return pl.DataFrame(
        columns, schema={name: pl.String if name in is_text else pl.Float64 for name in names}
    )
