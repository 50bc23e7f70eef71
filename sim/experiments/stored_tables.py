"""Tables that a comparison or an explanation has left in a folder."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sim.errors import RunError


def read_tables(folder: Path, names: Iterable[str], what: str) -> dict[str, Any]:
    """Return tables of a folder as Polars data frames, by name.

    Parameters
    ----------
    folder : Path
        The folder.
    names : iterable of str
        Names of the tables; each lies in a file of that name, ``.parquet``.
    what : str
        What has left the folder, in words, such as ``"comparison"``.

    Raises
    ------
    RunError
        If one of them is missing or damaged.
    """
    import polars as pl

    tables, allowed = {}, f"allowed: the folder as the {what} left it"
    for name in names:
        file = folder / f"{name}.parquet"
        if not file.is_file():
            raise RunError(
                f"{file}: this table is missing; allowed: the folder as the {what} left it"
            )
        try:
            tables[name] = pl.read_parquet(file)
        except (OSError, pl.exceptions.PolarsError) as error:
            told = " ".join(str(error).split())
            raise RunError(f"{file}: this table is damaged ({told}); {allowed}") from error
    return tables
