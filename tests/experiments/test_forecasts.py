"""Scores of a validation, from runs that were made up."""

import math
from functools import cache
from typing import Any

import polars as pl
import pytest

from sim.experiments.ablations import ABLATIONS, USUAL, VARIANTS
from sim.experiments.forecasts import (
    Forecasts,
    curves_of,
    forecasts_of,
    is_pattern,
    lists_until,
    row_of,
)
from sim.experiments.targets import ROLES, Target, load_targets

TARGETS = load_targets(ROLES)
BY_KEY = {target.key: target for target in TARGETS}
FACTORS = dict(zip(VARIANTS, (1.0, 0.5, 0.8, 2.0), strict=True))


def runs(draws: int = 5, spread: float = 0.1, variants: tuple[str, ...] = VARIANTS) -> pl.DataFrame:
    """Make runs that lie evenly around what was published, times the factor of their variant."""
    rows: list[dict[str, Any]] = []
    for draw in range(draws):
        for variant in variants:
            factor = FACTORS[variant] * (1 + spread * (2 * draw / (draws - 1) - 1))
            numbers = {target.key: factor * target.published for target in TARGETS}
            rows.append({"draw": draw, "variant": variant, **numbers, "error": None})
    return pl.DataFrame(rows, schema_overrides={"error": pl.String}, infer_schema_length=None)


@cache
def usual() -> Forecasts:
    return forecasts_of(runs(), TARGETS)


def rows_for(found: Forecasts, target: str, predictor: str = "model") -> list[dict[str, Any]]:
    return [row for row in found.rows if row["target"] == target and row["predictor"] == predictor]


def test_runs_around_the_truth_hit_and_cover_it() -> None:
    (row,) = rows_for(usual(), "cn_listed_later_2019")
    assert row["median"] == pytest.approx(4310)
    assert row["error_percent"] == pytest.approx(0.0, abs=1e-9)
    assert row["covered_50"]
    assert row["covered_90"]
    assert row["low_90"] == pytest.approx(0.9 * 4310)
    assert row["runs"] == 5
    assert 0 < row["crps_percent"] < 10


def test_a_forecast_half_too_low_is_off_by_half_and_covers_nothing() -> None:
    half = usual()
    scores = {
        (row["role"], row["group"], row["predictor"]): row
        for row in half.scores
    }  # fmt: skip
    row = scores["test", "national lists", "no_imitation"]
    assert row["targets"] == 3
    assert row["error_percent"] == pytest.approx(50.0)
    assert row["bias_percent"] == pytest.approx(-50.0)
    assert row["log_error"] == pytest.approx(math.log(2))
    assert row["covered_90"] == 0.0


def test_every_list_of_the_test_is_scored_beside_every_curve_and_ablation() -> None:
    found = usual()
    predictors = {
        row["predictor"]
        for row in found.scores
        if row["role"] == "test" and row["group"] == "lists of Zhejiang"
    }
    assert predictors == {"model", "bass", "gompertz", "logistic", "line", *ABLATIONS}


def test_curves_know_the_lists_to_2016_and_none_later() -> None:
    levels = lists_until(TARGETS)
    assert levels["China"] == {2009: 3, 2013: 20, 2014: 212, 2015: 780, 2016: 1311}
    assert levels["Zhejiang"] == {2014: 62, 2015: 280, 2016: 506}
    line = curves_of(TARGETS)["line"]
    assert line["China", "listed_villages", 2018] == pytest.approx(1311 + 2 * (1311 - 780))
    later = [target for target in TARGETS if target.role == "test"]
    changed = [
        Target(**{**target.__dict__, "published": 10 * target.published})
        if target in later
        else target
        for target in TARGETS
    ]
    assert curves_of(changed) == curves_of(TARGETS)


def test_curves_fall_short_of_what_came() -> None:
    scores = {
        row["predictor"]: row["bias_percent"]
        for row in usual().scores
        if row["role"] == "test" and row["group"] == "national lists"
    }
    assert {name: round(scores[name]) for name in ("bass", "gompertz", "logistic", "line")} == {
        "bass": -50, "gompertz": -42, "logistic": -50, "line": -24,
    }  # fmt: skip


def test_a_curve_has_no_interval_and_its_error_for_a_score() -> None:
    (row,) = rows_for(usual(), "cn_listed_later_2019", "line")
    assert row["covered_50"] is None
    assert math.isnan(row["low_90"])
    assert row["crps_percent"] == pytest.approx(abs(row["error_percent"]))


def test_ablations_are_compared_over_draws_that_all_have() -> None:
    table = runs(draws=5)
    some = table.filter((pl.col("variant") == USUAL) | (pl.col("draw") < 2))
    found = forecasts_of(some, TARGETS)
    assert {row["runs"] for row in found.ablations} == {2}
    assert {row["runs"] for row in found.rows if row["predictor"] == "model"} == {5}


def test_without_ablations_there_is_no_table_of_them() -> None:
    assert forecasts_of(runs(variants=(USUAL,)), TARGETS).ablations == ()


def test_failed_runs_are_counted_and_left_out() -> None:
    table = runs()
    broken = table.with_columns(
        error=pl.when((pl.col("draw") == 4) & (pl.col("variant") == USUAL)).then(pl.lit("broken"))
    )
    found = forecasts_of(broken, TARGETS)
    assert found.failed == 1
    assert {row["runs"] for row in found.rows if row["predictor"] == "model"} == {4}


def test_values_that_runs_do_not_have_are_no_values() -> None:
    target = BY_KEY["cn_stores_per_listed_village_2014"]
    row = row_of(target, "model", [math.nan, math.nan])
    assert row["runs"] == 0
    assert math.isnan(row["crps"])
    assert row["covered_90"] is None


def test_lower_bounds_are_not_scored_and_single_places_are_no_patterns() -> None:
    found = usual()
    assert not rows_for(found, "cn_listed_before_2013")
    assert is_pattern(BY_KEY["zj_listed_2016"])
    assert is_pattern(BY_KEY["cixi_stores_2019"])
    assert not is_pattern(BY_KEY["zj_prefecture_listed_Hangzhou_2016"])
