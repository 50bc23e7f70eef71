"""The command that fits parameters: what it prints, writes, and refuses."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli import app

SMALL = [
    "calibrate", "--block", "village", "--scenario", "dongfeng", "--only", "open_intercept",
    "--luck", "0", "--predict", "2", "--workers", "1",
]  # fmt: skip


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*map(str, arguments)])
    return result.exit_code, result.output + result.stderr


def test_a_calibration_is_written_printed_and_gone_on_with(tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [
        *SMALL,
        "--method",
        "sequence",
        "--population",
        "5",
        "--generations",
        "2",
        "--out",
        str(out),
    ]
    status, text = run(*command, "--max-runs", "3")
    assert status == 2
    assert "no generation is complete after 3 runs" in text
    status, text = run(*command)
    assert status == 0, text
    assert "behaviour.open_intercept" in text
    assert "generation 2 of 2" in text
    names = {path.name for path in out.iterdir()}
    assert {"posterior.csv", "summary.csv", "fit.csv", "provenance.json", "marginals.png"} <= names
    with (out / "posterior.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(float(row["weight"]) for row in rows) == pytest.approx(1.0)
    assert all(-10.5 <= float(row["behaviour.open_intercept"]) <= -6.0 for row in rows)
    about = json.loads((out / "provenance.json").read_text(encoding="utf-8"))
    assert about["how"]["population"] == 5
    status, text = run(*command[:-4], "--generations", "3", "--out", str(out))
    assert status == 2
    assert "how.generations = 2; asked for is 3" in text


def test_a_search_is_printed(tmp_path: Path) -> None:
    command = [*SMALL, "--method", "search", "--points", "4", "--out", str(tmp_path / "out")]
    status, text = run(*command)
    assert status == 0, text
    assert "Best points" in text
    assert (tmp_path / "out" / "search.csv").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--block", "vilage"], "did you mean 'village'"),
        (["--method", "mcmc"], "replenish, sequence, table"),
        (["--only", "open_gian"], "did you mean 'open_gain'"),
        (["--population", "none"], "a whole number"),
        (["--county-share", "china=2"], "SCENARIO=SHARE such as china=0.05"),
        (["--county-share", "china"], "SCENARIO=SHARE such as china=0.05"),
        (["--given", "nowhere.csv"], "nowhere.csv"),
        (["--reuse", "nowhere"], "nowhere"),
        (["--set", "behaviour.open_gian=1"], "open_gian"),
    ],
)
def test_what_cannot_be_fitted_is_refused(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    status, text = run("calibrate", *arguments, "--workers", "1", "--out", "out")
    assert status == 2
    assert message in " ".join(text.split())
    assert not (tmp_path / "out").exists()


def test_a_missing_library_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pyabc", None)
    status, text = run(*SMALL, "--method", "sequence", "--out", str(tmp_path / "out"))
    assert status == 2
    assert "pip install 'villagesim[calibrate]'" in " ".join(text.split())
    assert not (tmp_path / "out").exists()
