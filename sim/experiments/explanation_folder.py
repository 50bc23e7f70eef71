"""Folders of explanations: a manifest, ``runs.parquet``, ``shares.parquet`` and figures."""

from pathlib import Path
from typing import Any, Final

from sim.errors import RunError
from sim.experiments.explain import Explanation
from sim.results.placing import MANIFEST, check_place, holds, placed, read_json, write_json

FORMAT: Final = "villagesim explanation 1"
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
    import polars as pl

    folder = Path(path)
    if not is_explanation_folder(folder):
        raise RunError(f"{path}: not the folder of an explanation")
    tables: dict[str, Any] = {}
    for name in TABLES:
        file = folder / f"{name}.parquet"
        try:
            tables[name] = pl.read_parquet(file)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise RunError(f"{file}: {' '.join(str(error).split())}") from error
    return Explanation(read_json(folder / MANIFEST)["explanation"], **tables)
