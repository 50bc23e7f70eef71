"""sensitivity, discover and survival: what is on screen, what is in the folder, what is refused."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import Result

import sim

Villagesim = Callable[..., Result]
ONE = ("--workers", "1")
KEYS = ("--vary", "behaviour.open_gain=0.2:3", "--vary", "observer.stores_threshold=2:6")
SOBOL = ("sensitivity", "tiny.toml", *KEYS, "--samples", "8", "--replicates", "2", *ONE)
SOME = ("--outcome", "active_stores", "--outcome", "crossed_after_days")
QUICK = "--no-figures"


@pytest.fixture(scope="module")
def stored(tiny_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stored sweep of the tiny village: 64 points, two replicates."""
    folder = tmp_path_factory.mktemp("stored") / "swept"
    vary = ["behaviour.open_gain=0.2:3", "observer.stores_threshold=2:6"]
    sim.sweep(tiny_file, vary, folder, design="lhs", samples=64, replicates=2, workers=1)
    return folder


@pytest.fixture
def swept(stored: Path, folder: Path) -> Path:
    """The same in the working directory of the user."""
    return Path(shutil.copytree(stored, folder / "swept"))


def ok(result: Result) -> str:
    assert result.exit_code == 0, result.stderr
    return result.stdout


def about(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "about.json").read_text(encoding="utf-8")))


def batches(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "runs").iterdir()}


# --- new runs


def test_sensitivity_runs_and_tells_shares_beside_luck(
    villagesim: Villagesim, folder: Path
) -> None:
    printed = ok(villagesim(*SOBOL, *SOME))
    found = folder / "out" / "tiny-sensitivity" / "sensitivity"

    assert "plain luck" in printed
    assert "behaviour.open_gain" in printed
    assert (found / "sensitivity.png").read_bytes()[:4] == b"\x89PNG"
    assert about(found)["outcomes"] == ["active_stores", "crossed_after_days"]
    assert pl.read_parquet(found / "sensitivity.parquet")["parameter"].n_unique() == 4


def test_the_same_command_again_runs_nothing_and_says_the_same(
    villagesim: Villagesim, folder: Path
) -> None:
    first = ok(villagesim(*SOBOL, *SOME, QUICK))
    stamps = {path: path.stat().st_mtime_ns for path in folder.rglob("batch-*")}
    second = ok(villagesim(*SOBOL, *SOME, QUICK))

    assert second == first
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("batch-*")} == stamps


def test_survival_compares_the_values_of_a_key(villagesim: Villagesim, folder: Path) -> None:
    levels = ("--vary", "behaviour.open_gain=[0.2,3]", "--replicates", "8")
    printed = ok(villagesim("survival", "tiny.toml", "--event", "crossed", *levels, *ONE))
    found = folder / "out" / "tiny-survival" / "survival"

    assert "open_gain = 0.2" in printed
    assert "log-rank by permutation" in printed
    assert pl.read_csv(found / "survival.csv")["runs"].to_list() == [8, 8]
    assert (found / "survival.pdf").exists()


def test_survival_compares_policies(villagesim: Villagesim) -> None:
    policies = ("--policies", "training", "--replicates", "5", "--event", "crossed")
    printed = ok(villagesim("survival", "tiny.toml", *policies, *ONE, QUICK))

    assert "no policy" in printed


def test_discover_finds_a_rule_and_puts_it_to_the_test(
    villagesim: Villagesim, folder: Path
) -> None:
    asked = ("--question", "crossed within 100 days", "--threshold", "0.8")
    few = ("--samples", "40", "--replicates", "2", "--confirm", "10")
    printed = ok(villagesim("discover", "tiny.toml", *KEYS, *asked, *few, *ONE))
    found = folder / "out" / "tiny-discover" / "discover"

    assert "observer.stores_threshold" in printed
    assert "of 10 fresh runs if" in printed
    assert len(pl.read_parquet(found / "fresh_runs.parquet")) == 20
    assert (found / "discover.png").exists()


# --- stored runs


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("sensitivity", SOME),
        ("discover", ("--question", "crossed within 100 days", "--method", "cart")),
        ("survival", ("--event", "crossed", "--by", "observer.stores_threshold")),
    ],
)
def test_a_stored_sweep_is_analysed_without_new_runs(
    villagesim: Villagesim, swept: Path, command: str, options: tuple[str, ...]
) -> None:
    before = batches(swept)
    ok(villagesim(command, "--from", "swept", *options, QUICK))

    assert batches(swept) == before
    assert about(swept / command)["sweep"] == "tiny"


def test_findings_go_where_they_are_wanted(villagesim: Villagesim, swept: Path) -> None:
    ok(villagesim("survival", "--from", "swept", "--event", "crossed", "--by",
                  "observer.stores_threshold", "--out", "mine", QUICK))  # fmt: skip

    assert (swept.parent / "mine" / "survival" / "curves.parquet").exists()
    assert not (swept / "survival").exists()


def test_a_rule_from_a_stored_sweep_is_confirmed_by_its_own_scenario(
    villagesim: Villagesim, swept: Path
) -> None:
    asked = ("--question", "crossed within 100 days", "--confirm", "10")
    printed = ok(villagesim("discover", "--from", "swept", *asked, *ONE, QUICK))

    assert "of 10 fresh runs if" in printed


def test_python_says_the_same_as_the_command(villagesim: Villagesim, swept: Path) -> None:
    ok(villagesim("sensitivity", "--from", "swept", *SOME, QUICK))
    ours = sim.sensitivity(runs=sim.read_sweep(swept), outcomes=["active_stores"])
    written = pl.read_parquet(swept / "sensitivity" / "sensitivity.parquet")

    assert ours.table.equals(written.filter(pl.col("outcome") == "active_stores"))


# --- wrong input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("sensitivity",), "allowed: either SCENARIO, or --from with a sweep folder"),
        (("discover", "tiny.toml", "--from", "."), "allowed: either SCENARIO, or --from"),
        (("survival", "--from", "nowhere"), "nowhere: there is no such folder"),
        (("survival", "--from", "."), "not a sweep folder"),
        (("survival", "--from", ".", "--set", "seed=1"), "--set; allowed: only with a scenario"),
        (("sensitivity", "tiny.toml"), "vary; allowed: at least one key to vary"),
        ((*SOBOL, "--outcome", "gnii"), "did you mean 'gini'?"),
        ((*SOBOL, "--method", "sobel"), "did you mean 'sobol'?"),
        ((*SOBOL[:-2], "--workers", "0"), "workers"),
        (("sensitivity", "tiny.toml", *KEYS, "--replicates", "1"), "2 or more"),
        (("sensitivity", "tiny.toml", *KEYS, "--samples", "100"), "a power of two"),
        (("sensitivity", "tiny.toml", "--vary", "behaviour.gain"), "no such key to vary"),
        (("discover", "tiny.toml", *KEYS, "--question", "soon?"), "allowed: 'listed within"),
        (("discover", "tiny.toml", *KEYS, "--threshold", "2"), "a share above 0, up to 1"),
        (("survival", "tiny.toml", "--event", "founded"), "allowed: listed, crossed"),
        (("survival", "tiny.toml", "--by", "seed"), "none, for no key of this sweep is varied"),
        (("survival", "tiny.toml", "--policies", "trainig"), "did you mean"),
    ],
)
def test_wrong_input_gets_one_message_and_leaves_nothing(
    villagesim: Villagesim,
    contents: Callable[[], dict[str, bytes]],
    arguments: tuple[str, ...],
    message: str,
) -> None:
    before = contents()
    result = villagesim(*arguments)

    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert message in result.stderr
    assert contents() == before


@pytest.mark.parametrize("out", ["a-file", "a-file/below"])
def test_a_place_where_findings_cannot_be_is_refused_before_anything_runs(
    villagesim: Villagesim, folder: Path, out: str
) -> None:
    (folder / "a-file").write_text("mine")
    before = sorted(folder.rglob("*"))
    result = villagesim("survival", "tiny.toml", "--by", "seed", "--out", out)

    assert result.exit_code == 2
    assert "a-file is a file; allowed: a folder" in result.stderr
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(
    "command",
    [
        ("sensitivity",),
        ("discover", "--question", "listed within 5 years"),
        ("survival", "--event", "crossed", "--by", "observer.stores_threshold"),
    ],
)
def test_a_damaged_batch_is_refused_by_its_name(
    villagesim: Villagesim, swept: Path, command: tuple[str, ...]
) -> None:
    batch = swept / "runs" / min(name for name in batches(swept) if name.endswith(".parquet"))
    batch.write_bytes(batch.read_bytes()[:-9])
    name, *options = command
    result = villagesim(name, "--from", "swept", *options, QUICK)

    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert batch.name in result.stderr
    assert not (swept / name).exists()
