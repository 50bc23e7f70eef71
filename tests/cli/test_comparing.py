"""Comparing, explaining and checking common luck from the command line."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from sim.experiments.comparison_folder import read_comparison
from sim.experiments.explanation_folder import read_explanation
from sim.model import CommerceModel

HUB = """\
[[policies]]
kind = "service_platform"
name = "hub"
start = 2015-03-01
training = { yearly_cost_yuan = 12_000 }
storage = {}
"""
QUICK = ("--replicates", "2", "--workers", "1", "--no-figures")


@pytest.fixture
def hub(folder: Path) -> Path:
    """A policy file beside tiny.toml."""
    path = folder / "hub.toml"
    path.write_text(HUB, encoding="utf-8")
    return path


# --- compare


@pytest.mark.usefixtures("hub")
def test_a_comparison_is_told_and_written(villagesim: Any, folder: Path) -> None:
    result = villagesim("compare", "tiny.toml", "hub.toml", *QUICK)

    assert result.exit_code == 0, result.output
    for words in (
        "tiny+hub against tiny",
        "Active stores",
        "95 % interval",
        "outcomes that vary between pairs",
        "by Holm's adjustment",
        "How many runs it takes",
        "What it costs",
        "Who gains and who loses",
        "by distance to the pioneer",
        "2 pairs of runs, seeds 7 to 8. Student's t interval",
        "never counts as the days of the run",
        "With 95 % confidence at most 78 % of all seeds would.",
        "by savings per head at the start",
        "Results in out/tiny-compared",
    ):
        assert words in result.output
    assert read_comparison(folder / "out" / "tiny-compared").variants == ("tiny+hub",)


@pytest.mark.usefixtures("hub")
def test_figures_are_drawn_as_png_and_pdf(villagesim: Any, folder: Path) -> None:
    result = villagesim("compare", "tiny.toml", "hub.toml", *QUICK[:-1], "--until", "2015-12-31")

    assert result.exit_code == 0, result.output
    assert "2 figures in out/tiny-compared/figures" in result.output
    drawn = sorted(path.name for path in (folder / "out/tiny-compared/figures").iterdir())
    assert drawn == [
        "differences.pdf", "differences.png", "gains_1_tiny+hub.pdf", "gains_1_tiny+hub.png"
    ]  # fmt: skip


@pytest.mark.usefixtures("hub")
def test_json_is_one_object_and_nothing_else(villagesim: Any) -> None:
    result = villagesim(
        "compare", "tiny.toml", "hub.toml", *QUICK, "--json", "--seed", "3", "--confidence", "0.9"
    )
    told = json.loads(result.stdout)

    assert (told["base"], told["variants"], told["seed"]) == ("tiny", ["tiny+hub"], 3)
    assert told["confidence"] == 0.9
    outcomes = {row["outcome"] for row in told["differences"]}
    assert {"online_sales_yuan", "income_fifth_1_yuan_per_head", "listed_after_days"} <= outcomes
    assert {row["grouping"] for row in told["gains"]} >= {"kind", "schooling"}
    assert told["missing"]["crossing and listing"] == "never counts as the days of the run"


@pytest.mark.usefixtures("hub")
def test_widths_are_shares_or_those_of_outcomes(villagesim: Any, folder: Path) -> None:
    result = villagesim(
        "compare", "tiny.toml", "hub.toml", *QUICK, "--width", "0.5", "--width", "active_stores=3"
    )

    assert result.exit_code == 0, result.output
    about = read_comparison(folder / "out" / "tiny-compared").about
    assert (about["width"], about["widths"]) == (0.5, {"active_stores": 3.0})


@pytest.mark.usefixtures("hub")
def test_changes_and_policies_hold_in_every_world(villagesim: Any, folder: Path) -> None:
    result = villagesim(
        "compare", "tiny.toml", "hub.toml", *QUICK, "--set", "end=2015-06-30",
        "--policy", "storage", "--no-households", "--out", "mine",
    )  # fmt: skip

    assert result.exit_code == 0, result.output
    found = read_comparison(folder / "mine")
    assert found.about["end"] == "2015-06-30"
    assert found.households.is_empty()
    assert "Who gains" not in result.output
    for scenario in found.about["scenarios"].values():
        assert "storage service" in [p["name"] for p in scenario["scenario"]["policies"]]


@pytest.mark.usefixtures("hub")
def test_stored_runs_are_compared_without_new_ones(
    villagesim: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    villagesim("compare", "tiny.toml", "hub.toml", "storage", *QUICK)
    monkeypatch.setattr(
        import_module("sim.experiments.replicates"), "run", lambda *given: pytest.fail("it runs")
    )
    stored = ["--from", "out/tiny-compared", "--no-figures"]
    result = villagesim("compare", "tiny", "hub", *stored, "--confidence", "0.8")

    assert result.exit_code == 0, result.output
    for words in (
        "tiny+hub against tiny",
        "80 % interval",
        "2 pairs of runs, seeds 7 to 8, stored by a comparison",
        "Results in out/tiny-compared-compared",
    ):
        assert words in result.output
    assert read_comparison(folder / "out/tiny-compared-compared").variants == ("tiny+hub",)
    everything = villagesim("compare", *stored, "--json", "--out", "again")
    assert json.loads(everything.stdout)["variants"] == ["tiny+hub", "tiny+storage"]


def test_points_of_a_sweep_are_compared_and_explained(villagesim: Any, folder: Path) -> None:
    text = (folder / "tiny.toml").read_text(encoding="utf-8") + HUB
    (folder / "both.toml").write_text(text, encoding="utf-8")
    switched = [f"policies.hub.{name}=[false,true]" for name in ("training", "storage")]
    varied = [word for each in switched for word in ("--vary", each)]
    swept = villagesim(
        "sweep", "both.toml", *varied, "--replicates", "2", "--workers", "1", "--out", "swept"
    )
    assert swept.exit_code == 0, swept.output
    stored = ["--from", "swept", "--no-figures"]
    compared = villagesim("compare", "training=off,storage=off", "training=on,storage=off", *stored)
    explained = villagesim("explain", "--policies", "hub.storage", "training", *stored)

    assert compared.exit_code == 0, compared.output
    assert "training=true, storage=false against training=false, storage=false" in compared.output
    assert explained.exit_code == 0, explained.output
    assert "seeds 7 to 8, stored by a sweep" in explained.output
    assert read_explanation(folder / "out/swept-explained").policies == ("storage", "training")


# --- explain


@pytest.mark.usefixtures("hub")
def test_an_explanation_is_told_and_written(villagesim: Any, folder: Path) -> None:
    result = villagesim("explain", "tiny.toml", "--policies", "hub.toml", "cold-chain", *QUICK[:-1])

    assert result.exit_code == 0, result.output
    for words in (
        "What each policy did in tiny",
        "Active stores, stores",
        "cold-chain",
        "all together",
        "4 worlds, each combination of hub, cold-chain",
        "1 figure in out/tiny-explained/figures",
    ):
        assert words in result.output
    assert read_explanation(folder / "out" / "tiny-explained").policies == ("hub", "cold-chain")
    assert (folder / "out/tiny-explained/figures/shares.png").stat().st_size > 10_000


def test_the_services_of_the_platform_are_explained_if_nothing_is_named(
    villagesim: Any, folder: Path
) -> None:
    text = (folder / "tiny.toml").read_text(encoding="utf-8") + HUB
    (folder / "both.toml").write_text(text, encoding="utf-8")
    result = villagesim("explain", "both.toml", *QUICK, "--until", "2015-04-30", "--out", "mine")

    assert result.exit_code == 0, result.output
    assert read_explanation(folder / "mine").policies == ("storage", "training")


@pytest.mark.usefixtures("hub")
def test_json_of_an_explanation_is_one_object(villagesim: Any) -> None:
    result = villagesim(*EXPLAINED, *QUICK, "--until", "2015-02-28", "--json")
    told = json.loads(result.stdout)

    assert (told["scenario"], told["worlds"], told["policies"]) == ("tiny", 4, ["hub", "storage"])
    assert {row["policy"] for row in told["shares"]} == {"hub", "storage", "all together"}


# --- check-crn


def test_a_check_that_is_passed_says_so(villagesim: Any, contents: Any) -> None:
    before = contents()
    result = villagesim("check-crn", "tiny.toml", "--until", "2015-06-30", "--seed", "9")

    assert result.exit_code == 0, result.output
    assert "All 7 trials passed (tiny, seed 9)" in result.output
    assert result.output.count("same ") >= 7
    assert "it may reach others from 2015-02-01 on" in result.output
    assert contents() == before


def test_a_check_that_fails_names_the_draw_and_ends_with_1(
    villagesim: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = CommerceModel.__init__
    made = []

    def planted(model: CommerceModel, *given: Any, **named: Any) -> None:
        started(model, *given, **named)
        made.append(model)
        model.simulation.state.households["members"][3] += len(made) % 2

    monkeypatch.setattr(CommerceModel, "__init__", planted)
    result = villagesim("check-crn", "tiny.toml", "--until", "2015-01-31")

    assert result.exit_code == 1
    assert "worlds do not share their luck" in result.output
    assert "households.members of farmer 3 of Reed" in result.output
    assert "first draw that differs: MEMBERS of farmer 3 of Reed" in result.output


def test_a_check_of_drawn_villages_alone_says_what_it_leaves_out(
    villagesim: Any, folder: Path
) -> None:
    dates = "start = 2014-01-01\nend = 2014-01-31\n"
    region = 'region.within = ["Ningxia/Shizuishan/Dawukou"]\n'
    (folder / "drawn.toml").write_text(dates + region, encoding="utf-8")

    result = villagesim("check-crn", "drawn.toml")

    assert result.exit_code == 0, result.output
    assert "no household was added to a village" in result.output
    assert "All 3 trials passed (drawn, seed 69)" in result.output


# --- what cannot be done: one message, exit status 2, nothing written


def nothing(folder: Path) -> None:
    pass


def other(name: str, content: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")

    return write


def locked(folder: Path) -> None:
    """A folder that nobody may write to; even the superuser is told so."""
    (folder / "locked").mkdir(mode=0o500)


Wrong = tuple[Callable[[Path], None], list[str], list[str]]
TINY = ["compare", "tiny.toml", "hub.toml"]
WRONG: dict[str, Wrong] = {
    "no variant": (nothing, ["compare", "tiny.toml"], ["'VARIANT'", "villagesim compare --help"]),
    "nothing at all": (nothing, ["compare"], ["'BASE'", "--from"]),
    "nothing to explain": (nothing, ["explain"], ["either SCENARIO, or --from"]),
    "a name that ends in a plus": (
        nothing, ["compare", "tiny.toml", "storage+"], ["'storage+'", "a name on both sides of +"]
    ),
    "a policy twice": (
        nothing, [*TINY, "--policy", "storage", "--policy", "storage"],
        ["--policy", "'storage' twice", "each policy once"],
    ),
    "a policy twice in one variant": (
        nothing, ["compare", "tiny.toml", "storage+storage"], ["'storage'", "each policy once"]
    ),
    "a policy of every world in a variant": (
        nothing, ["compare", "tiny.toml", "storage", "--policy", "storage"], ["each policy once"]
    ),
    "stored runs that are not there": (
        nothing, ["compare", "--from", "nowhere"], ["nowhere: there is no such folder"]
    ),
    "stored runs of nothing": (
        other("results/notes.txt", "mine"), ["compare", "--from", "results"],
        ["results: holds no runs of several worlds"],
    ),
    "stored runs and a seed": (
        nothing, ["compare", "--from", "results", "--seed", "3"], ["seed", "nothing with stored"]
    ),
    "stored runs and changes": (
        nothing, ["explain", "--from", "results", "--set", "end=2015-06-30"],
        ["overrides", "nothing with stored"],
    ),
    "a scenario and stored runs": (
        nothing, ["explain", "tiny.toml", "--from", "results"], ["either SCENARIO, or --from"]
    ),
    "a damaged manifest": (
        other("results/manifest.json", '{"format": "villagesim comparison'),
        ["compare", "--from", "results"], ["results: holds no runs"],
    ),
    "a damaged table": (
        other("results/manifest.json", '{"format": "villagesim comparison 2", "comparison": {}}'),
        ["compare", "--from", "results"], ["runs.parquet: this table is missing"],
    ),
    "no permission": (
        locked, [*TINY, "--out", "locked/results"], ["locked/results: no permission to write"]
    ),
    "unknown base": (nothing, ["compare", "cangtain", "storage"], ["did you mean 'cangtian'?"]),
    "unknown variant": (
        nothing, ["compare", "tiny.toml", "trainin"],
        ["trainin: no such variant", "a scenario: ", "a policy to add", "did you mean 'training'?"],
    ),
    "policy as a base": (
        nothing, ["compare", "hub.toml", "tiny.toml"], ["hub.toml", "only policies"]
    ),
    "missing file": (
        nothing, ["compare", "tiny.toml", "hob.toml"], ["no such file", "did you mean 'hub.toml'?"]
    ),
    "base as its own variant": (
        nothing, ["compare", "tiny.toml", "tiny.toml"], ["'tiny'", "names that differ"]
    ),
    "another period": (
        nothing, ["compare", "tiny.toml", "cangtian"], ["cangtian: start", "2015-01-01"]
    ),
    "other villages": (
        other("vines.toml", 'extends = "grapes"\nstart = 2015-01-01\nend = 2015-12-31\n'),
        ["compare", "tiny.toml", "vines.toml"], ["at least one village of tiny"],
    ),
    "a broken variant": (
        other("odd.toml", 'extends = "tiny.toml"\npeeple = 3\n'),
        ["compare", "tiny.toml", "odd.toml"], ["odd.toml: peeple"],
    ),
    "one replicate": (nothing, [*TINY, "--replicates", "1"], ["replicates: 1", "from 2"]),
    "no replicates": (nothing, [*TINY, "--replicates", "0"], ["replicates: 0"]),
    "replicates in words": (nothing, [*TINY, "--replicates", "many"], ["'many'"]),
    "seed too large": (nothing, [*TINY, "--seed", str(2**63 - 1)], ["seed", "2**63"]),
    "until after the end": (nothing, [*TINY, "--until", "2016-01-01"], ["2015-12-31"]),
    "replicates below zero": (nothing, [*TINY, "--replicates", "-3"], ["'-3'", "a whole number"]),
    "workers in words": (nothing, [*TINY, "--workers", "all"], ["'all'", "a whole number"]),
    "confidence in words": (nothing, [*TINY, "--confidence", "high"], ["'high'", "below 1"]),
    "certainty": (nothing, [*TINY, "--confidence", "1"], ["confidence: 1.0", "below 1"]),
    "per cent": (nothing, [*TINY, "--confidence", "95"], ["confidence: 95.0"]),
    "width in words": (nothing, [*TINY, "--width", "small"], ["'small'", "active_stores=10"]),
    "width of nothing": (nothing, [*TINY, "--width", "0"], ["width: 0.0", "above 0"]),
    "width of an unknown outcome": (
        nothing, [*TINY, "--width", "sale=3"], ["width: sale", "online_sales_yuan"]
    ),
    "unknown change": (
        nothing, [*TINY, "--set", "villages.Reed.peple=3"], ["did you mean 'people'?"]
    ),
    "no workers": (nothing, [*TINY, "--workers", "0"], ["workers: 0"]),
    "workers and a scheduler": (
        nothing, [*TINY, "--workers", "2", "--dask", "tcp://127.0.0.1:1"], ["one of them"]
    ),
    "folder that is a file": (
        other("results", "mine"), [*TINY, "--out", "results"], ["this is a file"]
    ),
    "folder with other files": (
        other("results/notes.txt", "mine"), [*TINY, "--out", "results"],
        ["results: this folder has other files", "earlier comparison"],
    ),
    "the folder one is in": (nothing, [*TINY, "--out", "."], ["the folder you are in"]),
    "one policy to explain": (
        nothing, ["explain", "tiny.toml", "--policies", "storage"], ["policies = 1", "2 to 10"]
    ),
    "no policy to explain": (nothing, ["explain", "tiny.toml"], ["no service platform"]),
    "unknown policy to explain": (
        nothing, ["explain", "tiny.toml", "--policies", "storage", "trainin"],
        ["'trainin'", "did you mean 'training'?"],
    ),
    "folder of a comparison for an explanation": (
        other("results/manifest.json", '{"format": "villagesim comparison 1"}'),
        ["explain", "tiny.toml", "--policies", "storage", "training", "--out", "results"],
        ["not that of an earlier explanation"],
    ),
    "check until no date": (nothing, ["check-crn", "tiny.toml", "--until", "soon"], ["'soon'"]),
    "check of nothing": (nothing, ["check-crn", "tinny.toml"], ["did you mean 'tiny.toml'?"]),
    "check until before the start": (
        nothing, ["check-crn", "tiny.toml", "--until", "2014-01-01"], ["2015-01-01 to 2015-12-31"]
    ),
}  # fmt: skip


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize("name", WRONG)
def test_wrong_input_gets_one_message_and_leaves_nothing(
    villagesim: Any, folder: Path, contents: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare, arguments, words = WRONG[name]
    prepare(folder)
    before = contents()
    writable = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: "locked" not in str(path) and writable(path, mode)
    )
    # Nothing is run before everything is known to be right.
    replicates = import_module("sim.experiments.replicates")
    monkeypatch.setattr(replicates, "run", lambda *given, **named: pytest.fail("it runs"))

    result = villagesim(*arguments)

    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("Error:")
    assert result.stderr.count("\n") == 1
    for word in words:
        assert word in result.stderr
    assert contents() == before


@pytest.mark.usefixtures("hub")
def test_a_full_disk_leaves_nothing(
    villagesim: Any, contents: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: Any) -> None:
        raise OSError(28, "No space left on device")

    before = contents()
    monkeypatch.setattr("sim.experiments.comparison_folder.write_json", full)
    result = villagesim(*TINY, *QUICK, "--until", "2015-02-28")

    assert result.exit_code == 2
    assert "No space left on device" in result.stderr
    assert contents() == before


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize("command", ["compare", "explain"])
def test_what_is_stopped_by_ctrl_c_says_so_and_leaves_nothing(
    villagesim: Any, contents: Any, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    def stopped(*given: Any, **named: Any) -> None:
        raise KeyboardInterrupt

    before = contents()
    monkeypatch.setattr("sim.experiments.replicates.outcomes_of", stopped)
    arguments = TINY if command == "compare" else EXPLAINED
    result = villagesim(*arguments, *QUICK)

    assert result.exit_code == 130
    assert (result.stdout, result.stderr) == ("", "Stopped. Nothing was written.\n")
    assert contents() == before


@pytest.mark.skipif(os.name == "nt", reason="there, nobody can be told to end")
@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_command_that_is_told_to_end_does_so_in_one_line(
    folder: Path, contents: Any, number: int, workers: str
) -> None:
    """Stopped in the middle of its runs, with processes and without."""
    before = contents()
    process = subprocess.Popen(
        [sys.executable, "-c", TELLING, *EXPLAINED, "--replicates", "9999", "--workers", workers],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "running\n"
    process.send_signal(number)
    stdout, stderr = process.communicate()

    assert process.returncode == 128 + number
    assert (stdout, stderr) == ("", "Stopped. Nothing was written.\n")
    assert contents() == before


EXPLAINED = ["explain", "tiny.toml", "--policies", "hub.toml", "--policies", "storage"]
TELLING = """
import sys
from sim.cli import app
from sim.experiments import replicates

teller = replicates._teller

def telling(pairing, progress):
    tell = teller(pairing, progress)

    def told(done):
        tell(done)
        if done == 2:
            print("running", flush=True)

    return told

replicates._teller = telling
if __name__ == "__main__":
    app()
"""
"""The program, which says when it has done two replicates."""


@pytest.mark.usefixtures("hub")
def test_figures_that_are_stopped_leave_the_results(
    villagesim: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*given: Any, **named: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.plots.comparison.write_figures", stopped)
    result = villagesim(*TINY, *QUICK[:-1], "--until", "2015-12-31")

    assert result.exit_code == 130
    assert result.stderr == "Stopped. Results are in out/tiny-compared/, but not all figures.\n"
    assert read_comparison(folder / "out" / "tiny-compared").replicates == 2


@pytest.mark.usefixtures("hub")
def test_a_scheduler_that_does_not_answer_leaves_nothing(villagesim: Any, contents: Any) -> None:
    pytest.importorskip("distributed")
    before = contents()
    result = villagesim(*TINY, "--replicates", "2", "--dask", "tcp://127.0.0.1:9")

    assert result.exit_code == 2
    assert "no Dask scheduler answers there" in result.stderr
    assert result.stderr.count("\n") == 1
    assert contents() == before
