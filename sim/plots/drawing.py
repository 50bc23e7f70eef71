"""All figures of a run folder, drawn from its tables and written into it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from matplotlib.figure import Figure

from sim.errors import RunError
from sim.observer import Rule
from sim.plots.growth import Thresholds, growth_figure
from sim.plots.incomes import incomes_figure
from sim.plots.season import season_figure
from sim.plots.sizes import shop_sizes_figure
from sim.plots.style import RunName
from sim.results import RunFolder
from sim.results.folder import file_name
from sim.results.schema import FIELDS
from sim.scenario import Scenario

_PIXELS_PER_INCH: Final = 200


def draw_all(folder: Path) -> list[Path]:
    """Draw the figures of a run into its folder, in place of earlier ones.

    Parameters
    ----------
    folder : Path
        A run folder.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    RunError
        If it is no run folder, or its figures cannot be written.
    """
    run = RunFolder(folder)
    try:
        run.figures.mkdir(exist_ok=True)
        return [_written(figure, run.figures / name) for name, figure in figures_of(run)]
    except OSError as error:
        raise RunError(f"{run.figures}: {error.strerror or error}") from error


def figures_of(run: RunFolder) -> Iterator[tuple[str, Figure]]:
    """Give the name and the figure of everything that a run folder tells."""
    about = run.manifest["run"]
    name = RunName(about["name"], about["seed"])
    scenario = Scenario.model_validate(about["scenario"])
    villages = _table(run, "villages")
    yield "growth", growth_figure(villages, _table(run, "events"), name, _thresholds(scenario))
    months = villages["month"].dt.month_end()
    last_day = months.sort()[-1] if months.len() else None
    for good in _fruits(scenario):
        figure = season_figure(_table(run, "seasons"), good, name, last_day=last_day)
        yield f"season_{good}", figure
    yield "incomes", incomes_figure(_table(run, "households"), name)
    yield "shop_sizes", shop_sizes_figure(_table(run, "shops"), name)


def _thresholds(scenario: Scenario) -> Thresholds:
    rule = Rule.of(scenario.observer)
    households = [village.households for village in scenario.expanded_villages()]
    needed = rule.stores_needed(np.array(households))
    stores = (float(needed.min()), float(needed.max()))
    return Thresholds(rule.sales_yuan, stores, rule.trailing_days)


def _fruits(scenario: Scenario) -> list[str]:
    """Return the fruits that villages grow, in the order of the scenario."""
    crops = (village.farmers.crop for village in scenario.villages if village.farmers)
    return list(dict.fromkeys(crops))


def _table(run: RunFolder, name: str) -> pl.DataFrame:
    table = pl.DataFrame(pl.from_arrow(run.table(name)))
    missing = [field.name for field in FIELDS[name] if field.name not in table.columns]
    if missing:
        raise RunError(
            f"{run.path / file_name(name)}: no column {missing[0]!r}; the folder was written by "
            "another version, so run the scenario again"
        )
    return table


def _written(figure: Figure, place: Path) -> Path:
    """Write a figure beside its place, then put it there."""
    path = place.with_suffix(".png")
    unfinished = path.with_name(f".{path.stem}.writing-{os.getpid()}{path.suffix}")
    try:
        figure.savefig(unfinished, dpi=_PIXELS_PER_INCH)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path
