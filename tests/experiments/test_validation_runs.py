"""Runs of a validation: draw by draw, kept, gone on with, and failed ones told."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from sim.errors import RunError, ScenarioError
from sim.experiments import validate_regions as validate_regions_module
from sim.experiments.ablations import USUAL, VARIANTS
from sim.experiments.fitted_parameters import FittedParameters, Source
from sim.experiments.sweep import Means, Progress
from sim.experiments.sweep_result import read_sweep
from sim.experiments.validate_regions import Asked, validate_regions
from sim.experiments.validation_runs import (
    ValidationRuns,
    design_of_draws,
    validation_runs,
)

EARLY = ("end=2010-12-31",)
SOURCE = Source("registry", "", "", "", "")
NO_POSTERIOR = FittedParameters(({}, {"behaviour.open_intercept": -4.0}), SOURCE)


def small(share: float = 0.001) -> ValidationRuns:
    return validation_runs(NO_POSTERIOR, share, ("dongfeng",), EARLY)


def test_each_draw_is_run_whole_and_the_first_ones_without_each_part() -> None:
    points = design_of_draws(3, 1).values()
    told = [(point["draw"], point["variant"]) for point in points]
    assert told == [*((0, variant) for variant in VARIANTS), (1, USUAL), (2, USUAL)]


@pytest.mark.parametrize(
    ("draws", "ablations", "message"), [(0, 0, "from 1 on"), (2, 3, "from 0 to"), (2, -1, "from 0")]
)
def test_draws_that_cannot_be_are_refused(draws: int, ablations: int, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        design_of_draws(draws, ablations)


def test_all_variants_of_a_draw_share_their_seed_and_draws_differ() -> None:
    runs = small()
    seeds = {
        (draw, variant): runs({"draw": draw, "variant": variant}, 1)["run_seed"]
        for draw, variant in ((0, USUAL), (0, "no_imitation"), (1, USUAL))
    }
    assert seeds[0, USUAL] == seeds[0, "no_imitation"]
    assert seeds[0, USUAL] != seeds[1, USUAL]


def test_a_draw_of_parameters_tells(tmp_path: Path) -> None:
    key = "dongfeng_selling_share_2013"
    runs = validation_runs(NO_POSTERIOR, 0.001, ("dongfeng",), ("end=2013-12-31",))
    low, high = (runs({"draw": draw, "variant": USUAL}, 1)[key] for draw in (0, 1))
    assert high > low


def test_a_thinned_china_is_measured() -> None:
    runs = validation_runs(NO_POSTERIOR, 0.001, ("china",), EARLY)
    (study,) = runs.studies
    assert study.scenario.region is not None
    assert study.scenario.region.county_share == 0.001
    found = runs({"draw": 0, "variant": "random_villages"}, 1)
    assert found["cn_listed_before_2009"] == 0.0
    assert np.isnan(found["cn_listed_later_2019"]), "the run ends before"


def test_zhejiang_is_thinned_less() -> None:
    runs = validation_runs(NO_POSTERIOR, 0.02)
    shares = {
        study.scenario.name: study.scenario.region.county_share
        for study in runs.studies
        if study.scenario.region is not None
    }
    assert shares == {"china": 0.02, "zhejiang": pytest.approx(0.2), "cixi": 1.0}
    assert validation_runs(NO_POSTERIOR, 0.5).studies


@pytest.mark.parametrize("share", [0.0, -0.1, 1.5, float("nan")])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(ScenarioError, match="above 0, up to 1"):
        small(share)


def test_a_scenario_without_a_target_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ScenarioError, match="did you mean 'zhejiang'"):
        validation_runs(NO_POSTERIOR, 0.1, ("zheijang",))


def test_a_validation_is_kept_and_gone_on_with(tmp_path: Path) -> None:
    asked = Asked(3, 1, 0.001, scenarios=("dongfeng",), changes=("end=2014-12-31",))
    first = validate_regions(asked, tmp_path / "it", Means(1))
    assert first.runs == 6
    tables = {path.name: path.read_bytes() for path in (tmp_path / "it").glob("*.csv")}
    assert {"forecast.csv", "scores.csv", "ablations.csv", "parameters.csv"} == set(tables)
    told: list[Progress] = []
    validate_regions(asked, tmp_path / "it", Means(1, progress=told.append))
    assert (told[-1].before, told[-1].done) == (6, 0)
    assert {path.name: path.read_bytes() for path in (tmp_path / "it").glob("*.csv")} == tables
    with (tmp_path / "it" / "parameters.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["kind"] for row in rows] == ["registry"]
    assert {len(row["parameters_sha256"]) for row in rows} == {64}
    assert {row["runs"] for row in rows} == {"6"}
    with pytest.raises(RunError, match="holds another sweep"):
        validate_regions(Asked(2, 1, 0.001, scenarios=("dongfeng",)), tmp_path / "it", Means(1))


def test_a_run_that_fails_is_a_row_with_its_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = FittedParameters(({}, {"behaviour.open_intercept": math.inf}), SOURCE)
    monkeypatch.setattr(validate_regions_module, "fitted_parameters", lambda *_: bad)
    asked = Asked(2, 0, 0.001, scenarios=("dongfeng",), changes=EARLY)
    found = validate_regions(asked, tmp_path / "it", Means(1))
    assert found.forecasts.failed == 1
    (failure,) = read_sweep(tmp_path / "it" / "runs").failures.iter_rows(named=True)
    assert failure["draw"] == 1
    assert "open_intercept" in failure["error"]


def test_a_validation_without_any_run_is_an_error(tmp_path: Path) -> None:
    # The season that is measured comes after this end.
    asked = Asked(1, 0, 0.001, scenarios=("bayberry",), changes=EARLY)
    with pytest.raises(RunError, match="no run has come to its end"):
        validate_regions(asked, tmp_path / "it", Means(1))
