"""Where the rows of a run go: into memory, and from there into a folder before they are many."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from sim.results.checkpoint import check_file, file_digest
from sim.results.placing import flush_file, flush_folder
from sim.results.record import Columns, RunRecord
from sim.results.schema import TABLES
from sim.results.tables import RECORDED, Names, arrow_table, small_tables
from sim.world.register import Register

MOST_BYTES_IN_MEMORY: Final = 64_000_000
"""Rows of a table that take more are moved to the folder."""
_NAMES: Final = {recorded: name for name, recorded in RECORDED.items()}


class Store:
    """Takes the rows of a run (see sim.engine.recorder.Sink).

    Parameters
    ----------
    villages : Register
        The villages.
    folder : Path, optional
        Where rows go that memory shall not keep; made when it is needed. All rows stay in memory
        if not given.

    Attributes
    ----------
    parts : dict of str to list of str
        Files of each table in the folder, in order.
    """

    def __init__(self, villages: Register, folder: Path | None) -> None:
        self.parts: dict[str, list[str]] = {name: [] for name in RECORDED}
        self._folder = folder
        self._names = Names(villages)
        self._waiting: dict[str, list[Any]] = {name: [] for name in RECORDED}
        self._bytes = dict.fromkeys(RECORDED, 0)
        self._digests: dict[str, dict[str, str]] = {name: {} for name in RECORDED}

    def take(self, table: str, rows: Any) -> None:
        """Take further rows of a table, by the recorder's name of it."""
        name = _NAMES[table]
        self._waiting[name].append(rows)
        self._bytes[name] += rows.bytes
        if self._folder is not None and self._bytes[name] > MOST_BYTES_IN_MEMORY:
            self._move_to_folder(name)

    def saved(self) -> dict[str, dict[str, str]]:
        """Leave nothing in memory, and return the checksum of each file by table.

        All of it is on the disk then.
        """
        for name, waiting in self._waiting.items():
            if waiting:
                self._move_to_folder(name)
        found = {}
        for name, parts in self.parts.items():
            for part in parts[len(self._digests[name]) :]:
                assert self._folder is not None
                flush_file(self._folder / part)
                self._digests[name][part] = file_digest(self._folder / part)
            found[name] = dict(self._digests[name])
        if self._folder is not None and self._folder.exists():
            flush_folder(self._folder)
        return found

    def restore(self, saved: Mapping[str, Mapping[str, str]]) -> None:
        """Go on from what `saved` has returned; files that came after it go.

        Raises
        ------
        RunError
            If a file is missing or damaged.
        """
        assert self._folder is not None
        for name, digests in saved.items():
            for part, digest in digests.items():
                check_file(self._folder / part, digest)
            self.parts[name] = list(digests)
            self._digests[name] = dict(digests)
        known = {part for parts in self.parts.values() for part in parts}
        for path in self._folder.glob("*"):
            if path.name not in known:
                path.unlink()

    def _move_to_folder(self, name: str) -> None:
        from sim.results.groups import GroupWriter

        assert self._folder is not None
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{name}-{len(self.parts[name]):05}.parquet"
        unfinished = path.with_suffix(".unfinished")
        table = self._in_memory(name)
        with GroupWriter(unfinished, table.schema) as writer:
            writer.write(table)
        unfinished.replace(path)
        self.parts[name].append(path.name)
        self._waiting[name] = []
        self._bytes[name] = 0

    def _in_memory(self, name: str) -> Any:
        from sim.engine.recorder import joined

        return arrow_table(name, self._names, joined(self._waiting[name]))

    @property
    def tables(self) -> Mapping[str, Columns]:
        """The tables that are wholly in memory, by the recorder's names."""
        from sim.engine.recorder import joined

        return {
            recorded: joined(self._waiting[name])
            for name, recorded in RECORDED.items()
            if not self.parts[name]
        }

    def tables_of(self, record: RunRecord) -> Iterator[tuple[str, Iterable[Any]]]:
        """Give each table of a run folder by name, in parts that fit into memory.

        Parameters
        ----------
        record : RunRecord
            The run.
        """
        small = small_tables(self._names, record)
        for name in TABLES:
            yield name, [small[name]] if name in small else self._parts_of(name)

    def _parts_of(self, name: str) -> Iterator[Any]:
        import pyarrow.parquet as pq

        for part in self.parts[name]:
            assert self._folder is not None
            with pq.ParquetFile(self._folder / part) as file:
                for group in range(file.num_row_groups):
                    yield file.read_row_group(group)
        yield self._in_memory(name)
