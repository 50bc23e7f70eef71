"""Sweeps: the same bytes however they are run, and failed runs as rows."""

import math
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from toys import OUTCOMES, fails_at_odd_x, points, shards, toy, tree

from sim.errors import RunError, ScenarioError
from sim.experiments.design import design_of_points, make_design
from sim.experiments.merge import merge_sweeps
from sim.experiments.outcomes import OUTCOMES as ALL_OUTCOMES
from sim.experiments.outcomes import outcomes_of
from sim.experiments.plan import Plan
from sim.experiments.run import RunOptions, run
from sim.experiments.sweep import Means, Progress, Shard, check_points, run_points, sweep
from sim.experiments.sweep_result import SweepResult, read_sweep
from sim.experiments.variant import ScenarioVariant
from sim.scenario import Scenario, load_scenario, with_changes

GAIN = "behaviour.open_gain"
ONE = Means(workers=1)


@pytest.fixture(scope="module")
def tiny(tiny_file: Path) -> Scenario:
    return load_scenario(tiny_file, ["end=2015-06-30"])


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a sweep of toys that nothing has disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed") / "sweep"
    run_points(toy(fails_at_odd_x), points(200), folder, 3, 5, ONE)
    return folder


def again(folder: Path, means: Means) -> SweepResult:
    return run_points(toy(fails_at_odd_x), points(200), folder, 3, 5, means)


# --- what is run


def test_every_point_has_every_replicate_with_the_same_seeds(undisturbed: Path) -> None:
    runs = read_sweep(undisturbed).to_polars()

    assert runs["run"].to_list() == list(range(600))
    assert runs["point"].to_list() == [run // 3 for run in range(600)]
    assert runs["replicate"].to_list() == [0, 1, 2] * 200
    assert runs["seed"].to_list() == [5, 6, 7] * 200
    assert runs["x"].to_list() == [float(run // 3) for run in range(600)]


def test_a_failed_run_is_a_row_with_its_error(undisturbed: Path) -> None:
    failed = read_sweep(undisturbed).failures

    assert len(failed) == 300
    row = failed.row(4, named=True)
    assert (row["point"], row["seed"], row["x"]) == (3, 6, 3.0)
    assert row["error"] == "ValueError: x is 3, and odd; seed 6"
    assert [row[name] for name in OUTCOMES] == [None, None]


def test_a_run_is_what_a_single_run_gives(tiny: Scenario) -> None:
    result = sweep(tiny, {GAIN: [0.5, 1.0]}, replicates=2, seed=3, workers=1)
    row = result.to_polars().row(3, named=True)

    single = run(with_changes(tiny, {GAIN: 1.0}), 4, options=RunOptions(threads=1))
    assert (row[GAIN], row["seed"], row["error"]) == (1.0, 4, None)
    found = {outcome.name: row[outcome.name] for outcome in ALL_OUTCOMES}
    assert found == pytest.approx(outcomes_of(single), nan_ok=True, rel=0, abs=0)
    assert found["online_sales_yuan"] != found["orders"]


def test_the_first_seed_is_the_scenarios(tiny: Scenario) -> None:
    result = sweep(tiny, {GAIN: [0.5]}, workers=1)

    assert result.to_polars()["seed"].to_list() == [7]


def test_keys_of_every_kind_reach_the_model(tiny: Scenario) -> None:
    vary = {
        "end": [date(2015, 1, 31), date(2015, 2, 28)],
        "platforms": [[], ["taobao"]],
        "observer.rule": ["published"],
        "villages.Reed.broadband_year": [2010],
        "goods.bayberry.exportable": [True],
    }
    runs = sweep(tiny, vary, workers=1).to_polars()

    assert runs["error"].null_count() == 4
    assert runs["followed_days"].to_list() == [31.0, 31.0, 59.0, 59.0]
    sales = runs["total_online_sales_yuan"].to_list()
    assert (sales[0], sales[2]) == (0.0, 0.0)
    assert sales[3] > 0.0


def test_a_design_may_be_made_before(tiny: Scenario) -> None:
    design = design_of_points(tiny, [{GAIN: 0.25}, {GAIN: 0.75}], "mine")
    result = sweep(tiny, design=design, workers=1)

    assert result.about["design"] == {"name": "mine", "points": 2}
    assert result.to_polars()[GAIN].to_list() == [0.25, 0.75]


def test_workers_may_be_given_beside_other_means(tiny: Scenario) -> None:
    told: list[Progress] = []
    nobody = Means("tcp://nobody:1", progress=told.append)

    assert sweep(tiny, {GAIN: [0.5]}, means=nobody, workers=1).runs_there == 1
    assert told[-1].done == 1


def test_a_scenario_may_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ScenarioVariant, "__call__", lambda self, values, seed: dict.fromkeys(
        self.outcomes, math.nan))  # fmt: skip

    assert sweep("cangtian", [f"{GAIN}=[1]"], workers=1).about["name"] == "cangtian"


# --- the same bytes


@pytest.mark.parametrize("workers", [2, 4])
def test_any_number_of_workers_gives_the_same_bytes(
    undisturbed: Path, tmp_path: Path, workers: int
) -> None:
    again(tmp_path / "sweep", Means(workers))

    assert tree(tmp_path / "sweep") == tree(undisturbed)


def test_an_executor_of_ones_own_gives_the_same_bytes(undisturbed: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        again(tmp_path / "sweep", Means(pool))

    assert tree(tmp_path / "sweep") == tree(undisturbed)


def test_shards_in_folders_of_their_own_merge_to_the_same_bytes(
    undisturbed: Path, tmp_path: Path
) -> None:
    for number in (3, 1, 2):
        again(tmp_path / str(number), Means(1, Shard(number, 3)))
    merge_sweeps([tmp_path / "2", tmp_path / "3", tmp_path / "1"], tmp_path / "sweep")

    assert tree(tmp_path / "sweep") == tree(undisturbed)


def test_shards_in_one_folder_give_the_same_bytes(undisturbed: Path, tmp_path: Path) -> None:
    for number in (2, 1):
        again(tmp_path / "sweep", Means(1, Shard(number, 2)))

    assert tree(tmp_path / "sweep") == tree(undisturbed)


def test_a_village_gives_the_same_bytes_on_one_and_two_workers(
    tiny: Scenario, tmp_path: Path
) -> None:
    for workers in (1, 2):
        folder = tmp_path / str(workers)
        sweep(tiny, {GAIN: "0.2:1:0.2"}, folder, replicates=2, workers=workers)

    assert tree(tmp_path / "1") == tree(tmp_path / "2")
    assert len(shards(tmp_path / "1")) == 10


def test_without_a_folder_the_runs_are_the_same(undisturbed: Path) -> None:
    result = again(None, ONE)  # type: ignore[arg-type]

    assert result.folder is None
    assert result.table.equals(read_sweep(undisturbed).table)


# --- going on


class StopError(Exception):
    """Somebody has pressed Ctrl-C."""


def stop_after(runs: int) -> Any:
    def tell(progress: Progress) -> None:
        if progress.done >= runs:
            raise StopError

    return tell


def test_a_sweep_goes_on_where_it_stopped(undisturbed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sweep"
    with pytest.raises(StopError):
        again(folder, Means(1, progress=stop_after(100)))
    there = len(shards(folder))
    told: list[Progress] = []
    again(folder, Means(1, progress=told.append))

    assert there == 25
    assert (told[0].before, told[0].done, told[0].runs) == (100, 0, 600)
    assert (told[-1].done, told[-1].failed) == (500, 251)
    assert tree(folder) == tree(undisturbed)


def test_a_finished_sweep_runs_nothing_and_needs_no_workers(undisturbed: Path) -> None:
    before = tree(undisturbed)
    result = again(undisturbed, Means("tcp://nobody:1"))

    assert result.is_complete
    assert tree(undisturbed) == before


def test_a_damaged_batch_is_run_again(undisturbed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sweep"
    again(folder, ONE)
    shards(folder)[3].write_bytes(b"PAR1")
    shards(folder)[5].unlink()
    told: list[Progress] = []
    again(folder, Means(1, progress=told.append))

    assert told[-1].done == 8
    assert tree(folder) == tree(undisturbed)


def test_only_the_batches_of_a_shard_are_counted(tmp_path: Path) -> None:
    told: list[Progress] = []
    again(tmp_path / "sweep", Means(1, Shard(2, 3), told.append))

    assert (told[-1].runs, told[-1].done) == (200, 200)


# --- what is refused


def test_another_sweep_is_refused_before_anything_is_run(undisturbed: Path) -> None:
    before = tree(undisturbed)

    with pytest.raises(RunError, match="replicates is 3 there and 4 here"):
        run_points(toy(fails_at_odd_x), points(200), undisturbed, 4, 5, Means("tcp://nobody:1"))
    assert tree(undisturbed) == before


def test_a_sweep_begun_by_another_state_of_the_program_is_refused(
    tiny: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep(tiny, {GAIN: [0.5]}, tmp_path / "sweep", workers=1)
    monkeypatch.setattr("sim.experiments.variant.program_hash", lambda: "another")

    with pytest.raises(RunError, match="the program's code or data has changed since"):
        sweep(tiny, {GAIN: [0.5]}, tmp_path / "sweep", workers=1)


def test_a_worker_with_another_state_of_the_program_ends_the_sweep(
    tiny: Scenario, tmp_path: Path
) -> None:
    experiment = ScenarioVariant(ScenarioVariant.of(tiny).text, "another")
    design = make_design(tiny, {GAIN: [0.5]})

    with pytest.raises(RunError, match="a worker has other code or data"):
        run_points(experiment, design, tmp_path / "sweep", 1, 7, ONE)
    assert shards(tmp_path / "sweep") == []


@pytest.mark.parametrize(
    ("replicates", "seed", "said"),
    [
        (0, 0, "replicates: 0"),
        (1_000_001, 0, "replicates: 1000001"),
        (1, -1, "seed: -1"),
        (3, 2**63 - 2, "2\\*\\*63 less the replicates"),
    ],
)
def test_numbers_that_make_no_sweep_are_refused(
    tmp_path: Path, replicates: int, seed: int, said: str
) -> None:
    with pytest.raises(ScenarioError, match=said):
        run_points(toy(), points(3), tmp_path / "sweep", replicates, seed, ONE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("number", "of"), [(0, 3), (4, 3), (1, 0)])
def test_a_shard_that_there_is_not_is_refused(number: int, of: int) -> None:
    with pytest.raises(ScenarioError, match="I/N with I from 1 to N"):
        Shard(number, of)


def test_names_that_are_twice_in_a_table_are_refused() -> None:
    with pytest.raises(ScenarioError, match="sweep: x; allowed: names that differ"):
        Plan(points(3), ("x",))


def test_a_scenario_that_no_point_fits_is_refused_before_anything_is_written(
    tiny: Scenario, tmp_path: Path
) -> None:
    with pytest.raises(ScenarioError, match=r"point 1 of the design: .*people = 1000; allowed"):
        sweep(tiny, {"villages.Reed.people": [90, 1000]}, tmp_path / "sweep", workers=1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("vary", "place"),
    [
        ({"villages.Reed.people": "80:1000:92"}, "point 10"),
        ({"end": [date(2015, 12, 31), date(2015, 6, 30), date(2023, 1, 1)]}, "point 2"),
        ({"platforms": [["taobao"], ["jd", "jd"]]}, "point 1"),
        ({"goods.bayberry.premium_share": [0.1, 0.99]}, "point 1"),
    ],
)
def test_the_first_point_of_each_extreme_is_tried(
    tiny: Scenario, vary: dict[str, Any], place: str
) -> None:
    with pytest.raises(ScenarioError, match=f"{place} of the design"):
        check_points(tiny, make_design(tiny, vary))


def test_a_point_between_that_cannot_be_run_becomes_a_row(tiny: Scenario) -> None:
    # Each value will do with some of the others, but not with all of them.
    points = [
        {"villages.Reed.households": 30, "villages.Reed.people": 90},
        {"villages.Reed.households": 40, "villages.Reed.people": 200},
        {"villages.Reed.households": 35, "villages.Reed.people": 95},
        {"villages.Reed.households": 32, "villages.Reed.people": 195},
    ]
    result = sweep(tiny, design=design_of_points(tiny, points), workers=1)

    (error,) = result.errors
    assert error.startswith("ScenarioError: override villages.Reed.people=195")
    assert result.failures["point"].to_list() == [3]
