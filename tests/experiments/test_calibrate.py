"""Calibration: priors, yardstick, samplers and folders, on a world of two numbers."""

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from sim.errors import RunError, ScenarioError
from sim.experiments.calibrate import block as blocks
from sim.experiments.calibrate import fitting
from sim.experiments.calibrate.belief import Belief, belief_of
from sim.experiments.calibrate.block import block_runs, map_seed
from sim.experiments.calibrate.discrepancy import MISSING, Yardstick, yardstick_of
from sim.experiments.calibrate.fitting import (
    CalibrationMeans,
    How,
    Subject,
    calibrate,
    fit_experiment,
    latin,
)
from sim.experiments.calibrate.luck import run_seed, uniform, words
from sim.experiments.calibrate.population import Population, covariance_of
from sim.experiments.calibrate.priors import Prior, priors_of
from sim.experiments.calibrate.regression import (
    adjusted,
    adjusted_population,
    fit_from_table,
    table_of,
)
from sim.experiments.calibrate.reuse import stored_table
from sim.experiments.calibrate.sequential import widened
from sim.experiments.calibrate.store import RunStore
from sim.experiments.calibrate.tables import (
    IDENTIFIED,
    NOT_INFORMED,
    equal_draws,
    quantile,
    values_of,
    verdict_of,
)
from sim.experiments.sweep import sweep
from sim.experiments.targets import Target, load_targets
from sim.world.parameters import registry

X = Prior("x", ("x",), 0.0, 1.0, False, 0.5, "1")
Y = Prior("y", ("y",), 1.0, 100.0, True, 10.0, "1")
Z = Prior("z", ("z",), 0.0, 1.0, False, 0.5, "1")
PRIORS = (X, Y, Z)
TRUTH = {"a": 0.3, "b": 2.3}


def target(key: str, centre: float, **changes: Any) -> Target:
    plain = Target(
        key=key,
        place="China",
        year=2016,
        day=date(2016, 6, 30),
        block="village",
        scenario="nowhere",
        measure="open_shops",
        definition=key,
        published=centre,
        unit="shops",
        source="nobody",
        scale="linear",
        centre=centre,
        sd=0.03,
        because="made up",
        group=key,
        role="fit",
    )
    return replace(plain, **changes)


TARGETS = (target("a", TRUTH["a"]), target("b", TRUTH["b"]))


@dataclass(frozen=True)
class Toy:
    """Tells x, and x with the logarithm of y; nothing of z."""

    outcomes: tuple[str, ...] = ("a", "b")
    name: str = "toy"
    fails_above: float = 2.0

    def about(self) -> dict[str, Any]:
        return {"name": self.name}

    def __call__(self, values: Mapping[str, Any], seed: int) -> dict[str, float]:
        if values["x"] > self.fails_above:
            raise ValueError("x is too much")
        noise = [uniform(seed, "noise", number) - 0.5 for number in range(2)]
        a = values["x"] + 0.02 * noise[0]
        return {"a": a, "b": a + np.log10(values["y"]) * 2 + 0.02 * noise[1]}


SMALL = How("sequence", population=40, generations=4, luck=5, predicted=10, seed=3)
REPLENISHED = replace(SMALL, method="replenish", population=80, table=160, generations=6)
ALONE = CalibrationMeans(workers=1)


def fit(folder: Path, how: How = SMALL, means: CalibrationMeans = ALONE, toy: Any = None) -> Any:
    return fit_experiment("village", toy or Toy(), PRIORS, TARGETS, folder, how, means)


@pytest.fixture(scope="module", params=[SMALL, REPLENISHED], ids=lambda how: how.method)
def fitted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return fit(tmp_path_factory.mktemp("fit") / "out", request.param)


def how_of(fitted: Any) -> How:
    return SMALL if fitted.method == SMALL.method else REPLENISHED


# --- priors


def test_every_calibrated_parameter_of_behaviour_is_fitted_in_villages() -> None:
    fitted = {
        f"behaviour.{p.name}"
        for p in registry().values()
        if p.grade == "calibrated" and "." not in p.name
    }
    assert fitted <= {prior.path for prior in priors_of("village")}


def test_regions_fit_geography() -> None:
    paths = {prior.path for prior in priors_of("region")}
    assert "geography.tradition_mean" in paths
    assert all(path.startswith("geography.") for path in paths)


def test_tied_goods_have_one_prior() -> None:
    (prior,) = priors_of("region", ("goods.*.typical_sales_yuan_per_year",))
    assert len(prior.keys) > 2
    assert {registry()[key].value for key in prior.keys} == {prior.value}


def test_ranges_over_a_decade_are_uniform_in_the_logarithm() -> None:
    for prior in priors_of("village"):
        assert prior.is_log == (prior.low > 0 and prior.high / prior.low > 10)


def test_parameters_can_be_chosen_and_left_out() -> None:
    assert [p.path for p in priors_of("village", ("open_gain",))] == ["behaviour.open_gain"]
    assert "behaviour.open_gain" not in {p.path for p in priors_of("village", (), ("open_gain",))}


def test_a_parameter_of_another_grade_is_fitted_if_it_is_asked_for() -> None:
    assert registry()["caution_days"].grade == "assumed"
    assert [p.path for p in priors_of("village", ("caution_days",))] == ["behaviour.caution_days"]


@pytest.mark.parametrize(
    ("only", "fix", "message"),
    [
        (("open_gian",), (), "did you mean 'open_gain'"),
        ((), ("nothing",), "a parameter with a plausible range"),
        (("open_gain",), ("open_gain",), "at least one parameter left"),
        (("goods.bayberry.perishable",), (), "a parameter with a plausible range"),
    ],
)
def test_parameters_that_there_are_not_are_refused(
    only: tuple[str, ...], fix: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ScenarioError, match=message):
        priors_of("village", only, fix)


@pytest.mark.parametrize("prior", PRIORS, ids=lambda prior: prior.path)
def test_normal_numbers_and_values_are_two_names_of_the_same(prior: Prior) -> None:
    for place in (0.01, 0.4, 0.99):
        value = prior.at_place(place)
        assert prior.place(value) == pytest.approx(place)
        assert prior.at(prior.normal(value)) == pytest.approx(value)
    assert prior.at(-40.0) == prior.low
    assert prior.at(40.0) == prior.high


# --- yardstick


def test_a_group_has_one_vote_however_many_targets_it_has() -> None:
    lone, *three = (
        target("lone", 0.0, group="one"),
        *(target(k, 0.0, group="three") for k in "abc"),
    )
    yardstick = Yardstick((lone, *three), np.zeros(4))
    assert yardstick.weights == pytest.approx([1 / 2, 1 / 6, 1 / 6, 1 / 6])
    off_alone = yardstick.discrepancy(np.array([0.3, 0.0, 0.0, 0.0]))
    all_three_off = yardstick.discrepancy(np.array([0.0, 0.3, 0.3, 0.3]))
    assert off_alone == pytest.approx(all_three_off)


def test_far_off_targets_count_hardly_more_than_further_ones() -> None:
    yardstick = Yardstick((target("a", 0.0, sd=1.0),), np.zeros(1))
    near, far, farther = yardstick.discrepancy(np.array([[0.1], [9.0], [10.0]]))
    assert near == pytest.approx(0.005, rel=0.01)
    assert 0 < farther - far < 0.25


def test_a_number_that_a_run_lacks_counts_as_far_off() -> None:
    yardstick = Yardstick((target("a", 0.0, sd=1.0),), np.zeros(1))
    assert yardstick.z(np.array([np.nan])) == MISSING


def test_luck_widens_the_yardstick() -> None:
    runs = [{"a": value} for value in (1.0, 2.0, 3.0)]
    yardstick = yardstick_of((target("a", 2.0, sd=1.0),), runs)
    assert yardstick.luck == pytest.approx([1.0])
    assert yardstick.sd == pytest.approx([2**0.5])
    assert yardstick_of((target("a", 2.0),), runs[:2]).luck == pytest.approx([0.0])


def test_log_targets_are_compared_by_their_logarithm() -> None:
    yardstick = Yardstick((target("a", np.log1p(99.0), scale="log", sd=0.5),), np.zeros(1))
    assert yardstick.z(np.array([99.0])) == pytest.approx(0.0)
    assert yardstick.z(np.array([np.exp(0.5) * 100 - 1])) == pytest.approx(1.0)


# --- luck


def test_seeds_depend_on_what_they_are_for_and_on_nothing_else() -> None:
    seeds = {run_seed(s, stage, n) for s in (1, 2) for stage in "ab" for n in range(50)}
    assert len(seeds) == 200
    assert max(seeds) < 2**53
    assert run_seed(1, "a", 7) == run_seed(1, "a", 7)
    assert words(1, "a", 0) != words(1, "a", 1)
    assert map_seed(5) != map_seed(6)


def test_a_latin_hypercube_has_one_point_in_each_part() -> None:
    places = latin(1, "table", 20, 3)
    assert np.array_equal(np.sort(np.floor(places * 20), axis=0), np.tile(np.arange(20), (3, 1)).T)


# --- sequence


def test_a_sequence_finds_what_the_data_tell_and_says_what_they_do_not(fitted: Any) -> None:
    summary = {row["parameter"]: row for row in fitted.tables["summary"].iter_rows(named=True)}
    assert summary["x"]["q05"] < 0.3 < summary["x"]["q95"]
    assert summary["y"]["q05"] < 10.0 < summary["y"]["q95"]
    assert [summary[name]["verdict"] for name in "xyz"] == [IDENTIFIED, IDENTIFIED, NOT_INFORMED]


def test_thresholds_fall_and_weights_add_up_to_one(fitted: Any) -> None:
    last = {"sequence": 3, "replenish": 5}
    assert fitted.about["generation"] == last[fitted.method]
    assert fitted.about["threshold"] < {"sequence": 3.5, "replenish": 1.5}[fitted.method]
    assert fitted.tables["posterior"]["weight"].sum() == pytest.approx(1.0)
    assert fitted.about["worth_draws"] > {"sequence": 20, "replenish": 3}[fitted.method]


@dataclass(frozen=True)
class Silent:
    """Tells nothing of anything."""

    outcomes: tuple[str, ...] = ("a", "b")

    def about(self) -> dict[str, Any]:
        return {"name": "silent"}

    def __call__(self, values: Mapping[str, Any], seed: int) -> dict[str, float]:
        return {"a": 1.0, "b": 1.0}


def test_steps_without_data_leave_what_was_believed(tmp_path: Path) -> None:
    how = replace(REPLENISHED, population=150, table=150, generations=10, luck=0, predicted=0)
    belief = Belief(np.array([1.0, 0.0, 0.0]), np.diag([0.3, 1.0, 1.0]))
    found = fit_experiment(
        "village", Silent(), PRIORS, TARGETS, tmp_path / "out", how, ALONE, belief
    )
    rows = found.tables["posterior"].drop("weight").to_numpy()
    normals = np.array([[p.normal(v) for p, v in zip(PRIORS, row, strict=True)] for row in rows])
    assert len(np.unique(normals[:, 0])) > 60
    assert normals.mean(axis=0) == pytest.approx([1.0, 0.0, 0.0], abs=0.3)
    assert normals.std(axis=0) == pytest.approx([0.3, 1.0, 1.0], rel=0.25)


def test_the_fit_is_told_by_new_runs(fitted: Any) -> None:
    assert fitted.about["fit_of"] == "new runs"
    fit = fitted.tables["fit"]
    assert fit["target"].to_list() == ["a", "b"]
    assert fit["z"].abs().max() < 2.5


def test_two_processes_give_the_same_as_one(fitted: Any, tmp_path: Path) -> None:
    two = fit(tmp_path / "two", how_of(fitted), CalibrationMeans(workers=2))
    assert two.tables["posterior"].equals(fitted.tables["posterior"])
    assert two.tables["fit"].equals(fitted.tables["fit"])


def test_a_stopped_calibration_goes_on_where_it_was(fitted: Any, tmp_path: Path) -> None:
    how = how_of(fitted)
    with pytest.raises(RunError, match=r"after 20 runs|20 runs are done"):
        fit(tmp_path / "out", how, CalibrationMeans(workers=1, runs=20))
    part = fit(tmp_path / "out", how, CalibrationMeans(workers=1, runs=how.population * 5 // 2))
    assert part.about["is_complete"] is False
    assert part.about["fit_of"] == "accepted runs"
    whole = fit(tmp_path / "out", how)
    ours, theirs = (each.tables["posterior"].to_numpy() for each in (whole, fitted))
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)
    assert whole.about["runs"] == fitted.about["runs"]


def test_the_same_call_again_does_nothing_new(fitted: Any) -> None:
    before = fitted.about["runs"]
    again = fit(fitted.folder, how_of(fitted), CalibrationMeans(workers=1, runs=0))
    assert again.about["runs"] == before
    assert again.tables["posterior"].equals(fitted.tables["posterior"])


def test_a_changed_call_is_refused(fitted: Any) -> None:
    how = how_of(fitted)
    with pytest.raises(RunError, match=rf"how\.population = {how.population}; asked for is 41"):
        fit(fitted.folder, replace(how, population=41))
    with pytest.raises(RunError, match=r'experiment\.name = "toy"; asked for is "other"'):
        fit(fitted.folder, how, toy=Toy(name="other"))


def test_runs_that_were_done_with_other_parameters_are_refused(tmp_path: Path) -> None:
    how = replace(REPLENISHED, generations=1, mixing=0, luck=0, predicted=0)
    fit(tmp_path / "out", how)
    with closing(RunStore(tmp_path / "out" / "runs.db")) as store:
        kept = store.get("first", 3)
        assert kept is not None
        store.add(kept._replace(values={**kept.values, "x": kept.values["x"] / 2}))
    with pytest.raises(RunError, match=r"run 3 of first was done with other parameters"):
        fit(tmp_path / "out", how)


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(RunError, match="holds something that is no calibration"):
        fit(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("how", [SMALL, REPLENISHED], ids=lambda how: how.method)
def test_runs_that_fail_are_rejected_and_told(how: How, tmp_path: Path) -> None:
    found = fit(tmp_path / "out", replace(how, generations=1), toy=Toy(fails_above=0.7))
    assert found.about["errors"]["ValueError: x is too much"] > 0
    assert found.tables["posterior"].height == how.population


def test_a_calibration_whose_runs_all_fail_ends(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"20 of 20 runs failed, the last with: ValueError"):
        fit(tmp_path / "out", toy=Toy(fails_above=-1.0), how=replace(SMALL, luck=0))


def test_proposals_never_reach_beyond_the_prior() -> None:
    normals = np.array([[np.sin(7.0 * n), 0.01 * np.cos(3.0 * n)] for n in range(60)]) * 3
    _, _, variances = widened(normals, np.full(60, 1 / 60))
    assert variances.max() == 1.0
    assert variances.min() < 0.01


# --- table, recovery, search


def test_a_table_gives_the_posterior_by_regression(tmp_path: Path) -> None:
    how = replace(SMALL, method="table", table=200, recover=25)
    found = fit(tmp_path / "out", how)
    summary = {row["parameter"]: row for row in found.tables["summary"].iter_rows(named=True)}
    assert summary["x"]["q05"] < 0.3 < summary["x"]["q95"]
    assert summary["x"]["verdict"] == IDENTIFIED
    recovery = {row["parameter"]: row for row in found.tables["recovery"].iter_rows(named=True)}
    for name in "xy":
        assert recovery[name]["verdict"] == IDENTIFIED
        assert 0.3 <= recovery[name]["coverage_50"] <= 0.75
        assert recovery[name]["coverage_90"] >= 0.75
        assert recovery[name]["correlation"] > 0.9
    assert recovery["z"]["verdict"] == NOT_INFORMED


def test_regression_takes_parameters_to_what_was_observed() -> None:
    off = np.linspace(-2, 2, 41)[:, None]
    normals = 1.0 + 0.5 * off
    moved = adjusted(normals, off, np.zeros(1), np.full(41, 1 / 41))
    assert np.ptp(moved) < 0.1 * np.ptp(normals)
    assert moved.mean() == pytest.approx(1.0, abs=1e-6)


def test_regression_leaves_parameters_that_nothing_tells_of() -> None:
    off = np.zeros((30, 2))
    normals = np.arange(30.0)[:, None]
    assert np.array_equal(adjusted(normals, off, np.zeros(2), np.full(30, 1 / 30)), normals)


def test_copies_of_one_draw_are_worth_one() -> None:
    even = np.full(100, 0.01)
    nothing = np.zeros((100, 1))
    apart = Population(nothing, nothing, even, even, 1.0, 0)
    assert apart.worth == pytest.approx(100.0)
    copied = replace(apart, families=7)
    assert copied.worth == 7.0
    assert verdict_of(0.5, apart.worth) == IDENTIFIED
    assert verdict_of(0.5, copied.worth) == NOT_INFORMED


def test_descent_is_told_from_the_first_runs(tmp_path: Path) -> None:
    one = replace(REPLENISHED, generations=1, mixing=0, predicted=0)
    most = REPLENISHED.population * one.quantile
    early = fit(tmp_path / "early", one).about["worth_draws"]
    late = fit(tmp_path / "late", replace(one, generations=6)).about["worth_draws"]
    assert 1 <= late < early <= most


def test_correlations_of_few_draws_are_shrunk_and_those_of_many_are_not() -> None:
    line = np.column_stack([np.linspace(-1, 1, 400), np.linspace(-1, 1, 400)])
    many = covariance_of(line, np.full(400, 1 / 400))
    assert many[0, 1] / many[0, 0] == pytest.approx(1 - 2 / 400)
    few = covariance_of(line[:: len(line) // 4], np.full(4, 1 / 4))
    assert few[0, 1] / few[0, 0] == pytest.approx(0.5)
    assert many[0, 0] == pytest.approx(line[:, 0].var(ddof=1))


def test_a_generation_of_few_different_draws_is_left_as_it_is() -> None:
    yardstick = Yardstick(TARGETS, np.zeros(2))
    normals = np.repeat(np.linspace(-1, 1, 5), 6)[:, None]
    values = np.column_stack([normals[:, 0] + 0.3, normals[:, 0] + 2.3])
    even = np.full(30, 1 / 30)
    found = Population(normals, values, even, yardstick.discrepancy(values), 9.0, 0)
    assert np.array_equal(adjusted_population(found, yardstick, 1).normals, normals)
    spread = replace(found, normals=np.linspace(-1, 1, 30)[:, None])
    assert not np.array_equal(adjusted_population(spread, yardstick, 1).normals, spread.normals)


def test_a_table_keeps_the_runs_that_are_least_off() -> None:
    places = latin(1, "it", 100, 1)
    normals = [[X.normal(place)] for (place,) in places]
    yardstick = Yardstick((target("a", 0.3, sd=0.1),), np.zeros(1))
    found = fit_from_table(table_of(normals, places.tolist()), yardstick, 1)
    assert found.weights.sum() == pytest.approx(1.0)
    assert len(found.weights) == 30
    assert abs(found.weights @ np.array([X.at(n[0]) for n in found.normals]) - 0.3) < 0.05


def test_a_search_finds_the_point_and_runs_it_again(tmp_path: Path) -> None:
    how = replace(SMALL, method="search", points=60)
    found = fit(tmp_path / "out", how)
    best = found.tables["search"].row(0, named=True)
    assert best["x"] == pytest.approx(0.3, abs=0.1)
    assert best["discrepancy"] < 3.0
    assert found.about["runs"] == 5 + 60 + 5 * 4


def test_a_stopped_search_comes_to_the_same(tmp_path: Path) -> None:
    how = replace(SMALL, method="search", points=12)
    whole = fit(tmp_path / "whole", how)
    with pytest.raises(RunError, match="no result is there yet"):
        fit(tmp_path / "parts", how, CalibrationMeans(workers=1, runs=9))
    parts = fit(tmp_path / "parts", how, CalibrationMeans(workers=2))
    assert parts.tables["search"].equals(whole.tables["search"])


# --- tables


def test_quantiles_of_weighted_draws() -> None:
    values, weights = np.array([3.0, 1.0, 2.0]), np.array([0.1, 0.6, 0.3])
    assert [quantile(values, weights, share) for share in (0.05, 0.6, 0.61, 0.95)] == [1, 1, 2, 3]


def test_equal_draws_come_as_often_as_their_weights_say() -> None:
    places = equal_draws(np.array([0.5, 0.0, 0.25, 0.25]), 8, 0.5)
    assert np.bincount(places, minlength=4).tolist() == [4, 0, 2, 2]


def test_few_draws_identify_nothing() -> None:
    assert verdict_of(0.6, 100.0) == IDENTIFIED
    assert verdict_of(0.6, 4.0) == NOT_INFORMED


def test_the_provenance_tells_sources_and_targets(fitted: Any) -> None:
    about = json.loads((fitted.folder / "provenance.json").read_text(encoding="utf-8"))
    assert set(about["targets_sha256"]) == {"fit", "test", "context"}
    assert about["targets_read"] == ["fit"]
    assert len(about["compiled_sources_sha256"]) == 64


# --- frozen means frozen


def test_code_that_fits_never_looks_at_other_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []

    def spying(roles: Any, *blocks: Any) -> Any:
        asked.append(tuple(roles))
        return load_targets(roles, *blocks)

    monkeypatch.setattr(blocks, "load_targets", spying)
    for name in ("village", "region"):
        runs = block_runs(name, priors_of(name)[:1])
        assert {t.role for t in runs.targets} == {"fit"}
    assert set(asked) == {("fit",)}


def test_numbers_of_other_roles_are_not_even_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.experiments import targets as module

    looked_up: list[str] = []
    plain = module._of_fact

    def spying(key: str, name: str) -> tuple[float, str]:
        looked_up.append(name)
        return plain(key, name)

    monkeypatch.setattr(module, "_of_fact", spying)
    for name in ("village", "region"):
        block_runs(name, priors_of(name)[:1])
    tested = {t.source for t in load_targets(("test",))}
    looked_up_by_test = {"cangtian_sales_2018", "cn_villages_2017", "zj_villages_2019"}
    assert looked_up_by_test <= tested
    before = looked_up[: looked_up.index("cangtian_sales_2018")]
    assert before
    assert not tested & set(before)


# --- blocks


def test_what_is_run_is_what_has_targets() -> None:
    runs = block_runs("village", priors_of("village"))
    assert sorted(s.scenario.name for s in runs.studies) == ["bayberry", "cangtian", "dongfeng"]
    region = block_runs("region", priors_of("region"), county_shares={"china": 0.01})
    shares = {s.scenario.name: s.scenario.region.county_share for s in region.studies}
    assert shares == {"china": 0.01, "zhejiang": 0.2}
    assert {s.end for s in region.studies} == {date(2016, 6, 30), date(2017, 6, 30)}


def test_a_village_block_runs_and_gives_every_target() -> None:
    priors = priors_of("village", ("open_gain", "goods.furniture.price_elasticity"))
    runs = block_runs("village", priors, scenarios=("dongfeng",))
    found = runs({prior.path: prior.value for prior in priors}, 1)
    assert list(found) == list(runs.outcomes)
    assert found["dongfeng_shops_2013"] > 0


def test_a_block_begins_with_the_posterior_of_the_other(tmp_path: Path) -> None:
    path = tmp_path / "posterior.csv"
    rows = [(0.6 + 0.01 * n, -8.0 + 0.02 * n) for n in range(40)]
    lines = ["weight,behaviour.open_gain,behaviour.open_intercept"]
    path.write_text("\n".join(lines + [f"0.025,{x},{y}" for x, y in rows]), encoding="utf-8")
    priors, belief = belief_of(priors_of("region", ("geography.maker_share",)), path)
    assert [prior.path for prior in priors] == [
        "behaviour.open_gain",
        "behaviour.open_intercept",
        "geography.maker_share",
    ]
    drawn = belief.normals(np.vectorize(NormalDist().inv_cdf)(latin(1, "it", 4000, 3)))
    values = values_of(priors, drawn)
    assert np.median(values[:, :2], axis=0) == pytest.approx(np.median(rows, axis=0), rel=0.02)
    assert values[:, 0].std() == pytest.approx(np.std([x for x, _ in rows]), rel=0.1)
    together = np.corrcoef(drawn.T)
    assert together[0, 1] > 0.9
    assert abs(together[0, 2]) < 0.05
    assert drawn[:, 2].std() == pytest.approx(1.0, abs=0.05)


def test_a_posterior_that_sets_a_key_of_the_block_too_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "posterior.csv"
    path.write_text(
        "weight,goods.furniture.typical_sales_yuan_per_year\n1,20000\n1,30000\n", encoding="utf-8"
    )
    with pytest.raises(ScenarioError, match=r"set no key twice"):
        belief_of(priors_of("village"), path)


def test_a_search_takes_no_posterior(tmp_path: Path) -> None:
    path = tmp_path / "posterior.csv"
    path.write_text("weight,behaviour.open_gain\n1,0.5\n1,0.6\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="nothing for a search"):
        calibrate(Subject("region", given=path), tmp_path / "out", How(method="search"), ALONE)
    assert not (tmp_path / "out").exists()


def test_a_target_that_no_run_came_near_moves_nothing() -> None:
    off = np.column_stack([np.linspace(-1, 1, 41), np.linspace(7.0, 7.4, 41)])
    normals = off[:, :1] + 5 * (off[:, 1:] - 7.2)
    moved = adjusted(normals, off, np.zeros(2), np.full(41, 1 / 41))
    assert abs(moved.mean()) < 0.1


def test_a_worker_with_another_program_stops_everything() -> None:
    runs = replace(block_runs("village", priors_of("village")), program="another")
    with pytest.raises(RunError, match="other code or data"):
        runs({}, 1)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"block": "town"}, "allowed: village, region"),
        ({"block": "village", "scenarios": ("cixi",)}, "a scenario of the block"),
        ({"block": "region", "county_shares": {"chine": 0.1}}, "did you mean 'china'"),
        ({"block": "village", "changes": ("behaviour.open_gian=1",)}, "open_gian"),
    ],
)
def test_blocks_that_cannot_be_run_are_refused(
    given: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ScenarioError, match=message):
        calibrate(Subject(**given), tmp_path / "out", means=ALONE)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "mcmc"}, "replenish, sequence, table, search"),
        ({"population": 1}, "a whole number from 4 on"),
        ({"quantile": 1.0}, "a number between 0 and 1"),
        ({"table": 10}, "a whole number from 50 on"),
        ({"recover": -1}, "a whole number from 0 on"),
        ({"population": 60, "table": 50}, "at least the population, 60"),
    ],
)
def test_how_that_is_not_possible_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        How(**changes)


# --- stored sweeps


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweep") / "cangtian"
    sweep(
        "cangtian",
        ["behaviour.open_intercept=uniform(-10,-6)"],
        folder,
        samples=40,
        workers=1,
    )
    return folder


def test_a_stored_sweep_gives_a_posterior_without_runs(swept: Path, tmp_path: Path) -> None:
    found = calibrate("village", tmp_path / "out", How(seed=2), ALONE, swept)
    assert found.tables["fit"]["target"].to_list() == ["cangtian_first_listed_year"]
    (row,) = found.tables["summary"].iter_rows(named=True)
    assert row["parameter"] == "behaviour.open_intercept"
    assert row["q50"] > -9.0
    assert found.about["fit_of"] == "accepted runs"


def test_what_stored_runs_settle_is_refused(swept: Path, tmp_path: Path) -> None:
    for subject in (Subject("village", given=swept / "it.csv"), Subject("village", ("open_gain",))):
        with pytest.raises(ScenarioError, match="nothing with stored runs"):
            calibrate(subject, tmp_path / "out", How(), ALONE, swept)
    assert not (tmp_path / "out").exists()


def test_years_of_lists_are_told_by_days_of_sweeps(swept: Path) -> None:
    stored = stored_table(swept, "village")
    assert set(np.unique(stored.table.values)) <= set(range(2010, 2021))


def test_a_sweep_that_tells_no_target_is_refused(swept: Path) -> None:
    with pytest.raises(RunError, match="tells no target of the block 'region'"):
        stored_table(swept, "region")


def test_other_roles_are_not_read_from_sweeps(swept: Path) -> None:
    assert {t.role for t in stored_table(swept, "village").targets} == {"fit"}


def test_fitting_names_what_it_exports() -> None:
    assert all(hasattr(fitting, name) for name in fitting.__all__)
