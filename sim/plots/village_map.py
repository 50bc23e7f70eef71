"""A map of villages, coloured by the year in which they were first listed."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import matplotlib as mpl
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from sim.plots.letters import in_letters_at_hand
from sim.plots.style import (
    BLACK,
    GREY,
    LABEL_POINTS,
    LIGHT_GREY,
    SMALL_POINTS,
    WIDTH_INCHES,
    RunName,
    finished,
    new_figure,
    plain_figure,
    text_inches,
)
from sim.results.region_fields import PLACES
from sim.words import phrase, t, together
from sim.world.place_names import place_name
from sim.world.register import Register

MOST_LABELS: Final = 40
"""Places that are named on the map."""

_AXES_SHARE: Final = 0.86
"""Usual part of the figure's width that the map takes."""
_MARGIN: Final = 0.04
"""Room around the villages, as a share of the longer side."""
_MUCH_LARGER: Final = 1.5
"""An outline so many times as long as the side of the map is shown in part only."""
_HEIGHTS: Final = (3.0, 8.0)
_UNLISTED: Final = "#BBBBBB"
_COLORS: Final = "viridis"
_COLORS_UP_TO: Final = 0.95
"""The lightest colours would not show on white."""
_VECTORS_UP_TO: Final = 2000
"""More points than that are drawn as a picture, also in files that can be enlarged."""
_SCALES_KM: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_LINE_INCHES: Final = 0.13
"""Height of a label."""
_SMALL_INCHES: Final = 0.9
"""The name of a place of which the map shows less from north to south would hide its villages."""
_DRAWN: Final = phrase("Positions within counties are drawn.")


_Box = tuple[float, float, float, float]
"""West, east, south and north of a label [inches]."""


class _Window(NamedTuple):
    """What part of the plane the map shows [km]."""

    west: float
    east: float
    south: float
    north: float

    @property
    def width_km(self) -> float:
        """Width."""
        return self.east - self.west

    @property
    def height_km(self) -> float:
        """Height."""
        return self.north - self.south


@in_letters_at_hand
def village_map_figure(
    lists: pl.DataFrame,
    register: Register,
    run: RunName,
    outlines_km: Sequence[NDArray[np.float64]] = (),
    is_drawn: bool = False,
) -> Figure:
    """Draw where villages are and when each was first listed.

    Parameters
    ----------
    lists : polars.DataFrame
        A row per year and listed village, as in a run folder.
    register : Register
        The villages, with their positions.
    run : RunName
        Which run is shown.
    outlines_km : sequence of array (points, 2)
        Lines to draw below, kilometres east and north as the positions of villages.
    is_drawn : bool
        Whether villages lie where chance put them, which the figure then says.

    Returns
    -------
    Figure
        The map, with a bar of the years.
    """
    title = t("{number} villages by the year of their first list", number=f"{len(register):,}")
    position = register.position_km
    is_placed = np.isfinite(position).all(axis=1)
    if not is_placed.any():
        return plain_figure(title, t("The villages of this scenario have no positions."), run)
    window = _window(position[is_placed], outlines_km)
    width_inches = WIDTH_INCHES * _AXES_SHARE
    height_inches = float(np.clip(width_inches * window.height_km / window.width_km, *_HEIGHTS))
    remark = _remark(lists, int((~is_placed).sum()))
    if is_drawn:
        remark = together(remark, t(_DRAWN))
    figure = new_figure(height_inches + 0.9, title, run, remark)
    axes = figure.add_subplot()
    for line in outlines_km:
        axes.plot(line[:, 0], line[:, 1], color=GREY, linewidth=0.6, zorder=1)
    _draw_unlisted(axes, position[is_placed])
    first = lists.group_by("village_number").agg(pl.col("year").min())
    first = first.filter(pl.Series(is_placed[first["village_number"].to_numpy()]))
    if not first.is_empty():
        _draw_listed(figure, axes, position, first)
    axes.set_xlim(window.west, window.east)
    axes.set_ylim(window.south, window.north)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_color(LIGHT_GREY)
    inches_per_km = min(width_inches / window.width_km, height_inches / window.height_km)
    _name_places(axes, register, is_placed, lists, inches_per_km)
    _draw_scale(axes, window)
    return finished(figure)


def _window(position: NDArray[np.float64], outlines_km: Sequence[NDArray[np.float64]]) -> _Window:
    """Return a window with all villages, and the outlines that are not much larger."""
    west, south = position.min(axis=0)
    east, north = position.max(axis=0)
    side = max(east - west, north - south, 1.0)
    for line in outlines_km:
        low, high = line.min(axis=0), line.max(axis=0)
        is_inside = bool(((low < (east, north)) & (high > (west, south))).all())
        if is_inside and (high - low).max() < _MUCH_LARGER * side:
            west, south = min(west, low[0]), min(south, low[1])
            east, north = max(east, high[0]), max(north, high[1])
    margin = _MARGIN * max(east - west, north - south, 1.0)
    return _Window(west - margin, east + margin, south - margin, north + margin)


def _remark(lists: pl.DataFrame, unplaced: int) -> str:
    if lists.is_empty():
        said = [t("No village was on a list in this run.")]
    else:
        last = int(lists["year"].to_numpy().max())
        on_last = lists.filter(pl.col("year") == last)["village_number"].n_unique()
        ever = lists["village_number"].n_unique()
        listed = t(
            "Listed at some time: {ever}; on the list of {year}: {on_last}.",
            ever=f"{ever:,}",
            year=last,
            on_last=f"{on_last:,}",
        )
        said = [listed]
    if unplaced:
        said.append(t("Without a position: {number}.", number=f"{unplaced:,}"))
    return together(*said)


def _draw_unlisted(axes: Axes, position: NDArray[np.float64]) -> None:
    size = float(np.clip(10_000.0 / len(position), 0.3, 12.0))
    axes.scatter(
        position[:, 0],
        position[:, 1],
        s=size,
        color=_UNLISTED,
        linewidths=0,
        rasterized=len(position) > _VECTORS_UP_TO,
        zorder=2,
    )


def _draw_listed(
    figure: Figure, axes: Axes, position: NDArray[np.float64], first: pl.DataFrame
) -> None:
    # The earliest are few and lie on top.
    first = first.sort("year", "village_number", descending=True)
    where, year = position[first["village_number"].to_numpy()], first["year"].to_numpy()
    years = np.arange(year.min(), year.max() + 1)
    shades = mpl.colormaps[_COLORS](np.linspace(0.0, _COLORS_UP_TO, years.size))
    points = axes.scatter(
        where[:, 0],
        where[:, 1],
        c=year,
        cmap=ListedColormap(shades),
        norm=BoundaryNorm([*(years - 0.5), years[-1] + 0.5], years.size),
        s=float(np.clip(9000.0 / len(first), 2.5, 30.0)),
        edgecolors="white",
        linewidths=0.15,
        rasterized=len(first) > _VECTORS_UP_TO,
        zorder=3,
    )
    bar = figure.colorbar(points, ax=axes, ticks=years, fraction=0.035, pad=0.015, shrink=0.6)
    bar.ax.set_title(t("First\nlisted"), size=SMALL_POINTS, loc="left")
    bar.ax.tick_params(labelsize=SMALL_POINTS, length=0)
    bar.outline.set_visible(False)


def _name_places(
    axes: Axes,
    register: Register,
    is_placed: NDArray[np.bool_],
    lists: pl.DataFrame,
    inches_per_km: float,
) -> None:
    """Write names of places where they do not cover each other, those with most lists first."""
    level, places, names = _labelled(register)
    count = len(names)
    villages = np.bincount(places[is_placed], minlength=count)
    centre = np.column_stack(
        [
            np.bincount(places[is_placed], column, count) / np.maximum(villages, 1)
            for column in register.position_km[is_placed].T
        ]
    )
    north = register.position_km[is_placed, 1]
    top, bottom = np.full(count, -np.inf), np.full(count, np.inf)
    np.maximum.at(top, places[is_placed], north)
    np.minimum.at(bottom, places[is_placed], north)
    is_small = (top - bottom) * inches_per_km < _SMALL_INCHES
    if level in ("town", "province"):  # a name above a province would stand in the next one
        is_small[:] = level == "town"
    centre[is_small, 1] = top[is_small] + 0.6 * _LINE_INCHES / inches_per_km
    listed = np.bincount(places[lists["village_number"].to_numpy()], minlength=count)
    order = [place for place in np.lexsort((-villages, -listed)) if villages[place] > 0]
    taken: list[_Box] = []
    for place in order[:MOST_LABELS]:
        box = _box(names[place], centre[place] * inches_per_km)
        if not any(_overlap(box, other) for other in taken):
            taken.append(box)
            _write_name(axes, names[place], centre[place])


def _box(name: str, centre_inches: NDArray[np.float64]) -> _Box:
    x, y = centre_inches.tolist()
    half, height = text_inches(name) / 2.0, _LINE_INCHES / 2.0
    return (x - half, x + half, y - height, y + height)


def _write_name(axes: Axes, name: str, centre: NDArray[np.float64]) -> None:
    text = axes.annotate(
        name,
        (float(centre[0]), float(centre[1])),
        ha="center",
        va="center",
        size=SMALL_POINTS,
        color=BLACK,
        zorder=5,
        annotation_clip=True,
    )
    text.set_path_effects([withStroke(linewidth=1.8, foreground="white", alpha=0.85)])
    text.set_in_layout(False)


def _labelled(register: Register) -> tuple[str, NDArray[np.int32], list[str]]:
    """Return the highest level of which there are several places, and those places."""
    for level in PLACES:
        places, paths = register.place_paths(level)
        if len(paths) > 1:
            break
    return level, places, [place_name(path.split("/")) for path in paths]


def _overlap(box: _Box, other: _Box) -> bool:
    west, east, south, north = box
    return west < other[1] and other[0] < east and south < other[3] and other[2] < north


def _draw_scale(axes: Axes, window: _Window) -> None:
    """Draw a bar of a round length in the lower left corner."""
    length = max((km for km in _SCALES_KM if km <= 0.22 * window.width_km), default=_SCALES_KM[0])
    x, y = window.west + 0.03 * window.width_km, window.south + 0.04 * window.height_km
    axes.plot([x, x + length], [y, y], color=BLACK, linewidth=1.4, zorder=5, solid_capstyle="butt")
    axes.annotate(
        t("{length} km", length=f"{length:,}"),
        (x + length / 2.0, y),
        xytext=(0, 2),
        textcoords="offset points",
        ha="center",
        va="bottom",
        size=LABEL_POINTS - 1.0,
        zorder=5,
    )


def lines_of(outlines: dict[str, tuple[NDArray[Any], ...]], within: Sequence[str]) -> Iterator[Any]:
    """Give the rings of the provinces that paths lie in; of all where there is no path."""
    wanted = {path.partition("/")[0] for path in within}
    for province, rings in outlines.items():
        if not wanted or province in wanted:
            yield from rings
