"""From what was recorded to Arrow tables: numbers of villages, goods and days become names."""

from collections.abc import Callable, Sequence
from typing import Any

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
from sim.world.register import NO_GOOD

Values = dict[str, Any]
"""Columns of a table to be, some of them Arrow arrays already."""


def arrow_tables(record: RunRecord) -> dict[str, Any]:
    """Return the tables of a run by name, as sim.results.schema describes them.

    A table of which nothing was recorded has no rows.
    """
    made: dict[str, tuple[str, Callable[[RunRecord, Columns], Values]]] = {
        "villages": ("village_months", _villages),
        "seasons": ("season_days", _seasons),
        "households": ("household_years", _households),
        "shops": ("shop_years", _shops),
    }
    tables = {}
    for name, (recorded, make) in made.items():
        columns = record.tables.get(recorded) or {}
        tables[name] = _table(name, make(record, columns) if columns else {})
    tables["events"] = _table("events", _events(record) if record.events else {})
    return tables | _regional_tables(record)


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


def _named(numbers: NDArray[Any], names: Sequence[str]) -> Any:
    """Return names by number; a number below zero, and an empty name, means none."""
    import pyarrow as pa

    distinct = sorted({*names} - {""})
    place_of = {name: place for place, name in enumerate(distinct)} | {"": -1}
    places = np.array([place_of[name] for name in names])
    places = np.where(numbers < 0, -1, places[np.maximum(numbers, 0)]).astype(np.int32)
    return pa.DictionaryArray.from_arrays(
        pa.array(places, mask=places < 0), pa.array(distinct, pa.string())
    )


def _village(record: RunRecord, numbers: NDArray[Any]) -> Values:
    return {"village_number": numbers, "village": _named(numbers, record.villages.names)}


def _villages(record: RunRecord, columns: Columns) -> Values:
    numbers = columns["village"]
    return {
        **columns,
        **_village(record, numbers),
        **_places(record, numbers),
        "month": dates_of(columns["day"]),
    }


def _places(record: RunRecord, numbers: NDArray[Any]) -> Values:
    """Return where villages are."""
    places = {}
    for level in PLACES:
        place, names = record.villages.places(level)
        places[level] = _named(place[numbers], names)
    return places


def _seasons(record: RunRecord, columns: Columns) -> Values:
    return {
        **columns,
        **_village(record, columns["village"]),
        "date": dates_of(columns["day"]),
        "good": _named(columns["good"], good_names()),
    }


def _households(record: RunRecord, columns: Columns) -> Values:
    good = record.villages.goods[columns["village"], np.maximum(columns["slot"], 0)]
    return {
        **columns,
        **_village(record, columns["village"]),
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


def _shops(record: RunRecord, columns: Columns) -> Values:
    flags = {
        platform_flag(platform): (columns["channels"].astype(np.int64) >> channel) & 1 == 1
        for channel, platform in enumerate(platform_names())
    }
    return {
        **columns,
        **_village(record, columns["village"]),
        "owner_kind": _named(columns["owner_kind"], KINDS),
        "good": _named(columns["good"], good_names()),
        "opened_on": dates_of(columns["opened_day"]),
        **flags,
    }


def _events(record: RunRecord) -> Values:
    import pyarrow as pa

    villages = np.array([event.village for event in record.events])
    named = _village(record, villages)
    kinds = pa.array([event.kind for event in record.events]).dictionary_encode()
    return {
        **named,
        "village_number": pa.array(villages, pa.int32(), mask=villages < 0),
        "date": dates_of(np.array([event.day for event in record.events])),
        "kind": kinds,
        "text": [event.text for event in record.events],
    }


def _regional_tables(record: RunRecord) -> dict[str, Any]:
    from sim.results import regions

    places = regions.region_columns(record.villages, record.town_years, record.lists)
    listed = regions.list_columns(record.villages, record.lists)
    return {
        "regions": _table("regions", _regions(places) if places else {}),
        "lists": _table("lists", _lists(record, listed) if listed else {}),
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


def _lists(record: RunRecord, columns: Columns) -> Values:
    return {
        **columns,
        **_village(record, columns["village"]),
        **_places(record, columns["village"]),
        "date": dates_of(columns["day"]),
        "listed_since": dates_of(columns["since_day"]),
    }
