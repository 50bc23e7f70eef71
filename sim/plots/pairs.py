"""What figures of paired runs have in common: names of outcomes, looks of variants, intervals."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from matplotlib.axes import Axes

from sim.plots.style import BLACK, BLUE, GREEN, GREY, LIGHT_GREY, ORANGE, PURPLE, VERMILLION
from sim.words import t

LESS_IS_BETTER: Final = " ↓"
"""Marks outcomes that are better the less or the sooner they are."""

LOOKS: Final = (
    (BLUE, "o"), (ORANGE, "s"), (GREEN, "^"), (VERMILLION, "D"), (PURPLE, "v"), (BLACK, "P")
)  # fmt: skip
"""Colour and marker of each variant."""
MOST_VARIANTS: Final = len(LOOKS)


class PairsName(NamedTuple):
    """Paired runs that a figure shows."""

    base: str
    replicates: int
    seed: int
    confidence: float
    runs: str = ""
    """What was run so many times, if not pairs of runs."""

    @property
    def footer(self) -> str:
        """The footer."""
        last = self.seed + self.replicates - 1
        return t(
            "Base {base}, seeds {first} to {last}: {runs} with the same luck. Bars are {percent} % "
            "intervals.",
            base=self.base,
            first=self.seed,
            last=last,
            runs=self.runs or t("{number} pairs of runs", number=self.replicates),
            percent=f"{100 * self.confidence:g}",
        )


def draw_interval(
    axes: Axes,
    at: tuple[float, float],
    bounds: tuple[float, float],
    look: tuple[str, str],
    *,
    is_sure: bool | None = None,
) -> None:
    """Draw a mean with its interval; hollow if it is not sure that it is not zero.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    at : tuple of float
        The mean, and the height at which it stands.
    bounds : tuple of float
        The interval; nan where there is none.
    look : tuple of str
        Colour and marker.
    is_sure : bool, optional
        Whether it is; if not given, it is where the interval excludes zero.
    """
    color, marker = look
    low, high = bounds
    if is_sure is None:
        is_sure = low > 0.0 or high < 0.0
    axes.plot(bounds, (at[1], at[1]), color=color, linewidth=1.4, solid_capstyle="butt")
    axes.plot(
        [at[0]],
        [at[1]],
        marker,
        color=color,
        markersize=4.5,
        markerfacecolor=color if is_sure else "white",
        linestyle="none",
        zorder=3,
    )


def rows_axis(axes: Axes, names: Sequence[str], size: float) -> None:
    """Label the vertical axis with the rows of a table, the first one on top."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", labelsize=size, length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(GREY)
    axes.set_axisbelow(True)
    axes.grid(visible=True, axis="x", color=LIGHT_GREY, linewidth=0.6)
    axes.axvline(0.0, color=BLACK, linewidth=0.8, zorder=1)
