"""The command that holds a trial."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from sim.cli import app

PROGRAMME = """
[[policies]]
kind = "service_platform"
name = "hub"
start = 2014-01-01
target = { share = 0.5 }
training = { intensity = 1.0 }
"""
FEW = ("--replicates", "2", "--placebos", "1", "--permutations", "9", "--survey", "5")


@pytest.fixture
def held(tmp_path: Path, tiny_text: str) -> Callable[..., Result]:
    text = tiny_text.replace("start = 2015-01-01", "start = 2013-01-01")
    path = tmp_path / "lots.toml"
    path.write_text(text.replace('name = "Reed"', 'name = "Reed"\ncount = 6') + PROGRAMME)

    def call(*words: str) -> Result:
        return CliRunner().invoke(app, ["trial", str(path), "--out", str(tmp_path / "o"), *words])

    return call


def test_a_trial_is_told_written_and_drawn(held: Callable[..., Result], tmp_path: Path) -> None:
    told = held(*FEW)

    assert (told.exit_code, told.stderr) == (0, "")
    assert "2 trials find an effect" in told.output
    assert "What is true" in told.output
    assert (tmp_path / "o" / "trial.png").is_file()
    assert set(pl.read_csv(tmp_path / "o" / "estimates.csv")["replicate"]) == {0, 1}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--programme", "hob"), "'hob'; allowed: a policy with a target.share below 1: hub"),
        (("--years", "5"), "years: 5; allowed: 1 to 2"),
        (("--years", "x"), "'x'; allowed: a whole number"),
    ],
)
def test_what_cannot_be_held_is_refused_in_one_line(
    held: Callable[..., Result], tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    told = held(*words)

    assert told.exit_code == 2
    assert message in told.output
    assert not (tmp_path / "o").exists()
