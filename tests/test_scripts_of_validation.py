"""Scripts that take a validation of regions into the documentation, and tell it there."""

import importlib.util
from pathlib import Path
from typing import Any

import polars as pl
import pytest

ROOT = Path(__file__).resolve().parents[1]


def script(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def plain_table(heads: Any, rows: Any) -> str:
    return "\n".join([" | ".join(heads), *(" | ".join(map(str, row)) for row in rows)])


def forecast(predictor: str, median: float, **changes: Any) -> dict[str, Any]:
    usual = {
        "target": "cn_listed_later_2019", "group": "national lists", "role": "test",
        "place": "China", "year": 2019, "published": 4310.0, "predictor": predictor,
        "median": median, "low_50": 4000.0, "high_50": 4600.0, "low_90": 3000.0,
        "high_90": 5000.0, "covered_50": True, "covered_90": True,
        "error_percent": 100 * (median / 4310 - 1), "crps_percent": 4.0,
    }  # fmt: skip
    return usual | changes


def score(predictor: str, error: float, group: str = "national lists") -> dict[str, Any]:
    return {
        "role": "test", "group": group, "predictor": predictor, "targets": 3,
        "error_percent": error, "bias_percent": -error, "covered_50": 0.5, "covered_90": 1.0,
        "crps_percent": error / 2,
    }  # fmt: skip


def write(folder: Path, name: str, rows: list[dict[str, Any]]) -> None:
    pl.DataFrame(rows).write_csv(folder / name)


def test_a_forecast_that_is_near_and_beats_every_curve_says_yes_twice(tmp_path: Path) -> None:
    write(tmp_path, "scores.csv", [score("model", 9.0), score("bass", 50.0), score("line", 24.0)])
    text = script("validation_docs").verdict_text(tmp_path, plain_table)
    assert "national lists | 9 % | yes | straight line, 24 % | yes" in text


def test_a_forecast_that_is_far_off_says_no(tmp_path: Path) -> None:
    rows = [score("model", 30.0), score("line", 24.0), score("model", 4.0, "sales of Cangtian")]
    write(tmp_path, "scores.csv", rows)
    text = script("validation_docs").verdict_text(tmp_path, plain_table)
    assert "national lists | 30 % | **no** | straight line, 24 % | **no**" in text
    assert "sales of Cangtian | 4 % | yes | – | –" in text


def test_forecasts_are_told_with_their_intervals(tmp_path: Path) -> None:
    curve = dict.fromkeys(("low_50", "high_50", "low_90", "high_90", "covered_50", "covered_90"))
    write(
        tmp_path,
        "forecast.csv",
        [forecast("line", 2904.0, **curve), forecast("model", 4400.0), forecast("bass", 1.0,
         role="fit")],
    )  # fmt: skip
    lines = script("validation_docs").forecast_text(tmp_path, plain_table).splitlines()
    assert lines[1:] == [
        "`cn_listed_later_2019` | 4,310 | model | 4,400 | 4,000 to 4,600 | 3,000 to 5,000"
        " | +2 % | yes | yes | 4 %",
        "`cn_listed_later_2019` | 4,310 | straight line | 2,904 | – | – | -33 % | – | – | 4 %",
    ]


def test_ablations_stand_side_by_side(tmp_path: Path) -> None:
    names = ("model", "no_imitation", "frozen_drivers", "random_villages")
    rows = [forecast(name, 1000.0 * (n + 1)) for n, name in enumerate(names)]
    write(tmp_path, "ablations.csv", rows)
    text = script("validation_docs").ablations_text(tmp_path, plain_table)
    assert "| test | 4,310 | 1,000 | 2,000 | 3,000 | 4,000 | 4 %" in text


def test_nothing_is_told_before_there_is_a_result(tmp_path: Path) -> None:
    module = script("validation_docs")
    assert set(module.parts(tmp_path, tmp_path, plain_table).values()) == {module.NOT_YET}


def test_a_validation_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    module = script("ship_validation")
    found, tables, images = (tmp_path / name for name in ("found", "tables", "images"))
    for folder in (found, tables, images):
        folder.mkdir()
    for name in (*module.REQUIRED, "forecast.png"):
        (found / name).write_text(name, encoding="utf-8")
    for path in (tables / "ablations.csv", images / "validation_patterns.png"):
        path.write_text("of an earlier one", encoding="utf-8")
    written = module.ship(found, tables, images)
    assert {path.name for path in written} == {*module.REQUIRED, "validation_forecast.png"}
    assert {path.name for path in tables.iterdir()} == set(module.REQUIRED)
    assert [path.name for path in images.iterdir()] == ["validation_forecast.png"]


def test_a_folder_that_is_no_validation_is_not_shipped(tmp_path: Path) -> None:
    module = script("ship_validation")
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "scores.csv").write_text("kept", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"no forecast\.csv"):
        module.ship(tmp_path / "nowhere", tmp_path / "tables", tmp_path)
    assert (tmp_path / "tables" / "scores.csv").is_file()
