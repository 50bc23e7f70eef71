"""Attributes that read and write one column at the view's row."""

from collections.abc import Callable
from typing import Any

from sim.world.columns import TABLES


class ColumnField:
    """One column seen from a view: reading gives the value, assigning changes the state."""

    def __init__(self, table: str, column: str, meaning: str, row: str) -> None:
        self._table, self._column, self._row = table, column, row
        self.__doc__ = meaning

    def __get__(self, view: Any, owner: type | None = None) -> Any:
        """Return the value at the view's row."""
        if view is None:
            return self
        value = getattr(view.state, self._table)[self._column][getattr(view, self._row)]
        return value if value.ndim else value.item()

    def __set__(self, view: Any, value: Any) -> None:
        """Write the value into the view's row."""
        getattr(view.state, self._table)[self._column][getattr(view, self._row)] = value


def columns_as_fields[C](table: str, row: str = "row") -> Callable[[type[C]], type[C]]:
    """Give a class an attribute for each column of a table, with its meaning and unit as doc."""

    def decorate(cls: type[C]) -> type[C]:
        for column in TABLES[table]:
            if column.name not in vars(cls):
                meaning = f"{column.meaning} [{column.unit}]"
                setattr(cls, column.name, ColumnField(table, column.name, meaning, row))
        return cls

    return decorate
