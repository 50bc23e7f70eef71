"""The command that holds runs against what was published: what it prints, writes and refuses."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.experiments import validation_runs

SMALL = [
    "validate", "--block", "region", "--draws", "2", "--ablation-draws", "1", "--share", "0.001",
    "--scenario", "dongfeng", "--workers", "1",
]  # fmt: skip


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*map(str, arguments)])
    return result.exit_code, " ".join((result.output + result.stderr).split())


def test_a_validation_of_regions_is_written_printed_and_drawn(tmp_path: Path) -> None:
    out = tmp_path / "out"
    status, text = run(*SMALL, "--out", str(out))
    assert status == 0, text
    assert "Draws: 2, runs: 5" in text
    assert "Those that were fitted" in text
    assert "Dongfeng" in text
    names = {path.name for path in out.iterdir()}
    assert {"runs", "forecast.csv", "scores.csv", "ablations.csv", "parameters.csv"} <= names
    assert {"forecast.png", "scores.png", "ablations.png", "patterns.png"} <= names


def test_what_it_was_fitted_to_is_told_where_there_is_no_posterior(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sim.experiments import fitted_parameters

    monkeypatch.setattr(fitted_parameters, "POSTERIOR_FILE", tmp_path / "none.csv")
    status, text = run(*SMALL, "--no-figures", "--out", str(tmp_path / "out"))
    assert status == 0, text
    assert "There is no posterior of regions" in text
    assert not list((tmp_path / "out").glob("*.png"))


def test_villages_are_still_validated_seed_by_seed(tmp_path: Path) -> None:
    status, text = run("validate", "--seeds", "1", "--out", str(tmp_path / "out"))
    assert status == 0, text
    assert "Published facts" in text
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"facts.csv", "beside.csv", "counterfactuals.csv"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--block", "vilage"], "allowed: village or region"),
        (["--draws", "3"], "--draws; allowed: not with --block village"),
        (["--no-figures"], "--no-figures; allowed: not with --block village"),
        (["--block", "region", "--seeds", "3"], "--seeds; allowed: not with --block region"),
        (["--block", "region", "--draws", "0"], "a whole number from 1 on"),
        (["--block", "region", "--draws", "2", "--ablation-draws", "3"], "from 0 to the number"),
        (["--block", "region", "--share", "0"], "a number above 0, up to 1"),
        (["--block", "region", "--scenario", "chna"], "did you mean 'china'"),
        (["--block", "region", "--posterior", "nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_validated_is_refused(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    status, text = run("validate", *arguments, "--out", "out")
    assert status == 2
    assert message in text.replace("│ ", "")
    assert not (tmp_path / "out").exists()


def test_a_stale_posterior_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "draws.csv"
    path.write_text("weight,behaviour.open_gain\n1,0.5\n", encoding="utf-8")
    told = '{"targets_sha256": {"fit": "0"}, "targets_read": ["fit"]}'
    (tmp_path / "provenance.json").write_text(told, encoding="utf-8")
    status, text = run(*SMALL, "--posterior", str(path), "--out", str(tmp_path / "out"))
    assert status == 2
    assert "calibrate again" in text
    assert not (tmp_path / "out").exists()


def test_the_default_share_has_equal_parts() -> None:
    assert (1.0 / validation_runs.CHINA_SHARE).is_integer()
