"""Figures of calibrations."""

import numpy as np
import polars as pl

from sim.plots.calibration import CalibrationName, fit_figure, marginals_figure

NAME = CalibrationName("village", 50)


def tables() -> dict[str, pl.DataFrame]:
    places = (np.arange(50) + 0.5) / 50
    summary = [
        {"parameter": "behaviour.open_gain", "low": 0.2, "high": 2.0, "prior": "uniform",
         "registry": 0.8, "verdict": "identified"},
        {"parameter": "goods.bayberry.typical_sales_yuan_per_year", "low": 2e4, "high": 4e5,
         "prior": "loguniform", "registry": 2e5, "verdict": "not informed"},
    ]  # fmt: skip
    fit = {"target": ["near", "far", "unknown"], "z": [0.5, -20.0, None]}
    return {
        "summary": pl.DataFrame(summary),
        "posterior": pl.DataFrame(
            {
                "weight": np.full(50, 0.02),
                summary[0]["parameter"]: 0.5 + 0.1 * places,
                summary[1]["parameter"]: 2e4 * 20**places,
            }
        ),
        "fit": pl.DataFrame(fit),
    }


def test_bars_of_a_posterior_add_up_to_one_over_its_whole_range() -> None:
    narrow, wide = marginals_figure(NAME, tables()).axes
    for axes in (narrow, wide):
        assert np.isclose(sum(bar.get_height() for bar in axes.patches), 1.0)
    assert sum(bar.get_height() > 0 for bar in narrow.patches) == 1
    assert np.allclose([bar.get_height() for bar in wide.patches], 1 / 12, atol=0.02)
    assert wide.get_xscale() == "log"


def test_targets_far_off_are_arrows_at_the_edge_and_unknown_ones_are_left_out() -> None:
    (axes,) = fit_figure(NAME, tables()).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["near", "far"]
    marks = {line.get_marker(): list(line.get_xdata()) for line in axes.lines}
    assert marks["o"] == [0.5]
    assert marks["<"] == [-6.0]


def test_a_fit_without_any_number_says_so() -> None:
    bare = tables() | {"fit": tables()["fit"].tail(1)}
    (axes,) = fit_figure(NAME, bare).axes
    assert "No run has any" in axes.texts[0].get_text()
