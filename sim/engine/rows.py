"""Rows of tables, made from the state: season days, households and shops on 31 December."""

import numpy as np
from numpy.typing import NDArray

from sim.world.columns import CROP_SLOT, KINDS, OPERATOR, State
from sim.world.records import SEASON_FIELDS, Season

Columns = dict[str, np.ndarray]
VillageNumbers = NDArray[np.int64]

_HOUSEHOLD_COLUMNS = (
    "members",
    "age_years",
    "schooling_years",
    "knowledge",
    "trained",
    "away",
    "present",
    "slot",
    "shops",
    "cash_yuan",
    "shop_profit_yuan",
    "wages_yuan",
)
_SHOP_COLUMNS = (
    "ordinal",
    "good",
    "opened_day",
    "channels",
    "orders_shipped",
    "rating",
    "staff",
    "hands",
    "price_yuan",
)


def season_rows(state: State, first_day: int) -> Columns:
    """Return the days with fruit or an order for it; no columns in most months of the year."""
    days = state.season_day
    if not days.any():
        return {}
    counted = np.zeros(days.shape[:2], np.bool_)
    for field in Season:
        if field != Season.WHOLESALE_YUAN_PER_KG:  # never zero, it makes no day of the season
            counted |= days[:, :, field] != 0.0
    row, place = np.nonzero(counted)
    if row.size == 0:
        return {}
    village = np.flatnonzero(state.villages["season_row"] >= 0)[row]
    columns: Columns = {
        "village": village,
        "day": first_day + place,
        "good": state.villages["good_of_slot"][village, CROP_SLOT],
    }
    return columns | {name: days[row, place, field] for field, name in enumerate(SEASON_FIELDS)}


def places_of_households(state: State) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return village, kind and number of every row of the table of households."""
    return _places(state, np.arange(state.villages.size))


def _places(state: State, villages: VillageNumbers) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return village, kind and number of every household of some villages."""
    counts = state.villages["kind_count"][villages].ravel()
    block = np.repeat(np.arange(counts.size), counts)
    starts = np.cumsum(counts) - counts
    return villages[block // KINDS], block % KINDS, np.arange(block.size) - starts[block]


def household_rows(state: State, year: int, chosen: VillageNumbers | None) -> Columns:
    """Return the households of the chosen villages, or of all, that are present."""
    everywhere = np.arange(state.villages.size)
    village, kind, number = _places(state, everywhere if chosen is None else chosen)
    of_kind = state.villages["kind_count"]
    before = np.cumsum(of_kind, axis=1) - of_kind
    offset = before[village, kind] + number
    row = state.villages["first_household"][village] + offset
    is_present = state.households["present"][row]
    village, kind, number, offset, row = (
        each[is_present] for each in (village, kind, number, offset, row)
    )
    columns: Columns = {
        "village": village,
        "year": np.full(row.size, year),
        "kind": kind,
        "number": number,
    }
    columns |= {name: state.households[name][row] for name in _HOUSEHOLD_COLUMNS}
    columns["sales_yuan"] = _sales_by_owner(state)[row]
    is_producer = kind < OPERATOR
    producer = (state.villages["first_producer"][village] + offset)[is_producer]
    for name in ("offline_yuan", "online_yuan"):
        columns[name] = np.zeros(row.size)
        columns[name][is_producer] = state.producers[name][producer]
    return columns


def _open_shop_rows(state: State) -> tuple[np.ndarray, np.ndarray]:
    """Return the village and row of every open shop."""
    villages = state.villages
    village = np.repeat(np.arange(villages.size), villages["open_shops"])
    ends = np.cumsum(villages["open_shops"])
    place = np.arange(village.size) - np.repeat(
        ends - villages["open_shops"], villages["open_shops"]
    )
    return village, villages["first_shop"][village] + place


def _sales_by_owner(state: State) -> np.ndarray:
    _, rows = _open_shop_rows(state)
    sales = np.zeros(state.households.size)
    np.add.at(sales, state.shops["owner"][rows], state.shops["sales_ring_yuan"][rows].sum(axis=1))
    return sales


def shop_rows(state: State, year: int) -> Columns:
    """Return the open shops of all villages."""
    village, row = _open_shop_rows(state)
    shops, villages = state.shops, state.villages
    offset = shops["owner"][row] - villages["first_household"][village]
    ends = np.cumsum(villages["kind_count"], axis=1)
    kind = (offset[:, None] >= ends[village]).sum(axis=1)
    before = ends - villages["kind_count"]
    columns: Columns = {
        "village": village,
        "year": np.full(row.size, year),
        "owner_kind": kind,
        "owner_number": offset - before[village, kind],
    }
    columns |= {name: shops[name][row] for name in _SHOP_COLUMNS}
    columns["sales_yuan"] = shops["sales_ring_yuan"][row].sum(axis=1)
    columns["profit_yuan"] = shops["profit_ring_yuan"][row].sum(axis=1)
    return columns
