"""How outcomes answer to keys: groups, means over replicates, and intervals by hand."""

import math

import numpy as np
import polars as pl
import pytest
from scipy import stats

from sim.errors import ScenarioError
from sim.experiments.design import design_of_numbers
from sim.experiments.outcomes import OUTCOMES, Outcome
from sim.experiments.responses import (
    answers_of,
    by_replicate,
    contrasts_of,
    groups_of,
    outcomes_in,
    told,
)
from sim.experiments.sweep import Means, run_points
from sim.experiments.sweep_result import SweepResult
from sim.experiments.variant import FunctionExperiment

STORES = next(outcome for outcome in OUTCOMES if outcome.name == "active_stores")
LISTED = next(outcome for outcome in OUTCOMES if outcome.name == "listed_after_days")


def runs_of(
    x: list[float], y: list[float], replicates: int = 1, **more: list[float]
) -> pl.DataFrame:
    """Runs of points x, each with some replicates, and what came out."""
    return pl.DataFrame(
        {
            "replicate": [number % replicates for number in range(len(y))],
            "x": [value for value in x for _ in range(replicates)],
            "active_stores": y,
            "error": pl.Series([None] * len(y), dtype=pl.String),
            **more,
        }
    )


def test_a_few_values_are_groups_of_their_own() -> None:
    groups = groups_of(runs_of([2.0, 1.0, 2.0], [1.0, 2.0, 3.0]), "x")

    assert [(group.label, len(group.rows)) for group in groups] == [("1", 1), ("2", 2)]


def test_many_values_are_put_into_quarters_that_hold_each_run_once() -> None:
    x = [float(value) for value in range(22)]
    groups = groups_of(runs_of(x, x), "x")

    assert [(g.low, g.high) for g in groups] == [(0, 4), (5, 10), (11, 15), (16, 21)]
    assert sum(len(group.rows) for group in groups) == 22


def test_names_are_never_put_into_quarters() -> None:
    names = [f"n{number:02}" for number in range(20)]
    runs = runs_of([0.0] * 20, [1.0] * 20).with_columns(x=pl.Series(names))

    assert [group.label for group in groups_of(runs, "x")] == names


def test_runs_that_failed_are_left_out() -> None:
    runs = runs_of([1.0, 1.0], [4.0, 8.0]).with_columns(error=pl.Series([None, "no"]))

    (answer,) = answers_of(groups_of(runs, "x"), STORES)

    assert answer.mean.mean == 4.0


def test_points_are_averaged_before_replicates_are() -> None:
    runs = runs_of([1.0, 1.0, 1.0], [0.0, 10.0, 2.0, 12.0, 4.0, 14.0], 2)
    (group,) = groups_of(runs, "x")

    assert by_replicate(group.rows, STORES) == {0: 2.0, 1: 12.0}


def test_an_interval_is_that_of_the_mean_over_replicates() -> None:
    y = [3.0, 5.0, 10.0, 2.0]
    (answer,) = answers_of(groups_of(runs_of([1.0], y, 4), "x"), STORES)

    low, high = stats.t.interval(0.95, 3, np.mean(y), stats.sem(y))
    assert answer.mean == pytest.approx((5.0, low, high))


def test_one_replicate_has_no_interval() -> None:
    (answer,) = answers_of(groups_of(runs_of([1.0, 1.0], [3.0, 5.0]), "x"), STORES)

    assert answer.mean.mean == 4.0
    assert math.isnan(answer.mean.low)


def test_a_listing_that_never_came_counts_with_the_days_of_the_run() -> None:
    days = {"listed_after_days": [100.0, math.nan], "followed_days": [365.0, 365.0]}
    (group,) = groups_of(runs_of([1.0], [0.0, 0.0], 2, **days), "x")

    assert by_replicate(group.rows, LISTED) == {0: 100.0, 1: 365.0}


def test_the_same_luck_cancels_out_of_a_difference() -> None:
    # Luck is 0 or 100, far larger than the difference, which is 3 in one replicate and 5 in other.
    runs = runs_of([1.0, 2.0], [0.0, 100.0, 3.0, 105.0], 2)

    (contrast,) = contrasts_of(runs, ("x",), [STORES])

    assert contrast.difference.mean == 4.0
    assert contrast.difference.width == pytest.approx(2 * stats.t.ppf(0.975, 1))
    assert (contrast.first.group.label, contrast.last.group.label) == ("1", "2")


def test_things_without_order_are_told_from_the_lowest_mean_to_the_highest() -> None:
    runs = runs_of([0.0, 0.0, 0.0], [5.0, 9.0, 1.0]).with_columns(x=pl.Series(["a", "b", "c"]))

    (contrast,) = contrasts_of(runs, ("x",), [STORES])

    assert (contrast.first.group.label, contrast.last.group.label) == ("c", "b")


def test_a_key_with_one_value_has_no_difference() -> None:
    assert contrasts_of(runs_of([1.0, 1.0], [3.0, 5.0]), ("x",), [STORES]) == []


def test_outcomes_that_are_zero_or_missing_in_all_runs_are_not_told() -> None:
    nothing = {"orders": [0.0, 0.0], "gini": [math.nan, math.nan], "mine": [0.0, 1.0]}
    runs = runs_of([1.0, 2.0], [3.0, 5.0], **nothing)

    assert outcomes_in(runs, ["active_stores", "orders", "gini", "mine"]) == [
        STORES, Outcome("mine", "", "mine")
    ]  # fmt: skip


def test_outcomes_that_nobody_knows_are_told_if_there_are_no_others() -> None:
    mine = Outcome("mine", "", "mine")

    assert told([mine, STORES]) == [STORES]
    assert told([mine]) == [mine]


def line(values: dict[str, float], seed: int) -> dict[str, float]:
    return {"height": 2.0 * values["x"] + seed, "depth": 0.0}


@pytest.fixture
def swept() -> SweepResult:
    design = design_of_numbers({"x": [1.0, 2.0], "z": [0.0, 0.0]})
    experiment = FunctionExperiment(line, ("height", "depth"))
    return run_points(experiment, design, None, 3, 0, Means(1))


def test_a_sweep_is_drawn_by_its_first_key(swept: SweepResult) -> None:
    figure = swept.plot()

    assert figure.get_suptitle() == "What follows x"
    (axes,) = [axes for axes in figure.axes if axes.axison]
    means = [line.get_ydata()[0] for line in axes.lines if line.get_marker() == "o"]
    assert means == [3.0, 5.0]
    assert "3 replicates" in figure.get_supxlabel()


def test_a_sweep_is_drawn_by_a_key_and_outcomes_that_are_asked_for(swept: SweepResult) -> None:
    figure = swept.plot("z", "height")

    assert figure.get_suptitle() == "What follows z"
    assert [axes.get_title("left") for axes in figure.axes if axes.axison] == ["height"]


def test_what_is_zero_everywhere_gives_a_figure_that_says_so(swept: SweepResult) -> None:
    figure = swept.plot("x", "depth")

    (text,) = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert text == "No run has an outcome that could be drawn."


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("y",), r"plot: key = 'y'; allowed: x, z"),
        (("x", "hight"), r"plot: outcome = 'hight'; allowed: height, depth; did you mean 'height'"),
    ],
)
def test_a_key_or_an_outcome_that_is_not_there_is_refused(
    asked: tuple[str, ...], message: str, swept: SweepResult
) -> None:
    with pytest.raises(ScenarioError, match=message):
        swept.plot(*asked)
