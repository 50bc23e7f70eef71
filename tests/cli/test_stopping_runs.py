"""Runs that are stopped, killed and continued from a shell, as other programs see them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.results import RunFolder

RUN = ("run", "tiny.toml", "--no-figures", "--threads", "1", "--set", "villages.Reed.count=3")
RUN += ("--set", "end=2017-02-10")
MONTHLY = ("--checkpoint", "monthly")
PROGRAM = """
import os, signal, sys
month, name, calls = sys.argv[1], sys.argv[2], int(sys.argv[3])
del sys.argv[1:4]
from sim.model import CommerceModel
at_end = CommerceModel.run_until
def run_until(model, end):
    at_end(model, end)
    if month == end.isoformat()[:7]:
        os.kill(os.getpid(), getattr(signal, name))
if calls:
    left = [calls]
    import pathlib
    rename = pathlib.Path.rename
    def counted(path, target):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return rename(path, target)
    pathlib.Path.rename = counted
CommerceModel.run_until = run_until
from sim.cli import app
app()
"""
"""Runs a command and sends itself a signal at the end of a month, or at a renaming of files."""

Start = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def start(folder: Path) -> Start:
    """Runs a command in a process of its own, which gets a signal on its way."""

    def run(*arguments: str, month: str = "", name: str = "SIGKILL", rename: int = 0) -> Any:
        return subprocess.run(
            [sys.executable, "-c", PROGRAM, month, name, str(rename), *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def undisturbed(villagesim: Any, folder: Path) -> dict[str, Any]:
    assert villagesim(*RUN, "--out", "whole").exit_code == 0
    return results(folder / "whole")


def results(folder: Path) -> dict[str, Any]:
    """Everything in a run folder but what its manifest tells of the machine."""
    files: dict[str, Any] = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
    return files | {"manifest.json": json.loads(files["manifest.json"])["run"]}


def hidden(folder: Path) -> Iterator[str]:
    return (path.name for path in folder.iterdir() if path.name.startswith("."))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal on this system")
@pytest.mark.parametrize(
    "moment",
    [
        {"month": "2015-01"},
        {"month": "2016-06"},
        {"month": "2017-02"},
        {"rename": 1},
        {"rename": 7},
        {"rename": 26},
    ],
    ids=str,
)
def test_a_run_killed_at_any_moment_goes_on_to_the_same_bytes(
    start: Start, folder: Path, undisturbed: dict[str, Any], moment: dict[str, Any]
) -> None:
    killed = start(*RUN, *MONTHLY, "--out", "run", **moment)
    assert killed.returncode == -signal.SIGKILL
    assert not (folder / "run").exists()
    going_on = start("run", "--continue", "run", "--no-figures")

    assert (going_on.returncode, going_on.stderr) == (0, "")
    assert results(folder / "run") == undisturbed
    assert list(hidden(folder)) == []


@pytest.mark.skipif(os.name == "nt", reason="signals are other ones on Windows")
@pytest.mark.parametrize(("name", "status"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_run_told_to_stop_leaves_a_valid_folder(
    start: Start, folder: Path, undisturbed: dict[str, Any], name: str, status: int
) -> None:
    stopped = start(*RUN, "--out", "run", month="2016-06", name=name)
    run = RunFolder(folder / "run")

    assert stopped.returncode == status
    assert stopped.stderr.startswith("Stopping at the end of this month")
    assert "Stopped: it was to go on to 10 Feb 2017" in stopped.stdout
    assert "--continue" not in stopped.stdout
    assert (run.is_complete, run.reached) == (False, "2016-06-30")
    assert (run.manifest["run"]["complete"], run.manifest["run"]["end"]) == (False, "2017-02-10")
    assert run.table("villages").num_rows == 3 * 18
    assert run.summary["end"] == "2016-06-30"
    assert list(hidden(folder)) == []


@pytest.mark.skipif(os.name == "nt", reason="signals are other ones on Windows")
def test_a_stopped_run_with_checkpoints_says_how_to_go_on(
    start: Start, folder: Path, undisturbed: dict[str, Any]
) -> None:
    yearly = ("--checkpoint", "yearly")
    stopped = start(*RUN, *yearly, "--out", "run", month="2016-06", name="SIGINT")
    assert "To go on: villagesim run --continue run" in stopped.stdout
    same = start(*RUN, *yearly, "--out", "run", "--continue", "run")

    assert (same.returncode, same.stderr) == (0, "")
    assert results(folder / "run") == undisturbed


@pytest.mark.skipif(os.name == "nt", reason="signals are other ones on Windows")
def test_figures_of_a_partial_run_are_drawn_with_a_note(
    start: Start, villagesim: Any, folder: Path
) -> None:
    json_of = start(*RUN, "--json", "--out", "run", month="2015-08", name="SIGINT")
    assert json.loads(json_of.stdout)["end"] == "2015-08-31"
    drawn = villagesim("plot", "run")

    assert drawn.exit_code == 0
    assert drawn.stderr == "run: this run is partial; it was stopped on 2015-08-31\n"
    assert "growth.png" in drawn.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--continue", "whole"), "whole: this run is finished; there is nothing to continue"),
        (("--continue", "nothing"), "nothing: there is no run to continue"),
        (("tiny.toml", "--continue", "whole", "--out", "other"), "--out must be the folder"),
        (("--continue", "whole", "--set", "seed=1"), "--set and --policy need a SCENARIO"),
        ((), "Missing argument 'SCENARIO'"),
        (("tiny.toml", "--checkpoint", "weekly"), "'weekly'; allowed: none, yearly, monthly"),
        (("tiny.toml", "--record", "village=year"), "did you mean 'villages'?"),
        (("tiny.toml", "--record", "households=Read"), "did you mean 'Reed'?"),
        (
            ("tiny.toml", "--record", "households=Reed", "--households"),
            "--record households=… and --households cannot be given together",
        ),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_in_one_line(
    villagesim: Any, undisturbed: dict[str, Any], contents: Any, arguments: Any, message: str
) -> None:
    before = contents()
    result = villagesim("run", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert contents() == before


def test_levels_are_recorded_as_asked(villagesim: Any, folder: Path) -> None:
    levels = ("--record", "villages=year", "--record", "households=Reed 1,Reed 3")
    assert villagesim(*RUN, *levels, "--out", "run").exit_code == 0
    run = RunFolder(folder / "run")

    assert run.table("villages").num_rows == 0
    assert run.table("village_years").num_rows == 9
    names = run.table("households", ["village"]).column("village").to_pylist()
    assert set(names) == {"Reed 1", "Reed 3"}
