"""Scripts that write tables of the documentation: the country beside lists, and calibrations."""

import importlib.util
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sim.experiments.observables import Found

ROOT = Path(__file__).resolve().parents[1]


def script(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def regions() -> pl.DataFrame:
    """Make lists of the whole and of Zhejiang, with ten villages more each year."""
    rows = [
        {
            "year": year,
            "level": "all" if place is None else "province",
            "province": place,
            "prefecture": None,
            "county": None,
            "listed_villages": 10 * (year - 2013),
            "listed_stores": 1000 * (year - 2013),
            "lost_villages": 1,
        }
        for place in (None, "Zhejiang")
        for year in range(2014, 2020)
    ]
    schema = {"prefecture": pl.String, "county": pl.String}
    return pl.DataFrame(rows, schema_overrides=schema)


def test_a_run_is_told_beside_the_lists_with_their_roles() -> None:
    rows = list(script("tabulate_country").rows_of(Found(1.0, regions())))
    told = {(place, measure, year): rest for place, measure, year, *rest in rows}
    assert told["China", "listed villages", 2014] == [10.0, 212.0, "fit"]
    assert told["Zhejiang", "listed villages", 2019] == [60.0, 1573.0, "test"]
    assert told["China", "share of names gone", 2016] == [1 / 20, 0.1628, "fit"]
    assert told["China", "stores per listed village", 2015] == [100.0, 256.0, "fit"]
    assert not any(place == "Hangzhou" for place, *_ in told)
    assert ("China", "listed villages", 2013) not in told


def test_counts_of_thinned_regions_are_scaled_and_shares_are_not() -> None:
    rows = list(script("tabulate_country").rows_of(Found(0.5, regions())))
    told = {(place, measure, year): rest for place, measure, year, *rest in rows}
    assert told["China", "listed villages", 2014][0] == 20.0
    assert told["China", "share of names gone", 2016][0] == 1 / 20
    # Thinning may leave out all counties of a place.
    assert told["Guangdong", "listed villages", 2016][0] == 0.0


def plain_table(heads: Any, rows: Any) -> str:
    return "\n".join([" | ".join(heads), *(" | ".join(map(str, row)) for row in rows)])


def test_results_of_calibrations_are_told_where_there_are_some(tmp_path: Path) -> None:
    module = script("calibration_docs")
    assert module.summary_text(tmp_path, "village", plain_table) == module.NOT_YET
    (tmp_path / "village-summary.csv").write_text(
        "parameter,low,high,q05,q50,q95,contraction,verdict\n"
        "behaviour.open_gain,0.2,2,0.3,0.51234,12345.6,0.618,identified\n",
        encoding="utf-8",
    )
    text = module.summary_text(tmp_path, "village", plain_table)
    assert "`behaviour.open_gain` | 0.2 to 2 | 0.3 | 0.512 | 12,346 | 0.62 | identified" in text


@pytest.mark.parametrize("role", ["fit", "test", "context"])
def test_targets_of_every_role_are_on_the_page(role: str) -> None:
    text = script("calibration_docs").targets_text(plain_table)
    assert any(line.startswith(f"{role} | ") for line in text.splitlines())
