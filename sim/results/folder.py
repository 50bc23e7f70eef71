"""Run folders: what a run leaves on disk, written as a whole or not at all."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from sim.errors import RunError
from sim.results.manifest import FORMAT, cost_in, manifest_of
from sim.results.record import Cost, RunRecord
from sim.results.schema import TABLES
from sim.results.summary import Summary, with_cost
from sim.results.tables import arrow_tables

MANIFEST: Final = "manifest.json"
SUMMARY: Final = "summary.json"
FIGURES: Final = "figures"


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
        return dict(_read_json(self.path / MANIFEST))

    @cached_property
    def summary(self) -> Summary:
        """The summary, as ``villagesim run --json`` prints it."""
        return with_cost(_read_json(self.path / SUMMARY), cost_in(self.manifest))

    @property
    def figures(self) -> Path:
        """Folder of the figures."""
        return self.path / FIGURES

    def table(self, name: str) -> Any:
        """Return a table of `sim.results.schema.TABLES` as an Arrow table.

        Raises
        ------
        RunError
            If the table is missing or damaged.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.path / file_name(name)
        try:
            return pq.read_table(path)
        except (OSError, pa.ArrowException) as error:
            raise RunError(f"{path}: {error}") from error


def file_name(table: str) -> str:
    """Return the name of the file that holds a table."""
    return f"{table}.parquet"


def is_run_folder(path: Path) -> bool:
    """Whether a folder was written by a run."""
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and manifest.get("format") == FORMAT


def check_destination(path: Path) -> None:
    """Refuse a folder that a run must not write to.

    A new folder, an empty one and one of an earlier run will do.

    Raises
    ------
    RunError
        If something else would be lost, or the folder cannot be made.
    """
    target = path.resolve()
    if Path.cwd().is_relative_to(target):
        raise RunError(f"{path}: a run folder cannot be the folder you are in, nor one above it")
    if target.is_dir():
        if any(target.iterdir()) and not is_run_folder(target):
            raise RunError(
                f"{path}: this folder has other files in it and is not that of an earlier run; "
                "allowed: a new folder, an empty one, or one of an earlier run"
            )
    elif target.exists():
        raise RunError(f"{path}: this is a file; allowed: a folder")
    above = next(folder for folder in target.parents if folder.exists())
    if not above.is_dir():
        raise RunError(f"{path}: {above.name} is a file; no folder can be made in it")
    if not os.access(above, os.W_OK | os.X_OK):
        raise RunError(f"{path}: no permission to write there")


def write_run(
    path: Path, record: RunRecord, summary: Summary, stopwatch: Callable[[], Cost]
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

    Returns
    -------
    Cost
        What stands in the manifest.

    Raises
    ------
    RunError
        If the folder cannot be written or must not be replaced.
    """
    check_destination(path)
    target = path.resolve()
    hidden = target.with_name(f".{target.name}.writing-{os.getpid()}")
    missing = [folder for folder in target.parents if not folder.exists()]
    try:
        hidden.mkdir(parents=True)
        tables = _write_tables(hidden, record)
        _write_json(hidden / SUMMARY, summary)
        (hidden / FIGURES).mkdir()
        cost = stopwatch()
        _write_json(hidden / MANIFEST, manifest_of(record, tables, cost))
        _put_in_place(hidden, target)
    except OSError as error:
        raise RunError(f"{path}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
        for folder in missing:
            # If nothing came to be written, no empty folders stay behind either.
            with suppress(OSError):
                folder.rmdir()
    return cost


def _write_tables(folder: Path, record: RunRecord) -> dict[str, dict[str, Any]]:
    import pyarrow.parquet as pq

    written = {}
    tables = arrow_tables(record)
    for name in TABLES:
        path = folder / file_name(name)
        pq.write_table(tables[name], path, compression="zstd")
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        written[path.name] = {"rows": tables[name].num_rows, "sha256": digest}
    return written


def _put_in_place(made: Path, target: Path) -> None:
    """Rename a finished folder; what was there before goes as a whole."""
    if not target.exists():
        made.rename(target)
        return
    old = target.with_name(f".{target.name}.replaced-{os.getpid()}")
    target.rename(old)
    try:
        made.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(f"{text}\n", encoding="utf-8", newline="\n")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise RunError(f"{path}: {error}") from error
