"""The figures of a live model, for notebooks."""

from typing import Any

import polars as pl
from matplotlib.figure import Figure

from sim.plots.drawing import all_figures
from sim.results import arrow_tables, record_of


def figures_of(model: Any) -> dict[str, Figure]:
    """Return the figures that a run folder would hold, by name.

    Parameters
    ----------
    model : CommerceModel
        A model that has run for a while, or to its end. Months and years that are not complete
        are not shown.

    Returns
    -------
    dict of str to Figure
        ``growth``, ``season_…`` for each fruit, ``incomes`` and ``shop_sizes``.
    """
    record = record_of(model)
    arrow = arrow_tables(record)
    tables = {name: pl.DataFrame(pl.from_arrow(table)) for name, table in arrow.items()}
    return all_figures(tables, record.scenario, record.seed)
