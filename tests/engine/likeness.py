"""Two runs compared to the last bit, village by village."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from small_worlds import months

from sim.engine.simulation import Simulation
from sim.scenario import Scenario
from sim.world.columns import FARMER, MANUFACTURER

Columns = dict[str, np.ndarray]
WHERE_ROWS_LIE = {
    "first_household",
    "first_producer",
    "first_shop",
    "shop_capacity",
    "season_row",
}
"""Columns of villages that tell of the tables, not of the village."""


def village_columns(simulation: Simulation, v: int) -> Columns:
    """Every column of a village, of its households, producers and open shops, and its records."""
    state, row = simulation.state, simulation.state.villages[v]
    counts, first = row["kind_count"], row["first_household"]
    producers = counts[[FARMER, MANUFACTURER]].sum()
    tables = {
        "villages": state.villages[v : v + 1],
        "households": state.households[first : first + counts.sum()],
        "producers": state.producers[row["first_producer"] :][:producers],
        "shops": state.shops[row["first_shop"] :][: row["open_shops"]],
        "levers": simulation.terms.levers[v : v + 1],
    }
    columns = {
        f"{table}.{name}": rows[name].copy()
        for table, rows in tables.items()
        for name in rows.dtype.names
        if name not in WHERE_ROWS_LIE
    }
    columns["shops.owner"] -= first
    columns["month"] = state.month[v].copy()
    at = state.villages["season_row"][v]
    columns["season_day"] = state.season_day[at].copy() if at >= 0 else np.zeros(())
    columns["day_sales_yuan"] = state.day_sales_yuan[v].copy()
    columns["day_active_stores"] = state.day_active_stores[v].copy()
    return columns


def columns_now(simulation: Simulation) -> dict[str, Columns]:
    """Everything about every village at this moment, by the village's path."""
    return {
        path.removeprefix("P/Q/"): village_columns(simulation, v)
        for v, path in enumerate(simulation.register.paths())
    }


def history(scenario: Scenario, **arguments: Any) -> list[dict[str, Columns]]:
    """Everything about every village at the end of each month, in one thread by default."""
    simulation = Simulation(scenario, **{"threads": 1, **arguments})
    return [columns_now(run) for run in months(simulation)]


def differing(some: Columns, others: Columns) -> Iterator[str]:
    """Names of columns that are not the same to the last bit."""
    for name in some.keys() | others.keys():
        one, other = some.get(name), others.get(name)
        if (
            one is None
            or other is None
            or one.shape != other.shape
            or one.dtype != other.dtype
            or one.tobytes() != other.tobytes()
        ):
            yield name


def differences(some: dict[str, Columns], others: dict[str, Columns]) -> list[str]:
    """Villages and columns that are not the same to the last bit."""
    return sorted(
        f"{village}: {name}"
        for village in some.keys() | others.keys()
        for name in differing(some.get(village, {}), others.get(village, {}))
    )


def first_differences(
    some: list[dict[str, Columns]], others: list[dict[str, Columns]]
) -> tuple[int, list[str]] | None:
    """The first month that differs and what differs in it; None if the histories are the same."""
    for month, (one, other) in enumerate(zip(some, others, strict=True)):
        found = differences(one, other)
        if found:
            return month, found
    return None


def all_differences(some: list[dict[str, Columns]], others: list[dict[str, Columns]]) -> set[str]:
    """Villages and columns that are not the same in some month."""
    pairs = zip(some, others, strict=True)
    return {column for one, other in pairs for column in differences(one, other)}
