"""Sweep folders: a manifest, and a Parquet file for each batch that is finished.

::

    DIR/manifest.json             what is run (see sim.experiments.plan)
    DIR/runs/batch-000000.parquet a row for each run of the batch

A file is written under a hidden name, flushed to the disk and then renamed, so that a folder whose
writer is killed at any moment holds whole batches only. Nothing in a folder depends on how long
something took or on who did it: the same plan gives the same bytes.

Interface
---------
A sink keeps finished batches: `MemorySink`, or `FolderSink` for a folder. `read_folder` gives the
manifest and the runs of a folder, finished or not.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from sim.errors import RunError
from sim.experiments.plan import FORMAT, Batch, Plan, run_schema
from sim.results.placing import flush_folder

MANIFEST: Final = "manifest.json"
RUNS: Final = "runs"
_HIDDEN: Final = ".writing"
_DIFFERENCES_SHOWN: Final = 3
_LONGEST_SHOWN: Final = 60


class Sink(Protocol):
    """Where finished batches are kept."""

    def check(self) -> None:
        """Refuse what cannot be written, and write nothing."""

    def open(self) -> None:
        """Get ready for writing."""

    def finished(self, batches: Iterable[int]) -> set[int]:
        """Return which of some batches are there, and whole."""

    def write(self, batch: Batch, table: Any) -> None:
        """Keep the runs of a batch."""


class MemorySink:
    """Keeps batches in memory, for sweeps without a folder."""

    def __init__(self) -> None:
        self.tables: dict[int, Any] = {}

    def check(self) -> None:
        """Nothing can be wrong."""

    def open(self) -> None:
        """Nothing has to be prepared."""

    def finished(self, batches: Iterable[int]) -> set[int]:
        """Return which of some batches are there."""
        return self.tables.keys() & set(batches)

    def write(self, batch: Batch, table: Any) -> None:
        """Keep the runs of a batch."""
        self.tables[batch.number] = table


class FolderSink:
    """Keeps batches in a sweep folder.

    Parameters
    ----------
    path : Path
        The folder: a new one, an empty one, or one with part of the same sweep.
    plan : Plan
        What is run.
    """

    def __init__(self, path: Path, plan: Plan) -> None:
        self.path = path
        self.plan = plan

    def check(self) -> None:
        """Refuse a folder that holds anything but part of the same sweep, or cannot be written.

        Raises
        ------
        RunError
            If it does.
        """
        check_folder(self.path, self.plan.manifest)

    def open(self) -> None:
        """Make the folder, or go on with one that holds part of the same sweep.

        Raises
        ------
        RunError
            If the folder holds anything else, or cannot be written.
        """
        is_new = check_folder(self.path, self.plan.manifest)
        with told(self.path):
            (self.path / RUNS).mkdir(parents=True, exist_ok=True)
            _remove(self.path.glob(f".{MANIFEST}*{_HIDDEN}"))
            if is_new:
                text = json.dumps(self.plan.manifest, indent=2, ensure_ascii=False)
                put(self.path / MANIFEST, f"{text}\n".encode())

    def finished(self, batches: Iterable[int]) -> set[int]:
        """Return which of some batches are there, and whole; remove what is left of others."""
        wanted, folder, manifest = set(batches), self.path / RUNS, self.plan.manifest
        with told(self.path):
            files = list(folder.iterdir()) if folder.is_dir() else []
            _remove(file for file in files if _is_hidden(file) and batch_of(file) in wanted)
        there = {batch_of(file) for file in files if not _is_hidden(file)} & wanted
        return {n for n in there if is_whole(folder / file_name(n), manifest, n)}

    def write(self, batch: Batch, table: Any) -> None:
        """Write the file of a batch, as a whole or not at all."""
        with told(self.path, "; what is finished stays there, and the same command goes on"):
            put(self.path / RUNS / file_name(batch.number), encoded(table))


class Contents(NamedTuple):
    """What a sweep folder holds."""

    manifest: dict[str, Any]
    files: dict[int, Path]
    """The file of each finished batch, by number."""


def read_folder(path: Path) -> Contents:
    """Return what a sweep folder holds, finished or not.

    Raises
    ------
    RunError
        If it is not a sweep folder.
    """
    if not path.is_dir():
        raise RunError(
            f"{path}: {'this is a file' if path.exists() else 'there is no such folder'}"
        )
    manifest = _manifest_in(path)
    if manifest is None:
        raise RunError(f"{path}: not a sweep folder; it has no {MANIFEST} of a sweep")
    with told(path):
        found = {batch_of(file): file for file in (path / RUNS).glob("batch-*.parquet")}
    return Contents(manifest, {number: found[number] for number in sorted(found)})


def read_batch(path: Path, columns: list[str] | None = None) -> Any:
    """Return the runs in a file as an Arrow table, or only some columns of them.

    Raises
    ------
    RunError
        If the file is missing or damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Not by read_table, which brings in pandas.
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            return file.read(columns, use_threads=False)
    except (OSError, pa.ArrowException) as error:
        raise RunError(f"{path}: {error}") from error


def is_whole(path: Path, manifest: Mapping[str, Any], number: int) -> bool:
    """Return whether a file holds a batch of a sweep, all of it and nothing else.

    Parameters
    ----------
    path : Path
        The file.
    manifest : mapping
        The manifest of the sweep.
    number : int
        Number of the batch.
    """
    try:
        table = read_batch(path)
    except RunError:
        return False
    sweep = manifest["sweep"]
    size = sweep["runs_per_batch"]
    schema = run_schema(sweep["keys"], sweep["outcomes"])
    named = {b"sweep": manifest["sha256"].encode(), b"batch": str(number).encode()}
    is_alike = table.schema.equals(schema) and table.schema.metadata == named
    return bool(is_alike) and int(table.num_rows) == min(size, sweep["runs"] - number * size)


def check_folder(path: Path, manifest: Mapping[str, Any]) -> bool:
    """Refuse a folder that a sweep must not write to; return whether it is a new one.

    Raises
    ------
    RunError
        If it holds another sweep or anything else, or cannot be written.
    """
    if not path.exists():
        above = next(folder for folder in path.resolve().parents if folder.exists())
        if not above.is_dir():
            raise RunError(f"{path}: {above.name} is a file; no folder can be made in it")
        _check_writable(above, path)
        return True
    if not path.is_dir():
        raise RunError(f"{path}: this is a file; allowed: a folder")
    _check_writable(path, path)
    there = _manifest_in(path)
    if there is not None:
        if there != manifest:
            raise RunError(
                f"{path}: holds another sweep: {differences(there, manifest)}; allowed: the "
                "command that began it, or another folder"
            )
        return False
    if any(not _is_hidden(file) and file.name != RUNS for file in path.iterdir()):
        raise RunError(
            f"{path}: this folder has other files in it and no sweep; allowed: a new folder, an "
            "empty one, or one with part of the same sweep"
        )
    return True


def differences(there: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """Say what differs between two manifests, the first few things."""
    old, new = dict(_flat("", there["sweep"])), dict(_flat("", wanted["sweep"]))
    differing = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    if differing == ["program_sha256"]:
        return "the program's code or data has changed since"
    # A hash differs whenever what it stands for does, which says more.
    telling = [key for key in differing if "sha256" not in key] or differing
    shown = [
        f"{key} is {_short(old.get(key))} there and {_short(new.get(key))} here"
        for key in telling[:_DIFFERENCES_SHOWN]
    ]
    return ", ".join(shown) or "its format is not this one's"


def batch_of(path: Path) -> int:
    """Return the number of the batch that a file, hidden or not, belongs to; -1 if none."""
    digits = path.name.removeprefix(".").removeprefix("batch-").partition(".")[0]
    return int(digits) if digits.isdecimal() else -1


def file_name(number: int) -> str:
    """Return the name of the file of a batch."""
    return f"batch-{number:06d}.parquet"


def encoded(table: Any) -> bytes:
    """Return a table of runs as the bytes of a Parquet file.

    The files are small: what Parquet adds to make large files fast would be most of them.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    stream = pa.BufferOutputStream()
    plain = table.schema.remove_metadata()
    options = {"compression": "none", "use_dictionary": False, "write_statistics": False}
    with pq.ParquetWriter(
        stream, plain, **options, store_schema=False, write_page_checksum=True
    ) as writer:
        writer.write_table(table.replace_schema_metadata(None))
        # Metadata of the schema is not written without the schema.
        writer.add_key_value_metadata(table.schema.metadata or {})
    return bytes(stream.getvalue())


def put(path: Path, content: bytes) -> None:
    """Write a file as a whole or not at all, and have it on the disk before it has its name."""
    try:
        _put(path, content)
    except FileNotFoundError:
        # Another command for the same folder took it for what a killed one had left.
        _put(path, content)


def _put(path: Path, content: bytes) -> None:
    hidden = path.with_name(f".{path.name}.{os.getpid()}{_HIDDEN}")
    try:
        with hidden.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        hidden.replace(path)
    except BaseException:
        hidden.unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def _manifest_in(path: Path) -> dict[str, Any] | None:
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    is_sweep = isinstance(manifest, dict) and manifest.get("format") == FORMAT
    return manifest if is_sweep and isinstance(manifest.get("sweep"), dict) else None


def _check_writable(folder: Path, path: Path) -> None:
    if not os.access(folder, os.W_OK | os.X_OK):
        raise RunError(f"{path}: no permission to write there")


def _is_hidden(path: Path) -> bool:
    return path.name.endswith(_HIDDEN)


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{name}.{key}" if name else key, inner)
    else:
        yield name, value


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


@contextmanager
def told(path: Path, advice: str = "") -> Iterator[None]:
    """Turn what the system refuses into one message."""
    try:
        yield
    except OSError as error:
        raise RunError(f"{path}: {error.strerror or error}{advice}") from error
