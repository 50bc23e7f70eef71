"""Listed villages by year, of a whole scenario and of its parts, beside published counts."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots.letters import in_letters_at_hand
from sim.plots.published import FROM_PLATFORM_DATA, Published
from sim.plots.style import (
    BLACK,
    BLUE,
    LABEL_POINTS,
    SKY_BLUE,
    SMALL_POINTS,
    RunName,
    dress,
    finished,
    legend_above,
    new_figure,
    plain_figure,
    whole_ticks,
    with_years,
    years_axis,
)
from sim.results.concentration import WHOLE
from sim.results.region_fields import PLACES
from sim.words import phrase, t, together
from sim.world.place_names import place_name

MOST_PARTS: Final = 12
"""Parts that get a panel: those with the most listed villages."""

_COUNTY_PLACES: Final = PLACES[: PLACES.index("county") + 1]

_COLUMNS: Final = 4
_TOP_INCHES: Final = 2.2
_PART_INCHES: Final = 1.05
_SAME_COUNTIES: Final = phrase(
    "Small diamonds: the published counts of the counties that are simulated."
)
_LOWER_BOUNDS: Final = phrase(
    "Open diamonds are lower bounds: villages that researchers had come across."
)


Rule = Literal["strict", "published"]
_RULES: Final[dict[Rule, str]] = {
    "strict": phrase("strict rule"),
    "published": phrase("published rule"),
}


class _Part(NamedTuple):
    """A place of the level that the scenario is divided by."""

    name: str
    years: pl.DataFrame
    published: Mapping[int, float]


@in_letters_at_hand
def listed_villages_figure(
    regions: pl.DataFrame,
    run: RunName,
    published: Published | None = None,
    rule: Rule = "published",
) -> Figure:
    """Draw listed villages by year, in all and by part of the region, and published counts.

    Parameters
    ----------
    regions : polars.DataFrame
        A row per year and place, as in a run folder.
    run : RunName
        Which run is shown.
    published : Published, optional
        What is published of the same places.
    rule : str
        The rule by which villages are listed, ``strict`` or ``published``.

    Returns
    -------
    Figure
        A panel of all villages, and small ones of provinces, prefectures, counties or towns:
        of the first of these of which there are several.
    """
    listed = regions.filter(pl.col("listed_villages").is_not_null()).sort("year")
    whole = listed.filter(pl.col("level") == WHOLE)
    title = t("Villages on the yearly lists")
    if published:
        title = t("{title}, {place}", title=title, place=published.name)
    if whole.is_empty():
        return plain_figure(title, t("No list was drawn up in this run."), run)
    first, last = int(whole["year"][0]), int(whole["year"][-1])
    counts = published.villages() if published else {}
    counts = {year: count for year, count in counts.items() if first <= year <= last}
    if not whole["listed_villages"].sum() and not any(counts.values()):
        return plain_figure(title, t("No village was on a list in this run."), run)
    level = _level(listed)
    parts = _parts(listed, level, published)
    shown = parts[:MOST_PARTS]
    rows = -(-len(shown) // _COLUMNS)
    remarks = [t(_LOWER_BOUNDS)] if any(year < FROM_PLATFORM_DATA for year in counts) else []
    if published and published.county_share < 1.0 and level != PLACES[-1]:
        remarks.append(t(_SAME_COUNTIES))
    if len(parts) > len(shown):
        most = t(
            "Small panels: the {shown} of {parts} with the most villages.",
            shown=len(shown),
            parts=len(parts),
        )
        remarks.append(most)
    figure = new_figure(
        _TOP_INCHES + 0.9 + rows * _PART_INCHES,
        with_years(title, first, last),
        run,
        together(*remarks),
    )
    grid = figure.add_gridspec(
        1 + rows, _COLUMNS, height_ratios=[_TOP_INCHES, *[_PART_INCHES] * rows]
    )
    axes = figure.add_subplot(grid[0, :])
    _draw_whole(axes, whole, rule)
    _draw_published(axes, counts, published.label if published else "", 5.0)
    axes.set_ylim(bottom=0.0)
    whole_ticks(axes.yaxis)
    legend_above(axes)
    years_axis(axes, first, last)
    for place, part in enumerate(shown):
        small = figure.add_subplot(grid[1 + place // _COLUMNS, place % _COLUMNS])
        _draw_part(small, part, first, last)
        if place % _COLUMNS == 0:
            small.set_ylabel(t("Villages"), size=SMALL_POINTS)
        if place + _COLUMNS < len(shown):
            small.tick_params(labelbottom=False)
    return finished(figure)


def _level(listed: pl.DataFrame) -> str:
    """Return the highest level of which there are several places."""
    for level in PLACES:
        last = listed.filter(pl.col("level") == level, pl.col("year") == pl.col("year").max())
        if len(last) > 1:
            return level
    return PLACES[-1]


def _parts(listed: pl.DataFrame, level: str, published: Published | None) -> list[_Part]:
    """Return the places of a level, those with the most listed villages first."""
    names = PLACES[: PLACES.index(level) + 1]
    rows = listed.filter(pl.col("level") == level)
    parts = []
    counties = _county_paths(listed) if published else []
    for key, years in rows.group_by(names, maintain_order=True):
        path = "/".join(map(str, key))
        known: Mapping[int, float] = {}
        if published and level != PLACES[-1]:
            known = published.villages(
                path, [one for one in counties if one.startswith(path + "/")]
            )
        parts.append(_Part(place_name([str(part) for part in key]), years, known))

    def most(part: _Part) -> float:
        return max([float(part.years["listed_villages"].max()), *part.published.values()])  # type: ignore[arg-type]

    return sorted(filter(most, parts), key=lambda part: (-most(part), part.name))


def _county_paths(listed: pl.DataFrame) -> list[str]:
    counties = listed.filter(pl.col("level") == "county").select(_COUNTY_PLACES).unique()
    return ["/".join(names) for names in counties.sort(_COUNTY_PLACES).iter_rows()]


def _draw_whole(axes: Axes, whole: pl.DataFrame, rule: Rule) -> None:
    years = whole["year"].to_numpy()
    other: Rule = "published" if rule == "strict" else "strict"
    axes.plot(
        years,
        whole["listed_villages"].to_numpy(),
        "o-",
        color=BLUE,
        markersize=3.5,
        linewidth=2.0,
        label=t("simulated, on the list ({rule})", rule=t(_RULES[rule])),
    )
    axes.plot(
        years,
        whole[f"listed_by_{other}_rule"].to_numpy(),
        "--",
        color=SKY_BLUE,
        linewidth=1.3,
        label=t("simulated, by the {rule}", rule=t(_RULES[other])),
    )
    dress(axes, t("Listed villages"))


def _draw_published(axes: Axes, counts: Mapping[int, float], label: str, size: float) -> None:
    for is_bound, face in ((False, BLACK), (True, "white")):
        some = {y: n for y, n in counts.items() if (y < FROM_PLATFORM_DATA) == is_bound}
        if some:
            axes.plot(
                list(some),
                list(some.values()),
                "D",
                color=BLACK,
                markerfacecolor=face,
                markersize=size,
                label="" if is_bound else label,
                clip_on=False,
                zorder=4,
            )


def _draw_part(axes: Axes, part: _Part, first: int, last: int) -> None:
    listed = part.years["listed_villages"].to_numpy()
    known = {year: count for year, count in part.published.items() if first <= year <= last}
    axes.plot(part.years["year"].to_numpy(), listed, color=BLUE, linewidth=1.5)
    _draw_published(axes, known, "", 3.0)
    dress(axes, "")
    years_axis(axes, first, last)
    axes.set_xlabel("")
    axes.set_xticks([first, (first + last) // 2, last] if last > first else [first])
    axes.set_ylim(0.0, 1.35 * max([1.0, float(listed.max()), *known.values()]))
    whole_ticks(axes.yaxis)
    axes.tick_params(labelsize=SMALL_POINTS - 0.5)
    axes.annotate(
        part.name,
        (0.0, 1.0),
        xycoords="axes fraction",
        xytext=(4, -2),
        textcoords="offset points",
        va="top",
        size=LABEL_POINTS - 0.5,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
    )
