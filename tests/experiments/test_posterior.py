"""Draws of posteriors, and taking them into the package."""

import csv
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from sim.errors import DataError, RunError
from sim.experiments import posterior
from sim.experiments.calibrate.shipping import ship
from sim.experiments.posterior import as_overrides, draws, draws_in, read_posterior
from sim.experiments.program import _SOURCES, _files
from sim.scenario import load_scenario, with_changes
from sim.world.parameters import DATA_FOLDER, registry

ROWS = [(0.5, 0.5, 20000.0), (0.25, 1.0, 30000.0), (0.25, 1.5, 40000.0)]
HEAD = "weight,behaviour.open_gain,goods.*.typical_sales_yuan_per_year\n"
TEXT = HEAD + "".join(f"{w},{a},{b}\n" for w, a, b in ROWS)


def written(folder: Path, text: str = TEXT) -> Path:
    path = folder / "posterior.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_draws_come_as_often_as_their_weights_say(tmp_path: Path) -> None:
    found = draws_in(written(tmp_path), 8, seed=1)
    gains = sorted(draw["behaviour.open_gain"] for draw in found)
    assert gains == [0.5] * 4 + [1.0] * 2 + [1.5] * 2


def test_tied_goods_all_get_the_value(tmp_path: Path) -> None:
    (draw,) = draws_in(written(tmp_path), 1)
    elasticities = {k: v for k, v in draw.items() if k.endswith(".typical_sales_yuan_per_year")}
    assert len(elasticities) > 2
    assert len(set(elasticities.values())) == 1


def test_draws_depend_on_the_seed_alone(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert draws_in(path, 20, 1) == draws_in(path, 20, 1)
    assert draws_in(path, 20, 1) != draws_in(path, 20, 2)


def test_a_draw_changes_a_scenario_either_way(tmp_path: Path) -> None:
    (draw,) = draws_in(written(tmp_path), 1)
    changed = with_changes(load_scenario("cangtian"), draw)
    assert changed.behaviour["open_gain"] == draw["behaviour.open_gain"]
    assert load_scenario("cangtian", as_overrides(draw)).behaviour == changed.behaviour


def test_the_shipped_posterior_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posterior, "POSTERIOR_FILE", tmp_path / "draws.csv")
    with pytest.raises(DataError, match=r"draws\.csv"):
        draws(1)
    (tmp_path / "draws.csv").write_text("weight,behaviour.open_gain\n1,0.7\n", encoding="utf-8")
    assert draws(2) == [{"behaviour.open_gain": 0.7}] * 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a column 'weight'"),
        (HEAD, "a column 'weight'"),
        ("behaviour.open_gain\n0.5\n", "a column 'weight'"),
        ("weight,behaviour.open_gain\n0,0.5\n", "something above 0"),
        ("weight,behaviour.open_gain\n-1,0.5\n2,0.5\n", "weight below 0"),
        ("weight,behaviour.open_gain\n1,much\n", "could not convert"),
        ("weight,behaviour.open_gain\n1,nan\n", "finite numbers"),
        ("weight,behaviour.open_gain\ninf,0.5\n", "finite numbers"),
    ],
)
def test_a_damaged_posterior_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_posterior(written(tmp_path, text))


def test_a_column_that_is_no_parameter_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "weight,behaviour.open_gian\n1,0.5\n")
    with pytest.raises(DataError, match=r"did you mean 'behaviour\.open_gain'"):
        draws_in(path, 1)


# --- shipping


def calibration(folder: Path) -> Path:
    """Make the folder of a small calibration."""
    folder.mkdir()
    written(folder)
    (folder / "calibration.json").write_text("{}", encoding="utf-8")
    about = {"block": "region", "how": {"seed": 1}}
    (folder / "provenance.json").write_text(json.dumps(about), encoding="utf-8")
    head = "parameter,central\n"
    rows = "behaviour.open_gain,0.123456789\ngoods.*.typical_sales_yuan_per_year,23456.7\n"
    (folder / "summary.csv").write_text(head + rows, encoding="utf-8")
    return folder


def test_what_is_shipped_has_equal_weights_and_short_numbers(tmp_path: Path) -> None:
    folder, draws_file = calibration(tmp_path / "it"), tmp_path / "data" / "draws.csv"
    paths = ship(folder, draws_file, tmp_path / "docs", count=8)
    assert [path.name for path in paths] == [
        "draws.csv",
        "provenance.json",
        "region-summary.csv",
        "region-provenance.json",
    ]
    assert paths[1].parent == paths[0].parent
    assert json.loads(paths[1].read_text(encoding="utf-8"))["block"] == "region"
    rows = read_posterior(paths[0])
    assert {row["weight"] for row in rows} == {0.125}
    gains = sorted(row["behaviour.open_gain"] for row in rows)
    assert gains == [0.5] * 4 + [1.0] * 2 + [1.5] * 2
    with paths[2].open(encoding="utf-8", newline="") as file:
        assert [row["central"] for row in csv.DictReader(file)] == ["0.123457", "23456.7"]


def test_draws_of_equal_weight_are_all_shipped(tmp_path: Path) -> None:
    folder = calibration(tmp_path / "it")
    written(folder, HEAD + "".join(f"0.2,{gain},30000\n" for gain in (0.5, 0.6, 0.7, 0.8, 0.9)))
    path, *_ = ship(folder, tmp_path / "draws.csv", tmp_path / "docs", count=8)
    assert [row["behaviour.open_gain"] for row in read_posterior(path)] == [0.5, 0.6, 0.7, 0.8, 0.9]


def test_tables_of_a_block_that_is_not_the_last_go_without_its_draws(tmp_path: Path) -> None:
    paths = ship(calibration(tmp_path / "it"), None, tmp_path / "docs")
    assert [path.name for path in paths] == ["region-summary.csv", "region-provenance.json"]
    assert not (tmp_path / "data").exists()


def test_a_folder_that_is_no_calibration_is_not_shipped(tmp_path: Path) -> None:
    folder = calibration(tmp_path / "it")
    (folder / "calibration.json").unlink()
    with pytest.raises(RunError, match="allowed: the folder of a calibration"):
        ship(folder, tmp_path, tmp_path)
    with pytest.raises(RunError, match=r"provenance\.json"):
        ship(tmp_path / "nowhere", tmp_path, tmp_path)


def script() -> Any:
    path = Path(__file__).resolve().parents[2] / "scripts" / "ship_posterior.py"
    spec = importlib.util.spec_from_file_location("ship_posterior", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_central_values_are_put_into_the_files_of_parameters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = script()
    for name in ("behaviour", "goods"):
        text = (DATA_FOLDER / f"{name}.toml").read_text(encoding="utf-8")
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(module, "DATA", tmp_path)
    values = module.central_values(calibration(tmp_path / "it"))
    assert values["behaviour.open_gain"] == registry()["open_gain"].low  # 0.123 is out of range
    module.put_values(values)
    behaviour = (tmp_path / "behaviour.toml").read_text(encoding="utf-8")
    assert f'[open_gain]\nvalue = {registry()["open_gain"].low}\nunit = "logit"' in behaviour
    goods = (tmp_path / "goods.toml").read_text(encoding="utf-8")
    tied = sum(key.startswith("goods.") for key in values)
    assert goods.count("typical_sales_yuan_per_year = { value = 23500.0,") == tied > 2
    before = (DATA_FOLDER / "goods.toml").read_text(encoding="utf-8").splitlines()
    assert sum(a != b for a, b in zip(before, goods.splitlines(), strict=True)) == tied


def test_what_runs_are_held_against_is_no_part_of_the_program() -> None:
    files = {
        path.relative_to(DATA_FOLDER).as_posix()
        for path in _files(_SOURCES)
        if DATA_FOLDER in path.parents
    }
    assert "behaviour.toml" in files
    assert "targets.toml" not in files
    assert not any(name.startswith("posterior/") for name in files)
