"""What the runs of a validation foretold, beside what was published and what simple curves say.

Every row holds one target against one predictor: the model, a simple curve fitted to the lists up
to 2016, or an ablation. Scores are those of `sim.experiments.scores`.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sim.experiments.ablations import ABLATIONS, USUAL, VARIANTS
from sim.experiments.plan import ERROR_COLUMN
from sim.experiments.scores import (
    SHARES,
    crps,
    error_share,
    interval,
    known,
    log_error,
    median,
)
from sim.experiments.simple_curves import CURVES, FEWEST_YEARS, fit_curve
from sim.experiments.targets import NATION, Target
from sim.experiments.validation_runs import LAST_FITTED_YEAR, VARIANT
from sim.world.parameters import read_data

MODEL: Final = "model"
LISTS: Final = "listed_villages"
PREDICTORS: Final = (MODEL, *CURVES, *ABLATIONS)
"""Everything that predicts, in the order in which it is told."""
PREDICTOR_NAMES: Final = {
    MODEL: "model",
    "bass": "Bass",
    "gompertz": "Gompertz",
    "logistic": "logistic",
    "line": "straight line",
    "no_imitation": "without imitation",
    "frozen_drivers": "drivers frozen",
    "random_villages": "random villages",
}
"""What tables call them."""
_WHOLES: Final = (NATION, "Zhejiang")
_ALL_VILLAGES: Final = "Taobao villages"
"""What facts count of which all were counted; in one year only large ones were."""
_NO_SCORE: Final = math.nan

Row = dict[str, Any]


@dataclass(frozen=True)
class Forecasts:
    """What was foretold.

    Attributes
    ----------
    rows : tuple of dict
        The model and the curves: a row for each target and predictor.
    ablations : tuple of dict
        The same columns, of the model and of each ablation over the draws that both have.
    scores : tuple of dict
        Means over groups of targets, by predictor.
    failed : int
        Runs that failed and are left out.
    """

    rows: tuple[Row, ...]
    ablations: tuple[Row, ...]
    scores: tuple[Row, ...]
    failed: int


def forecasts_of(runs: Any, targets: Sequence[Target]) -> Forecasts:
    """Score the runs of a validation.

    Parameters
    ----------
    runs : polars.DataFrame
        A row for each run (`sim.experiments.validation_runs`), finished or failed.
    targets : sequence of Target
        What was measured.
    """
    done = runs.filter(runs[ERROR_COLUMN].is_null())
    model = done.filter(done[VARIANT] == USUAL)
    told = [target for target in targets if not target.is_lower_bound]
    rows = [row_of(target, MODEL, _values(model, target)) for target in told]
    rows += [
        row_of(target, name, [level])
        for name, levels in curves_of(targets).items()
        for target in told
        for level in [levels.get((target.place, target.measure, target.year))]
        if level is not None
    ]
    ablations = list(_ablation_rows(done, [target for target in told if is_pattern(target)]))
    scores = [*_scores(rows), *_scores(row for row in ablations if row["predictor"] != MODEL)]
    return Forecasts(tuple(rows), tuple(ablations), tuple(scores), runs.height - done.height)


def is_pattern(target: Target) -> bool:
    """Whether a target is of the whole country or province, or of a village's scenario."""
    return target.role != "context" and (
        target.place in _WHOLES or target.block == "village" or target.role == "test"
    )


def lists_until(targets: Iterable[Target], last_year: int = LAST_FITTED_YEAR) -> Mapping[str, Any]:
    """Return the published lists by place and year, up to a year.

    Of the lists before 2014, lower bounds, those that counted all villages that were known are
    there, as a sceptic would draw them.
    """
    facts = read_data("facts.toml")
    found: dict[str, dict[int, float]] = {}
    for target in targets:
        counts_all = facts.get(target.source, {}).get("measure", _ALL_VILLAGES) == _ALL_VILLAGES
        if target.measure == LISTS and target.year <= last_year and counts_all:
            found.setdefault(target.place, {})[target.year] = target.published
    return found


def curves_of(targets: Sequence[Target]) -> dict[str, dict[tuple[str, str, int], float]]:
    """Return what each curve says of every published list of the whole country and of Zhejiang.

    Keys are place, measure and year.
    """
    found: dict[str, dict[tuple[str, str, int], float]] = {}
    years = sorted({target.year for target in targets if target.measure == LISTS})
    for place, levels in lists_until(targets).items():
        above = {year: level for year, level in levels.items() if level > 0}
        for name in CURVES:
            if place in _WHOLES and len(above) >= FEWEST_YEARS[name]:
                curve = fit_curve(name, above)
                says = {(place, LISTS, year): curve.at(year) for year in years}
                found.setdefault(name, {}).update(says)
    return found


def row_of(target: Target, predictor: str, values: Iterable[float]) -> Row:
    """Return the row of a target and a predictor.

    A single value is a forecast without an interval, which is neither covered nor not.
    """
    there = known(values)
    middle, came = median(there), target.published
    row: Row = {
        "target": target.key,
        "group": target.group,
        "role": target.role,
        "place": target.place,
        "measure": target.measure,
        "year": target.year,
        "unit": target.unit,
        "published": came,
        "predictor": predictor,
        "runs": int(there.size),
        "median": middle,
        "mean": float(np.mean(there)) if there.size else math.nan,
    }
    for share in SHARES:
        name = f"{100 * share:.0f}"
        ends = interval(there, share)
        has_interval = there.size > 1
        row[f"low_{name}"] = ends.low if has_interval else math.nan
        row[f"high_{name}"] = ends.high if has_interval else math.nan
        row[f"covered_{name}"] = ends.covers(came) if has_interval else None
    score = crps(there, came)
    return row | {
        "error_percent": 100.0 * error_share(middle, came),
        "log_error": log_error(middle, came),
        "crps": score,
        "crps_percent": 100.0 * score / came if came > 0 else math.nan,
    }


def _ablation_rows(done: Any, targets: Sequence[Target]) -> Iterable[Row]:
    """Give rows of the model and of each ablation, over the draws that all of them have."""
    by_variant = {name: set(done.filter(done[VARIANT] == name)["draw"]) for name in VARIANTS}
    if not all(by_variant[name] for name in ABLATIONS):
        return
    shared = set.intersection(*by_variant.values())
    same = done.filter(done["draw"].is_in(sorted(shared)))
    for target in targets:
        for variant in VARIANTS:
            predictor = MODEL if variant == USUAL else variant
            runs = same.filter(same[VARIANT] == variant)
            yield row_of(target, predictor, _values(runs, target))


def _values(runs: Any, target: Target) -> list[float]:
    return [float(value) for value in runs[target.key].drop_nulls()]


def _scores(rows: Iterable[Row]) -> list[Row]:
    """Return means over the targets of each role, group and predictor."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        if row["role"] != "context":
            groups.setdefault((row["role"], row["group"], row["predictor"]), []).append(row)
    return [
        {
            "role": role,
            "group": group,
            "predictor": predictor,
            "targets": len(own),
            "error_percent": _mean(abs(row["error_percent"]) for row in own),
            "bias_percent": _mean(row["error_percent"] for row in own),
            "log_error": _mean(row["log_error"] for row in own),
            **{
                f"covered_{100 * share:.0f}": _mean(
                    float(row[f"covered_{100 * share:.0f}"])
                    for row in own
                    if row[f"covered_{100 * share:.0f}"] is not None
                )
                for share in SHARES
            },
            "crps_percent": _mean(row["crps_percent"] for row in own),
        }
        for (role, group, predictor), own in groups.items()
    ]


def _mean(values: Iterable[float]) -> float:
    """Return the mean of numbers, infinite ones included; nan of none."""
    found = [value for value in values if not math.isnan(value)]
    return sum(found) / len(found) if found else _NO_SCORE
