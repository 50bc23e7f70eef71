"""Sensitivity: known answers with and without luck, all kinds of keys, gaps, refusals."""

import math
import sys
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from known_answers import (
    FIRST,
    LUCK_SHARE,
    OWN_LUCK,
    TOTAL,
    VARIANCE,
    A,
    B,
    angles,
    ishigami,
    noisy_ishigami,
    own_words,
    swept,
    unit,
)
from numpy.random import default_rng  # noqa: TID251 - data for tests, not the model's

import sim
from sim.errors import RunError, ScenarioError
from sim.experiments.analysis import write_analysis
from sim.experiments.design import design_of_numbers
from sim.experiments.factors import Factor
from sim.experiments.luck import jackknife_error, luck_of
from sim.experiments.sensitivity import Sensitivity, sensitivity, sensitivity_of
from sim.experiments.sensitivity_designs import blocks_of, sensitivity_design
from sim.experiments.sensitivity_indices import sobol_rows
from sim.experiments.stored_runs import numbers_of
from sim.experiments.sweep import Means, run_points
from sim.experiments.variant import FunctionExperiment

BASE = 1024
KEYS = ("x1", "x2", "x3")
FOLLOWED_DAYS = 1000.0


@pytest.fixture(scope="module")
def plain() -> Sensitivity:
    return sensitivity_of(swept(ishigami, sensitivity_design("sobol", angles(), BASE, 0)))


@pytest.fixture(scope="module")
def noisy() -> Sensitivity:
    return sensitivity_of(swept(noisy_ishigami, sensitivity_design("sobol", angles(), BASE, 0), 6))


def of(found: Sensitivity, parameter: str, outcome: str = "") -> dict[str, Any]:
    """The row of a key, of its only outcome if none is named."""
    rows = found.table.filter(pl.col("parameter") == parameter)
    rows = rows.filter(pl.col("outcome") == outcome) if outcome else rows
    return rows.row(0, named=True)


# --- Ishigami


@pytest.mark.parametrize("key", KEYS)
def test_first_order_indices_of_ishigami(plain: Sensitivity, key: str) -> None:
    assert of(plain, key)["first_order"] == pytest.approx(FIRST[key], abs=0.02)


@pytest.mark.parametrize("key", KEYS)
def test_total_indices_of_ishigami(plain: Sensitivity, key: str) -> None:
    assert of(plain, key)["total"] == pytest.approx(TOTAL[key], abs=0.02)


def test_without_luck_there_is_no_share_of_luck(plain: Sensitivity) -> None:
    assert of(plain, "luck")["share"] == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("key", KEYS)
def test_luck_does_not_change_first_order_indices(noisy: Sensitivity, key: str) -> None:
    assert of(noisy, key)["first_order"] == pytest.approx(FIRST[key], abs=0.06)


@pytest.mark.parametrize("key", KEYS)
def test_luck_does_not_change_total_indices(noisy: Sensitivity, key: str) -> None:
    assert of(noisy, key)["total"] == pytest.approx(TOTAL[key], abs=0.06)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(("index", "truth"), [("first_order", FIRST), ("total", TOTAL)])
def test_intervals_hold_the_true_indices(
    noisy: Sensitivity, key: str, index: str, truth: dict[str, float]
) -> None:
    row = of(noisy, key)

    assert row[f"{index}_low"] <= truth[key] <= row[f"{index}_high"]


def test_the_share_of_luck_is_that_of_a_single_run(noisy: Sensitivity) -> None:
    luck = of(noisy, "luck")

    assert luck["share"] == pytest.approx(LUCK_SHARE, abs=0.1)
    assert luck["share_low"] <= LUCK_SHARE <= luck["share_high"]


def test_keys_interactions_and_luck_make_up_the_whole_variance(noisy: Sensitivity) -> None:
    assert noisy.table["share"].sum() == pytest.approx(1.0, abs=1e-9)


def test_a_share_is_the_index_times_what_luck_leaves(noisy: Sensitivity) -> None:
    row, luck = of(noisy, "x2"), of(noisy, "luck")["share"]

    assert row["share"] == pytest.approx(row["first_order"] * (1.0 - luck))
    assert row["total_share"] == pytest.approx(row["total"] * (1.0 - luck))


def step_and_luck(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    luck = default_rng([seed, *own_words(values)]).standard_normal()
    return {"y": 2.0 * values["x1"] + luck}


def test_luck_does_not_pass_for_an_effect_of_a_key_without_one() -> None:
    design = sensitivity_design("sobol", [unit("x1"), unit("x2")], 1024, 0)
    found = of(sensitivity_of(swept(step_and_luck, design)), "x2")

    # The means of two replicates have a variance of 1/3 from x1 and of 1/2 from luck.
    assert abs(found["total"]) < 0.2 < 0.5 / (0.5 + 1.0 / 3.0)
    assert found["total_low"] <= 0.0 <= found["total_high"]


def test_any_random_points_give_first_order_indices() -> None:
    found = sensitivity_of(swept(ishigami, sensitivity_design("rbd-fast", angles(), 2000, 0)))

    assert found.method == "rbd-fast"
    assert [of(found, key)["first_order"] for key in KEYS] == pytest.approx(
        [FIRST[key] for key in KEYS], abs=0.05
    )


def test_few_seeds_are_said_to_make_the_share_of_luck_rough(noisy: Sensitivity) -> None:
    assert "the share of luck rests on 6 seeds; with so few its interval is rough" in noisy.notes


# --- how often intervals hold the truth

MOVED_LUCK = 2.0
"""Standard deviation of luck that moves with x1, alike for all runs of a seed."""


def outcomes_by_luck(codes: Any, seeds: int, trial: int, *, is_shared: bool) -> Any:
    """Ishigami with luck of each run, or with luck that a seed has in common at all points."""
    random = default_rng(trial)
    x1, x2, x3 = codes.T
    values = np.sin(x1) + A * np.sin(x2) ** 2 + B * x3**4 * np.sin(x1)
    if not is_shared:
        return values[:, None] + random.normal(0.0, OWN_LUCK, (len(codes), seeds))
    level, slope = random.normal(0.0, MOVED_LUCK, (2, seeds))
    return values[:, None] + level + math.sqrt(2.0) * slope * np.sin(x1)[:, None]


@pytest.mark.parametrize("seeds", [2, 4])
@pytest.mark.parametrize("is_shared", [True, False])
def test_intervals_hold_what_is_true_as_often_as_they_say(seeds: int, is_shared: bool) -> None:
    held: list[bool] = []
    variance = 2.0 * MOVED_LUCK**2 if is_shared else OWN_LUCK**2
    of_luck = []
    for trial in range(25):
        design = sensitivity_design("sobol", angles(), 32, trial)
        codes = np.column_stack([design.points.column(key).to_numpy() for key in KEYS])
        values = outcomes_by_luck(codes, seeds, trial, is_shared=is_shared)
        blocks = blocks_of("sobol", len(codes), 3)
        assert blocks is not None
        found = sobol_rows(KEYS, values, blocks)
        for row in found.rows[:3]:
            for name, truth in (("first_order", FIRST), ("total", TOTAL)):
                held.append(row[f"{name}_low"] <= truth[row["parameter"]] <= row[f"{name}_high"])
        of_luck.append(found.luck.low <= variance / (variance + VARIANCE) <= found.luck.high)

    assert np.mean(held) >= 0.92
    assert np.mean(of_luck) >= 0.76


def test_luck_that_seeds_have_in_common_makes_intervals_wider_with_few_of_them() -> None:
    design = sensitivity_design("sobol", angles(), 64, 0)
    codes = np.column_stack([design.points.column(key).to_numpy() for key in KEYS])
    blocks = blocks_of("sobol", len(codes), 3)
    assert blocks is not None
    widths = []
    for seeds in (2, 32):
        values = outcomes_by_luck(codes, seeds, 1, is_shared=True)
        row = sobol_rows(KEYS, values, blocks).rows[0]
        widths.append(row["first_order_high"] - row["first_order_low"])

    assert widths[0] > 2.0 * widths[1]


def test_two_seeds_do_not_pretend_to_know_the_share_of_luck() -> None:
    luck = luck_of(np.array([[1.0, 3.0], [5.0, 7.0], [2.0, 4.0], [8.0, 10.0]]))

    assert luck.low < 0.25 * luck.share
    assert luck.high > 0.95


def test_two_seeds_of_each_point_alone_tell_the_share_of_luck() -> None:
    random = default_rng(5)
    values = random.normal(0.0, math.sqrt(3.0), (120, 1)) + random.normal(0.0, 1.0, (120, 2))

    luck, crossed = luck_of(values, is_crossed=False), luck_of(values)

    assert luck.share == crossed.share
    assert 0.1 < luck.low < 0.25 < luck.high < 0.5
    assert crossed.high > 0.95


def test_the_jackknife_error_of_a_mean_is_its_standard_error() -> None:
    values = default_rng(9).normal(0.0, 1.0, 25)

    assert jackknife_error(values, np.mean) == pytest.approx(values.std(ddof=1) / 5.0)


# --- Morris


def test_the_effect_of_a_straight_line_is_its_rise_over_the_range() -> None:
    design = sensitivity_design("morris", [unit("x1", 0.0, 10.0), unit("x2")], 10, 0)
    found = sensitivity_of(swept(sloped, design))

    assert of(found, "x1")["mu_star"] == pytest.approx(30.0)
    assert of(found, "x2")["mu"] == pytest.approx(-4.0)
    assert of(found, "x2")["sigma"] == pytest.approx(0.0, abs=1e-9)


def sloped(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    return {"y": 3.0 * values["x1"] - 4.0 * values["x2"]}


def test_a_key_without_effect_has_the_effect_that_luck_alone_gives() -> None:
    design = sensitivity_design("morris", [unit("x1"), unit("x2")], 400, 0)
    found = of(sensitivity_of(swept(step_and_luck, design, 4)), "x2")

    assert found["luck_alone"] == pytest.approx(found["mu_star"], rel=0.15)


# --- luck


def test_the_share_of_luck_of_four_runs_by_hand() -> None:
    # Means 2 and 6 have the variance 8, all luck is shared, and replicates have the variance 2.
    assert luck_of(np.array([[1.0, 3.0], [5.0, 7.0]])).share == pytest.approx(2.0 / (8.0 + 2.0))


def test_the_variance_of_the_expected_outcome_has_no_luck_in_it() -> None:
    random = default_rng(4)
    found = [
        luck_of(effects[:, None] + random.normal(0.0, 3.0, (40, 2))).expected_variance
        for effects in random.normal(0.0, 2.0, (800, 40))
    ]

    assert np.mean(found) == pytest.approx(4.0, abs=0.3)


def test_what_never_varies_has_no_share_of_luck() -> None:
    assert math.isnan(luck_of(np.ones((5, 3))).share)


# --- kinds of keys


DAYS = tuple(date(2015, 1, 1) + timedelta(days=day) for day in range(0, 400, 7))
OF_ALL_KINDS = (
    Factor("day", "date", "", DAYS),
    Factor("rule", "choice", "", ("strict", "published", "early")),
    Factor("on", "switch", "", (False, True)),
    Factor("count", "whole", "", range(10)),
)


def of_all_kinds(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    assert isinstance(values["day"], date)
    return {
        "date": float((values["day"] - DAYS[0]).days),
        "choice": {"strict": 5.0, "published": 1.0, "early": 2.0}[values["rule"]],
        "switch": 1.0 if values["on"] else 0.0,
        "both": 1.0 if values["on"] and values["rule"] == "published" else 0.0,
    }


@pytest.mark.parametrize("method", ["sobol", "rbd-fast", "morris"])
def test_dates_choices_and_switches_are_told_apart(method: str) -> None:
    names = ("date", "choice", "switch", "both")
    design = sensitivity_design(method, OF_ALL_KINDS, {"morris": 20}.get(method, 256), 0)
    found = sensitivity_of(swept(of_all_kinds, design, outcomes=names))
    measure = "mu_star" if method == "morris" else "first_order"
    keys = pl.col("parameter").is_in(["day", "rule", "on", "count"])
    largest = [
        found.table.filter(keys & (pl.col("outcome") == name)).sort(measure)["parameter"][-1]
        for name in names[:3]
    ]

    assert largest == ["day", "rule", "on"]
    assert of(found, "on", "switch")[measure] == pytest.approx(1.0, abs=0.1)


def test_a_grid_is_analysed_without_mistaking_its_order_for_an_effect() -> None:
    grid = design_of_numbers(
        {"x1": [i // 10 for i in range(100)], "x2": [i % 10 for i in range(100)]}, "grid"
    )
    found = sensitivity_of(swept(only_first, grid))

    assert of(found, "x1")["first_order"] == pytest.approx(1.0, abs=0.1)
    assert of(found, "x2")["first_order"] == pytest.approx(0.0, abs=0.25)


def only_first(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    return {"y": float(values["x1"])}


# --- what is missing


def late(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    day = 2.0 * FOLLOWED_DAYS * values["x1"] + 50.0 * values["x2"] + seed
    return {
        "followed_days": FOLLOWED_DAYS,
        "listed_after_days": day if day < FOLLOWED_DAYS else math.nan,
        "restricted": min(day, FOLLOWED_DAYS),
    }


@pytest.fixture(scope="module")
def censored() -> Sensitivity:
    names = ("followed_days", "listed_after_days", "restricted")
    design = sensitivity_design("sobol", [unit("x1"), unit("x2")], 64, 0)
    return sensitivity_of(swept(late, design, outcomes=names), None, names[1:])


def test_a_village_that_is_never_listed_counts_with_the_days_of_the_run(
    censored: Sensitivity,
) -> None:
    by_outcome = censored.table.partition_by("outcome", include_key=False)

    assert by_outcome[0].equals(by_outcome[1])


def test_it_is_said_how_many_were_never_listed(censored: Sensitivity) -> None:
    note = next(note for note in censored.notes if note.startswith("listed_after_days: not yet"))

    assert "of 512 runs" in note
    assert "counts with the days of its run" in note


def test_only_times_are_taken_to_be_censored() -> None:
    sweep = swept(without_income, design_of_numbers({"x": [0.0, 1.0]}), outcomes=NO_INCOME)

    assert np.isnan(numbers_of(sweep, "mean_income_local_yuan").values).all()


NO_INCOME = ("followed_days", "mean_income_local_yuan")


def without_income(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    return {"followed_days": FOLLOWED_DAYS, "mean_income_local_yuan": math.nan}


def fails_now_and_then(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    if values["x1"] > 0.95 and seed == 1:
        raise ValueError("too much")
    return {"y": values["x1"]}


def test_blocks_with_a_failed_run_are_left_out_and_counted() -> None:
    design = sensitivity_design("sobol", [unit("x1"), unit("x2")], 128, 0)
    found = sensitivity_of(swept(fails_now_and_then, design))
    without = design.points.column("x1").to_numpy().reshape(128, 4).max(axis=1) > 0.95

    assert any(f"{without.sum()} of 128 blocks of points are left out" in n for n in found.notes)
    assert of(found, "x1")["first_order"] == pytest.approx(1.0, abs=0.1)


def never_well(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    raise ValueError("never")


def mostly_nan(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    return {"y": math.nan if values["x1"] > 0.02 else 1.0}


def test_an_outcome_that_is_always_the_same_has_no_indices_and_says_so() -> None:
    design = sensitivity_design("sobol", [unit("x1"), unit("x2")], 16, 0)
    found = sensitivity_of(swept(always_one, design))

    assert math.isnan(of(found, "x1")["share"])
    assert "y: the same in every run, so that nothing moves it" in found.notes
    assert len(found.plot().axes) == 1


def always_one(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    return {"y": 1.0}


# --- stored sweeps


def test_a_stored_sweep_is_analysed_again_without_new_runs(tmp_path: Path) -> None:
    design = sensitivity_design("sobol", angles(), 16, 0)
    fresh = run_points(FunctionExperiment(ishigami, ("y",)), design, tmp_path, 2, 0, Means(1))
    before = sorted(path.name for path in (tmp_path / "runs").iterdir())
    found = sensitivity(runs=tmp_path)

    assert found.table.equals(sensitivity_of(fresh).table)
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == before


def test_findings_are_the_same_bytes_each_time(tmp_path: Path, plain: Sensitivity) -> None:
    again = sensitivity_of(swept(ishigami, sensitivity_design("sobol", angles(), BASE, 0)))
    one, other = (
        [path.read_bytes() for path in write_analysis(found, tmp_path / name)]
        for found, name in ((plain, "one"), (again, "other"))
    )

    assert one == other


def test_tables_on_disk_hold_the_findings(tmp_path: Path, plain: Sensitivity) -> None:
    write_analysis(plain, tmp_path)

    assert pl.read_parquet(tmp_path / "sensitivity.parquet").equals(plain.table)
    assert pl.read_csv(tmp_path / "sensitivity.csv").columns == plain.table.columns


def test_a_notebook_shows_the_findings(noisy: Sensitivity) -> None:
    html = noisy._repr_html_()

    assert "plain luck is" in html
    assert "<td style" in html
    assert "noisy_ishigami" in repr(noisy)
    assert noisy.to_pandas().shape == noisy.to_polars().shape


def test_outcomes_and_parameters_are_dimensions_of_arrays(noisy: Sensitivity) -> None:
    pytest.importorskip("xarray")
    row = noisy.to_polars().row(0, named=True)

    share = noisy.to_xarray()["share"].sel(outcome=row["outcome"], parameter=row["parameter"])

    assert share.item() == row["share"]


@pytest.mark.parametrize("method", ["sobol", "morris"])
def test_the_figure_has_a_row_for_each_key(method: str) -> None:
    design = sensitivity_design(method, angles(), 8, 0)
    axes = sensitivity_of(swept(noisy_ishigami, design)).plot().axes[0]
    names = {label.get_text() for label in axes.get_yticklabels()}

    assert names == {*KEYS, "plain luck"} - ({"plain luck"} if method == "morris" else set())


# --- wrong input


@pytest.fixture(scope="module")
def lhs() -> Any:
    return swept(ishigami, sensitivity_design("rbd-fast", angles(), 64, 0))


@pytest.mark.parametrize(
    ("method", "outcomes", "message"),
    [
        (None, ["yy"], r"outcome: 'yy'; allowed: y; did you mean 'y'\?"),
        ("sobl", None, r"method: 'sobl'; allowed: sobol, morris.*did you mean 'sobol'\?"),
        ("sobol", None, r"method: 'sobol'; allowed: rbd-fast, which this sweep's design \(lhs\)"),
        ("morris", None, "method: 'morris'; allowed: rbd-fast"),
    ],
)
def test_what_does_not_fit_a_sweep_is_refused(
    lhs: Any, method: str | None, outcomes: list[str] | None, message: str
) -> None:
    with pytest.raises(ScenarioError, match=message):
        sensitivity_of(lhs, method, outcomes)


def test_sobol_points_are_not_analysed_as_if_they_were_random() -> None:
    sweep = swept(ishigami, sensitivity_design("sobol", angles(), 8, 0))

    with pytest.raises(ScenarioError, match="allowed: sobol, for which the points"):
        sensitivity_of(sweep, "rbd-fast")


def test_a_single_replicate_is_refused() -> None:
    sweep = swept(ishigami, sensitivity_design("sobol", angles(), 8, 0), 1)

    with pytest.raises(ScenarioError, match="replicates: 1; allowed: 2 or more, for luck"):
        sensitivity_of(sweep)


def test_too_few_points_are_refused() -> None:
    sweep = swept(only_first, design_of_numbers({"x1": range(20)}))

    with pytest.raises(ScenarioError, match="points: 20; allowed: 64 or more"):
        sensitivity_of(sweep)


def test_an_outcome_that_hardly_any_run_has_is_refused() -> None:
    sweep = swept(mostly_nan, sensitivity_design("sobol", [unit("x1"), unit("x2")], 16, 0))

    with pytest.raises(RunError, match="y: only 0 blocks of points have it in every run"):
        sensitivity_of(sweep)


def test_a_sweep_in_which_all_runs_failed_is_refused() -> None:
    sweep = swept(never_well, sensitivity_design("sobol", angles(), 8, 0))

    with pytest.raises(RunError, match="every run of this sweep failed"):
        sensitivity(runs=sweep)


def test_a_folder_that_is_no_sweep_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="not a sweep folder"):
        sensitivity(runs=tmp_path)


@pytest.mark.parametrize(
    ("method", "factors", "samples", "seed", "message"),
    [
        ("sobol", angles(), 100, 0, "samples: 100; allowed: a power of two for sobol, such as 64"),
        ("sobol", angles(), 4, 0, "samples: 4; allowed: a whole number from 8"),
        ("morris", angles(), 1, 0, "samples: 1; allowed: a whole number from 4"),
        ("sobol", angles(), 8, -1, "design seed: -1"),
        ("sobol", [], 8, 0, "vary; allowed: at least one key"),
        ("sobol", [Factor("x", "choice", "[a]", ("a",))], 8, 0, "at least two values"),
    ],
)
def test_a_design_that_is_not_possible_is_refused(
    method: str, factors: list[Factor], samples: int, seed: int, message: str
) -> None:
    with pytest.raises(ScenarioError, match=message):
        sensitivity_design(method, factors, samples, seed)


def test_either_new_runs_or_stored_ones_are_asked_for(lhs: Any) -> None:
    with pytest.raises(ScenarioError, match="either a scenario to run, or a sweep"):
        sensitivity("mixed", runs=lhs)


def test_a_stored_sweep_is_not_varied_again(lhs: Any) -> None:
    with pytest.raises(ScenarioError, match="vary; allowed: nothing with a stored sweep"):
        sensitivity(None, ["x1"], runs=lhs)


def test_a_missing_library_is_told_with_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "SALib.sample.sobol", None)

    with pytest.raises(RunError, match=r"SALib is not installed.*pip install 'villagesim\[exp"):
        sensitivity_design("sobol", angles(), 8, 0)


def test_the_analysis_is_a_public_name() -> None:
    assert sim.sensitivity is sensitivity
