"""A validation as two small tables, for the documentation and for papers."""

import math
from pathlib import Path
from typing import Any, Final

from sim.errors import RunError
from sim.experiments.validate import Spread, Validation

FACTS_FILE: Final = "facts.csv"
BESIDE_FILE: Final = "beside.csv"
COUNTERFACTUALS_FILE: Final = "counterfactuals.csv"


def write_validation(folder: Path, validation: Validation) -> list[Path]:
    """Write the tables of a validation as CSV files; return their paths.

    Raises
    ------
    RunError
        If the folder cannot be written.
    """
    import polars as pl

    tables = {
        FACTS_FILE: _facts(validation),
        BESIDE_FILE: _beside(validation),
        COUNTERFACTUALS_FILE: _counterfactuals(validation),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in tables.items():
            pl.DataFrame(rows).write_csv(folder / name)
    except OSError as error:
        raise RunError(f"{folder}: cannot be written ({error.strerror or error})") from error
    return [folder / name for name in tables]


def readable(value: float, unit: str) -> str:
    """Return a number of a validation as a reader expects it, with its unit where it needs one."""
    if not math.isfinite(value):
        return "never" if value > 0 else "–"
    if unit == "year":
        return f"{value:.0f}"
    if unit == "1":
        return f"{100 * value:.1f} %"
    if unit == "yuan" and abs(value) >= 1e6:
        return f"{value / 1e6:,.1f} m yuan"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"


def _facts(validation: Validation) -> list[dict[str, Any]]:
    return [
        {
            "fact": each.key,
            "role": each.role,
            "scenario": each.scenario,
            "measure": each.measure,
            "unit": each.unit,
            "published": each.published,
            "lower_bound": each.lower_bound,
            "upper_bound": each.upper_bound,
            **_columns("", each.found),
            "share_of_seeds_within": round(each.share_within, 3),
            "reached": each.is_reached,
            "seeds": len(validation.seeds),
        }
        for each in validation.verdicts
    ]


def _beside(validation: Validation) -> list[dict[str, Any]]:
    return [
        {
            "fact": each.key,
            "scenario": each.scenario,
            "measure": each.measure,
            "unit": each.unit,
            "published": each.published,
            **_columns("", each.found),
            "seeds": len(validation.seeds),
        }
        for each in validation.beside
    ]


def _counterfactuals(validation: Validation) -> list[dict[str, Any]]:
    return [
        {
            "measure": each.measure,
            "unit": each.unit,
            "scenario": each.scenario,
            "without": each.without,
            **_columns("scenario_", each.base),
            **_columns("without_", each.other),
            **_columns("paired_difference_", each.paired),
            **{
                f"share_of_seeds_{how}": round(share, 3)
                for how, share in zip(("less", "same", "more"), each.shares, strict=True)
            },
            "seeds": len(validation.seeds),
        }
        for each in validation.differences
    ]


def _columns(prefix: str, spread: Spread) -> dict[str, float]:
    """Return median, 5th and 95th of a hundred, with six digits that count."""
    return {
        f"{prefix}median": _rounded(spread.median),
        f"{prefix}p05": _rounded(spread.low),
        f"{prefix}p95": _rounded(spread.high),
    }


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")
