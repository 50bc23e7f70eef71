"""The figure of how cost grows with households."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from matplotlib.figure import Figure

from sim.plots.style import (
    BLUE,
    GREY,
    LABEL_POINTS,
    VERMILLION,
    dress,
    finished,
    legend_above,
    log_ticks,
    new_figure,
)

LOOKS = {1: (BLUE, "o"), 2: (VERMILLION, "s")}


class Measured(Protocol):
    """What is drawn of a size on some threads."""

    @property
    def threads(self) -> int: ...
    @property
    def households(self) -> float: ...
    @property
    def wall_s(self) -> float: ...
    @property
    def rate(self) -> float: ...
    @property
    def rates(self) -> list[float]: ...


class Footer:
    footer = "Samples of the villages of Zhejiang, 2009–2022, every household and day."


def scaling_figure(points: Sequence[Measured], exponent: float, load: str = "") -> Figure:
    """Draw time and household-days per second over households, both logarithmic.

    What there is to say of the machine's load goes into the footer.
    """
    remark = "Points are means over samples; bars reach from the slowest to the fastest."
    if load:
        remark = f"{remark} Load before: {load}."
    title = f"Processor time grows with households to the power of {exponent:.2f}"
    figure = new_figure(3.4, title, Footer(), remark)
    left, right = figure.subplots(1, 2)
    for threads, (colour, marker) in LOOKS.items():
        mine = sorted((p for p in points if p.threads == threads), key=lambda p: p.households)
        if not mine:
            continue
        households = [p.households for p in mine]
        name = f"{threads} thread{'s' * (threads > 1)}"
        left.plot(households, [p.wall_s for p in mine], marker + "-", color=colour, label=name)
        rates = np.array([p.rate for p in mine])
        ends = np.array([(min(p.rates), max(p.rates)) for p in mine]).T
        bars = np.clip([rates - ends[0], ends[1] - rates], 0.0, None)  # a mean may equal an end
        right.errorbar(
            households, rates, bars, fmt=marker + "-", color=colour, capsize=2, label=name
        )
    last = max((p for p in points if p.threads == 1), key=lambda p: p.households)
    first = min(p.households for p in points)
    ends_of_line = np.array([first, last.households])
    proportional = last.wall_s * ends_of_line / last.households
    left.plot(ends_of_line, proportional, "--", color=GREY, label="in proportion", zorder=0)
    dress(left, "Time [s]", grid="both")
    dress(right, "Million household-days per second", grid="both")
    for axes in (left, right):
        axes.set_xscale("log")
        axes.set_yscale("log")
        log_ticks(axes.xaxis, first, last.households)
        low, high = axes.get_ylim()
        log_ticks(axes.yaxis, low, high)
        axes.set_xlabel("Households", size=LABEL_POINTS)
        legend_above(axes, 3)
    return finished(figure)
