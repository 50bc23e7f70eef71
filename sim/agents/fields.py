"""Attributes that read and write one column at the view's row."""

from collections.abc import Callable
from typing import Any

from sim.world.columns import TABLES, Column

_FIXED_UNITS = frozenset(
    {"row", "rows", "hash", "index", "count", "slot", "good", "bits", "shops", "households"}
)
"""Units of columns that say where things lie, what they are or how many there are."""


class ColumnField:
    """One column seen from a view: reading gives the value, assigning changes the state.

    Columns by which the engine finds its way, and answers on their way to it, can only be read.
    """

    def __init__(self, table: str, column: Column, row: str) -> None:
        self._table, self._column, self._row = table, column.name, row
        self._is_fixed = column.unit in _FIXED_UNITS or "_answer" in column.name
        self.__doc__ = f"{column.meaning} [{column.unit}]"

    def __get__(self, view: Any, owner: type | None = None) -> Any:
        """Return the value at the view's row."""
        if view is None:
            return self
        value = getattr(view.state, self._table)[self._column][getattr(view, self._row)]
        if value.ndim == 0:
            return value.item()
        value.flags.writeable = not self._is_fixed
        return value

    def __set__(self, view: Any, value: Any) -> None:
        """Write the value into the view's row."""
        if self._is_fixed:
            raise AttributeError(
                f"{self._column} ({self.__doc__}) cannot be assigned; the engine relies on it"
            )
        getattr(view.state, self._table)[self._column][getattr(view, self._row)] = value


def columns_as_fields[C](table: str, row: str = "row") -> Callable[[type[C]], type[C]]:
    """Give a class an attribute for each column of a table, with its meaning and unit as doc."""

    def decorate(cls: type[C]) -> type[C]:
        for column in TABLES[table]:
            if column.name not in vars(cls):
                setattr(cls, column.name, ColumnField(table, column, row))
        return cls

    return decorate
