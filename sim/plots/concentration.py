"""How concentrated listed villages are over counties, beside the published lists."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim.plots.letters import in_letters_at_hand
from sim.plots.published import Published
from sim.plots.style import (
    BLACK,
    BLUE,
    GREY,
    LABEL_POINTS,
    ORANGE,
    VERMILLION,
    RunName,
    dress,
    finished,
    legend_above,
    new_figure,
    plain_figure,
    plain_ticks,
    whole_ticks,
    years_axis,
)
from sim.results.concentration import WHOLE, concentration
from sim.words import phrase, t

_FEWEST_FIRST: Final = {
    "county": phrase("Counties, those with the fewest first (%)"),
    "town": phrase("Towns, those with the fewest first (%)"),
}
COMPARED_YEAR: Final = 2016
"""Year of the last list that is published with names."""


class _Measure(NamedTuple):
    """A measure by year."""

    name: str
    label: str
    color: str
    marker: str


_CLUSTERED: Final = (
    _Measure("share_in_counties_with_10", phrase("10 or more"), BLUE, "o"),
    _Measure("share_in_counties_with_30", phrase("30 or more"), VERMILLION, "s"),
)
_NEW: Final = (
    _Measure("share_of_new_in_county_with_any", phrase("county"), BLUE, "o"),
    _Measure("share_of_new_in_town_with_any", phrase("town"), VERMILLION, "s"),
)
_COUNTIES: Final = (
    _Measure("counties_with_one", phrase("exactly one"), ORANGE, "^"),
    _Measure("counties_with_10", phrase("10 or more"), BLUE, "o"),
)


@in_letters_at_hand
def concentration_figure(
    regions: pl.DataFrame, run: RunName, published: Published | None = None
) -> Figure:
    """Draw how unevenly listed villages are spread over counties, and where new ones come up.

    Parameters
    ----------
    regions : polars.DataFrame
        A row per year and place, as in a run folder.
    run : RunName
        Which run is shown.
    published : Published, optional
        What is published of the same places; drawn in open markers and with dashes.

    Returns
    -------
    Figure
        The Lorenz curve over counties and the share of new villages in counties and towns that
        had one, the share in clusters, and the number of counties with one and with many. Where
        there is one county only, the first two for towns.
    """
    listed = regions.filter(pl.col("listed_villages") > 0)
    found = concentration(regions).filter(pl.col("place") == WHOLE)
    title = t("Concentration of listed villages")
    if published:
        title = t("{title}, {place}", title=title, place=published.name)
    if found.is_empty():
        return plain_figure(title, t("No village was on a list in this run."), run)
    years = sorted(listed["year"].unique().to_list())
    remark = ""
    if published and published.has_measures:
        remark = t("Open markers: {label}.", label=published.label)
    has_counties = _places(regions, "county", years[-1]).size > 1
    figure = new_figure(6.3 if has_counties else 3.6, title, run, remark)
    panels = figure.subplots(2, 2).ravel() if has_counties else figure.subplots(1, 2)
    _draw_lorenz(panels[0], regions, years, published)
    _draw_measures(panels[1], found, _NEW if has_counties else _NEW[1:], published)
    label = t("New villages in a … that had one (%)")
    if not has_counties:
        label = t("New villages in a town that had one (%)")
    panels[1].set_ylabel(label, size=LABEL_POINTS)
    if has_counties:
        _draw_measures(panels[2], found, _CLUSTERED, published)
        panels[2].set_ylabel(t("Listed villages in counties with … (%)"), size=LABEL_POINTS)
        _draw_measures(panels[3], found, _COUNTIES, published, percent_of=1.0)
        panels[3].set_ylabel(t("Counties with … listed villages"), size=LABEL_POINTS)
    for axes in panels[1:]:
        years_axis(axes, years[0], years[-1])
    return finished(figure)


def lorenz_curve(sizes: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the share of places and the share of villages that they have, fewest first (0-1)."""
    ordered = np.sort(sizes)
    shares = np.concatenate([[0.0], np.cumsum(ordered) / ordered.sum()])
    return np.arange(sizes.size + 1) / sizes.size, shares


def gini_of(sizes: NDArray[np.float64]) -> float:
    """Return the Gini coefficient of the numbers of villages (0-1)."""
    places, villages = lorenz_curve(sizes)
    return float(1.0 - np.sum(np.diff(places) * (villages[1:] + villages[:-1])))


def years_drawn(years: Sequence[int]) -> list[int]:
    """Return which years get a curve: that of the published list if it is there, and the last."""
    return sorted({years[-1], *(year for year in years if year == COMPARED_YEAR)})


def _draw_lorenz(
    axes: Axes, regions: pl.DataFrame, years: Sequence[int], published: Published | None
) -> None:
    level = "county" if _places(regions, "county", years[-1]).size > 1 else "town"
    axes.plot([0, 100], [0, 100], color=GREY, linewidth=0.8)
    colors = (BLUE, VERMILLION)[-len(years_drawn(years)) :]
    for year, color in zip(years_drawn(years), colors, strict=True):
        sizes = _places(regions, level, year)
        _draw_curve(axes, sizes, t("{year}, simulated", year=year), color, "-")
    year = COMPARED_YEAR
    known = published.county_sizes(year) if published and level == "county" else np.zeros(0)
    if known.sum() > 0:
        _draw_curve(axes, known, t("{year}, published", year=year), BLACK, (0, (4, 2)))
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 100)
    dress(axes, t("Share of listed villages (%)"), grid="both")
    axes.set_xlabel(t(_FEWEST_FIRST[level]), size=LABEL_POINTS)
    axes.legend(loc="upper left", fontsize=7.5, frameon=False, handlelength=2.0)


def _draw_curve(axes: Axes, sizes: NDArray[np.float64], label: str, color: str, style: Any) -> None:
    places, villages = lorenz_curve(sizes)
    axes.plot(
        100.0 * places,
        100.0 * villages,
        color=color,
        linestyle=style,
        linewidth=1.8,
        label=t("{label} (Gini {gini})", label=label, gini=f"{gini_of(sizes):.2f}"),
        clip_on=False,
    )


def _places(regions: pl.DataFrame, level: str, year: int) -> NDArray[np.float64]:
    """Return the listed villages of every place of a level."""
    rows = regions.filter(pl.col("level") == level, pl.col("year") == year)
    return rows["listed_villages"].to_numpy().astype(np.float64)


def _draw_measures(
    axes: Axes,
    found: pl.DataFrame,
    measures: Sequence[_Measure],
    published: Published | None,
    percent_of: float = 100.0,
) -> None:
    highest = 0.0
    for measure in measures:
        rows = found.filter(pl.col("measure") == measure.name).sort("year")
        values = percent_of * rows["value"].to_numpy()
        known = published.measure(measure.name) if published else {}
        there = found["year"]
        known = {year: value for year, value in known.items() if year in there}
        axes.plot(
            rows["year"].to_numpy(),
            values,
            f"{measure.marker}-",
            color=measure.color,
            markersize=3.5,
            label=t(measure.label),
        )
        _draw_known(axes, known, measure, percent_of)
        highest = max([highest, *values.tolist(), *(percent_of * v for v in known.values())])
    dress(axes, "")
    if percent_of == 1.0:
        axes.set_ylim(0.0, 1.08 * max(highest, 1.0))
        whole_ticks(axes.yaxis)
    else:
        axes.set_ylim(0.0, 104.0)
        plain_ticks(axes.yaxis)
    if not found["measure"].is_in([measure.name for measure in measures]).any():
        axes.text(
            0.5,
            0.5,
            t("no list before"),
            transform=axes.transAxes,
            ha="center",
            size=LABEL_POINTS,
        )
    if len(measures) > 1:
        legend_above(axes)


def _draw_known(
    axes: Axes, known: Mapping[int, float], measure: _Measure, percent_of: float
) -> None:
    if not known:  # axes would find no place for a line without points that is not clipped
        return
    axes.plot(
        list(known),
        [percent_of * value for value in known.values()],
        measure.marker,
        color=measure.color,
        markerfacecolor="white",
        markersize=6.5,
        markeredgewidth=1.4,
        linestyle="none",
        clip_on=False,
        zorder=4,
    )
