"""Folders of explanations: a manifest, ``runs.parquet``, ``shares.parquet`` and figures."""

from pathlib import Path
from typing import Final

from sim.errors import RunError
from sim.experiments.explain import Explanation
from sim.experiments.stored_tables import read_tables
from sim.results.placing import MANIFEST, check_place, holds, placed, read_json, write_json

FORMAT: Final = "villagesim explanation 2"
"""Stands in every manifest under ``format``; the number rises when folders change."""
TABLES: Final = ("runs", "shares")
FIGURES: Final = "figures"
_WHAT: Final = "explanation"


def check_explanation_place(path: Path) -> None:
    """Refuse a folder that an explanation must not write to.

    Raises
    ------
    RunError
        If something else would be lost, or the folder cannot be made.
    """
    check_place(path, FORMAT, _WHAT)


def is_explanation_folder(path: Path) -> bool:
    """Whether a folder was written by an explanation."""
    return holds(path, FORMAT)


def write_explanation(path: Path, explanation: Explanation) -> None:
    """Write an explanation into a folder, in place of an earlier one.

    Parameters
    ----------
    path : Path
        The folder.
    explanation : Explanation
        What is written.

    Raises
    ------
    RunError
        If the folder cannot be written or must not be replaced.
    """
    with placed(path, FORMAT, _WHAT) as hidden:
        for name in TABLES:
            getattr(explanation, name).write_parquet(hidden / f"{name}.parquet")
        (hidden / FIGURES).mkdir()
        write_json(hidden / MANIFEST, {"format": FORMAT, "explanation": dict(explanation.about)})


def read_explanation(path: Path | str) -> Explanation:
    """Read the folder of an explanation.

    Parameters
    ----------
    path : Path or str
        The folder.

    Raises
    ------
    RunError
        If it is no folder of an explanation, or is damaged.
    """
    folder = Path(path)
    if not is_explanation_folder(folder):
        raise RunError(f"{path}: not the folder of an explanation by this version")
    tables = read_tables(folder, TABLES, _WHAT)
    return Explanation(read_json(folder / MANIFEST)["explanation"], **tables)
