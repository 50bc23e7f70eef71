"""The generated parts of docs/validation.md about regions: from tables that were committed."""

import csv
import math
from collections.abc import Callable, Iterable
from pathlib import Path

from sim.experiments.ablations import ABLATIONS
from sim.experiments.forecasts import MODEL, PREDICTOR_NAMES, PREDICTORS
from sim.experiments.simple_curves import CURVES
from sim.experiments.validate_regions import (
    ABLATIONS_FILE,
    FORECAST_FILE,
    PARAMETERS_FILE,
    SCORES_FILE,
)

NOT_YET = "No result has been committed yet: `make validate-regions`."
WITHIN_PERCENT = 10.0
_DIGEST = 12

Row = dict[str, str]
Table = Callable[[Iterable[str], Iterable[Iterable[object]]], str]


def verdict_text(folder: Path, table: Table) -> str:
    """Return by how much forecasts are off, and whether that is within a tenth and beats curves."""
    scores = {
        (row["group"], row["predictor"]): row
        for row in _rows(folder, SCORES_FILE)
        if row["role"] == "test"
    }
    groups = list(dict.fromkeys(group for group, _ in scores))
    rows = []
    for group in groups:
        if (group, MODEL) not in scores:
            continue
        error = _number(scores[group, MODEL]["error_percent"])
        curves = {
            name: _number(scores[group, name]["error_percent"])
            for name in CURVES
            if (group, name) in scores
        }
        best = min(curves, key=lambda name: curves[name]) if curves else ""
        rows.append(
            (
                group,
                _percent(error),
                "yes" if error <= WITHIN_PERCENT else "**no**",
                f"{PREDICTOR_NAMES[best]}, {_percent(curves[best])}" if best else "–",
                ("yes" if error < curves[best] else "**no**") if best else "–",
            )
        )
    heads = ("what", "model off by", "within 10 %", "best curve, off by", "model better")
    return table(heads, rows) if rows else NOT_YET


def forecast_text(folder: Path, table: Table) -> str:
    """Return what was foretold of everything that was not fitted."""
    rows = [
        (
            f"`{row['target']}`",
            _short(row["published"]),
            PREDICTOR_NAMES[row["predictor"]],
            _short(row["median"]),
            _between(row, "50"),
            _between(row, "90"),
            _percent(_number(row["error_percent"]), "+"),
            *(_yes(row[f"covered_{share}"]) for share in ("50", "90")),
            _percent(_number(row["crps_percent"])),
        )
        for row in sorted(_rows(folder, FORECAST_FILE), key=_order)
        if row["role"] == "test"
    ]
    heads = (
        "target", "published", "from", "median", "50 %", "90 %",
        "off by", "in 50 %", "in 90 %", "CRPS",
    )  # fmt: skip
    return table(heads, rows) if rows else NOT_YET


def scores_text(folder: Path, table: Table) -> str:
    """Return mean scores of the model by group, those that were fitted for comparison."""
    rows = [
        (
            row["role"],
            row["group"],
            row["targets"],
            _percent(_number(row["error_percent"])),
            _percent(_number(row["bias_percent"]), "+"),
            _percent(100.0 * _number(row["covered_50"])),
            _percent(100.0 * _number(row["covered_90"])),
            _percent(_number(row["crps_percent"])),
        )
        for row in _rows(folder, SCORES_FILE)
        if row["predictor"] == MODEL
    ]
    heads = ("role", "what", "targets", "off by", "bias", "50 % hold", "90 % hold", "CRPS")
    return table(heads, sorted(rows, reverse=True)) if rows else NOT_YET


def ablations_text(folder: Path, table: Table) -> str:
    """Return how far off the model is without each part."""
    found: dict[str, dict[str, Row]] = {}
    for row in _rows(folder, ABLATIONS_FILE):
        found.setdefault(row["target"], {})[row["predictor"]] = row
    rows = [
        (
            f"`{target}`",
            own[MODEL]["role"],
            _short(own[MODEL]["published"]),
            *(_short(own[name]["median"]) for name in (MODEL, *ABLATIONS)),
            *(_percent(_number(own[name]["crps_percent"])) for name in (MODEL, *ABLATIONS)),
        )
        for target, own in found.items()
    ]
    names = [PREDICTOR_NAMES[name] for name in (MODEL, *ABLATIONS)]
    heads = ("target", "role", "published", *names, *(f"CRPS, {name}" for name in names))
    return table(heads, rows) if rows else NOT_YET


def parameters_text(folder: Path, table: Table) -> str:
    """Return where the parameters of the committed tables come from."""
    rows = [
        (
            row["kind"],
            f"`{row['parameters_sha256'][:_DIGEST]}`",
            f"`{row['fit_targets_sha256'][:_DIGEST]}`",
            f"`{row['commit'][:_DIGEST]}`" if row["commit"] else "–",
            row["draws"],
            f"{row['runs']}, {row['runs_failed']} failed",
            ", ".join(
                f"{name} {row[f'{name}_county_share']}"
                for name in ("china", "zhejiang")
                if row.get(f"{name}_county_share")
            ),
        )
        for row in _rows(folder, PARAMETERS_FILE)
    ]
    heads = (
        "parameters from", "their hash", "hash of `fit` targets", "commit",
        "draws", "runs", "share of counties",
    )  # fmt: skip
    return table(heads, rows) if rows else NOT_YET


def figure_text(images: Path, name: str, words: str) -> str:
    """Return a figure that was committed."""
    path = images / f"validation_{name}.png"
    return f"![{words}](images/{path.name})" if path.is_file() else NOT_YET


def parts(folder: Path, images: Path, table: Table) -> dict[str, str]:
    """Return every generated part by its name."""
    return {
        "verdict": verdict_text(folder, table),
        "forecast figure": figure_text(images, "forecast", "Lists foretold and as they came"),
        "forecast": forecast_text(folder, table),
        "scores figure": figure_text(images, "scores", "Errors of the model and of simple curves"),
        "scores": scores_text(folder, table),
        "ablations figure": figure_text(images, "ablations", "Lists of the model without a part"),
        "patterns figure": figure_text(images, "patterns", "Patterns of the model without a part"),
        "ablations": ablations_text(folder, table),
        "parameters of regions": parameters_text(folder, table),
    }


def _order(row: Row) -> tuple[str, int, int]:
    """Put rows in the order of groups, years and predictors."""
    return row["group"], int(row["year"]), PREDICTORS.index(row["predictor"])


def _rows(folder: Path, name: str) -> list[Row]:
    path = folder / name
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _number(cell: str) -> float:
    return float(cell) if cell else math.nan


def _short(cell: str) -> str:
    value = _number(cell)
    if not math.isfinite(value):
        return "–"
    if value >= 1e6:
        return f"{value / 1e6:,.1f} m"
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.3g}"


def _between(row: Row, share: str) -> str:
    low, high = _short(row[f"low_{share}"]), _short(row[f"high_{share}"])
    return "–" if "–" in (low, high) else f"{low} to {high}"


def _yes(cell: str) -> str:
    return {"true": "yes", "false": "no"}.get(cell, "–")


def _percent(value: float, sign: str = "") -> str:
    return f"{value:{sign}.0f} %" if math.isfinite(value) else "–"
