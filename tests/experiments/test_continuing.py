"""A run that is stopped or killed goes on and ends as if nothing had happened."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.engine.resuming import CARRIED_TERMS, MADE_ANEW, carried_arrays
from sim.engine.simulation import Simulation
from sim.errors import RunError, ScenarioError
from sim.experiments import RunOptions, run
from sim.experiments.continuing import continue_run
from sim.experiments.workplace import digest_of, lasting_path
from sim.results import RunFolder, store
from sim.scenario import Scenario, load_scenario, registered

YEARLY = RunOptions(threads=1, checkpoint="yearly")
MONTHLY = replace(YEARLY, checkpoint="monthly")


class Killed(BaseException):
    """Ends a run where it is, as a signal would that nobody can catch."""


@pytest.fixture(scope="module")
def villages(tiny_file: Path) -> Scenario:
    return load_scenario(tiny_file, ["villages.Reed.count=4", "end=2017-04-20"])


@pytest.fixture(scope="module")
def undisturbed(villages: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run without checkpoints."""
    path = tmp_path_factory.mktemp("undisturbed") / "run"
    run(villages, out=path, options=RunOptions(threads=1))
    return path


def results(folder: Path) -> dict[str, Any]:
    """Everything in a run folder but what its manifest tells of the machine."""
    files: dict[str, Any] = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
    return files | {"manifest.json": json.loads(files["manifest.json"])["run"]}


def killed_in(month: str) -> Callable[[float, str], None]:
    def tell(share: float, doing: str) -> None:
        if doing.startswith(month):
            raise Killed

    return tell


def killed_run(scenario: Scenario, out: Path, month: str, options: RunOptions = YEARLY) -> None:
    with pytest.raises(Killed):
        run(scenario, out=out, progress=killed_in(month), options=options)


def stopped_after(months: int, options: RunOptions = YEARLY) -> RunOptions:
    left = iter([False] * (months - 1) + [True] * 1000)
    return replace(options, stop=lambda: next(left))


# --- the same bytes


@pytest.mark.parametrize("options", [YEARLY, MONTHLY])
def test_checkpoints_change_no_byte(
    villages: Scenario, undisturbed: Path, tmp_path: Path, options: RunOptions
) -> None:
    run(villages, out=tmp_path / "run", options=options)

    assert results(tmp_path / "run") == results(undisturbed)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("options", [YEARLY, MONTHLY])
@pytest.mark.parametrize("month", ["January 2015", "June 2015", "January 2016", "April 2017"])
def test_a_killed_run_goes_on_to_the_same_bytes(
    villages: Scenario, undisturbed: Path, tmp_path: Path, month: str, options: RunOptions
) -> None:
    killed_run(villages, tmp_path / "run", month, options)
    continue_run(tmp_path / "run", options=RunOptions(threads=2))

    assert results(tmp_path / "run") == results(undisturbed)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_run_may_be_killed_again_and_again(
    villages: Scenario, undisturbed: Path, tmp_path: Path
) -> None:
    killed_run(villages, tmp_path / "run", "March 2016")
    for month in ("July 2016", "March 2017"):
        with pytest.raises(Killed):
            continue_run(tmp_path / "run", killed_in(month))
    continue_run(tmp_path / "run")

    assert results(tmp_path / "run") == results(undisturbed)


def test_a_run_killed_while_writing_goes_on_to_the_same_bytes(
    villages: Scenario, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("sim.results.folder.manifest_of", killed)
        with pytest.raises(Killed):
            run(villages, out=tmp_path / "run", options=YEARLY)
    continue_run(tmp_path / "run")

    assert results(tmp_path / "run") == results(undisturbed)


def test_a_run_killed_while_writing_a_checkpoint_goes_on_from_the_one_before(
    villages: Scenario, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(path: Path) -> None:
        if "2017" in str(path):
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("sim.results.checkpoint.flush_file", killed)
        with pytest.raises(Killed):
            run(villages, out=tmp_path / "run", options=YEARLY)
    names = {path.name for path in lasting_path(tmp_path / "run").iterdir()}
    assert {"checkpoint-2016-01-01", "checkpoint-2017-01-01.unfinished"} <= names
    continue_run(tmp_path / "run")

    assert results(tmp_path / "run") == results(undisturbed)


def test_it_goes_on_from_its_last_checkpoint(villages: Scenario, tmp_path: Path) -> None:
    killed_run(villages, tmp_path / "run", "June 2016")
    told: list[str] = []
    continue_run(tmp_path / "run", lambda share, doing: told.append(doing))

    months = [doing for doing in told if "20" in doing]
    assert months[0].startswith("January 2016")
    assert len(months) == 16


# --- stopped in an orderly way


def test_a_stopped_run_leaves_the_months_that_it_came_to(
    villages: Scenario, undisturbed: Path, tmp_path: Path
) -> None:
    result = run(villages, out=tmp_path / "run", options=stopped_after(17, RunOptions(threads=1)))
    folder, whole = RunFolder(tmp_path / "run"), RunFolder(undisturbed)

    assert result.record.planned_end == date(2017, 4, 20)
    assert (folder.is_complete, folder.reached) == (False, "2016-05-31")
    assert folder.manifest["run"]["end"] == "2017-04-20"
    assert folder.table("villages").equals(whole.table("villages").slice(0, 17 * 4))
    assert folder.table("village_years").column("months").to_pylist() == [12] * 4 + [5] * 4
    assert folder.summary["years"]["2015"] == whole.summary["years"]["2015"]
    assert list(folder.summary["years"]) == ["2015", "2016"]
    assert whole.is_complete


def test_a_stopped_run_goes_on_to_the_same_bytes(
    villages: Scenario, undisturbed: Path, tmp_path: Path
) -> None:
    run(villages, out=tmp_path / "run", options=stopped_after(17))
    continue_run(tmp_path / "run", options=stopped_after(3))
    assert RunFolder(tmp_path / "run").reached == "2016-08-31"
    continue_run(tmp_path / "run")

    assert results(tmp_path / "run") == results(undisturbed)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_the_last_month_is_not_stopped(villages: Scenario, tmp_path: Path) -> None:
    result = run(villages, out=tmp_path / "run", options=stopped_after(28))

    assert result.record.is_complete


# --- what a simulation carries


def test_every_attribute_of_a_simulation_is_carried_or_made_anew(villages: Scenario) -> None:
    simulation = Simulation(villages, threads=1)

    carried = vars(simulation).keys() - MADE_ANEW
    assert carried == {"state", "day", "terms", "_shop_blocks"}
    assert set(CARRIED_TERMS) < set(simulation.terms._fields)


def test_rows_of_shops_that_were_never_used_are_left_out(villages: Scenario) -> None:
    simulation = Simulation(villages, threads=1)

    assert carried_arrays(simulation)["shops"].size == 0
    assert simulation.state.shops.size > 0


# --- what is refused


@pytest.fixture
def killed(villages: Scenario, tmp_path: Path) -> Path:
    killed_run(villages, tmp_path / "run", "June 2016")
    return tmp_path / "run"


def checkpoint(folder: Path) -> Path:
    return lasting_path(folder) / "checkpoint-2016-01-01"


def test_a_finished_run_is_not_continued(undisturbed: Path) -> None:
    with pytest.raises(RunError, match="this run is finished; there is nothing to continue"):
        continue_run(undisturbed)


def test_a_partial_run_without_checkpoint_is_not_continued(
    villages: Scenario, tmp_path: Path
) -> None:
    run(villages, out=tmp_path / "run", options=stopped_after(2, RunOptions(threads=1)))
    with pytest.raises(RunError, match="no checkpoint; run it again with --checkpoint yearly"):
        continue_run(tmp_path / "run")


def test_nothing_is_not_continued(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="there is no run to continue"):
        continue_run(tmp_path / "run")


@pytest.mark.parametrize("name", ["small.npz", "checkpoint.json"])
@pytest.mark.parametrize("damage", ["changed", "cut", "missing"])
def test_a_damaged_checkpoint_is_refused(killed: Path, name: str, damage: str) -> None:
    path = checkpoint(killed) / name
    content = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    else:
        content[len(content) // 2] ^= 1
        path.write_bytes(content)

    with pytest.raises(RunError, match=name.replace(".", r"\.")):
        continue_run(killed)


@pytest.mark.parametrize("about", ["{}", "[]", '{"checkpoint": "yearly"}', "{"])
def test_a_damaged_description_is_refused(killed: Path, about: str) -> None:
    (lasting_path(killed) / "run.json").write_text(about)

    with pytest.raises(RunError, match=r"run\.json: damaged"):
        continue_run(killed)


def test_a_scenario_that_has_been_changed_does_not_go_on(killed: Path) -> None:
    path = lasting_path(killed) / "run.json"
    about = json.loads(path.read_text())
    about["scenario"]["title"] = "Another"
    path.write_text(json.dumps(about))

    with pytest.raises(RunError, match="its scenario has changed"):
        continue_run(killed)


def test_damaged_rows_are_refused(killed: Path) -> None:
    path = lasting_path(killed) / "rows" / "villages-00000.parquet"
    path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(RunError, match=r"villages-00000\.parquet: damaged"):
        continue_run(killed)


@pytest.mark.parametrize(
    ("expected", "message"),
    [
        ({"seed": 8}, r"begun with seed 7, not 8"),
        ({"until": date(2016, 1, 1)}, r"begun with last day 2017-04-20, not 2016-01-01"),
        ({"record": {"villages": "year"}}, r"begun with record of villages month, not year"),
        ({"scenario": "other"}, r"begun with scenario tiny, not tiny as it is given"),
    ],
)
def test_another_run_is_refused(
    killed: Path, tiny_file: Path, expected: dict[str, Any], message: str
) -> None:
    if "scenario" in expected:
        expected = {"scenario": load_scenario(tiny_file)}
    with pytest.raises(RunError, match=message):
        continue_run(killed, expected=expected)


def test_the_same_run_is_expected(killed: Path, villages: Scenario) -> None:
    same = {"seed": 7, "until": date(2017, 4, 20), "scenario": villages, "record": {}}

    assert continue_run(killed, expected=same).record.is_complete


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("program_sha256", "0", "another version of the program"),
        ("versions", {"numpy": "1.0"}, "begun with python None, not"),
        ("villages_sha256", "0", "begun with other villages"),
    ],
)
def test_another_version_does_not_go_on(
    killed: Path, name: str, value: object, message: str
) -> None:
    path = lasting_path(killed) / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {name: value}))

    with pytest.raises(RunError, match=message):
        continue_run(killed)


def test_the_hash_of_villages_does_not_depend_on_what_has_been_asked_of_them(
    villages: Scenario,
) -> None:
    register = registered(villages.villages)
    before = digest_of(register)

    assert register.households.sum() > 0
    assert digest_of(register) == before


def test_two_programs_do_not_work_in_one_folder(villages: Scenario, tmp_path: Path) -> None:
    def tell(share: float, doing: str) -> None:
        if doing.startswith("June 2015"):
            continue_run(tmp_path / "run")

    with pytest.raises(RunError, match="another program is working in this folder"):
        run(villages, out=tmp_path / "run", progress=tell, options=YEARLY)


def test_a_checkpoint_needs_a_folder(villages: Scenario) -> None:
    with pytest.raises(ScenarioError, match="checkpoint: 'yearly'; allowed: none without a folder"):
        run(villages, options=YEARLY)


def test_an_unknown_interval_is_refused(villages: Scenario, tmp_path: Path) -> None:
    options = replace(YEARLY, checkpoint="weekly")
    with pytest.raises(ScenarioError, match="'weekly'; allowed: none, yearly, monthly"):
        run(villages, out=tmp_path / "run", options=options)


def test_a_run_that_begins_anew_clears_what_a_killed_one_has_left(
    killed: Path, villages: Scenario, undisturbed: Path
) -> None:
    kept = lasting_path(killed)
    shutil.copytree(kept, kept.with_name("copy"))
    run(villages, out=killed, options=RunOptions(threads=1))
    assert not kept.exists()

    kept.with_name("copy").rename(kept)
    run(villages, out=killed, options=YEARLY)
    assert not kept.exists()
    assert results(killed) == results(undisturbed)


def test_what_is_on_disk_may_be_moved_there_at_any_time(
    villages: Scenario, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MOST_BYTES_IN_MEMORY", 1000)
    killed_run(villages, tmp_path / "run", "June 2016", MONTHLY)
    continue_run(tmp_path / "run")

    assert results(tmp_path / "run") == results(undisturbed)


def test_a_restored_state_is_the_state(villages: Scenario, killed: Path) -> None:
    from sim.results.checkpoint import read_checkpoint

    stored = read_checkpoint(lasting_path(killed))
    simulation = Simulation(villages, threads=1)
    while simulation.date < date(2016, 1, 1):
        simulation.start_month()
        simulation.walk(simulation.month_end_day)

    assert stored is not None
    for name, array in carried_arrays(simulation).items():
        kept = stored.arrays[f"state.{name}"]
        for column in array.dtype.names or [...]:
            np.testing.assert_array_equal(kept[column], array[column])
