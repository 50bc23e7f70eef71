"""Folders of comparisons: tables, and a manifest that says what was compared and by which rules.

::

    DIR/manifest.json         worlds as resolved, seeds, rules, versions
    DIR/runs.parquet          a row for each run, with every outcome
    DIR/differences.parquet   a row for each variant and outcome
    DIR/effectiveness.parquet what a unit of each effect costs
    DIR/gains.parquet         who gains and who loses, group by group
    DIR/households.parquet    every household beside its twin, where households were kept
    DIR/figures/

The same worlds and seeds give the same bytes, whoever runs them.
"""

from pathlib import Path
from typing import Final

from sim.errors import RunError
from sim.experiments.compare import Comparison
from sim.experiments.stored_tables import read_tables
from sim.results.placing import MANIFEST, check_place, holds, placed, read_json, write_json

FORMAT: Final = "villagesim comparison 2"
"""Stands in every manifest under ``format``; the number rises when folders change."""
TABLES: Final = ("runs", "differences", "effectiveness", "gains", "households")
FIGURES: Final = "figures"
_WHAT: Final = "comparison"


def check_comparison_place(path: Path) -> None:
    """Refuse a folder that a comparison must not write to.

    Raises
    ------
    RunError
        If something else would be lost, or the folder cannot be made.
    """
    check_place(path, FORMAT, _WHAT)


def is_comparison_folder(path: Path) -> bool:
    """Whether a folder was written by a comparison."""
    return holds(path, FORMAT)


def write_comparison(path: Path, comparison: Comparison) -> None:
    """Write a comparison into a folder, in place of an earlier one.

    Parameters
    ----------
    path : Path
        The folder.
    comparison : Comparison
        What is written.

    Raises
    ------
    RunError
        If the folder cannot be written or must not be replaced.
    """
    with placed(path, FORMAT, _WHAT) as hidden:
        for name in TABLES:
            getattr(comparison, name).write_parquet(hidden / f"{name}.parquet")
        (hidden / FIGURES).mkdir()
        write_json(hidden / MANIFEST, {"format": FORMAT, "comparison": dict(comparison.about)})


def read_comparison(path: Path | str) -> Comparison:
    """Read the folder of a comparison.

    Parameters
    ----------
    path : Path or str
        The folder.

    Raises
    ------
    RunError
        If it is no folder of a comparison, or is damaged.
    """
    folder = Path(path)
    if not is_comparison_folder(folder):
        raise RunError(f"{path}: not the folder of a comparison by this version")
    tables = read_tables(folder, TABLES, _WHAT)
    return Comparison(read_json(folder / MANIFEST)["comparison"], **tables)
