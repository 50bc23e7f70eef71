"""Rows that go to disk while a run goes on come back as the tables of a run in memory."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim.engine.recorder import Rows
from sim.experiments import RunOptions, run
from sim.results import RunFolder, groups, store
from sim.results.groups import GroupWriter
from sim.results.schema import arrow_schema
from sim.results.store import Store
from sim.results.tables import Names, arrow_table
from sim.scenario import Scenario, load_scenario, register_of

VILLAGES = 7
ONE_THREAD = RunOptions(threads=1)
MakeParts = Callable[[int], list[pa.Table]]


@pytest.fixture(scope="module")
def villages(tiny_file: Path) -> Scenario:
    return load_scenario(tiny_file, [f"villages.Reed.count={VILLAGES}", "end=2016-04-30"])


@pytest.fixture(scope="module")
def in_memory(villages: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder whose rows were in memory until the end."""
    path = tmp_path_factory.mktemp("memory") / "run"
    run(villages, out=path, options=ONE_THREAD)
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


# --- a run that keeps next to nothing in memory


@pytest.fixture
def streamed(
    villages: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Any, Path]:
    monkeypatch.setattr(store, "MOST_BYTES_IN_MEMORY", 1)
    return run(villages, out=tmp_path / "run", options=ONE_THREAD), tmp_path / "run"


def test_a_run_on_disk_leaves_the_same_bytes(in_memory: Path, streamed: tuple[Any, Path]) -> None:
    expected, found = files(in_memory), files(streamed[1])
    for some in (expected, found):
        some.pop("manifest.json")

    assert expected == found
    assert RunFolder(in_memory).manifest["run"] == RunFolder(streamed[1]).manifest["run"]


def test_a_run_on_disk_has_its_tables_only_there(streamed: tuple[Any, Path]) -> None:
    result, folder = streamed

    assert result.record.tables == {}
    assert RunFolder(folder).table("villages").num_rows == VILLAGES * 16
    assert result.summary["years"]["2015"]["gini"] > 0.0


def test_rows_on_disk_go_when_the_run_ends(streamed: tuple[Any, Path]) -> None:
    assert [path.name for path in streamed[1].parent.iterdir()] == ["run"]


def test_rows_on_disk_go_when_the_run_fails(
    villages: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MOST_BYTES_IN_MEMORY", 1)
    seen: list[list[str]] = []

    def fail(share: float, doing: str) -> None:
        seen.append([path.name for path in tmp_path.iterdir()])
        if doing.startswith("June 2015"):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(villages, out=tmp_path / "run", progress=fail, options=ONE_THREAD)
    assert seen[-1][0].startswith(".run.rows-")
    assert list(tmp_path.iterdir()) == []


# --- years of villages


def test_years_add_up_the_months_of_each_village(in_memory: Path) -> None:
    months, years = (
        pl.DataFrame(pl.from_arrow(RunFolder(in_memory).table(name)))
        for name in ("villages", "village_years")
    )
    grouped = (
        months.with_columns(pl.col("month").dt.year().cast(pl.Int32).alias("year"))
        .group_by("year", "village_number")
        .agg(
            pl.len().cast(pl.Int32).alias("months"),
            pl.col("month").max().dt.month_end().alias("last_day"),
            pl.col("online_sales_yuan", "orders_shipped", "consumption_yuan").sum(),
            pl.col("cash_yuan", "open_shops", "trailing_sales_yuan", "listed").last(),
        )
        .sort("year", "village_number")
    )

    assert years["months"].to_list() == [12] * VILLAGES + [4] * VILLAGES
    for name in grouped.columns:
        ours, theirs = years[name].to_numpy(), grouped[name].to_numpy()
        if ours.dtype == np.float64:
            np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-6)
        else:
            assert ours.tolist() == theirs.tolist()


# --- groups of rows


@pytest.fixture
def make_parts(in_memory: Path) -> MakeParts:
    table = RunFolder(in_memory).table("villages")
    return lambda rows: [table.slice(at, rows) for at in range(0, table.num_rows, rows)]


@pytest.mark.parametrize("rows", [1, 5, 30, 1000])
def test_however_rows_arrive_the_file_is_the_same(
    make_parts: MakeParts, rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "ROWS_OF_A_GROUP", 30)
    for name, length in (("one", 1000), ("parts", rows)):
        with GroupWriter(tmp_path / name, arrow_schema("villages")) as writer:
            for part in make_parts(length):
                writer.write(part)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "parts").read_bytes()
    file = pq.ParquetFile(tmp_path / "parts")
    assert [file.metadata.row_group(n).num_rows for n in range(4)] == [30, 30, 30, 22]
    assert file.read().equals(pa.concat_tables(make_parts(1000)))
    assert writer.rows == 112


def test_a_table_without_rows_is_a_file_with_its_columns(tmp_path: Path) -> None:
    with GroupWriter(tmp_path / "none", arrow_schema("shops")):
        pass

    assert pq.read_table(tmp_path / "none").schema.equals(arrow_schema("shops"))


def test_a_group_names_only_what_is_in_it(
    make_parts: MakeParts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "ROWS_OF_A_GROUP", 2)
    with GroupWriter(tmp_path / "file", arrow_schema("villages")) as writer:
        for part in make_parts(50):
            writer.write(part)

    group = pq.ParquetFile(tmp_path / "file").read_row_group(0)
    named = group.column("village").combine_chunks()
    assert named.dictionary.to_pylist() == sorted(named.to_pylist()) == ["Reed 1", "Reed 2"]


def test_nothing_names_no_good(villages: Scenario) -> None:
    register = register_of(villages)
    rows = {"village": np.array([0]), "kind": np.array([0]), "slot": np.array([-1])}
    columns = {name: np.zeros(1) for name in (field.name for field in arrow_schema("households"))}
    table = arrow_table("households", Names(register), columns | rows)

    assert table.column("good").to_pylist() == [None]


def test_rows_stay_in_memory_without_a_folder(
    villages: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MOST_BYTES_IN_MEMORY", 1)
    kept = Store(register_of(villages), None)
    kept.take("shop_years", Rows({"year": np.arange(3)}))
    kept.take("shop_years", Rows({"year": np.arange(2)}))

    assert kept.tables["shop_years"]["year"].tolist() == [0, 1, 2, 0, 1]
    assert kept.parts["shops"] == []
