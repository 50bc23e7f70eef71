"""What a live model has recorded so far, or a run folder holds, as data frames."""

from typing import Any

from sim.errors import RunError
from sim.results.folder import RunFolder, file_name
from sim.results.record import record_of
from sim.results.schema import FIELDS, TABLES
from sim.results.summary import Summary, summarize
from sim.results.tables import arrow_tables


def tables_of(model: Any) -> dict[str, Any]:
    """Return the tables that a run folder would hold, as Polars data frames.

    Parameters
    ----------
    model : CommerceModel
        A model that has run for a while, or to its end. Months and years that are not complete
        are not in the tables.

    Returns
    -------
    dict of str to polars.DataFrame
        ``villages`` (a row per village and month), ``seasons`` (per village and day with fruit),
        ``households`` and ``shops`` (each of them on 31 December) and ``events``. Units are those
        of the columns' names; sim.results.schema lists all columns.
    """
    import polars as pl

    tables = arrow_tables(record_of(model))
    return {name: pl.DataFrame(pl.from_arrow(table)) for name, table in tables.items()}


def summary_of(model: Any) -> Summary:
    """Return what ``villagesim run --json`` would print, but for the time that it took.

    Parameters
    ----------
    model : CommerceModel
        A model that has run for a while, or to its end.

    Returns
    -------
    dict
        Dates of designation, numbers of each year and of each season.
    """
    return summarize(record_of(model))


def tables_in(run: RunFolder) -> dict[str, Any]:
    """Return the tables of a run folder, as `tables_of` returns those of a live model.

    Parameters
    ----------
    run : RunFolder
        The folder.

    Raises
    ------
    RunError
        If a table is missing or damaged, or was written by a version with other columns.
    """
    return {name: _table_in(run, name) for name in TABLES}


def _table_in(run: RunFolder, name: str) -> Any:
    import polars as pl

    table = pl.DataFrame(pl.from_arrow(run.table(name)))
    missing = [field.name for field in FIELDS[name] if field.name not in table.columns]
    if missing:
        raise RunError(
            f"{run.path / file_name(name)}: no column {missing[0]!r}; the folder was written by "
            "another version, so run the scenario again"
        )
    return table
