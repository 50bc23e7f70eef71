"""Where the rows of a run go: into memory, and from there into a folder before they are many."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

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

    def take(self, table: str, rows: Any) -> None:
        """Take further rows of a table, by the recorder's name of it."""
        name = _NAMES[table]
        self._waiting[name].append(rows)
        self._bytes[name] += rows.bytes
        if self._folder is not None and self._bytes[name] > MOST_BYTES_IN_MEMORY:
            self._move_to_folder(name)

    def move_all_to_folder(self) -> None:
        """Leave nothing in memory."""
        for name, waiting in self._waiting.items():
            if waiting:
                self._move_to_folder(name)

    def _move_to_folder(self, name: str) -> None:
        from sim.results.groups import GroupWriter

        assert self._folder is not None
        self._folder.mkdir(parents=True, exist_ok=True)
        part = f"{name}-{len(self.parts[name]):05}.parquet"
        table = self._in_memory(name)
        with GroupWriter(self._folder / part, table.schema) as writer:
            writer.write(table)
        self.parts[name].append(part)
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
