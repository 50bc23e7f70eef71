import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim.errors import RunError
from sim.results import (
    TABLES,
    Cost,
    RunFolder,
    RunRecord,
    arrow_schema,
    check_destination,
    summarize,
    with_cost,
    write_run,
)
from sim.results import folder as folder_module
from sim.scenario import Scenario

COST = Cost(2.5, 1.25, 300.0)
FILES = sorted(
    ["figures", "manifest.json", "summary.json", *(f"{name}.parquet" for name in TABLES)]
)


def write(path: Path, record: RunRecord, cost: Cost = COST) -> Cost:
    return write_run(path, record, summarize(record), lambda: cost)


def listing(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.iterdir())


def contents(path: Path) -> dict[str, bytes]:
    return {entry.name: entry.read_bytes() for entry in path.iterdir() if entry.is_file()}


def test_a_run_folder_holds_its_files(tmp_path: Path, rich_record: RunRecord) -> None:
    cost = write(tmp_path / "a" / "b", rich_record)

    assert cost == COST
    assert listing(tmp_path / "a" / "b") == FILES
    assert listing(tmp_path / "a") == ["b"]


def test_tables_are_read_back_as_they_were(tmp_path: Path, rich_record: RunRecord) -> None:
    write(tmp_path / "run", rich_record)
    folder = RunFolder(tmp_path / "run")

    for name in TABLES:
        assert folder.table(name).schema.equals(arrow_schema(name), check_metadata=True)
    assert folder.table("villages").num_rows == 4


def test_the_summary_is_read_back_with_what_the_run_took(
    tmp_path: Path, rich_record: RunRecord
) -> None:
    write(tmp_path / "run", rich_record)

    assert RunFolder(tmp_path / "run").summary == with_cost(summarize(rich_record), COST)


def test_the_manifest_tells_what_was_run(tmp_path: Path, rich_record: RunRecord) -> None:
    write(tmp_path / "run", rich_record)
    manifest = RunFolder(tmp_path / "run").manifest

    assert list(manifest) == ["format", "run", "machine"]
    run = manifest["run"]
    assert (run["seed"], run["end"], run["households"]) == (7, "2019-12-31", 200)
    assert Scenario.model_validate(run["scenario"]) == rich_record.scenario
    assert {"villagesim", "python", "numpy", "numba", "mesa"} <= set(run["versions"])
    machine = manifest["machine"]
    assert (machine["wall_s"], machine["compute_s"], machine["peak_mb"]) == COST
    assert machine["command"]


def test_the_manifest_has_the_checksum_of_each_table(
    tmp_path: Path, rich_record: RunRecord
) -> None:
    write(tmp_path / "run", rich_record)

    tables = RunFolder(tmp_path / "run").manifest["run"]["tables"]
    for name, entry in tables.items():
        path = tmp_path / "run" / name
        assert entry["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert entry["rows"] == pq.read_table(path).num_rows


def test_only_the_machine_part_differs_between_equal_runs(
    tmp_path: Path, rich_record: RunRecord
) -> None:
    write(tmp_path / "a", rich_record)
    write(tmp_path / "b", rich_record, Cost(9.0, 8.0, None))
    first, second = contents(tmp_path / "a"), contents(tmp_path / "b")

    manifests = [json.loads(files.pop("manifest.json")) for files in (first, second)]
    assert first == second
    assert manifests[0]["run"] == manifests[1]["run"]
    assert manifests[0]["machine"] != manifests[1]["machine"]


def test_an_earlier_run_is_replaced_as_a_whole(tmp_path: Path, rich_record: RunRecord) -> None:
    path = tmp_path / "run"
    write(path, rich_record)
    (path / "figures" / "old.png").write_bytes(b"old")
    write(path, rich_record)

    assert listing(path) == FILES
    assert listing(path / "figures") == []
    assert listing(tmp_path) == ["run"]


def test_an_empty_folder_is_filled(tmp_path: Path, rich_record: RunRecord) -> None:
    (tmp_path / "run").mkdir()
    write(tmp_path / "run", rich_record)

    assert listing(tmp_path / "run") == FILES


def test_a_folder_of_someone_else_is_left_alone(tmp_path: Path, rich_record: RunRecord) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    (mine / "manifest.json").write_text('{"format": "something else"}')
    before = contents(mine)

    with pytest.raises(RunError, match="not that of an earlier run"):
        write(mine, rich_record)
    assert contents(mine) == before
    assert listing(tmp_path) == ["mine"]


def test_a_file_is_not_replaced_by_a_folder(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("text")

    with pytest.raises(RunError, match="this is a file"):
        check_destination(tmp_path / "run")


def test_nothing_is_made_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("text")

    with pytest.raises(RunError, match="run is a file"):
        check_destination(tmp_path / "run" / "deeper" / "still")


@pytest.mark.parametrize("name", [".", "..", "../.."])
def test_the_folder_one_is_in_is_never_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(RunError, match="the folder you are in"):
        check_destination(Path(name))


def test_a_new_folder_may_be_written(tmp_path: Path) -> None:
    check_destination(tmp_path / "new" / "folder")

    assert listing(tmp_path) == []


@pytest.mark.parametrize("has_earlier_run", [False, True])
def test_a_failure_while_writing_leaves_what_was_there(
    tmp_path: Path,
    rich_record: RunRecord,
    monkeypatch: pytest.MonkeyPatch,
    has_earlier_run: bool,
) -> None:
    if has_earlier_run:
        write(tmp_path / "run", rich_record)
    before = listing(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder_module, "manifest_of", full)
    with pytest.raises(RunError, match="No space left on device"):
        write(tmp_path / "run", rich_record)
    assert listing(tmp_path) == before


def test_a_failure_at_the_last_step_brings_the_earlier_run_back(
    tmp_path: Path, rich_record: RunRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "run", rich_record)
    rename = Path.rename

    def fail_for_new(self: Path, target: Path) -> Path:
        if ".writing-" in self.name:
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_for_new)
    with pytest.raises(RunError, match="Input/output error"):
        write(tmp_path / "run", rich_record)
    assert (listing(tmp_path), listing(tmp_path / "run")) == (["run"], FILES)


def test_a_missing_folder_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no such folder"):
        RunFolder(tmp_path / "nowhere")


@pytest.mark.parametrize("text", [None, "not JSON", "[]", '{"format": "another program"}'])
def test_another_folder_cannot_be_read(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "manifest.json").write_text(text)

    with pytest.raises(RunError, match="not a run folder"):
        RunFolder(tmp_path)


@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_a_damaged_table_is_named(tmp_path: Path, rich_record: RunRecord, damage: str) -> None:
    write(tmp_path / "run", rich_record)
    path = tmp_path / "run" / "shops.parquet"
    path.unlink() if damage == "missing" else path.write_bytes(path.read_bytes()[:50])

    with pytest.raises(RunError, match=r"shops\.parquet"):
        RunFolder(tmp_path / "run").table("shops")


def test_a_damaged_summary_is_named(tmp_path: Path, rich_record: RunRecord) -> None:
    write(tmp_path / "run", rich_record)
    (tmp_path / "run" / "summary.json").write_text("{")

    with pytest.raises(RunError, match=r"summary\.json"):
        _ = RunFolder(tmp_path / "run").summary


def test_tables_keep_names_that_repeat_as_numbers(tmp_path: Path, rich_record: RunRecord) -> None:
    write(tmp_path / "run", rich_record)
    kind = RunFolder(tmp_path / "run").table("villages").schema.field("village").type

    assert pa.types.is_dictionary(kind)


def test_reading_a_table_needs_no_pandas(tmp_path: Path, rich_record: RunRecord) -> None:
    write(tmp_path / "run", rich_record)
    program = (
        "import sys; from pathlib import Path; from sim.results import RunFolder;"
        "print(RunFolder(Path('run')).table('villages').num_rows, 'pandas' in sys.modules)"
    )
    read = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, check=True
    )

    assert read.stdout.split() == [b"4", b"False"]
