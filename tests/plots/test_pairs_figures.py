"""Figures of paired runs: what changes, who gains, what each policy did."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from reading import footer_of, outside, texts_of

from sim.errors import RunError, ScenarioError
from sim.experiments.compare import Comparison, compare
from sim.experiments.explain import TOGETHER, Explanation, explain
from sim.experiments.gains import BEFORE
from sim.experiments.outcome_names import NAMES
from sim.experiments.outcomes import OUTCOMES
from sim.plots.comparison import comparison_figures, draw_comparison
from sim.plots.differences import LEFT_OUT, differences_figure
from sim.plots.explanation import draw_explanation, explanation_figure
from sim.plots.gains import gains_figure
from sim.plots.pairs import MOST_VARIANTS, PairsName

PAIRS = PairsName("base", 10, 5, 0.95)


def differences(*rows: dict[str, Any]) -> pl.DataFrame:
    """A table of differences with the columns that figures read."""
    units = {outcome.name: (outcome.unit, outcome.better) for outcome in OUTCOMES}
    made = []
    for row in rows:
        unit, better = units[row["outcome"]]
        made.append({"variant": "v", "unit": unit, "better": better} | row)
    return pl.DataFrame(made)


def row(
    outcome: str, base: float, low: float, mean: float, high: float, **more: Any
) -> dict[str, Any]:
    numbers = {"base_mean": base, "difference": mean, "low": low, "high": high}
    numbers["p_holm"] = 0.01 if low > 0.0 or high < 0.0 else 0.9
    return {"outcome": outcome} | numbers | more


def marks_of(axes: Axes) -> list[tuple[float, float, bool]]:
    """Place, height and whether it is filled, of every mark."""
    return [
        (
            float(np.asarray(line.get_xdata())[0]),
            float(np.asarray(line.get_ydata())[0]),
            str(line.get_markerfacecolor()) != "white",
        )
        for line in axes.lines
        if line.get_marker() not in ("None", "") and line.get_linestyle() == "None"
    ]


def intervals_of(axes: Axes) -> list[tuple[float, float]]:
    """Both ends of every interval."""
    found = []
    for line in axes.lines:
        x, y = (np.asarray(data, float) for data in (line.get_xdata(), line.get_ydata()))
        if x.size == 2 and y[0] == y[1] and line.get_linestyle() == "-":
            found.append((float(x[0]), float(x[1])))
    return found


def rows_of(axes: Axes) -> list[str]:
    return [label.get_text() for label in axes.get_yticklabels()]


# --- what changes


def test_differences_are_shares_of_the_base_with_their_intervals() -> None:
    table = differences(
        row("active_stores", 200.0, 10.0, 20.0, 30.0),
        row("gini", 0.5, -0.1, -0.05, 0.1),
    )
    (axes,) = differences_figure(table, PAIRS).axes

    assert rows_of(axes) == ["Active stores", "Gini coefficient ↓"]
    assert marks_of(axes) == [(10.0, 0.0, True), (pytest.approx(-10.0), 1.0, False)]
    assert intervals_of(axes)[:2] == [(5.0, 15.0), pytest.approx((-20.0, 20.0))]


def test_a_mark_is_filled_only_if_it_survives_holm() -> None:
    table = differences(
        row("active_stores", 200.0, 10.0, 20.0, 30.0, p_holm=0.06),
        row("orders", 200.0, 10.0, 20.0, 30.0, p_holm=0.04),
        row("gini", 0.5, 0.1, 0.1, 0.1, p_holm=None),  # the same in all pairs
    )
    figure = differences_figure(table, PAIRS)
    filled = dict(zip(rows_of(figure.axes[0]), marks_of(figure.axes[0]), strict=True))

    assert {name: mark[2] for name, mark in filled.items()} == {
        "Orders": True, "Active stores": False, "Gini coefficient ↓": True
    }  # fmt: skip
    assert "Holm's adjustment" in footer_of(figure)


def test_one_variant_has_its_differences_written_in_their_units() -> None:
    table = differences(
        row("online_sales_yuan", 1e8, 1e6, 12_345_678.0, 2e7),
        row("poverty_share", 0.1, -0.03, -0.0123, 0.0),
        row("active_stores", 100.0, -9.0, -5.0, -1.0),
    )
    texts = texts_of(differences_figure(table, PAIRS))

    assert {"+12.3 million yuan/year", "-1.2 points", "-5 stores"} <= set(texts)
    assert "v against base" in texts


def test_several_variants_have_a_legend_and_stand_side_by_side() -> None:
    table = differences(
        row("active_stores", 100.0, 1.0, 2.0, 3.0, variant="one"),
        row("active_stores", 100.0, -3.0, -2.0, -1.0, variant="two"),
    )
    figure = differences_figure(table, PAIRS)
    (axes,) = figure.axes

    heights = [height for _, height, _ in marks_of(axes)]
    assert heights == pytest.approx([-0.15, 0.15])
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["one", "two"]


def test_variants_that_have_no_look_are_named_below() -> None:
    names = [f"v{number}" for number in range(MOST_VARIANTS + 1)]
    rows = [row("active_stores", 100.0, 1.0, 2.0, 3.0, variant=name) for name in names]
    figure = differences_figure(differences(*rows), PAIRS)

    assert f"Not shown: v{MOST_VARIANTS}." in footer_of(figure)
    assert len(marks_of(figure.axes[0])) == MOST_VARIANTS


def test_what_the_base_has_none_of_is_not_shown() -> None:
    table = differences(
        row("active_stores", 100.0, 1.0, 2.0, 3.0), row("orders", 0.0, 1.0, 2.0, 3.0)
    )

    assert rows_of(differences_figure(table, PAIRS).axes[0]) == ["Active stores"]


def test_a_base_with_nothing_gets_a_sentence() -> None:
    figure = differences_figure(differences(row("orders", 0.0, 0.0, 0.0, 0.0)), PAIRS)

    assert "The base has no outcome that could change." in texts_of(figure)


def test_an_interval_that_is_not_known_is_a_mark_alone() -> None:
    table = differences(row("active_stores", 100.0, math.nan, 2.0, math.nan))
    (axes,) = differences_figure(table, PAIRS).axes

    assert marks_of(axes) == [(2.0, 0.0, False)]


def test_the_footer_tells_the_runs() -> None:
    figure = differences_figure(differences(row("active_stores", 9.0, 1.0, 2.0, 3.0)), PAIRS)

    assert "Base base, seeds 5 to 14: 10 pairs of runs with the same luck." in footer_of(figure)
    assert "Bars are 95 % intervals." in footer_of(figure)


def test_every_outcome_has_a_short_name() -> None:
    names = {outcome.name for outcome in OUTCOMES} - {"followed_days"}

    assert set(NAMES) == names
    assert len(set(NAMES.values())) == len(names)
    assert set(LEFT_OUT) < names


# --- who gains


def gains(**changes: Any) -> pl.DataFrame:
    groups = [("kind", "farmer"), ("kind", "operator"), (BEFORE, "poorest")]
    rows = [
        {
            "variant": "v",
            "grouping": grouping,
            "group": group,
            "households": 30.4,
            "replicates": 10,
            "difference_yuan": 5000.0 * place,
            "low": 5000.0 * place - 2500.0,
            "high": 5000.0 * place + 2500.0,
            "gaining_share": 0.5,
            "losing_share": 0.25,
        }
        | changes
        for place, (grouping, group) in enumerate(groups)
    ]
    return pl.DataFrame(rows)


def test_each_grouping_has_a_row_of_panels() -> None:
    figure = gains_figure(gains(), "v", PAIRS)
    left, right = figure.axes[0], figure.axes[1]

    assert len(figure.axes) == 4
    assert left.get_title("left") == "By kind"
    assert rows_of(left) == ["farmers (30)", "other locals (30)"]
    assert marks_of(left) == [(0.0, 0.0, False), (5.0, 1.0, True)]  # thousand yuan
    assert intervals_of(left)[:2] == [(-2.5, 2.5), (2.5, 7.5)]
    widths = sorted({bar.get_width() for bar in right.patches})
    assert widths == [-25.0, 50.0]


def test_a_panel_says_by_what_income_groups_are_formed() -> None:
    figure = gains_figure(gains(), "v", PAIRS, "income per head in 2016")

    titles = [axes.get_title("left") for axes in figure.axes]
    assert titles[2] == "By income per head in 2016"


def test_a_group_that_is_not_in_all_runs_says_in_how_many() -> None:
    figure = gains_figure(gains(replicates=3), "v", PAIRS)

    assert rows_of(figure.axes[0])[0] == "farmers (30 in 3 runs)"


def test_intervals_of_few_households_do_not_hide_those_of_others() -> None:
    few = gains().filter(pl.col("group") == "operator")
    wide = few.with_columns(
        households=pl.lit(1.0), low=pl.lit(-1e6), high=pl.lit(1e6), group=pl.lit("manufacturer")
    )
    figure = gains_figure(pl.concat([gains(), wide]), "v", PAIRS)

    low, high = figure.axes[0].get_xlim()
    assert -40.0 < low < -2.5  # thousand yuan
    assert 12.5 < high < 40.0
    beyond = [text for text in texts_of(figure) if text in ("◂", "▸")]
    assert sorted(beyond) == ["▸", "◂"]


def test_without_households_there_is_a_sentence() -> None:
    figure = gains_figure(gains().clear(), "v", PAIRS)

    assert "Households were not compared with their twins." in texts_of(figure)


# --- from runs


HUB = """
[[policies]]
kind = "service_platform"
name = "hub"
start = 2015-03-01
training = {}
storage = { yearly_cost_yuan = 12_000 }
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, tiny_text: str) -> Path:
    """The folder of a comparison, that of an explanation, and the files that they are of."""
    path = tmp_path_factory.mktemp("pairs")
    (path / "tiny.toml").write_text(tiny_text, encoding="utf-8")
    (path / "hub.toml").write_text(HUB, encoding="utf-8")
    (path / "both.toml").write_text(tiny_text + HUB, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def compared(folder: Path) -> Comparison:
    return compare(
        folder / "tiny.toml",
        folder / "hub.toml",
        "cold-chain",
        replicates=3,
        workers=1,
        out=folder / "compared",
    )


@pytest.fixture(scope="module")
def explained(folder: Path) -> Explanation:
    return explain(folder / "both.toml", replicates=3, workers=1, out=folder / "explained")


def test_a_comparison_has_one_figure_and_one_for_each_variant(compared: Comparison) -> None:
    figures = comparison_figures(compared)

    assert list(figures) == ["differences", "gains_1_tiny+hub", "gains_2_tiny+cold-chain"]
    for figure in figures.values():
        assert outside(figure) == []


def test_figures_are_drawn_from_the_folder(folder: Path, compared: Comparison) -> None:
    drawn = draw_comparison(folder / "compared")

    assert [path.name for path in drawn] == [f"{name}.png" for name in comparison_figures(compared)]
    assert all(path.with_suffix(".pdf").stat().st_size > 5_000 for path in drawn)


def test_a_notebook_gets_the_same_figures(compared: Comparison) -> None:
    assert isinstance(compared.plot(), Figure)
    title = texts_of(compared.plot("tiny+hub"))
    assert "Who gains and who loses: tiny+hub against tiny" in title


def test_a_variant_that_is_not_there_has_no_figure(compared: Comparison) -> None:
    with pytest.raises(ScenarioError, match=r"'tiny\+hab'.*did you mean 'tiny\+hub'"):
        compared.plot("tiny+hab")


def test_an_explanation_shows_each_policy_and_all_together(
    folder: Path, explained: Explanation
) -> None:
    figure = explained.plot()
    panels = [axes for axes in figure.axes if axes.get_title("left")]

    assert outside(figure) == []
    assert [axes.get_title("left") for axes in panels][:2] == ["Online sales", "Active stores"]
    assert rows_of(panels[0]) == ["storage", "training", TOGETHER]
    stores = explained.shares.filter(pl.col("outcome") == "active_stores")
    shown = [place for place, height, _ in marks_of(panels[1]) if height in (0.0, 1.0, 2.0)]
    assert shown == pytest.approx(stores["value"].to_list())
    (path,) = draw_explanation(folder / "explained")
    assert path.stat().st_size > 10_000


def test_a_panel_in_which_nothing_differs_has_no_scale(explained: Explanation) -> None:
    numbers = ("value", "low", "high", "alone", "last")
    nothing = explained.shares.with_columns(*(pl.lit(0.0).alias(name) for name in numbers))
    figure = explanation_figure(nothing, PAIRS)

    for axes in figure.axes[:2]:
        assert axes.get_xticks().tolist() == [0.0]


def test_other_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="not the folder of a comparison"):
        draw_comparison(tmp_path)
    with pytest.raises(RunError, match="not the folder of an explanation"):
        draw_explanation(tmp_path)
    assert list(tmp_path.iterdir()) == []
