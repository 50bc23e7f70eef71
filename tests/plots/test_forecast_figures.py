"""Figures of forecasts: lists that came, fans, scores, and the model without parts."""

import math
from typing import Any

import pytest
from matplotlib.figure import Figure
from plots.reading import legend_of, line_of, panels_of, points_of, texts_of

from sim.plots.forecasts import (
    ForecastName,
    ablations_figure,
    fan_figure,
    forecast_figures,
    patterns_figure,
    scores_figure,
)

NAME = ForecastName(40)
PUBLISHED = dict(zip(range(2014, 2020), (212, 780, 1311, 2118, 3202, 4310), strict=True))


def row(year: int, predictor: str, median: float, **changes: Any) -> dict[str, Any]:
    usual = {
        "target": f"list {year}", "group": "national lists", "place": "China",
        "role": "fit" if year <= 2016 else "test", "measure": "listed_villages", "year": year,
        "published": float(PUBLISHED[year]), "predictor": predictor, "median": median,
        "low_50": 0.8 * median, "high_50": 1.2 * median,
        "low_90": 0.5 * median, "high_90": 1.9 * median,
    }  # fmt: skip
    return usual | changes


MODEL = [row(year, "model", 1.1 * came) for year, came in PUBLISHED.items()]
LINE = [row(year, "line", 500.0 * (year - 2013), low_50=math.nan) for year in PUBLISHED]
WITHOUT = [
    row(year, name, factor * came)
    for name, factor in (("no_imitation", 0.2), ("frozen_drivers", 0.7), ("random_villages", 3.0))
    for year, came in PUBLISHED.items()
]
SCORES = [
    {"role": "test", "group": "national lists", "predictor": name, "error_percent": error,
     "crps_percent": score}
    for name, error, score in (("model", 10.0, 6.0), ("line", 24.0, 24.0))
]  # fmt: skip


def panel(figure: Figure) -> Any:
    return panels_of(figure)[0]


def test_the_fan_shows_the_median_the_curve_and_what_came() -> None:
    figure = fan_figure([*MODEL, *LINE], NAME)
    axes = panel(figure)
    years, middles = points_of(line_of(axes, "model"))
    assert years == list(PUBLISHED)
    assert middles == pytest.approx([1.1 * came for came in PUBLISHED.values()])
    assert points_of(line_of(axes, "straight line"))[1][-1] == 3000.0
    assert points_of(line_of(axes, "fitted"))[0] == [2014, 2015, 2016]
    assert points_of(line_of(axes, "not fitted"))[1] == [2118.0, 3202.0, 4310.0]
    wide, narrow = axes.collections
    assert wide.get_paths()[0].get_extents().ymax == pytest.approx(1.9 * 1.1 * 4310)
    assert narrow.get_paths()[0].get_extents().ymax == pytest.approx(1.2 * 1.1 * 4310)


def test_the_legend_stands_alone_above_all_panels() -> None:
    rows = [*MODEL, *({**each, "place": "Zhejiang"} for each in MODEL)]
    figure = fan_figure(rows, NAME)
    assert [axes.get_title(loc="left") for axes in figure.axes[:2]] == ["China", "Zhejiang"]
    assert legend_of(figure.axes[2]) == ["model", "fitted", "not fitted"]
    assert legend_of(figure.axes[0]) == []


def test_one_wild_run_does_not_hide_what_came() -> None:
    wild = [{**each, "high_50": 1e6, "high_90": 1e7} for each in MODEL]
    assert panel(fan_figure(wild, NAME)).get_ylim()[1] < 4 * 4310


def test_bars_are_the_errors_of_each_predictor() -> None:
    (axes,) = scores_figure(SCORES, NAME).axes
    assert [bar.get_width() for bar in axes.patches] == [10.0, 24.0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["model", "straight line"]
    assert [points_of(line)[0] for line in axes.lines] == [[6.0], [24.0]]


def test_every_part_that_is_taken_out_has_its_line() -> None:
    axes = panel(ablations_figure([*MODEL, *WITHOUT], NAME))
    assert points_of(line_of(axes, "without imitation"))[1][-1] == pytest.approx(0.2 * 4310)
    assert points_of(line_of(axes, "random villages"))[1][0] == pytest.approx(3 * 212)


def test_patterns_are_shares_of_what_was_published_in_the_last_year() -> None:
    (axes,) = patterns_figure([*MODEL, *WITHOUT], NAME).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["China: lists, 2019"]
    assert points_of(line_of(axes, "model"))[0] == pytest.approx([110.0])
    assert points_of(line_of(axes, "without imitation"))[0] == pytest.approx([20.0])
    assert points_of(line_of(axes, "random villages"))[0] == [200.0], "at the edge"


def test_figures_without_anything_to_show_say_so() -> None:
    tables = {"forecast.csv": [], "scores.csv": [], "ablations.csv": []}
    figures = forecast_figures(tables, 3)
    assert set(figures) == {"forecast", "scores"}
    assert any("No run has a list" in text for text in texts_of(figures["forecast"]))
    assert any("No list was foretold" in text for text in texts_of(figures["scores"]))
    assert any("any of the patterns" in text for text in texts_of(patterns_figure([], NAME)))


def test_a_missing_value_is_not_drawn() -> None:
    rows = [*MODEL[:-1], {**MODEL[-1], "median": math.nan}]
    assert points_of(line_of(panel(fan_figure(rows, NAME)), "model"))[0][-1] == 2018
