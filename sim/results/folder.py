"""Run folders: what a run leaves on disk, written as a whole or not at all."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from sim.errors import RunError
from sim.results.manifest import FORMAT, cost_in, manifest_of
from sim.results.placing import MANIFEST, check_place, holds, placed, read_json, write_json
from sim.results.record import Cost, RunRecord
from sim.results.schema import arrow_schema
from sim.results.summary import Summary, with_cost
from sim.results.tables import arrow_tables

SUMMARY: Final = "summary.json"
FIGURES: Final = "figures"
_WHAT: Final = "run"


class RunFolder:
    """A folder that a run has left behind, for reading.

    Parameters
    ----------
    path : str or Path
        The folder.

    Raises
    ------
    RunError
        If there is no such folder, or it is not a run folder.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if self.path.is_file():
            raise RunError(f"{path}: this is a file; allowed: a run folder")
        if not self.path.is_dir():
            raise RunError(f"{path}: there is no such folder")
        if not is_run_folder(self.path):
            raise RunError(f"{path}: not a run folder; it has no {MANIFEST} of a run")

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What was run, with what, and what it took."""
        return dict(read_json(self.path / MANIFEST))

    @cached_property
    def summary(self) -> Summary:
        """The summary, as ``villagesim run --json`` prints it."""
        return with_cost(read_json(self.path / SUMMARY), cost_in(self.manifest))

    @property
    def figures(self) -> Path:
        """Folder of the figures."""
        return self.path / FIGURES

    @property
    def is_complete(self) -> bool:
        """Whether the run came to its end; if not, its tables hold what came before."""
        return bool(self.manifest["run"]["complete"])

    @property
    def reached(self) -> str:
        """The last day that was run, such as ``2015-06-30``."""
        return str(self.manifest["run"]["reached"])

    def table(self, name: str, columns: Sequence[str] | None = None) -> Any:
        """Return a table of `sim.results.schema.TABLES` as an Arrow table.

        Parameters
        ----------
        name : str
            The table.
        columns : sequence of str, optional
            The columns that are read; all of them if not given.

        Raises
        ------
        RunError
            If the table is missing or damaged.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.path / file_name(name)
        try:
            # read_table would import Arrow's datasets, and pandas with them: half a second.
            with pq.ParquetFile(path) as file:
                wanted = None if columns is None else [c for c in columns if c in file.schema.names]
                return file.read(wanted)
        except FileNotFoundError as error:
            raise RunError(f"{path}: No such file; every run folder has it") from error
        except (OSError, pa.ArrowException) as error:
            raise RunError(f"{path}: damaged; {error}") from error


def file_name(table: str) -> str:
    """Return the name of the file that holds a table."""
    return f"{table}.parquet"


def is_run_folder(path: Path) -> bool:
    """Whether a folder was written by a run."""
    return holds(path, FORMAT)


def check_destination(path: Path) -> None:
    """Refuse a folder that a run must not write to.

    A new folder, an empty one and one of an earlier run will do.

    Raises
    ------
    RunError
        If something else would be lost, or the folder cannot be made.
    """
    check_place(path, FORMAT, _WHAT)


def write_run(
    path: Path,
    record: RunRecord,
    summary: Summary,
    stopwatch: Callable[[], Cost],
    room: Path | None = None,
) -> Cost:
    """Write a run folder, in place of an earlier one if there is one.

    Everything is written to a hidden folder beside it, which takes its place at the very end.

    Parameters
    ----------
    path : Path
        The folder.
    record : RunRecord
        The run.
    summary : dict
        Its summary.
    stopwatch : callable
        Tells what the run has taken so far; it is asked when all else is written.
    room : Path, optional
        A folder on the same disk for what is not finished; beside the run folder if not given.

    Returns
    -------
    Cost
        What stands in the manifest.

    Raises
    ------
    RunError
        If the folder cannot be written or must not be replaced.
    """
    with placed(path, FORMAT, _WHAT, room) as hidden:
        tables = _write_tables(hidden, record)
        write_json(hidden / SUMMARY, summary)
        (hidden / FIGURES).mkdir()
        cost = stopwatch()
        write_json(hidden / MANIFEST, manifest_of(record, tables, cost))
    return cost


def _write_tables(folder: Path, record: RunRecord) -> dict[str, dict[str, Any]]:
    from sim.results.groups import GroupWriter

    written = {}
    for name, parts in _tables(record):
        path = folder / file_name(name)
        with GroupWriter(path, arrow_schema(name)) as writer:
            for part in parts:
                writer.write(part)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        written[path.name] = {"rows": writer.rows, "sha256": digest}
    return written


def _tables(record: RunRecord) -> Iterator[tuple[str, Iterable[Any]]]:
    """Give each table by name, in parts that fit into memory."""
    if record.store is None:
        yield from ((name, [table]) for name, table in arrow_tables(record).items())
        return
    yield from record.store.tables_of(record)
