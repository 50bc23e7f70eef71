"""The figures of a live model, for notebooks."""

from typing import Any

from matplotlib.figure import Figure

from sim.plots.drawing import _fruits, _thresholds
from sim.plots.growth import growth_figure
from sim.plots.season import season_figure
from sim.plots.style import RunName
from sim.results.frames import tables_of


def figures_of(model: Any) -> dict[str, Figure]:
    tables = tables_of(model)
    name = RunName(model.scenario.name, model.seed)
    found = {
        "growth": growth_figure(
            tables["villages"], tables["events"], name, _thresholds(model.scenario)
        )
    }
    for good in _fruits(model.scenario):
        found[f"season_{good}"] = season_figure(tables["seasons"], good, name)
    try:
        from sim.plots.incomes import incomes_figure
        from sim.plots.sizes import shop_sizes_figure
    except ImportError:
        return found
    found["incomes"] = incomes_figure(tables["households"], name)
    found["shop_sizes"] = shop_sizes_figure(tables["shops"], name)
    return found
