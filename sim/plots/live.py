"""The figures of a live model, for notebooks."""

from typing import Any

from matplotlib.figure import Figure

from sim.plots.drawing import all_figures
from sim.results.frames import tables_of


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
    return all_figures(tables_of(model), model.scenario, model.seed)
