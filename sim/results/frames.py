"""What a live model has recorded so far, as data frames and as a summary."""

from typing import Any

from sim.results.record import record_of
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
