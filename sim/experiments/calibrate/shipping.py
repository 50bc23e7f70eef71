"""Takes what a calibration has found into the package: draws of equal weight, and small tables."""

import csv
from pathlib import Path
from typing import Final

import numpy as np

from sim.errors import RunError
from sim.experiments.calibrate.luck import uniform
from sim.experiments.calibrate.store import ABOUT_FILE
from sim.experiments.calibrate.tables import equal_draws
from sim.experiments.posterior import PROVENANCE_NAME, SHIPPED_DRAWS, WEIGHT, read_posterior
from sim.results.placing import read_json, write_json

TABLES: Final = ("summary", "fit", "recovery")
_DIGITS: Final = 6
"""Digits of numbers that are shipped."""


def ship(folder: Path, draws: Path | None, tables: Path, count: int = SHIPPED_DRAWS) -> list[Path]:
    """Write the posterior of a calibration as draws of equal weight, and its tables beside docs.

    Parameters
    ----------
    folder : Path
        The folder of a calibration.
    draws : Path, optional
        The file of draws, beside which provenance goes; none is written if not given.
    tables : Path
        Where ``BLOCK-summary.csv`` and the other tables go, and ``BLOCK-provenance.json``.
    count : int
        Draws; those of equal weight are all taken.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    RunError
        If it is no finished calibration, or something cannot be written.
    DataError
        If its posterior is damaged.
    """
    about = read_json(folder / PROVENANCE_NAME)
    block = about.get("block")
    if not isinstance(block, str) or not (folder / ABOUT_FILE).is_file():
        raise RunError(f"{folder}: allowed: the folder of a calibration that has a posterior")
    rows = read_posterior(folder / "posterior.csv")
    weights = np.array([row[WEIGHT] for row in rows])
    if np.ptp(weights) == 0:
        count, places = len(rows), np.arange(len(rows))
    else:
        start = uniform(about["how"]["seed"], "shipped", 0)
        places = equal_draws(weights / weights.sum(), count, start)
    names = [name for name in rows[0] if name != WEIGHT]
    chosen = [[1.0 / count, *(rows[place][name] for name in names)] for place in places]
    written = []
    try:
        tables.mkdir(parents=True, exist_ok=True)
        if draws is not None:
            draws.parent.mkdir(parents=True, exist_ok=True)
            _write(draws, [WEIGHT, *names], chosen)
            write_json(draws.with_name(PROVENANCE_NAME), about)  # a validation asks for it
            written += [draws, draws.with_name(PROVENANCE_NAME)]
        for name in TABLES:
            source = folder / f"{name}.csv"
            if source.is_file():
                written.append(tables / f"{block}-{name}.csv")
                _copy(source, written[-1])
        written.append(tables / f"{block}-{PROVENANCE_NAME}")
        write_json(written[-1], about)
    except OSError as error:
        raise RunError(f"{error.filename}: cannot be written ({error.strerror})") from error
    return written


def _copy(source: Path, target: Path) -> None:
    with source.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    _write(target, head, rows)


def _write(path: Path, head: list[str], rows: list[list[str]] | list[list[float]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows([[_short(cell) for cell in row] for row in rows])


def _short(cell: str | float) -> str:
    """Return a number with few digits; whole numbers and words as they are."""
    if isinstance(cell, str) and "." not in cell:
        return cell
    try:
        return f"{float(cell):.{_DIGITS}g}"
    except ValueError:
        return str(cell)
