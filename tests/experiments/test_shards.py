"""Sweep folders: whole batches only, the same bytes always, and nothing else overwritten."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from toys import OUTCOMES, points, shards, sum_and_product, toy, tree

from sim.errors import RunError
from sim.experiments import shards as module
from sim.experiments.executors import do_batch
from sim.experiments.plan import Plan
from sim.experiments.shards import (
    FolderSink,
    batch_of,
    file_name,
    is_whole,
    read_batch,
    read_folder,
)


@pytest.fixture
def plan() -> Plan:
    return Plan(points(300), OUTCOMES, 2, 10, {"name": "toy"})


@pytest.fixture
def sink(plan: Plan, tmp_path: Path) -> FolderSink:
    """The sink of a folder that is not there yet."""
    return FolderSink(tmp_path / "deep" / "sweep", plan)


def fill(sink: FolderSink, *numbers: int) -> None:
    sink.open()
    for number in numbers:
        batch = sink.plan.batch(number)
        results = do_batch(toy(), sink.plan.requests(batch))
        sink.write(batch, sink.plan.table(batch, results))


def test_a_folder_holds_a_manifest_and_a_file_for_each_batch(sink: FolderSink) -> None:
    fill(sink, 0, 7)

    assert list(tree(sink.path)) == [
        "manifest.json", "runs/batch-000000.parquet", "runs/batch-000007.parquet"
    ]  # fmt: skip
    assert json.loads((sink.path / "manifest.json").read_text()) == sink.plan.manifest


def test_a_file_says_which_runs_it_has_and_what_came_out(sink: FolderSink) -> None:
    fill(sink, 1)
    table = read_batch(shards(sink.path)[0])

    assert table.num_rows == sink.plan.runs_per_batch == 4
    assert table.to_pylist()[1] == {
        "run": 5, "point": 2, "replicate": 1, "seed": 11, "x": 2.0, "y": 300 - 2 / 3,
        **sum_and_product({"x": 2.0, "y": 300 - 2 / 3}, 11), "error": None,
    }  # fmt: skip
    assert table.schema.metadata == {b"sweep": sink.plan.digest.encode(), b"batch": b"1"}


def test_writing_again_gives_the_same_bytes(sink: FolderSink) -> None:
    fill(sink, 0, 1, 2)
    before = tree(sink.path)
    fill(sink, 2, 0, 1)

    assert tree(sink.path) == before


def test_what_is_finished_is_found(sink: FolderSink) -> None:
    assert sink.finished(range(5)) == set()
    fill(sink, 0, 3, 4)

    assert sink.finished(range(4)) == {0, 3}


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[60] ^= 1
    path.write_bytes(content)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def swap(path: Path) -> None:
    path.write_bytes((path.parent / file_name(1)).read_bytes())


@pytest.mark.parametrize("damage", [cut, flip_a_bit, empty, swap])
def test_a_damaged_file_does_not_count(sink: FolderSink, damage: Any) -> None:
    fill(sink, 0, 1)
    damage(shards(sink.path)[0])

    assert sink.finished(range(2)) == {1}


@pytest.mark.parametrize("damage", [cut, flip_a_bit, empty])
def test_a_damaged_file_is_named_when_it_is_read(sink: FolderSink, damage: Any) -> None:
    fill(sink, 0, 1)
    damage(shards(sink.path)[0])

    with pytest.raises(RunError, match=r"batch-000000\.parquet: "):
        read_batch(shards(sink.path)[0])


def test_a_batch_of_another_sweep_does_not_count(sink: FolderSink, plan: Plan) -> None:
    fill(sink, 0)
    other = Plan(plan.design, OUTCOMES, 2, 11, plan.about)

    assert is_whole(shards(sink.path)[0], plan.manifest, 0)
    assert not is_whole(shards(sink.path)[0], other.manifest, 0)


def test_what_a_killed_writer_left_is_removed(sink: FolderSink) -> None:
    fill(sink, 0)
    before = tree(sink.path)
    (sink.path / "runs" / ".batch-000001.parquet.99.writing").write_bytes(b"PAR1")
    (sink.path / ".manifest.json.99.writing").write_bytes(b"{")
    sink.finished(range(5))
    sink.open()

    assert tree(sink.path) == before


def test_what_another_shard_is_writing_stays(sink: FolderSink) -> None:
    fill(sink, 0)
    theirs = sink.path / "runs" / ".batch-000004.parquet.99.writing"
    theirs.write_bytes(b"PAR1")
    sink.finished([0, 1])

    assert theirs.exists()


def test_a_writer_that_fails_leaves_nothing_behind(
    sink: FolderSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(sink, 0)
    before = tree(sink.path)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match=r"sweep: No space left on device; what is finished stays"):
        fill(sink, 1)
    assert tree(sink.path) == before


def test_a_file_that_another_command_tidied_away_is_written_again(
    sink: FolderSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(sink)
    replace, tidied = Path.replace, []

    def tidy_first(old: Path, new: Path) -> Path:
        if not tidied:
            tidied.append(FolderSink(sink.path, sink.plan).finished([3]))
        return replace(old, new)

    monkeypatch.setattr(Path, "replace", tidy_first)
    fill(sink, 3)

    assert tidied == [set()]
    assert sink.finished([3]) == {3}


def test_files_are_on_the_disk_before_they_have_their_names(
    sink: FolderSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    replace, fsync = Path.replace, os.fsync
    monkeypatch.setattr(
        Path, "replace", lambda old, new: order.append(new.name) or replace(old, new)
    )
    monkeypatch.setattr(os, "fsync", lambda handle: order.append("fsync") or fsync(handle))
    fill(sink, 0)

    manifest = ["fsync", "manifest.json", "fsync"]
    assert order == [*manifest, "fsync", "batch-000000.parquet", "fsync"]


# --- folders that will not do


def other_sweep(path: Path) -> str:
    FolderSink(path, Plan(points(300), OUTCOMES, 3, 10, {"name": "toy"})).open()
    return "holds another sweep: replicates is 3 there and 2 here"


def other_points(path: Path) -> str:
    FolderSink(path, Plan(points(301), OUTCOMES, 2, 10, {"name": "toy"})).open()
    return "design.points is 301 there and 300 here"


def other_program(path: Path) -> str:
    FolderSink(
        path, Plan(points(300), OUTCOMES, 2, 10, {"name": "toy", "program_sha256": "a"})
    ).open()
    return "holds another sweep: the program's code or data has changed since"


def other_files(path: Path) -> str:
    path.mkdir(parents=True)
    (path / "thesis.txt").write_text("mine")
    return "this folder has other files in it and no sweep"


def other_manifest(path: Path) -> str:
    path.mkdir(parents=True)
    (path / "manifest.json").write_text('{"format": "villagesim run 1"}')
    return "this folder has other files in it and no sweep"


def later_format(path: Path) -> str:
    path.mkdir(parents=True)
    (path / "manifest.json").write_text('{"format": "villagesim sweep 99", "sweep": {}}')
    return "this folder has other files in it and no sweep"


def a_file(path: Path) -> str:
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    return "sweep: this is a file; allowed: a folder"


def below_a_file(path: Path) -> str:
    path.parent.write_text("mine")
    return "deep is a file; no folder can be made in it"


@pytest.mark.parametrize(
    "prepare",
    [
        other_sweep,
        other_points,
        other_program,
        other_files,
        other_manifest,
        later_format,
        a_file,
        below_a_file,
    ],
)
def test_a_folder_that_will_not_do_is_refused_and_stays_as_it_was(
    sink: FolderSink, tmp_path: Path, prepare: Any
) -> None:
    said = prepare(sink.path)
    before = tree(tmp_path)

    for step in (sink.check, sink.open):
        with pytest.raises(RunError) as refusal:
            step()
        assert said in str(refusal.value)
    assert tree(tmp_path) == before


def test_a_folder_without_permission_is_refused(
    sink: FolderSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Permissions do not hold for everyone, so the system's answer is put in its place.
    monkeypatch.setattr(os, "access", lambda path, mode: False)

    with pytest.raises(RunError, match="no permission to write there"):
        sink.check()


def test_an_empty_folder_will_do(sink: FolderSink) -> None:
    (sink.path / "runs").mkdir(parents=True)
    (sink.path / ".manifest.json.1.writing").write_text("{")
    fill(sink, 0)

    assert len(tree(sink.path)) == 2


def test_figures_may_lie_beside_a_sweep(sink: FolderSink) -> None:
    fill(sink, 0)
    (sink.path / "figures").mkdir()
    (sink.path / "sensitivity.csv").write_text("x")

    sink.check()
    assert sink.finished(range(3)) == {0}


# --- reading


def test_a_folder_is_read_with_its_batches_in_order(sink: FolderSink) -> None:
    fill(sink, 7, 0, 3)
    contents = read_folder(sink.path)

    assert contents.manifest == sink.plan.manifest
    assert list(contents.files) == [0, 3, 7]


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (lambda path: None, "there is no such folder"),
        (a_file, "this is a file"),
        (other_files, "not a sweep folder; it has no manifest.json of a sweep"),
    ],
)
def test_what_is_no_sweep_folder_is_told(sink: FolderSink, prepare: Any, said: str) -> None:
    prepare(sink.path)

    with pytest.raises(RunError, match=said):
        read_folder(sink.path)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("batch-000012.parquet", 12),
        (".batch-000012.parquet.7.writing", 12),
        ("batch-1234567.parquet", 1_234_567),
        ("batch-.parquet", -1),
        ("notes.txt", -1),
    ],
)
def test_a_file_name_tells_its_batch(name: str, number: int) -> None:
    assert batch_of(Path(name)) == number
    assert module.file_name(12) == "batch-000012.parquet"
