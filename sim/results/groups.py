"""Parquet files written a group of rows at a time, the same bytes however the rows arrive."""

from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np

ROWS_OF_A_GROUP: Final = 131_072
"""Rows of each row group but the last."""


class GroupWriter:
    """Writes a table whose rows come in parts of any length.

    Parameters
    ----------
    path : Path
        The file.
    schema : pyarrow.Schema
        The schema of the table.

    Attributes
    ----------
    rows : int
        Rows written so far.
    """

    def __init__(self, path: Path, schema: Any) -> None:
        import pyarrow.parquet as pq

        self.rows = 0
        self._schema = schema
        self._waiting: list[Any] = []
        self._rows_waiting = 0
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")

    def __enter__(self) -> Self:
        """Begin to write."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write the last rows, unless something has failed, and close the file."""
        try:
            if kind is None and (self._rows_waiting or not self.rows):
                self._write_group(self._rows_waiting)
        finally:
            self._writer.close()

    def write(self, table: Any) -> None:
        """Write further rows."""
        self._waiting.append(table)
        self._rows_waiting += table.num_rows
        while self._rows_waiting >= ROWS_OF_A_GROUP:
            self._write_group(ROWS_OF_A_GROUP)

    def _write_group(self, rows: int) -> None:
        import pyarrow as pa

        waiting = pa.concat_tables(self._waiting) if self._waiting else self._schema.empty_table()
        group = waiting.slice(0, rows).unify_dictionaries().combine_chunks()
        columns = [_canonical(column) for column in group.columns]
        self._writer.write_table(pa.Table.from_arrays(columns, schema=self._schema))
        self.rows += rows
        self._rows_waiting -= rows
        self._waiting = [waiting.slice(rows)] if self._rows_waiting else []


def _canonical(column: Any) -> Any:
    """Return a column with the names that are in it and no others, in order."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type) or not len(column):
        return column
    chunk = column.combine_chunks()
    names = chunk.dictionary.to_numpy(zero_copy_only=False)
    is_none = chunk.indices.is_null().to_numpy(zero_copy_only=False)
    places = chunk.indices.fill_null(0).to_numpy(zero_copy_only=False)
    used = np.unique(places[~is_none])
    order = used[np.argsort(names[used].astype(str), kind="stable")] if used.size else used
    place_of = np.zeros(max(len(names), 1), np.int32)
    place_of[order] = np.arange(order.size)
    return pa.DictionaryArray.from_arrays(
        pa.array(place_of[places], mask=is_none), pa.array(names[order], pa.string())
    )
