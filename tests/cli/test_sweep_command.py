"""`villagesim sweep` and `merge`: what they do, say and refuse."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from sim.cli import sweep_story
from sim.cli.sweep_story import Meter, spoken_time
from sim.experiments import shards as shards_module
from sim.experiments.sweep import Progress
from sim.experiments.sweep_result import read_sweep

GAIN = "behaviour.open_gain"
SHORT = ("--set", "end=2015-02-28", "--workers", "1")
TWO_POINTS = ("sweep", "tiny.toml", "--vary", "open_gain=[0.5,1]", *SHORT)


def only(contents: dict[str, bytes], folder: str) -> dict[str, bytes]:
    """What is in one folder of the working directory."""
    return {
        name.removeprefix(f"{folder}{os.sep}"): content
        for name, content in contents.items()
        if name.startswith(f"{folder}{os.sep}")
    }


def test_a_sweep_tells_what_it_did_and_where(villagesim: Any, contents: Any) -> None:
    result = villagesim(*TWO_POINTS, "--replicates", "3")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("6 runs in out/tiny-sweep/ · 6 done in ")
    assert result.stdout.endswith(" a second\n")
    runs = read_sweep("out/tiny-sweep").to_polars()
    assert runs[GAIN].to_list() == [0.5] * 3 + [1.0] * 3
    assert runs["seed"].to_list() == [7, 8, 9] * 2
    assert runs["followed_days"].to_list() == [59.0] * 6


def test_the_same_command_goes_on(villagesim: Any, folder: Path, contents: Any) -> None:
    villagesim(*TWO_POINTS)
    before = contents()
    (folder / "out" / "tiny-sweep" / "runs" / "batch-000001.parquet").unlink()
    again = villagesim(*TWO_POINTS).stdout
    finished = villagesim(*TWO_POINTS).stdout

    assert again.startswith("2 runs in out/tiny-sweep/ · 1 of them there before · 1 done in ")
    assert finished == "2 runs in out/tiny-sweep/ · all of them there before\n"
    assert contents() == before


def test_options_reach_the_sweep(villagesim: Any) -> None:
    result = villagesim(
        "sweep", "tiny.toml", "--vary", "open_gain=0:1", "--vary", "observer.rule", *SHORT,
        "--design", "sobol", "--samples", "4", "--design-seed", "3", "--seed", "40",
        "--replicates", "2", "--policy", "training", "--set", "observer.trailing_days=30",
        "--out", "here",
    )  # fmt: skip
    sweep = read_sweep("here")

    assert result.exit_code == 0
    assert sweep.about["design"] == {
        "name": "sobol", "points": 4, "samples": 4, "design_seed": 3,
        "vary": {GAIN: "0:1", "observer.rule": "[strict,published]"},
    }  # fmt: skip
    assert sweep.to_polars()["seed"].to_list() == [40, 41] * 4
    assert sweep.about["scenario"]["observer"]["trailing_days"] == 30
    assert len(sweep.about["scenario"]["policies"]) == 1


def test_points_may_come_from_a_file(villagesim: Any, folder: Path) -> None:
    (folder / "points.csv").write_text("open_gain,end\n0.5,2015-01-31\n1,2015-02-28\n")
    result = villagesim("sweep", "tiny.toml", "--design", "points.csv", "--workers", "1")
    runs = read_sweep("out/tiny-sweep").to_polars()

    assert result.exit_code == 0
    assert runs["followed_days"].to_list() == [31.0, 59.0]


def test_shards_merge_to_the_bytes_of_one_sweep(villagesim: Any, contents: Any) -> None:
    command = ("sweep", "tiny.toml", "--vary", "open_gain=0.25:1:0.25", *SHORT)
    villagesim(*command, "--out", "alone")
    for number in (1, 2, 3):
        said = villagesim(*command, "--shard", f"{number}/3", "--out", f"part{number}").stdout
        assert f"This was part {number} of 3." in said
    merged = villagesim("merge", "part3", "part1", "part2", "--out", "all")

    assert (merged.exit_code, merged.stdout) == (0, "4 runs from 3 folders, in all/\n")
    assert only(contents(), "all") == only(contents(), "alone")


def test_merging_some_of_the_parts_says_what_is_missing(villagesim: Any) -> None:
    villagesim(*TWO_POINTS, "--shard", "1/2", "--out", "part1")
    result = villagesim("merge", "part1", "--out", "all")

    assert result.stdout.splitlines() == [
        "1 run from 1 folder, in all/",
        "1 run is missing; the sweep's own command with this folder runs them",
    ]


def test_runs_that_fail_are_told_and_do_not_end_the_sweep(villagesim: Any, folder: Path) -> None:
    lines = ["villages.Reed.households,villages.Reed.people", "30,90", "40,200", "32,195", "32,94"]
    (folder / "points.csv").write_text("\n".join(lines))
    result = villagesim("sweep", "tiny.toml", "--design", "points.csv", *SHORT)

    assert result.exit_code == 0
    _, heading, error = result.stdout.splitlines()
    assert heading == "1 run failed:"
    assert error.startswith("  1 × ScenarioError: override villages.Reed.people=195")


def edited(old: str, new: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        path = folder / "tiny.toml"
        path.write_text(path.read_text().replace(old, new, 1))

    return edit


def file(name: str, content: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)

    return write


def nothing(folder: Path) -> None:
    pass


VARY = ("sweep", "tiny.toml", "--vary")
# What is there, what is asked for, and what the message must say.
WRONG: dict[str, tuple[Callable[[Path], None], list[str], list[str]]] = {
    "no scenario": (nothing, ["sweep"], ["'SCENARIO'", "villagesim sweep --help"]),
    "unknown scenario": (
        nothing, ["sweep", "cangtain", "--vary", "open_gain"], ["did you mean 'cangtian'?"]
    ),
    "scenario that is not valid": (
        edited("people = 90", "people = 9000"), [*VARY, "open_gain"],
        ["tiny.toml: ", "people = 9000"],
    ),
    "nothing to vary": (nothing, ["sweep", "tiny.toml"], ["vary", "at least one key to vary"]),
    "unknown key": (
        nothing, [*VARY, "behaviour.open_gian=0:1"],
        ["no such key to vary: behaviour.open_gian", "did you mean 'open_gain'?"],
    ),
    "unknown village": (
        nothing, [*VARY, "villages.Rede.people=80:90"], ["villages.Rede", "did you mean 'Reed'?"]
    ),
    "key of a whole table": (nothing, [*VARY, "villages.Reed=[1]"], ["the key of a single value"]),
    "key twice": (
        nothing, [*VARY, "open_gain=0:1", "--vary", "behaviour.open_gain=[1]"], ["each key once"]
    ),
    "the seed": (nothing, [*VARY, "seed=1:10"], ["vary: seed", "replicates"]),
    "empty range": (
        nothing, [*VARY, "open_gain=1:0"], ["'1:0'", "a first value below the last one"]
    ),
    "range of no numbers": (nothing, [*VARY, "open_gain=low:high"], ["'low'", "a number"]),
    "step of zero": (nothing, [*VARY, "open_gain=0:1:0"], ["a step above 0"]),
    "empty list": (nothing, [*VARY, "open_gain=[]"], ["a list with at least one value"]),
    "unknown distribution": (nothing, [*VARY, "open_gain=normal(0,1)"], ["loguniform(LOW,HIGH)"]),
    "half a person": (nothing, [*VARY, "villages.Reed.people=[90.5]"], ["90.5", "a whole number"]),
    "day that there is not": (
        nothing, [*VARY, "end=[2015-02-30]"], ["2015-02-30", "a date such as"]
    ),
    "unknown choice": (
        nothing, [*VARY, "observer.rule=[strct]"], ["strict, published", "did you mean 'strict'?"]
    ),
    "no plausible range": (
        nothing, [*VARY, "villages.Reed.people"], ["no plausible range is known"]
    ),
    "value that the scenario refuses": (
        nothing, [*VARY, "villages.Reed.people=[90,9000]"],
        ["point 1 of the design", "villages.Reed.people = 9000", "30 to 180"],
    ),
    "unknown design": (
        nothing, [*VARY, "open_gain=0:1", "--design", "lsh"], ["'lsh'", "did you mean 'lhs'?"]
    ),
    "grid of a range without steps": (
        nothing, [*VARY, "open_gain=0:1", "--design", "grid"], ["LOW:HIGH:STEP"]
    ),
    "more samples than a grid has": (
        nothing, [*VARY, "open_gain=[0.5,1]", "--samples", "3"], ["samples: 3", "at most 2"]
    ),
    "grid without end": (
        nothing,
        [*VARY, "open_gain=0:1:0.001", "--vary", "platforms.jd.reach=0:1:0.001",
         "--vary", "open_intercept=0:1:0.001"],
        ["1,003,003,001 points", "at most 10,000,000"],
    ),
    "Sobol points that are no power of two": (
        nothing, [*VARY, "open_gain=0:1", "--design", "sobol", "--samples", "100"], ["64 or 128"]
    ),
    "samples that are no number": (
        nothing,
        [*VARY, "open_gain=0:1", "--samples", "many"],
        ["'--samples'", "'many'", "a whole number"],
    ),
    "no replicates": (
        nothing, [*VARY, "open_gain=[1]", "--replicates", "0"], ["replicates: 0"]
    ),
    "seed too large for its replicates": (
        nothing, [*VARY, "open_gain=[1]", "--seed", str(2**63 - 1), "--replicates", "2"],
        ["2**63 less the replicates"],
    ),
    "no workers": (
        nothing, [*VARY, "open_gain=[1]", "--workers", "0"], ["workers: 0", "1 to 1024"]
    ),
    "workers and Dask": (
        nothing, [*VARY, "open_gain=[1]", "--workers", "2", "--dask", "tcp://127.0.0.1:9"],
        ["--workers and --dask", "one of them"],
    ),
    "Dask address that is none": (
        nothing, [*VARY, "open_gain=[1]", "--dask", "my cluster"],
        ["my cluster: no Dask scheduler answers there", "tcp://"],
    ),
    "shard that there is not": (
        nothing, [*VARY, "open_gain=[1]", "--shard", "4/3"], ["'--shard'", "'4/3'", "such as 1/3"]
    ),
    "shard that is no part": (
        nothing, [*VARY, "open_gain=[1]", "--shard", "first"], ["'first'", "such as 1/3"]
    ),
    "missing file of points": (
        nothing, ["sweep", "tiny.toml", "--design", "points.csv"], ["points.csv: no such file"]
    ),
    "file of points with another ending": (
        file("points.xls", "x"), ["sweep", "tiny.toml", "--design", "points.xls"],
        ["a file that ends in .csv or .parquet"],
    ),
    "file of points with an unknown key": (
        file("points.csv", "open_gian\n1\n"), ["sweep", "tiny.toml", "--design", "points.csv"],
        ["points.csv: no such key to vary: open_gian"],
    ),
    "file of points with a wrong value": (
        file("points.csv", "open_gain\n1\nhigh\n"),
        ["sweep", "tiny.toml", "--design", "points.csv"],
        ["points.csv: line 3: behaviour.open_gain = 'high'", "a number"],
    ),
    "file of points and something to vary": (
        file("points.csv", "open_gain\n1\n"), [*VARY, "end=[2015-01-31]", "--design", "points.csv"],
        ["points.csv has the values of its keys"],
    ),
    "folder that is a file": (
        file("results", "mine"), [*VARY, "open_gain=[1]", "--out", "results"],
        ["results: this is a file"],
    ),
    "folder of another program": (
        file("results/thesis.txt", "mine"), [*VARY, "open_gain=[1]", "--out", "results"],
        ["results: this folder has other files in it and no sweep"],
    ),
    "merge of nothing": (nothing, ["merge", "--out", "all"], ["'DIR", "villagesim merge --help"]),
    "merge without a place": (nothing, ["merge", "part"], ["'--out'"]),
    "merge of what is not there": (
        nothing, ["merge", "part", "--out", "all"], ["part: there is no such folder"]
    ),
    "merge of another folder": (
        file("part/thesis.txt", "mine"), ["merge", "part", "--out", "all"], ["not a sweep folder"]
    ),
}  # fmt: skip


@pytest.mark.parametrize(("prepare", "arguments", "said"), WRONG.values(), ids=WRONG)
def test_a_mistake_gets_one_message_and_status_2_and_nothing_is_written(
    villagesim: Any, folder: Path, contents: Any, prepare: Any, arguments: list[str],
    said: list[str],
) -> None:  # fmt: skip
    prepare(folder)
    before = contents()

    result = villagesim(*arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert [words for words in said if words not in result.stderr] == []
    assert contents() == before


def test_a_scheduler_that_does_not_answer_is_told(
    villagesim: Any, contents: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.experiments.executors.DASK_TIMEOUT_S", 0.2)
    before = contents()
    result = villagesim(*TWO_POINTS[:4], "--dask", "tcp://127.0.0.1:9")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "tcp://127.0.0.1:9: no Dask scheduler answers there" in result.stderr
    assert contents() == before


def test_another_sweep_in_the_folder_is_refused_and_stays(villagesim: Any, contents: Any) -> None:
    villagesim(*TWO_POINTS)
    before = contents()
    result = villagesim(*TWO_POINTS, "--replicates", "2", "--seed", "8")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "Error: out/tiny-sweep: holds another sweep: replicates is 1 there and 2 here, seed is 7 "
        "there and 8 here, runs is 2 there and 4 here; allowed: the command that began it, or "
        "another folder\n"
    )
    assert contents() == before


def test_a_changed_scenario_is_another_sweep(villagesim: Any, folder: Path) -> None:
    villagesim(*TWO_POINTS)
    edited("rooms_per_household = 0.2", "rooms_per_household = 0.3")(folder)
    result = villagesim(*TWO_POINTS)

    assert result.exit_code == 2
    assert "scenario.villages" in result.stderr


def test_a_full_disk_keeps_what_is_finished(
    villagesim: Any, contents: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = shards_module.put

    def full(path: Path, content: bytes) -> None:
        if path.name == "batch-000001.parquet":
            raise OSError(28, "No space left on device")
        put(path, content)

    with monkeypatch.context() as patched:
        patched.setattr(shards_module, "put", full)
        result = villagesim(*TWO_POINTS)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "Error: out/tiny-sweep: No space left on device; what is finished stays there, and the "
        "same command goes on\n"
    )
    assert "1 of them there before" in villagesim(*TWO_POINTS).stdout


def test_a_folder_without_permission_is_refused_before_anything_is_run(
    villagesim: Any, contents: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Permissions do not hold for everyone, so the system's answer is put in its place.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    before = contents()
    result = villagesim(*TWO_POINTS, "--out", "locked")

    assert (result.exit_code, result.stderr) == (2, "Error: locked: no permission to write there\n")
    assert contents() == before


# --- Ctrl-C


@pytest.mark.skipif(os.name == "nt", reason="signals are sent as POSIX has them")
def test_ctrl_c_leaves_a_folder_that_the_same_command_goes_on_with(
    villagesim: Any, folder: Path, contents: Any
) -> None:
    command = ("sweep", "tiny.toml", "--vary", "open_gain=0.01:1:0.01", "--workers", "2")
    program = "from sim.cli import app; app()"
    runs = folder / "out" / "tiny-sweep" / "runs"
    with subprocess.Popen(
        [sys.executable, "-c", program, *command],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        while process.poll() is None and len(list(runs.glob("batch-*"))) < 3:
            os.sched_yield()
        # As a terminal does it: to the workers as well.
        os.killpg(process.pid, signal.SIGINT)
        said, told = process.communicate()

    assert (process.returncode, said) == (130, "")
    there = len(list(runs.glob("batch-*")))
    assert told == (
        f"Stopped. {there:,} of 100 runs are in out/tiny-sweep/; the same command goes on from "
        "there.\n"
    )
    assert not list(runs.glob(".*"))
    assert read_sweep("out/tiny-sweep").runs_there == there >= 3


def test_ctrl_c_before_anything_was_begun(
    villagesim: Any, contents: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    before = contents()
    monkeypatch.setattr("sim.experiments.sweep.check_points", stopped)
    result = villagesim(*TWO_POINTS)

    assert (result.exit_code, result.stderr) == (130, "Stopped before anything was begun.\n")
    assert contents() == before


# --- progress


@pytest.fixture
def told() -> list[tuple[float, str]]:
    return []


def meter(told: list[tuple[float, str]]) -> Meter:
    return Meter(lambda share, doing: told.append((share, doing)))


def test_progress_tells_how_fast_and_how_long(told: list[tuple[float, str]]) -> None:
    tell = meter(told)
    for done, failed, elapsed_s in ((0, 0, 0.0), (20, 0, 10.0), (120, 3, 12.0)):
        tell(Progress(1000, 100, done, failed, elapsed_s))

    assert told == [
        (0.1, "100 of 1,000 runs · starting"),
        (0.12, "120 of 1,000 runs"),
        (0.22, "220 of 1,000 runs · 50.0 a second · 16 s left · 3 failed"),
    ]


def test_a_finished_sweep_is_not_starting(told: list[tuple[float, str]]) -> None:
    meter(told)(Progress(10, 10))

    assert told == [(1.0, "10 of 10 runs")]


@pytest.mark.parametrize(
    ("seconds", "spoken"),
    [(0.2, "0 s"), (89.0, "89 s"), (91.0, "2 min"), (3600.0, "60 min"), (9000.0, "2.5 h")],
)
def test_times_are_told_in_the_unit_that_fits(seconds: float, spoken: str) -> None:
    assert spoken_time(seconds) == spoken


def test_a_few_errors_are_told_and_the_rest_counted() -> None:
    found = Counter({"A: 1": 5, "B: 2": 4, "C: [3]": 3, "D: 4": 2, "E: 5": 1})
    lines = sweep_story._failures(SimpleNamespace(errors=found))
    console = Console(width=200)
    with console.capture() as captured:
        for line in lines:
            console.print(line)

    assert captured.get().splitlines() == [
        "15 runs failed:", "  5 × A: 1", "  4 × B: 2", "  3 × C: [3]", "  … and 2 other errors"
    ]  # fmt: skip
