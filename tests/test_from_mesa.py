"""The page for users of Mesa's batch runner: what it shows runs, and both ways agree."""

import re
import shlex
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from sim.cli import app

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "from-mesa.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The blocks of the page that are written in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """What is there after all programs of the page."""
    found: dict[str, Any] = {"__name__": "page"}
    for program in blocks("python"):
        exec(compile(program, "docs/from-mesa.md", "exec"), found)
    return found


def test_batch_run_and_sweep_count_the_same_stores(names: dict[str, Any]) -> None:
    assert len(names["by_mesa"]) == 4
    assert names["by_sweep"] == names["by_mesa"]
    assert len(set(names["by_mesa"].values())) > 1


def test_batch_run_and_sweep_have_the_same_sales(names: dict[str, Any]) -> None:
    runs = names["runs"].select("seed", "behaviour.open_gain", "online_sales_yuan")
    by_sweep = {(seed, gain): sales for seed, gain, sales in runs.iter_rows()}
    by_mesa = {(row["rng"], row["behaviour.open_gain"]): row for row in names["rows"]}

    for run, row in by_mesa.items():
        # The observer counts every day's sales in whole fen.
        assert row["year_sales_yuan"] == pytest.approx(by_sweep[run], abs=0.005 * 366)


def test_a_function_of_ones_own_is_run_at_every_point(names: dict[str, Any]) -> None:
    runs = names["mine"].to_polars()

    assert runs["behaviour.open_gain"].to_list() == [0.5, 0.5, 1.5, 1.5]
    assert runs["error"].null_count() == 4
    assert runs["stores"].null_count() == 0


def test_the_command_of_the_page_gives_the_same_runs(
    names: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (command,) = [line for block in blocks("sh") for line in block.splitlines()]
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(app, [*shlex.split(command)[1:], "--workers", "1"])

    assert result.exit_code == 0, result.stderr
    files = sorted((tmp_path / "out" / "mixed-sweep" / "runs").iterdir())
    runs = pl.concat([pl.read_parquet(file) for file in files])
    assert runs.equals(names["runs"], null_equal=True)
