"""What figures of paired runs have in common: names of outcomes, looks of variants, intervals."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from matplotlib.axes import Axes

from sim.plots.style import BLACK, BLUE, GREEN, GREY, LIGHT_GREY, ORANGE, PURPLE, VERMILLION

NAMES: Final = {
    "crossed_after_days": "Days to crossing",
    "listed_after_days": "Days to listing",
    "online_sales_yuan": "Online sales",
    "orders": "Orders",
    "active_stores": "Active stores",
    "jobs_in_stores": "Jobs in stores",
    "jobs_with_makers_and_carriers": "Jobs, makers and carriers too",
    "designated_villages": "Villages that satisfy the rule",
    "listed_villages": "Villages listed",
    "mean_income_local_yuan": "Income of local households",
    "mean_income_farmer_yuan": "Income of farmers",
    "mean_income_manufacturer_yuan": "Income of makers",
    "mean_income_operator_yuan": "Income of other locals",
    "mean_income_incomer_yuan": "Income of incomers",
    "income_fifth_1_yuan_per_head": "Income, poorest fifth",
    "income_fifth_2_yuan_per_head": "Income, second fifth",
    "income_fifth_3_yuan_per_head": "Income, third fifth",
    "income_fifth_4_yuan_per_head": "Income, fourth fifth",
    "income_fifth_5_yuan_per_head": "Income, richest fifth",
    "gini": "Gini coefficient",
    "poverty_share": "Share of poor households",
    "farmers_online_income_share": "Online share of farmers' income",
    "season_online_sales_yuan": "Fruit sold online",
    "season_lost_kg": "Fruit lost",
    "total_online_sales_yuan": "Online sales, whole run",
    "total_local_income_yuan": "Local income, whole run",
}
"""Short names of the outcomes that figures show, in their order."""
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
    runs: str = "pairs of runs"

    @property
    def footer(self) -> str:
        """The footer."""
        last = self.seed + self.replicates - 1
        return (
            f"Base {self.base}, seeds {self.seed} to {last}: {self.replicates} {self.runs} with "
            f"the same luck. Bars are {100 * self.confidence:g} % intervals."
        )


def draw_interval(
    axes: Axes, at: tuple[float, float], bounds: tuple[float, float], look: tuple[str, str]
) -> None:
    """Draw a mean with its interval; hollow if the interval does not exclude zero.

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
    """
    color, marker = look
    low, high = bounds
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
