"""What a sweep has found, as data frames, arrays and a page of a notebook."""

import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from toys import fails_at_odd_x, points, shards, sum_and_product, toy

import sim
from sim.errors import RunError
from sim.experiments import extras
from sim.experiments.design import Design, make_design
from sim.experiments.sweep import Means, run_points
from sim.experiments.sweep_result import SweepResult, read_sweep
from sim.experiments.variant import FunctionExperiment
from sim.scenario import load_scenario

ONE = Means(1)


def first_letters(values: Any, seed: int) -> dict[str, float]:
    year = values["villages.Reed.broadband_year"]
    return {"n": year + len(values["observer.rule"]) / 100 + seed / 1000 + values["end"].month}


@pytest.fixture(scope="module")
def grid(tiny_file: Path) -> Design:
    vary = {
        "villages.Reed.broadband_year": [2012, 2010],
        "observer.rule": None,
        "end": [date(2015, 11, 30), date(2015, 12, 31)],
    }
    return make_design(load_scenario(tiny_file), vary)


@pytest.fixture(scope="module")
def gridded(grid: Design) -> SweepResult:
    experiment = FunctionExperiment(first_letters, ("n",))
    return run_points(experiment, grid, replicates=3, seed=0, means=ONE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a sweep of which half the runs have failed."""
    run_points(toy(fails_at_odd_x), points(10), tmp_path / "sweep", 2, 0, ONE)
    return tmp_path / "sweep"


def test_a_row_for_each_run_with_typed_columns(gridded: SweepResult) -> None:
    runs = gridded.to_polars()

    assert runs.height == 24
    assert dict(runs.schema) == {
        "run": pl.Int64, "point": pl.Int64, "replicate": pl.Int64, "seed": pl.Int64,
        "villages.Reed.broadband_year": pl.Int64, "observer.rule": pl.String, "end": pl.Date,
        "n": pl.Float64, "error": pl.String,
    }  # fmt: skip


def test_pandas_has_the_same_rows(gridded: SweepResult) -> None:
    frame = gridded.to_pandas()

    assert list(frame.columns) == gridded.to_polars().columns
    assert frame["n"].tolist() == gridded.to_polars()["n"].to_list()


def test_a_grid_has_a_dimension_for_each_key(gridded: SweepResult) -> None:
    data = gridded.to_xarray()

    assert dict(data.sizes) == {
        "villages.Reed.broadband_year": 2, "observer.rule": 2, "end": 2, "replicate": 3
    }  # fmt: skip
    one = data["n"].sel(
        {"villages.Reed.broadband_year": 2010, "observer.rule": "published",
         "end": "2015-11-30", "replicate": 2}
    )  # fmt: skip
    assert one.item() == pytest.approx(2010 + 0.09 + 0.002 + 11)
    assert data["villages.Reed.broadband_year"].values.tolist() == [2012, 2010]


def test_other_designs_have_a_dimension_of_points(folder: Path) -> None:
    data = read_sweep(folder).to_xarray()

    assert dict(data.sizes) == {"point": 10, "replicate": 2}
    assert data["x"].values.tolist() == list(range(10))
    assert data["sum"].sel(point=4, replicate=1).item() == pytest.approx(
        sum_and_product({"x": 4.0, "y": 10 - 4 / 3}, 1)["sum"]
    )
    assert np.isnan(data["sum"].sel(point=3)).all()


def test_runs_that_are_not_there_are_nan(folder: Path) -> None:
    for path in shards(folder)[5:8]:
        path.unlink()
    result = read_sweep(folder)
    data = result.to_xarray()

    assert (result.is_complete, result.missing_batches) == (False, [5, 6, 7])
    assert dict(data.sizes) == {"point": 9, "replicate": 2}
    assert np.isnan(data["sum"].sel(point=2, replicate=1))
    assert not np.isnan(data["sum"].sel(point=2, replicate=0))


def test_a_sweep_without_a_batch_has_no_rows(folder: Path) -> None:
    for path in shards(folder):
        path.unlink()
    result = read_sweep(folder)

    assert result.to_polars().height == result.runs_there == 0
    assert result.to_polars().columns[4:6] == ["x", "y"]
    assert result.to_xarray().sizes["point"] == 0
    assert "0 of 20 runs" in result._repr_html_()


def test_errors_are_counted(folder: Path) -> None:
    result = read_sweep(folder)

    assert result.errors.total() == len(result.failures) == 10
    assert result.errors["ValueError: x is 3, and odd; seed 1"] == 1


def test_a_damaged_batch_is_named(folder: Path) -> None:
    shards(folder)[3].write_bytes(b"PAR1")

    with pytest.raises(RunError, match=r"batch-000003\.parquet"):
        _ = read_sweep(folder).table


def test_it_tells_what_it_is(folder: Path) -> None:
    assert repr(read_sweep(folder)) == (
        "<SweepResult fails_at_odd_x: 10 points (points), 2 replicates, 20 of 20 runs, 10 failed>"
    )


def test_a_notebook_shows_keys_and_outcomes(folder: Path, gridded: SweepResult) -> None:
    page = read_sweep(folder)._repr_html_()

    assert "10 failed" in page
    assert ">x</td>" in page
    assert ">9</td>" in page  # the highest x
    runs = read_sweep(folder).to_polars()
    assert f">{runs['sum'].mean():.4g}</td>" in page
    assert "observer.rule" in gridded._repr_html_()
    assert "2015-11-30" in gridded._repr_html_()


def test_names_are_shown_as_they_are() -> None:
    def odd(values: Any, seed: int) -> dict[str, float]:
        return {"<b>": 1.0}

    result = run_points(FunctionExperiment(odd, ("<b>",)), points(2), means=ONE)

    assert "&lt;b&gt;" in result._repr_html_()
    assert "<b>&" not in result._repr_html_()


def test_the_public_names_work(folder: Path) -> None:
    assert sim.read_sweep(str(folder)).runs_there == 20
    assert isinstance(sim.read_sweep(folder), sim.SweepResult)
    assert callable(sim.sweep)


# --- libraries that only some users need


@pytest.mark.parametrize(
    ("method", "library", "extra"),
    [("to_pandas", "pandas", "notebook"), ("to_xarray", "xarray", "notebook")],
)
def test_a_missing_library_is_named_with_what_installs_it(
    gridded: SweepResult, monkeypatch: pytest.MonkeyPatch, method: str, library: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)

    with pytest.raises(RunError) as refusal:
        getattr(gridded, method)()
    assert str(refusal.value) == (
        f"{library} is not installed; install it by: pip install 'villagesim[{extra}]'"
    )


def test_a_library_that_lacks_something_itself_is_not_blamed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "halfway.py").write_text("import no_such_thing_at_all\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    with pytest.raises(ModuleNotFoundError, match="no_such_thing_at_all"):
        extras.need("halfway", "notebook")


def test_reading_a_sweep_needs_neither_engine_nor_mesa(folder: Path) -> None:
    program = (
        f"import sys, sim; sim.read_sweep({str(folder)!r}).to_polars(); "
        "print({'mesa', 'numba', 'scipy'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == "set()\n"
