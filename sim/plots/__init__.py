"""Figures from the tables of a run: each takes tables and returns a figure."""

from sim.plots.drawing import draw_all

__all__ = ["draw_all"]
