"""From what was recorded to Arrow tables: numbers of villages, goods and days become names."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.results.record import Columns, RunRecord
from sim.results.region_fields import COUNTED, COUNTIES, LEVELS, PLACES, SIZED
from sim.results.schema import (
    FIELDS,
    INCOME_SOURCES,
    KINDS,
    arrow_schema,
    arrow_type,
    platform_flag,
)
from sim.world.calendar import EPOCH
from sim.world.parameters import good_names, platform_names
from sim.world.register import NO_GOOD, Register

RECORDED: Final = {
    "villages": "village_months",
    "village_years": "village_years",
    "seasons": "season_days",
    "households": "household_years",
    "shops": "shop_years",
}
"""The recorder's name of each table that is made from recorded rows."""

Values = dict[str, Any]
"""Columns of a table to be, some of them Arrow arrays already."""


class Names:
    """What numbers of villages and places are called.

    Parameters
    ----------
    villages : Register
        The villages.
    """

    def __init__(self, villages: Register) -> None:
        self.goods = villages.goods
        self._villages = villages
        self._made: dict[str, tuple[NDArray[np.int32], Any]] = {}

    def of(self, level: str, numbers: NDArray[Any]) -> Any:
        """Return the names of some villages, or of the places that they are in.

        Parameters
        ----------
        level : str
            ``village``, ``town``, ``county``, ``prefecture`` or ``province``.
        numbers : array
            Numbers of villages; below zero for none.
        """
        if level not in self._made:
            self._made[level] = _dictionary(*self._names(level))
        places, distinct = self._made[level]
        return _taken(numbers, places, distinct)

    def _names(self, level: str) -> tuple[NDArray[np.int32], Sequence[str]]:
        if level == "village":
            names = self._villages.names
            return np.arange(len(names), dtype=np.int32), names
        return self._villages.places(level)


def arrow_tables(record: RunRecord) -> dict[str, Any]:
    """Return the tables of a run by name, as sim.results.schema describes them.

    A table of which nothing was recorded has no rows.
    """
    names = Names(record.villages)
    tables = {
        name: arrow_table(name, names, record.tables.get(recorded) or {})
        for name, recorded in RECORDED.items()
    }
    return tables | small_tables(names, record)


def arrow_table(name: str, names: Names, columns: Columns) -> Any:
    """Return some rows of a table as sim.results.schema describes it.

    Parameters
    ----------
    name : str
        The table, any but ``events``.
    names : Names
        What numbers are called.
    columns : mapping
        The rows as they were recorded; empty if there are none.
    """
    make: Callable[[Names, Columns], Values] = {
        "villages": _villages,
        "village_years": _village_years,
        "seasons": _seasons,
        "households": _households,
        "shops": _shops,
    }[name]
    return _table(name, make(names, columns) if columns else {})


def small_tables(names: Names, record: RunRecord) -> dict[str, Any]:
    """Return the tables that are not made from what was recorded day by day."""
    events = _table("events", _events(names, record.events) if record.events else {})
    return {"events": events, **_regional_tables(names, record)}


def dates_of(days: NDArray[Any]) -> NDArray[np.datetime64]:
    """Return the dates of day numbers [days since 2000-01-01]."""
    return np.datetime64(EPOCH, "D") + np.asarray(days).astype("timedelta64[D]")


def _table(name: str, values: Values) -> Any:
    import pyarrow as pa

    schema = arrow_schema(name)
    arrays = [
        _array(values[field.name], field.type) if values else pa.array([], arrow_type(field.type))
        for field in FIELDS[name]
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _array(values: Any, kind: str) -> Any:
    import pyarrow as pa

    if isinstance(values, pa.Array):
        return values
    if kind in ("whole", "small"):
        values = np.rint(values).astype(np.int64)
    return pa.array(values, arrow_type(kind))


def _dictionary(places: NDArray[np.int32], names: Sequence[str]) -> tuple[NDArray[np.int32], Any]:
    """Return the place of each name in the sorted dictionary, -1 for an empty one, and that."""
    import pyarrow as pa

    distinct = sorted({*names} - {""})
    place_of = {name: place for place, name in enumerate(distinct)} | {"": -1}
    in_dictionary = np.array([place_of[name] for name in names], np.int32)
    return in_dictionary[places], pa.array(distinct, pa.string())


def _taken(numbers: NDArray[Any], places: NDArray[np.int32], distinct: Any) -> Any:
    import pyarrow as pa

    chosen = np.where(numbers < 0, np.int32(-1), places[np.maximum(numbers, 0)])
    return pa.DictionaryArray.from_arrays(pa.array(chosen, mask=chosen < 0), distinct)


def _named(numbers: NDArray[Any], names: Sequence[str]) -> Any:
    """Return names by number; a number below zero, and an empty name, means none."""
    every = np.arange(len(names), dtype=np.int32)
    return _taken(numbers, *_dictionary(every, names))


def _village(names: Names, numbers: NDArray[Any]) -> Values:
    return {"village_number": numbers, "village": names.of("village", numbers)}


def _of_villages(names: Names, columns: Columns) -> Values:
    numbers = columns["village"]
    return {**columns, **_village(names, numbers), **_places(names, numbers)}


def _places(names: Names, numbers: NDArray[Any]) -> Values:
    """Return where villages are."""
    return {level: names.of(level, numbers) for level in PLACES}


def _villages(names: Names, columns: Columns) -> Values:
    return {**_of_villages(names, columns), "month": dates_of(columns["day"])}


def _village_years(names: Names, columns: Columns) -> Values:
    return {**_of_villages(names, columns), "last_day": dates_of(columns["last_day"])}


def _seasons(names: Names, columns: Columns) -> Values:
    return {
        **columns,
        **_village(names, columns["village"]),
        "date": dates_of(columns["day"]),
        "good": _named(columns["good"], good_names()),
    }


def _households(names: Names, columns: Columns) -> Values:
    good = names.goods[columns["village"], np.maximum(columns["slot"], 0)]
    return {
        **columns,
        **_village(names, columns["village"]),
        "kind": _named(columns["kind"], KINDS),
        "good": _named(np.where(columns["slot"] < 0, NO_GOOD, good), good_names()),
        "income_yuan": income_yuan(columns),
    }


def income_yuan(columns: Columns) -> NDArray[np.float64]:
    """Return the income of the year of each row of ``household_years`` [yuan]."""
    income = np.zeros(columns["kind"].size)
    for source in INCOME_SOURCES:
        income = income + columns[source]
    return income


def _shops(names: Names, columns: Columns) -> Values:
    flags = {
        platform_flag(platform): (columns["channels"].astype(np.int64) >> channel) & 1 == 1
        for channel, platform in enumerate(platform_names())
    }
    return {
        **columns,
        **_village(names, columns["village"]),
        "owner_kind": _named(columns["owner_kind"], KINDS),
        "good": _named(columns["good"], good_names()),
        "opened_on": dates_of(columns["opened_day"]),
        **flags,
    }


def _events(names: Names, events: Sequence[Any]) -> Values:
    import pyarrow as pa

    villages = np.array([event.village for event in events])
    named = _village(names, villages)
    kinds = pa.array([event.kind for event in events]).dictionary_encode()
    return {
        **named,
        "village_number": pa.array(villages, pa.int32(), mask=villages < 0),
        "date": dates_of(np.array([event.day for event in events])),
        "kind": kinds,
        "text": [event.text for event in events],
    }


def regions_table(record: RunRecord) -> Any:
    """Return the table of regions alone."""
    from sim.results import regions

    places = regions.region_columns(record.villages, record.town_years, record.lists)
    return _table("regions", _regions(places) if places else {})


def _regional_tables(names: Names, record: RunRecord) -> dict[str, Any]:
    from sim.results import regions

    listed = regions.list_columns(record.villages, record.lists)
    return {
        "regions": regions_table(record),
        "lists": _table("lists", _lists(names, listed) if listed else {}),
    }


def _regions(columns: Columns) -> Values:
    import pyarrow as pa

    names = [path.split("/") if path else [] for path in columns["path"]]
    places = {
        level: pa.array(
            [parts[depth] if depth < len(parts) else None for parts in names], pa.string()
        ).dictionary_encode()
        for depth, level in enumerate(PLACES)
    }
    kinds = {field.name: arrow_type(field.type) for field in FIELDS["regions"]}
    unknown = {
        name: pa.array(columns[name], mask=np.isnan(columns[name])).cast(kinds[name])
        for name in (*COUNTED, *SIZED, *COUNTIES)
    }
    return {**columns, **places, **unknown, "level": _named(columns["level"], LEVELS)}


def _lists(names: Names, columns: Columns) -> Values:
    return {
        **columns,
        **_village(names, columns["village"]),
        **_places(names, columns["village"]),
        "date": dates_of(columns["day"]),
        "listed_since": dates_of(columns["since_day"]),
    }
