"""Survival: curves and tests by hand and against statsmodels, groups, and refusals."""

import math
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from known_answers import own_words, swept, unit
from numpy.random import default_rng  # noqa: TID251 - data for tests, not the model's

import sim
from sim.errors import RunError, ScenarioError
from sim.experiments.analysis import write_analysis
from sim.experiments.curves import kaplan_meier, median_days, restricted_mean_days
from sim.experiments.design import design_of_factors, design_of_numbers
from sim.experiments.factors import Factor
from sim.experiments.group_test import PERMUTATIONS, Blocks, group_test, log_rank_scores
from sim.experiments.survival import (
    EVERYTHING,
    NO_POLICY,
    Survival,
    survival,
    survival_of,
    written_p,
)
from sim.experiments.sweep import Means
from sim.scenario import Scenario, load_scenario

OUTCOMES = ("followed_days", "listed_after_days", "crossed_after_days")
FOLLOWED_DAYS = 2000.0
# Six villages: two are followed to the days 2 and 4 without it.
DAYS = np.array([1.0, 2.0, 3.0, 4.0, 4.0, 5.0])
CAME = np.array([True, False, True, True, False, True])
GROUPS = np.array(["a", "a", "a", "b", "b", "b"])


def exponential(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    """Times with a mean of 500 days, or of 2,000 where x is above one half."""
    luck = default_rng([seed, *own_words(values)]).exponential()
    day = luck * (2000.0 if values["x"] > 0.5 else 500.0)
    return {
        "followed_days": FOLLOWED_DAYS,
        "listed_after_days": day if day < FOLLOWED_DAYS else math.nan,
        "crossed_after_days": min(day / 2.0, FOLLOWED_DAYS),
    }


@pytest.fixture(scope="module")
def sweep() -> Any:
    return swept(exponential, design_of_numbers({"x": [0.25, 0.75]}), 400, OUTCOMES)


@pytest.fixture(scope="module")
def found(sweep: Any) -> Survival:
    return survival_of(sweep)


# --- by hand


def test_the_curve_of_six_villages_by_hand() -> None:
    curve = kaplan_meier(DAYS, CAME)

    # 5/6, times 3/4 on day 3, times 2/3 on day 4, times nothing on day 5.
    assert curve.days.tolist() == [1.0, 3.0, 4.0, 5.0]
    assert curve.at_risk.tolist() == [6.0, 4.0, 3.0, 1.0]
    assert curve.share == pytest.approx([5 / 6, 5 / 8, 5 / 12, 0.0])


def test_the_interval_of_a_share_by_hand() -> None:
    curve = kaplan_meier(DAYS, CAME)
    # Greenwood: S² (1/(6·5) + 1/(4·3)); on the scale of log(-log S).
    share = 5 / 8
    error = share * math.sqrt(1 / 30 + 1 / 12)
    power = 1.959964 * error / (share * math.log(share))

    assert curve.low[1] == pytest.approx(share ** math.exp(-power))
    assert curve.high[1] == pytest.approx(share ** math.exp(power))
    assert curve.low[1] < share < curve.high[1]


def test_the_restricted_mean_is_the_area_under_the_curve() -> None:
    area = 1.0 + 2.0 * 5 / 6 + 1.0 * 5 / 8 + 0.5 * 5 / 12

    assert restricted_mean_days(kaplan_meier(DAYS, CAME), 4.5) == pytest.approx(area)


def test_half_have_it_by_the_first_day_at_or_below_one_half() -> None:
    curve = kaplan_meier(DAYS, CAME)

    assert median_days(curve, curve.share) == 4.0
    assert math.isnan(median_days(curve, curve.share + 1.0))


def test_the_log_rank_scores_of_six_villages_by_hand() -> None:
    scores = log_rank_scores(DAYS, CAME)

    # Expected in a: 3/6 + 1/4 + 0/3 + 0/1, of two that came.
    assert scores[:3].sum() == pytest.approx(2.0 - 0.75)
    assert scores.sum() == pytest.approx(0.0)


def test_curves_are_those_of_statsmodels(sweep: Any, found: Survival) -> None:
    from statsmodels.duration.survfunc import SurvfuncRight

    runs = sweep.to_polars().filter(pl.col("x") == 0.75)
    came = runs["listed_after_days"].is_not_nan()
    days = runs["listed_after_days"].fill_nan(FOLLOWED_DAYS)
    theirs = SurvfuncRight(days.to_numpy(), came.cast(pl.Int64).to_numpy())
    ours = found.curves.filter(pl.col("group") == "x = 0.75")

    assert np.array_equal(ours["days"], theirs.surv_times)
    assert np.array_equal(ours["share"], theirs.surv_prob)


# --- known times


def test_curves_are_those_that_times_were_drawn_from(found: Survival) -> None:
    for group, mean in (("x = 0.25", 500.0), ("x = 0.75", 2000.0)):
        curve = found.curves.filter(pl.col("group") == group)
        truth = np.exp(-curve["days"].to_numpy() / mean)

        assert np.abs(curve["share"].to_numpy() - truth).max() < 0.08


def test_medians_have_intervals_that_hold_the_true_ones(found: Survival) -> None:
    truth = [500.0 * math.log(2), 2000.0 * math.log(2)]

    for row, median in zip(found.table.iter_rows(named=True), truth, strict=True):
        assert row["median_days_low"] <= median <= row["median_days_high"]


def test_villages_without_it_are_censored_and_counted(found: Survival, sweep: Any) -> None:
    late = int(sweep.to_polars()["listed_after_days"].is_nan().sum())

    assert (found.table["runs"] - found.table["events"]).sum() == late > 0
    assert f"in {late} of 800 runs it had not come about" in found.notes[0]
    assert found.table["came"][1] == pytest.approx(1.0 - math.exp(-1.0), abs=0.06)


def test_groups_that_differ_are_told_apart(found: Survival) -> None:
    assert found.p_value is not None
    assert found.p_value == 1.0 / (PERMUTATIONS + 1)
    assert "groups differ (log-rank by permutation, p < 0.001)" in found.headline()


def test_groups_that_are_alike_are_not_told_apart() -> None:
    sweep = swept(exponential, design_of_numbers({"x": [0.1, 0.2]}), 100, OUTCOMES)

    assert "are not seen to differ" in survival_of(sweep).headline()


# --- the test of groups


def refused_share(blocks: Blocks, days_of: Any, tests: int = 400) -> float:
    """The share of tests of groups that are alike in which they are held to differ at 5 %."""
    random = default_rng(3)
    refused = 0
    for _ in range(tests):
        days = days_of(random)
        p_value = group_test(np.minimum(days, 1.0), days < 1.0, blocks).p_value
        assert p_value is not None
        refused += p_value < 0.05
    return refused / tests


def blocks_of(groups: int, points: int, seeds: int, *, is_matched: bool) -> Blocks:
    """Groups of so many points each, that are the same points in all groups or not."""
    shape = (groups, points, seeds)
    group, point, seed = (place.ravel() for place in np.indices(shape))
    rest = point if is_matched else group * points + point
    return Blocks(group, group * points + point, seed, rest)


def test_points_that_differ_are_not_mistaken_for_groups_that_differ() -> None:
    blocks = blocks_of(2, 10, 8, is_matched=False)

    def days_of(random: Any) -> Any:
        of_points = np.exp(random.normal(0.0, 1.5, (2, 10, 1)))
        luck_of_seeds = np.exp(random.normal(0.0, 0.5, (1, 1, 8)))
        return (of_points * luck_of_seeds * random.exponential(1.0, (2, 10, 8))).ravel()

    # A test of runs as if they were independent refuses more than half of these.
    assert 0.025 <= refused_share(blocks, days_of) <= 0.08


def test_luck_that_groups_share_does_not_spoil_the_level() -> None:
    blocks = blocks_of(3, 4, 12, is_matched=True)

    def days_of(random: Any) -> Any:
        of_points = np.exp(np.linspace(-2.0, 2.0, 4))[None, :, None]
        luck_of_seeds = np.exp(random.normal(0.0, 1.0, (1, 1, 12)))
        # What luck does differently in each group, it does to all points of the group.
        luck_of_groups = np.exp(random.normal(0.0, 1.0, (3, 1, 12)))
        luck = random.exponential(1.0, (3, 4, 12))
        return (of_points * luck_of_seeds * luck_of_groups * luck).ravel()

    assert 0.025 <= refused_share(blocks, days_of) <= 0.08


@pytest.mark.parametrize("is_matched", [True, False])
def test_groups_that_differ_are_seen_to(is_matched: bool) -> None:
    random = default_rng(5)
    days = random.exponential(1.0, (2, 6, 12)) * np.array([1.0, 4.0])[:, None, None]
    came = np.ones(days.size, bool)
    tested = group_test(days.ravel(), came, blocks_of(2, 6, 12, is_matched=is_matched))

    assert tested.p_value is not None
    assert tested.p_value < 0.005
    assert tested.exchanged == ("seeds" if is_matched else "points")


def test_a_policy_that_changes_nothing_is_not_seen_to_change_anything() -> None:
    days = np.tile(default_rng(6).exponential(1.0, 20), 2)
    tested = group_test(days, np.ones(40, bool), blocks_of(2, 1, 20, is_matched=True))

    assert tested.p_value == 1.0


def test_the_same_runs_give_the_same_p_again() -> None:
    days = default_rng(7).exponential(1.0, 2 * 9 * 3)
    blocks = blocks_of(2, 9, 3, is_matched=False)

    assert group_test(days, days < 1.0, blocks) == group_test(days, days < 1.0, blocks)


@pytest.mark.parametrize(
    ("blocks", "is_tested"),
    [
        (blocks_of(2, 1, 7, is_matched=True), False),  # 2^6 arrangements that differ
        (blocks_of(2, 1, 8, is_matched=True), True),  # 2^7
        (blocks_of(2, 4, 50, is_matched=False), False),  # 8 over 4, by two: 35
        (blocks_of(2, 5, 50, is_matched=False), True),  # 10 over 5, by two: 126
    ],
)
def test_few_points_or_seeds_give_no_p(blocks: Blocks, is_tested: bool) -> None:
    days = default_rng(8).exponential(1.0, blocks.group.size)

    assert (group_test(days, days < 1.0, blocks).p_value is not None) == is_tested


def test_it_is_said_why_there_is_no_p() -> None:
    found = survival_of(swept(exponential, design_of_numbers({"x": [0.1, 0.9]}), 6, OUTCOMES))

    assert found.p_value is None
    assert found.headline().endswith("whether groups differ is not tested")
    assert any(note.startswith("there is no p-value") for note in found.notes)


def test_it_is_said_what_changes_places(found: Survival, mixed: Any) -> None:
    by_points = survival_of(mixed, "listed", ["rule"])

    assert "when runs of a seed change places" in " ".join(found.notes)
    assert "whole points with all their runs change places" in " ".join(by_points.notes)
    assert (found.about["exchanged"], by_points.about["exchanged"]) == ("seeds", "points")


GRID = {"x": [0.1, 0.1, 0.9, 0.9], "z": [0.0, 1.0, 0.0, 1.0]}


def test_a_whole_grid_is_compared_seed_by_seed() -> None:
    grid = swept(by_x, design_of_numbers(GRID, "grid"), 12, OUTCOMES)

    assert survival_of(grid, "listed", ["x"]).about["exchanged"] == "seeds"


@pytest.mark.parametrize(
    ("name", "replicates", "said"),
    [
        ("grid", 12, "intervals hold for these points; runs of a seed stay together"),
        ("lhs", 12, "intervals hold for all points that might have been drawn"),
        ("lhs", 1, "intervals do not know the luck that all runs share: there is one seed"),
    ],
)
def test_it_is_said_what_intervals_hold_for(name: str, replicates: int, said: str) -> None:
    columns = {key: values * 3 for key, values in GRID.items()}
    sweep = swept(by_x, design_of_numbers(columns, name), replicates, OUTCOMES)

    notes = survival_of(sweep, "listed", ["x"]).notes

    assert any(note.startswith(said) for note in notes)


def test_points_that_were_drawn_make_wider_intervals_than_the_same_ones_of_a_grid() -> None:
    widths = [
        survival_of(swept(by_x, design_of_numbers(GRID, name), 12, OUTCOMES), "listed", [])
        .curves.select((pl.col("high") - pl.col("low")).mean())
        .item()
        for name in ("lhs", "grid")
    ]

    assert widths[0] > 1.2 * widths[1]


def test_nothing_that_came_about_gives_a_curve_that_never_falls() -> None:
    found = survival_of(swept(never, design_of_numbers({"x": [0.0, 1.0]}), 10, OUTCOMES))

    assert found.table["came"].to_list() == [0.0, 0.0]
    assert found.table["restricted_mean_days"].to_list() == [FOLLOWED_DAYS] * 2
    assert found.p_value is None
    assert "in fewer than half of the runs" in found.headline()
    assert len(found.plot().axes[0].lines) == 2


def never(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    return dict(zip(OUTCOMES, (FOLLOWED_DAYS, math.nan, math.nan), strict=True))


def test_crossing_is_another_event(sweep: Any) -> None:
    found = survival_of(sweep, "crossed")

    assert found.table["events"].sum() == 800


# --- groups


FACTORS = (
    Factor('policies."Training for all"', "switch", "", (False, True)),
    Factor("policies.storage", "switch", "", (False, True)),
    Factor("rule", "choice", "", ("strict", "published")),
    Factor("start", "date", "", (date(2015, 1, 1), date(2016, 1, 1))),
    unit("x"),
)


@pytest.fixture(scope="module")
def mixed() -> Any:
    random = default_rng(2)
    columns = {each.key: each.values_at(random.random(120)) for each in FACTORS}
    return swept(by_x, design_of_factors("lhs", FACTORS, columns, {}), 2, OUTCOMES)


def by_x(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    return exponential({"x": values["x"]}, seed)


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        (
            ['policies."Training for all"', "policies.storage"],
            {NO_POLICY, "Training for all", "storage", "Training for all + storage"},
        ),
        (["policies.storage"], {NO_POLICY, "storage"}),
        (["rule"], {"rule = strict", "rule = published"}),
        (["start"], {"start = 2015-01-01", "start = 2016-01-01"}),
        ([], {EVERYTHING}),
    ],
)
def test_groups_are_named_for_what_they_are(mixed: Any, by: list[str], groups: set[str]) -> None:
    found = survival_of(mixed, "listed", by)

    assert set(found.table["group"]) == groups
    assert found.table["runs"].sum() == 240


def test_a_key_with_many_values_is_cut_into_thirds(mixed: Any) -> None:
    found = survival_of(mixed, "listed", ["x"])

    assert len(found.table) == 3
    assert found.table["runs"].min() >= 70
    assert found.table["group"][0].startswith("x ≤ ")
    assert found.table["group"][2].startswith("x above ")


def test_no_policy_comes_first(mixed: Any) -> None:
    by = ['policies."Training for all"', "policies.storage"]

    assert survival_of(mixed, "listed", by).table["group"][0] == NO_POLICY


def test_policies_are_compared_none_each_and_all(tiny_file: Path) -> None:
    found = survival(
        tiny_file, event="crossed", policies=["training", "storage"], replicates=5, means=Means(1)
    )

    assert len(found.table) == 4
    assert found.table["group"][0] == NO_POLICY
    assert found.table["runs"].to_list() == [5] * 4


def test_replicates_alone_make_one_curve(tiny_file: Path) -> None:
    scenario: Scenario = load_scenario(tiny_file)
    found = survival(scenario, event="crossed", replicates=6, means=Means(1))

    assert found.table["group"].to_list() == [EVERYTHING]
    assert found.p_value is None


# --- results


def test_tables_on_disk_hold_the_findings(tmp_path: Path, found: Survival) -> None:
    write_analysis(found, tmp_path)

    assert pl.read_parquet(tmp_path / "curves.parquet").equals(found.curves)
    assert pl.read_csv(tmp_path / "survival.csv")["group"].to_list() == ["x = 0.25", "x = 0.75"]


def test_a_notebook_shows_the_findings(found: Survival) -> None:
    assert "x = 0.75" in found._repr_html_()
    assert found.to_pandas().shape == found.to_polars().shape
    assert repr(found).startswith("<Survival of exponential: listed")


def test_groups_are_a_dimension_of_arrays(found: Survival) -> None:
    pytest.importorskip("xarray")

    assert found.to_xarray().sizes == {"group": len(found.table)}


def test_arrays_need_a_library_that_is_named(
    found: Survival, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xarray", None)

    with pytest.raises(RunError, match=r"xarray is not installed; .*villagesim\[notebook\]"):
        found.to_xarray()


def test_the_figure_has_a_line_for_each_group_and_counts_who_is_at_risk(found: Survival) -> None:
    (axes,) = found.plot().axes
    written = {text.get_text() for text in axes.texts}

    assert [line.get_label() for line in axes.lines] == ["x = 0.25", "x = 0.75"]
    assert {"x = 0.25", "400"} <= written


@pytest.mark.parametrize(("p_value", "text"), [(0.0, "p < 0.001"), (0.0312, "p = 0.031")])
def test_small_p_values_are_not_written_as_nothing(p_value: float, text: str) -> None:
    assert written_p(p_value) == text


# --- wrong input


def test_an_unknown_key_is_refused(sweep: Any) -> None:
    with pytest.raises(ScenarioError, match=r"by: 'xx'; allowed: x; did you mean 'x'\?"):
        survival_of(sweep, "listed", ["xx"])


def test_an_unknown_event_is_refused(sweep: Any) -> None:
    with pytest.raises(ScenarioError, match=r"event: 'list'; allowed: listed, crossed"):
        survival(runs=sweep, event="list")


def test_groups_too_small_for_a_curve_are_refused() -> None:
    sweep = swept(exponential, design_of_numbers({"x": [0.1, 0.9]}), 3, OUTCOMES)

    with pytest.raises(RunError, match=r"runs in group 'x = 0.1': 3; allowed: 5 or more"):
        survival_of(sweep)


def test_runs_without_times_are_refused() -> None:
    sweep = swept(only_y, design_of_numbers({"x": range(10)}))

    with pytest.raises(RunError, match="these runs have no listed_after_days"):
        survival_of(sweep)


def only_y(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    return {"y": 1.0}


def test_too_many_groups_are_refused(mixed: Any) -> None:
    with pytest.raises(ScenarioError, match=r"46 groups\).*keys that make 8 groups or fewer"):
        survival_of(mixed)


def test_a_folder_that_is_no_sweep_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="there is no such folder"):
        survival(runs=tmp_path / "none")


def test_policies_are_not_compared_while_keys_are_varied(tiny_file: Path) -> None:
    with pytest.raises(ScenarioError, match="either keys to vary, or policies to compare"):
        survival(tiny_file, ["behaviour.open_gain"], policies=["training"])


def test_a_missing_library_is_told_with_how_to_install_it(
    sweep: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "statsmodels.duration.survfunc", None)

    with pytest.raises(RunError, match=r"statsmodels is not installed.*villagesim\[exp"):
        survival_of(sweep)


def test_the_analysis_is_a_public_name() -> None:
    assert sim.survival is survival
