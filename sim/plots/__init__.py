"""Figures from the tables of a run: each function takes tables and returns a figure."""

from sim.plots.drawing import all_figures, draw_all, thresholds_of
from sim.plots.growth import Thresholds, growth_figure
from sim.plots.incomes import incomes_figure
from sim.plots.live import figures_of
from sim.plots.season import season_figure
from sim.plots.sizes import shop_sizes_figure
from sim.plots.style import RunName

__all__ = [
    "RunName",
    "Thresholds",
    "all_figures",
    "draw_all",
    "figures_of",
    "growth_figure",
    "incomes_figure",
    "season_figure",
    "shop_sizes_figure",
    "thresholds_of",
]
