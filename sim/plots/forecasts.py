"""Forecasts of a validation: lists that came beside those foretold, scores, and parts taken out."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.plots.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LABEL_POINTS,
    LEGEND_INCHES,
    LIGHT_GREY,
    ORANGE,
    PURPLE,
    SMALL_POINTS,
    dress,
    finished,
    legend_above,
    legend_alone,
    new_figure,
    plain_figure,
    whole_ticks,
)

Row = Mapping[str, Any]

_MODEL: Final = "model"
_LISTS: Final = "listed_villages"
_PLACES: Final = ("China", "Zhejiang")
_LAST_FITTED: Final = 2016
_FIRST_SHOWN: Final = 2014


class _Look(NamedTuple):
    """How a predictor is drawn, and what it is called."""

    label: str
    colour: str
    line: str
    marker: str


_LOOKS: Final[dict[str, _Look]] = {
    _MODEL: _Look("model", BLUE, "-", "o"),
    "bass": _Look("Bass", ORANGE, "--", "s"),
    "gompertz": _Look("Gompertz", GREEN, "-.", "D"),
    "logistic": _Look("logistic", PURPLE, ":", "^"),
    "line": _Look("straight line", GREY, "-", "v"),
    "no_imitation": _Look("without imitation", ORANGE, "--", "s"),
    "frozen_drivers": _Look("drivers frozen", GREEN, "-.", "D"),
    "random_villages": _Look("random villages", PURPLE, ":", "^"),
}
_CURVES: Final = ("bass", "gompertz", "logistic", "line")
_ABLATIONS: Final = ("no_imitation", "frozen_drivers", "random_villages")
_ROW_INCHES: Final = 0.3
_LISTS_INCHES: Final = 3.2
_DIAMONDS: Final = "Diamonds: published lists."
_MOST_PERCENT: Final = 200.0
_MEASURES: Final = {
    "listed_villages": "lists",
    "towns_with_three": "towns with three",
    "counties_with_any": "counties with any",
    "counties_with_one": "counties with one",
    "counties_with_10": "counties with ten",
    "share_in_counties_with_10": "share in counties with ten",
    "share_of_new_in_county_with_any": "new ones in counties with any",
    "share_of_new_in_town_with_any": "new ones in towns with any",
    "share_of_names_gone": "share gone",
    "stores_per_listed_village": "stores per listed village",
    "sales_per_listed_village_yuan": "sales per listed village",
    "active_stores": "active stores",
    "jobs_with_makers_and_carriers": "jobs with makers, carriers",
    "online_sales_yuan": "online sales",
    "season_days": "days of the season",
    "season_orders": "orders of the season",
}
"""What is shown of the patterns, and what it is called."""


class ForecastName(NamedTuple):
    """The validation that a figure shows."""

    draws: int

    @property
    def footer(self) -> str:
        """The footer."""
        return f"{self.draws:,} draws of the parameters, each with a map and a luck of its own."


def forecast_figures(tables: Mapping[str, Sequence[Row]], draws: int) -> dict[str, Figure]:
    """Draw all figures of a validation of regions.

    Parameters
    ----------
    tables : mapping
        Rows of ``forecast.csv``, ``scores.csv`` and ``ablations.csv`` by name.
    draws : int
        Draws of the parameters.
    """
    name = ForecastName(draws)
    found = {
        "forecast": fan_figure(tables["forecast.csv"], name),
        "scores": scores_figure(tables["scores.csv"], name),
    }
    if tables["ablations.csv"]:
        # Of the whole model as many draws as of those without a part.
        fewer = ForecastName(max(int(row["runs"]) for row in tables["ablations.csv"]))
        found["ablations"] = ablations_figure(tables["ablations.csv"], fewer)
        found["patterns"] = patterns_figure(tables["ablations.csv"], fewer)
    return found


def fan_figure(rows: Sequence[Row], name: ForecastName) -> Figure:
    """Draw the lists of China and of Zhejiang as they came, as foretold, and as curves go on.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of ``forecast.csv``.
    name : ForecastName
        Which validation.
    """
    title = "Listed villages: fitted up to 2016, foretold from 2017 on"
    remark = f"Bands hold 50 and 90 per cent of the runs, the line is their median. {_DIAMONDS}"
    return _lists_figure(rows, name, title, remark, _draw_fan)


def scores_figure(rows: Sequence[Row], name: ForecastName) -> Figure:
    """Draw how far off each predictor is on average over the years that were foretold.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of ``scores.csv``.
    name : ForecastName
        Which validation.
    """
    title = "How far off forecasts of the lists of 2017 to 2019 are, on average"
    groups = {"national lists": "China", "lists of Zhejiang": "Zhejiang"}
    there = [row for row in rows if row["role"] == "test" and row["group"] in groups]
    shown = [group for group in groups if any(row["group"] == group for row in there)]
    if not shown:
        return plain_figure(title, "No list was foretold.", name)
    names = [key for key in _LOOKS if any(row["predictor"] == key for row in there)]
    remark = (
        "Bars: absolute error of the median, or of the curve. Diamonds: CRPS, which counts the "
        "spread of the runs too; of a curve it is its error."
    )
    figure = new_figure(1.25 + _ROW_INCHES * len(names), title, name, remark)
    grid = figure.subplots(1, len(shown), squeeze=False, sharey=True)[0]
    for axes, group in zip(grid, shown, strict=True):
        by_name = {row["predictor"]: row for row in there if row["group"] == group}
        for place, key in enumerate(names):
            if key in by_name:
                _draw_score(axes, place, by_name[key], _shade(key))
        dress(axes, "", "x")
        axes.set_title(groups[group], size=LABEL_POINTS, loc="left")
        axes.set_yticks(range(len(names)), [_LOOKS[key].label for key in names], size=SMALL_POINTS)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xlim(left=0.0)
        axes.set_xlabel("% of what was published", size=LABEL_POINTS)
    return finished(figure)


def ablations_figure(rows: Sequence[Row], name: ForecastName) -> Figure:
    """Draw the lists as foretold by the model, and without each of its parts.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of ``ablations.csv``.
    name : ForecastName
        Which validation.
    """
    title = "Listed villages of the model, and of the model without a part"
    remark = f"Medians of the same draws, not fitted again without the part. {_DIAMONDS}"
    return _lists_figure(rows, name, title, remark, _draw_parts)


def patterns_figure(rows: Sequence[Row], name: ForecastName) -> Figure:
    """Draw the patterns of the model and without each part, relative to what was published.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of ``ablations.csv``.
    name : ForecastName
        Which validation.
    """
    title = "Patterns of the model, and of the model without a part"
    chosen = _last_years(rows)
    if not chosen:
        return plain_figure(title, "No run has any of the patterns.", name)
    remark = (
        "Of each pattern the last year that was published. Line: 90 per cent of the model's runs. "
        f"Beyond {_MOST_PERCENT:.0f} % at the edge. Those in bold were not fitted."
    )
    figure = new_figure(1.3 + 0.19 * len(chosen), title, name, remark)
    axes = figure.add_subplot()
    for place, by_name in enumerate(chosen.values()):
        _draw_pattern(axes, place, by_name, is_first=place == 0)
    dress(axes, "", "x")
    axes.axvline(100.0, color=BLACK, linewidth=0.9)
    labels = [_pattern_label(by_name[_MODEL]) for by_name in chosen.values()]
    axes.set_yticks(range(len(chosen)), labels, size=SMALL_POINTS)
    for label, by_name in zip(axes.get_yticklabels(), chosen.values(), strict=True):
        label.set_fontweight("bold" if by_name[_MODEL]["role"] == "test" else "normal")
    axes.set_ylim(len(chosen) - 0.4, -0.6)
    axes.set_xlim(-5.0, _MOST_PERCENT + 5.0)
    axes.set_xlabel("Median, % of what was published", size=LABEL_POINTS)
    legend_above(axes)
    return finished(figure)


def _lists_figure(
    rows: Sequence[Row],
    name: ForecastName,
    title: str,
    remark: str,
    draw: Callable[[Axes, Sequence[Row], str], None],
) -> Figure:
    """Draw a panel for each place that has lists, with a legend for all."""
    places = [place for place in _PLACES if _of(rows, place, _MODEL)]
    if not places:
        return plain_figure(title, "No run has a list of China or of Zhejiang.", name)
    figure = new_figure(_LISTS_INCHES, title, name, remark)
    for axes, place in zip(_panels(figure, len(places)), places, strict=True):
        draw(axes, rows, place)
        _finish_years(axes, place)
    return _with_legend(figure)


def _panels(figure: Figure, count: int) -> list[Axes]:
    """Return panels side by side, below a row that is left for the legend."""
    ratios = [LEGEND_INCHES, _LISTS_INCHES]
    grid = figure.add_gridspec(2, count, height_ratios=ratios)
    return [figure.add_subplot(grid[1, place]) for place in range(count)]


def _with_legend(figure: Figure) -> Figure:
    """Finish a figure of panels that share a legend."""
    panels = figure.axes
    grid = panels[0].get_gridspec()
    if grid is not None:
        legend_alone(figure.add_subplot(grid[0, :]), panels[0])
    panels[0].set_ylabel("Villages", size=LABEL_POINTS)
    return finished(figure)


def _draw_fan(axes: Axes, rows: Sequence[Row], place: str) -> None:
    model = _of(rows, place, _MODEL)
    years = [row["year"] for row in model]
    for share, alpha in ((90, 0.18), (50, 0.3)):
        low, high = ([row[f"{end}_{share}"] for row in model] for end in ("low", "high"))
        axes.fill_between(years, low, high, color=BLUE, alpha=alpha, linewidth=0.0)
    _draw_line(axes, model, _MODEL)
    for key in _CURVES:
        _draw_line(axes, _of(rows, place, key), key)
    _draw_published(axes, model)
    # One run may lie far above all others; what came must stay legible.
    highest = max(max(row["published"], row["high_50"]) for row in model)
    axes.set_ylim(top=1.25 * min(highest, 3.0 * max(row["published"] for row in model)))


def _draw_parts(axes: Axes, rows: Sequence[Row], place: str) -> None:
    for key in (_MODEL, *_ABLATIONS):
        _draw_line(axes, _of(rows, place, key), key)
    _draw_published(axes, _of(rows, place, _MODEL))


def _draw_line(axes: Axes, rows: Sequence[Row], key: str) -> None:
    if not rows:
        return
    look = _LOOKS[key]
    width = 1.9 if key == _MODEL else 1.3
    years, middles = [row["year"] for row in rows], [row["median"] for row in rows]
    axes.plot(years, middles, look.line, color=look.colour, linewidth=width, label=look.label)


def _draw_published(axes: Axes, rows: Sequence[Row]) -> None:
    for role, filled, label in (
        ("fit", BLACK, "fitted"),
        ("test", "white", "not fitted"),
    ):
        own = [row for row in rows if row["role"] == role]
        axes.plot(
            [row["year"] for row in own],
            [row["published"] for row in own],
            "D",
            color=BLACK,
            markerfacecolor=filled,
            markersize=4.5,
            label=label,
            zorder=5,
        )


def _finish_years(axes: Axes, place: str) -> None:
    dress(axes, "")
    axes.axvline(_LAST_FITTED + 0.5, color=GREY, linewidth=0.8, linestyle=":")
    axes.set_title(place, size=LABEL_POINTS, loc="left")
    axes.set_ylim(bottom=0.0)
    whole_ticks(axes.yaxis)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("Year of the list", size=LABEL_POINTS)


def _draw_score(axes: Axes, place: int, row: Row, colour: str) -> None:
    error, score = row["error_percent"], row["crps_percent"]
    if math.isfinite(error):
        axes.barh(place, error, height=0.6, color=colour, alpha=0.75)
        right = max(error, score) if math.isfinite(score) else error
        axes.annotate(
            f"{error:.0f}", (right, place), (5, 0), textcoords="offset points", va="center",
            size=SMALL_POINTS - 1,
        )  # fmt: skip
    if math.isfinite(score):
        axes.plot([score], [place], "D", color=BLACK, markersize=3.5)


def _shade(key: str) -> str:
    if key == _MODEL:
        return BLUE
    return LIGHT_GREY if key in _CURVES else ORANGE


def _draw_pattern(axes: Axes, place: int, by_name: Mapping[str, Row], *, is_first: bool) -> None:
    model = by_name[_MODEL]
    ends = [100.0 * model[name] / model["published"] for name in ("low_90", "high_90")]
    if all(map(math.isfinite, ends)):
        axes.plot(np.clip(ends, 0.0, _MOST_PERCENT), [place] * 2, color=BLUE, linewidth=1.2)
    for key in (_MODEL, *_ABLATIONS):
        look, row = _LOOKS[key], by_name.get(key)
        share = 100.0 * row["median"] / row["published"] if row else math.nan
        axes.plot(
            [min(share, _MOST_PERCENT)],
            [place],
            look.marker,
            color=look.colour,
            markersize=5.0 if key == _MODEL else 4.0,
            label=look.label if is_first else None,
            zorder=4 if key == _MODEL else 3,
            clip_on=False,
        )


def _last_years(rows: Sequence[Row]) -> dict[str, dict[str, Row]]:
    """Return the rows of each pattern in its last year by predictor, by place and measure."""
    found: dict[str, dict[str, Row]] = {}
    for row in sorted(rows, key=lambda row: row["year"]):
        is_shown = row["measure"] in _MEASURES and row["published"] > 0
        if is_shown and math.isfinite(row["median"]):
            own = found.setdefault(f"{row['place']} {row['measure']}", {})
            if any(row["year"] > other["year"] for other in own.values()):
                own.clear()
            own[row["predictor"]] = row
    there = {key: own for key, own in found.items() if _MODEL in own}
    order = {name: place for place, name in enumerate(_MEASURES)}
    return dict(sorted(there.items(), key=lambda item: order[item[1][_MODEL]["measure"]]))


def _pattern_label(row: Row) -> str:
    place = str(row["place"]).rpartition("/")[2]
    return f"{place}: {_MEASURES[row['measure']]}, {row['year']}"


def _of(rows: Iterable[Row], place: str, predictor: str) -> list[Row]:
    """Return the lists of a place by year that a predictor has."""
    found = [
        row
        for row in rows
        if row["place"] == place
        and row["predictor"] == predictor
        and row["measure"] == _LISTS
        and row["year"] >= _FIRST_SHOWN
        and math.isfinite(row["median"])
    ]
    return sorted(found, key=lambda row: row["year"])
