"""All figures of a run folder, drawn from its tables and written into it."""

import os
from pathlib import Path
from typing import Final

import polars as pl
from matplotlib.figure import Figure

from sim.errors import RunError
from sim.plots.growth import growth_figure
from sim.plots.style import RunName
from sim.results import RunFolder

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
    figures = {"growth": _growth(run)}
    try:
        run.figures.mkdir(exist_ok=True)
        return [_written(figure, run.figures / f"{name}.png") for name, figure in figures.items()]
    except OSError as error:
        raise RunError(f"{run.figures}: {error.strerror or error}") from error


def _growth(run: RunFolder) -> Figure:
    return growth_figure(_table(run, "villages"), _table(run, "events"), _name(run))


def _table(run: RunFolder, name: str) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(run.table(name)))


def _name(run: RunFolder) -> RunName:
    about = run.manifest["run"]
    return RunName(about["name"], about["seed"])


def _written(figure: Figure, path: Path) -> Path:
    """Write a figure beside its place, then put it there."""
    unfinished = path.with_name(f".{path.stem}.writing-{os.getpid()}{path.suffix}")
    try:
        figure.savefig(unfinished, dpi=_PIXELS_PER_INCH)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path
