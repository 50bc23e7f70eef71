"""That the benchmarks of sweeps run and tell what they ran; never how fast."""

import csv
import signal
from pathlib import Path

import pytest

from benchmarks import sweep_kills, sweep_rivals
from benchmarks.sweep import main, measure_rivals
from benchmarks.sweep_rivals import RIVALS, Took, measured

ROW = dict[str, str]


@pytest.fixture(scope="module")
def rows(tiny_file: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, ROW]:
    """The table that a short benchmark of a tiny village leaves."""
    path = tmp_path_factory.mktemp("benchmarks") / "sweep.csv"
    short = ["--village-runs", "6", "--runs", "4", "--rounds", "1", "--durations", "0.001"]
    main([*short, "--village", str(tiny_file), "--out", str(path)])
    lines = path.read_text(encoding="utf-8").splitlines()
    table = csv.DictReader(line for line in lines if not line.startswith("#"))
    return {row["measure"]: row for row in table}


def test_everything_is_measured(rows: dict[str, ROW]) -> None:
    assert {
        "one worker", "two workers", "peak memory of the parent", "results on disk",
        *RIVALS, "sweep over bare pool", "sweep over bare pool, processor",
    } <= set(rows)  # fmt: skip


def test_every_number_of_the_village_is_above_zero(rows: dict[str, ROW]) -> None:
    for name in ("one worker", "two workers", "peak memory of the parent", "results on disk"):
        assert float(rows[name]["median"]) > 0.0


def test_runs_are_told_with_what_was_run(rows: dict[str, ROW], tiny_file: Path) -> None:
    assert rows["two workers"]["scenario"] == f"{tiny_file}, 6 runs"
    assert rows["mesa.batch_run"]["scenario"] == "4 runs of 1 ms on 2 processes"


def test_the_overhead_is_what_a_sweep_takes_more_than_a_pool(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    took = {"sweep": Took(6.0, 11.0), "bare pool": Took(5.5, 10.0)}
    monkeypatch.setattr(
        "benchmarks.sweep.measured", lambda name, *_: took.get(name, Took(9.0, 9.0))
    )
    found = {m.name: list(m.values) for m in measure_rivals(1000, 0.01, 2, lambda doing: None)}

    assert found["sweep over bare pool"] == pytest.approx([0.5, 0.5])
    assert found["sweep over bare pool, processor"] == pytest.approx([1.0, 1.0])
    assert found["bare pool, processor beside the runs"] == pytest.approx([0.0, 0.0])


def test_a_rival_that_loses_runs_is_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sweep_rivals.RIVALS, "bare pool", lambda runs, *_: runs - 1)

    with pytest.raises(RuntimeError, match="bare pool did 3 of 4 runs"):
        measured("bare pool", 4, 0.0, 2)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
def test_the_kill_test_kills_and_finds_the_same_files(
    tiny_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    what = ["--scenario", str(tiny_file), "--set", "--vary", "open_gain=0:1", "observer.rule"]
    sweep_kills.main([*what, "--points", "24", "--replicates", "1", "--kills", "1"])

    said = capsys.readouterr().out
    assert "killed with 1 workers at " in said
    assert "3 shards: the same 25 files" in said
