"""Stored runs of a sweep as a table of runs from the prior.

The outcomes of a sweep are fixed (sim.experiments.outcomes): they tell fruit of the last season,
the day of the first list, and stores, jobs and sales of the last complete year. Targets that they
do not tell are left out. What was varied is taken to have been believed as it was varied: uniform
between the lowest and the highest value, or in the logarithm if the design says so.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from math import isfinite, nan
from pathlib import Path
from typing import Any, Final, NamedTuple

from sim.errors import RunError
from sim.experiments.calibrate.priors import Prior, priors_of
from sim.experiments.calibrate.regression import Table, table_of
from sim.experiments.plan import ERROR_COLUMN
from sim.experiments.sweep_result import read_sweep
from sim.experiments.targets import Target, load_targets
from sim.scenario import Scenario

_DECEMBER_31: Final = (12, 31)


class Stored(NamedTuple):
    """A table of runs that was stored, and what it tells."""

    priors: tuple[Prior, ...]
    targets: tuple[Target, ...]
    table: Table
    about: Mapping[str, Any]


Row = Mapping[str, Any]


def stored_table(folder: Path, block: str) -> Stored:
    """Return what a sweep folder tells of the targets of a block.

    Parameters
    ----------
    folder : Path
        The folder of a sweep of one of the block's scenarios.
    block : str
        The block.

    Raises
    ------
    RunError
        If it is no sweep of a scenario, what was varied is no parameter, or it tells no target.
    """
    sweep = read_sweep(folder)
    about = sweep.about
    if "scenario" not in about:
        raise RunError(f"{folder}: a sweep of a function; allowed: a sweep of a scenario")
    scenario = Scenario.model_validate(about["scenario"])
    own = [t for t in load_targets(("fit",), (block,)) if t.scenario == scenario.name]
    told = {t.key: _how(t, scenario) for t in own}
    targets = tuple(t for t in own if told[t.key] is not None)
    if not targets:
        names = sorted({t.scenario for t in load_targets(("fit",), (block,))})
        raise RunError(
            f"{folder}: a sweep of {scenario.name!r} until {scenario.end} tells no target of the "
            f"block {block!r}; allowed: sweeps of {', '.join(names)} whose last year has targets"
        )
    rows = [row for row in sweep.to_polars().iter_rows(named=True) if row[ERROR_COLUMN] is None]
    if not rows:
        raise RunError(f"{folder}: holds no run that did not fail; allowed: a sweep with runs")
    priors = tuple(_prior(key, about, rows, block, folder) for key in sweep.keys)
    normals = [[prior.normal(float(row[prior.path])) for prior in priors] for row in rows]
    values = [[_told(told[t.key], row) for t in targets] for row in rows]
    facts = {"sweep": folder.name, "program_sha256": about.get("program_sha256"), "runs": len(rows)}
    return Stored(priors, targets, table_of(normals, values), facts)


def _prior(
    key: str, about: Mapping[str, Any], rows: list[dict[str, Any]], block: str, folder: Path
) -> Prior:
    values = [row[key] for row in rows]
    if about["keys"][key] not in ("number", "whole"):
        raise RunError(f"{folder}: {key} was varied, which is no number; allowed: parameters")
    low, high = float(min(values)), float(max(values))
    if not low < high:
        raise RunError(f"{folder}: {key} = {low:g} in every run; allowed: parameters that vary")
    spec = str(about["design"].get("vary", {}).get(key, ""))
    known = priors_of(block, (key,))[0]
    is_log = spec.startswith("loguniform") or (not spec and known.is_log)
    return Prior(key, (key,), low, high, is_log and low > 0, known.value, known.unit)


def _how(target: Target, scenario: Scenario) -> Callable[[Row], float] | None:
    """Return how a row of a sweep tells a target; None if it does not."""
    last = scenario.end.year
    if (scenario.end.month, scenario.end.day) != _DECEMBER_31:
        last -= 1
    if target.measure == "first_listed_year":
        return lambda row: _listed_year(row, scenario)
    if target.measure.startswith("season_") and target.measure in _OF_SEASON:
        name = _OF_SEASON[target.measure]
        return (lambda row: _number(row[name])) if target.year == last else None
    if target.year != last or target.place.count("/"):
        return None
    return _OF_YEAR.get(target.measure)


_OF_SEASON: Final = {
    "season_orders": "season_orders",
    "season_sales_yuan": "season_online_sales_yuan",
    "season_online_income_share": "season_growers_online_income_share",
}


def _number(value: Any) -> float:
    return nan if value is None else float(value)


def _ratio(above: str, below: str) -> Callable[[Row], float]:
    def of(row: Row) -> float:
        whole = _number(row[below])
        return _number(row[above]) / whole if whole else nan

    return of


_OF_YEAR: Final[dict[str, Callable[[Row], float]]] = {
    "active_stores": lambda row: _number(row["active_stores"]),
    "online_sales_yuan": lambda row: _number(row["online_sales_yuan"]),
    "jobs_per_store": _ratio("jobs_in_stores", "active_stores"),
    "all_jobs_per_store": _ratio("jobs_with_makers_and_carriers", "active_stores"),
}


def _listed_year(row: Row, scenario: Scenario) -> float:
    days = _number(row["listed_after_days"])
    if not isfinite(days):
        return float(scenario.end.year + 1)
    listed: date = scenario.start + timedelta(days=int(days))
    return float(listed.year)


def _told(how: Callable[[Row], float] | None, row: Row) -> float:
    return nan if how is None else how(row)
