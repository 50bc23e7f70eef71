"""Putting parts of a sweep together, and refusing what is not part of it."""

import os
from pathlib import Path
from typing import Any

import pytest
from toys import points, shards, sum_and_product, toy, tree

from sim.errors import RunError
from sim.experiments.merge import merge_sweeps
from sim.experiments.shards import read_folder
from sim.experiments.sweep import Means, Shard, run_points


def part(folder: Path, number: int = 1, of: int = 1, seed: int = 0) -> Path:
    run_points(toy(sum_and_product), points(30), folder, 1, seed, Means(1, Shard(number, of)))
    return folder


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    """Both halves of a sweep."""
    return [part(tmp_path / str(number), number, 2) for number in (1, 2)]


def test_both_halves_are_the_whole(parts: list[Path], tmp_path: Path) -> None:
    result = merge_sweeps(parts, tmp_path / "all")

    assert result.is_complete
    assert tree(tmp_path / "all") == tree(part(tmp_path / "alone"))


def test_half_is_a_sweep_that_can_go_on(parts: list[Path], tmp_path: Path) -> None:
    result = merge_sweeps(parts[1:], tmp_path / "all")

    assert (result.is_complete, result.runs_there) == (False, 15)
    part(tmp_path / "all")
    assert tree(tmp_path / "all") == tree(part(tmp_path / "alone"))


def test_what_several_folders_have_is_there_once(parts: list[Path], tmp_path: Path) -> None:
    whole = part(tmp_path / "whole")

    assert merge_sweeps([*parts, whole, parts[0]], tmp_path / "all").runs_there == 30
    assert tree(tmp_path / "all") == tree(whole)


def test_one_of_the_folders_may_take_the_rest(parts: list[Path], tmp_path: Path) -> None:
    merge_sweeps(parts, parts[0])

    assert tree(parts[0]) == tree(part(tmp_path / "alone"))


def test_a_folder_with_a_part_already_may_take_the_rest(parts: list[Path], tmp_path: Path) -> None:
    merge_sweeps(parts[1:], parts[0])

    assert tree(parts[0]) == tree(part(tmp_path / "alone"))


def test_merging_again_changes_nothing(parts: list[Path], tmp_path: Path) -> None:
    merge_sweeps(parts, tmp_path / "all")
    before = tree(tmp_path / "all")
    merge_sweeps(parts, tmp_path / "all")

    assert tree(tmp_path / "all") == before


def damaged(tmp_path: Path) -> list[Path]:
    folder = part(tmp_path / "damaged")
    shards(folder)[2].write_bytes(b"PAR1")
    return [folder]


def other_results(tmp_path: Path) -> list[Path]:
    one, two = part(tmp_path / "one"), part(tmp_path / "two", seed=3)
    ours, theirs = (str(read_folder(folder).manifest["sha256"]).encode() for folder in (one, two))
    # A file that names the sweep and the batch, and says something else.
    shards(one)[4].write_bytes(shards(two)[4].read_bytes().replace(theirs, ours))
    return [one, part(tmp_path / "three")]


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (lambda tmp: [], "no folder given"),
        (lambda tmp: [tmp / "nowhere"], "nowhere: there is no such folder"),
        (lambda tmp: [tmp], "not a sweep folder"),
        (lambda tmp: [part(tmp / "a"), part(tmp / "b", seed=1)],
         "b: holds another sweep than .*a: seed is 0 there and 1 here"),
        (damaged, "batch-000002.parquet: damaged"),
        (other_results, "batch-000004.parquet: has other results than"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_and_nothing_is_written(
    tmp_path: Path, prepare: Any, said: str
) -> None:
    folders = prepare(tmp_path)

    with pytest.raises(RunError, match=said):
        merge_sweeps(folders, tmp_path / "all")
    assert not (tmp_path / "all").exists()


def test_a_folder_of_another_sweep_takes_nothing(parts: list[Path], tmp_path: Path) -> None:
    other = part(tmp_path / "other", seed=9)
    before = tree(other)

    with pytest.raises(RunError, match="other: holds another sweep: seed is 9 there and 0 here"):
        merge_sweeps(parts, other)
    assert tree(other) == before


def test_a_full_disk_is_told(
    parts: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match="all: No space left on device"):
        merge_sweeps(parts, tmp_path / "all")
    assert tree(tmp_path / "all") == {}
