"""All figures of a run: drawn from its tables, and written into its folder."""

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from matplotlib.figure import Figure

from sim.errors import RunError
from sim.observer import Rule
from sim.plots.growth import COLUMNS, Thresholds, growth_figure
from sim.plots.incomes import incomes_figure
from sim.plots.region_growth import region_growth_figure
from sim.plots.regions import is_region, regional_figures
from sim.plots.season import season_figure
from sim.plots.sizes import shop_sizes_figure
from sim.plots.style import RunName
from sim.results import RunFolder
from sim.results.concentration import WHOLE
from sim.results.folder import file_name
from sim.results.schema import FIELDS, INCOME_SOURCES
from sim.scenario import Scenario, register_of
from sim.world.parameters import good_names
from sim.world.register import Register

_WHOLE: Final = ("seasons", "events", "regions", "lists")
_VILLAGE: Final = ("village_number", "village")
_READ: Final[dict[str, tuple[str, ...]]] = {
    "villages": COLUMNS,
    "households": (*_VILLAGE, "year", "kind", "shops", *INCOME_SOURCES),
    "shops": (*_VILLAGE, "year", "sales_yuan"),
    **{name: tuple(field.name for field in FIELDS[name]) for name in _WHOLE},
}
"""What figures are made from: tables of a large region do not fit into memory as a whole."""
_DOTS_PER_INCH: Final = 200
_METADATA: Final[dict[str, dict[str, Any]]] = {
    ".png": {"Software": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
"""Nothing that differs from day to day: the same tables give the same files."""


def draw_all(folder: Path) -> list[Path]:
    """Draw the figures of a run into its folder, in place of earlier ones.

    Each is written twice: as PNG to look at and as PDF, which can be enlarged, for papers.

    Parameters
    ----------
    folder : Path
        A run folder.

    Returns
    -------
    list of Path
        The PNG files; the PDF of the same name lies beside each.

    Raises
    ------
    RunError
        If it is no run folder, was written by a version with other tables, or its figures cannot
        be written.
    """
    run = RunFolder(folder)
    about = run.manifest["run"]
    tables = {name: _table(run, name, columns) for name, columns in _READ.items()}
    figures = all_figures(tables, Scenario.model_validate(about["scenario"]), about["seed"])
    return write_figures(figures, run.figures)


def write_figures(figures: Mapping[str, Figure], folder: Path) -> list[Path]:
    """Write figures into a folder, each as PNG and as PDF, in place of earlier ones.

    Parameters
    ----------
    figures : mapping of str to Figure
        Figures by name.
    folder : Path
        Folder of the files; it is made if it is missing.

    Returns
    -------
    list of Path
        The PNG files.

    Raises
    ------
    RunError
        If they cannot be written.
    """
    try:
        folder.mkdir(exist_ok=True)
        for name, figure in figures.items():
            _write(figure, folder / f"{name}.png")
            figure.set_layout_engine("none")  # the PDF keeps the layout, which takes time to find
            _write(figure, folder / f"{name}.pdf")
    except OSError as error:
        raise RunError(f"{folder}: {error.strerror or error}") from error
    return [folder / f"{name}.png" for name in figures]


def all_figures(
    tables: Mapping[str, pl.DataFrame], scenario: Scenario, seed: int
) -> dict[str, Figure]:
    """Return the figures of a run by name.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        The tables of the run, as in a run folder.
    scenario : Scenario
        What was run.
    seed : int
        Its seed.

    Returns
    -------
    dict of str to Figure
        ``growth``, ``season_…`` for each fruit of the scenario, ``incomes`` and ``shop_sizes``; of
        a region also those of `regional_figures`. Where villages were not kept month by month,
        ``growth`` shows years, and there are no figures of tables that are empty.

    Raises
    ------
    RunError
        If another version drew other villages for the scenario.
    """
    run, register = RunName(scenario.name, seed), register_of(scenario)
    villages, seasons, regions = tables["villages"], tables["seasons"], tables["regions"]
    _check_villages(regions, scenario, len(register))
    months = villages["month"].dt.month_end().sort()
    last_day = months[-1] if months.len() else None
    figures: dict[str, Figure] = {}
    are_kept = regions.is_empty() or not villages.is_empty()
    if not are_kept:  # too many, or not wanted, month by month
        figures["growth"] = region_growth_figure(regions, run)
    else:
        thresholds = thresholds_of(scenario, register)
        figures["growth"] = growth_figure(villages, tables["events"], run, thresholds)
    # Other tables may not be kept either; there are no figures of them then.
    if are_kept or not seasons.is_empty():
        for fruit in _fruits(register):
            season = season_figure(seasons, fruit, run, last_day=last_day)
            figures[f"season_{fruit}"] = season
    if are_kept or not tables["households"].is_empty():
        figures["incomes"] = incomes_figure(tables["households"], run)
    if are_kept or not tables["shops"].is_empty():
        figures["shop_sizes"] = shop_sizes_figure(tables["shops"], run)
    if is_region(regions):
        figures |= regional_figures(tables, scenario, register, run)
    return figures


def _check_villages(regions: pl.DataFrame, scenario: Scenario, villages: int) -> None:
    ran = regions.filter(pl.col("level") == WHOLE)["villages"]
    if ran.len() and ran[-1] != villages:
        raise RunError(
            f"run of {scenario.name}: villages = {ran[-1]:,}, where this version draws "
            f"{villages:,}; it was made by another version, so run the scenario again"
        )


def thresholds_of(scenario: Scenario, register: Register | None = None) -> Thresholds:
    """Return what villages of a scenario need to count as e-commerce villages.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    register : Register, optional
        Its villages, if they have been made before.
    """
    rule = Rule.of(scenario.observer)
    villages = register_of(scenario) if register is None else register
    needed = np.ceil(rule.stores_needed(villages.households))
    stores = (float(needed.min()), float(needed.max()))
    return Thresholds(rule.sales_yuan, stores, rule.trailing_days)


def _fruits(register: Register) -> list[str]:
    """Return the fruits that villages grow, in the order of the villages."""
    crops, first = np.unique(register.crop, return_index=True)
    return [good_names()[crops[place]] for place in np.argsort(first) if crops[place] >= 0]


def _table(run: RunFolder, name: str, columns: tuple[str, ...]) -> pl.DataFrame:
    table = pl.DataFrame(pl.from_arrow(run.table(name, columns)))
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise RunError(
            f"{run.path / file_name(name)}: no column {missing[0]!r}; the folder was written by "
            "another version, so run the scenario again"
        )
    return table


def _write(figure: Figure, path: Path) -> None:
    """Write a figure beside its place, then put it there."""
    unfinished = path.with_name(f".{path.stem}.writing-{os.getpid()}{path.suffix}")
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing")  # the figure says so itself
            figure.savefig(unfinished, dpi=_DOTS_PER_INCH, metadata=_METADATA[path.suffix])
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
