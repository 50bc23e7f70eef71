"""The state of the model: one table of columns, source of arrays, views and documentation."""

from functools import cache
from typing import Any, NamedTuple

import numpy as np

NOT_YET = -1
"""A day that has not been reached."""

NO_ANSWER = -1
"""A decision that Python has not taken."""

KINDS = 4
FARMER, MANUFACTURER, OPERATOR, INCOMER = range(KINDS)
SLOTS = 4
CROP_SLOT, PRODUCT_SLOT, FIRST_OUTSIDE_SLOT = 0, 1, 2
CHANNELS = 4
MONTHS = 12
SETTLEMENT_SLOTS = 4
OUTSIDE_GOODS = SLOTS - FIRST_OUTSIDE_SLOT
"""Further goods that operators of a village can source from outside, at most."""


class Column(NamedTuple):
    """One column of a table.

    `width` is the length of the second axis (1: the column is one-dimensional); `owner` names the
    engine modules that write it once its row is set up: ``setup`` where none does, ``agents`` where
    only decisions taken in Python do.
    """

    name: str
    dtype: str
    unit: str
    meaning: str
    initial: float
    owner: str
    width: int = 1


HOUSEHOLD_COLUMNS = (
    # The country has two hundred million households: what needs no more is in single precision.
    Column("cash_yuan", "f8", "yuan", "money at hand; below zero it is debt", 0, "ledger"),
    Column("income_month_yuan", "f8", "yuan", "income of the month so far", 0, "ledger"),
    Column(
        "shop_profit_yuan", "f8", "yuan", "shop profit of the year so far", 0, "ledger, simulation"
    ),
    Column("wages_yuan", "f8", "yuan", "wages of the year so far", 0, "accounts, simulation"),
    Column("knowledge", "f4", "0-1", "knowledge of e-commerce", 0, "closing"),
    Column(
        "observed_profit_yuan_per_month",
        "f4",
        "yuan/month",
        "what others see: average monthly profit per shop; nan without a shop",
        np.nan,
        "accounts",
    ),
    Column("internet_rank", "f4", "0-1", "connected once the internet share passes it", 0, "setup"),
    Column(
        "job_rank", "f4", "0-1", "place in the queue for jobs in shops, lowest first", 0, "setup"
    ),
    Column("last_opening_day", "i2", "day", "day on which the last shop was opened", -1, "opening"),
    Column("shops_ever", "i2", "shops", "shops opened so far", 0, "opening"),
    Column("members", "i1", "persons", "people in the household", 0, "setup"),
    Column("age_years", "i1", "years", "age of the head", 0, "setup"),
    Column("schooling_years", "i1", "years", "schooling of the head", 0, "setup"),
    Column("technical_training", "?", "yes/no", "the head had technical training", 0, "setup"),
    Column("worked_in_city", "?", "yes/no", "the head has worked in a city", 0, "setup"),
    Column("away", "?", "yes/no", "the head still works in a city", 0, "opening"),
    Column("present", "?", "yes/no", "lives in the village", 1, "closing, opening"),
    Column("trained", "?", "yes/no", "has been reached by e-commerce training", 0, "closing"),
    Column("slot", "i1", "slot", "good slot of the household's trade; -1 none", -1, "opening"),
    Column("shops", "i1", "shops", "open shops", 0, "closing, opening"),
    Column("opens_answer", "i1", "1/0/-1", "Python's decision to open; -1 none", -1, "agents"),
)

PRODUCER_COLUMNS = (
    Column("output", "f8", "mu or pieces/month", "orchard, or monthly capacity", 0, "accounts"),
    Column(
        "stock",
        "f8",
        "kg or pieces",
        "premium fruit kept, or goods in stock",
        0,
        "goods, harvest, trade",
    ),
    Column("stock_age_days", "f8", "days", "mean age of the fruit kept", 0, "harvest"),
    Column("skill", "f8", "ratio", "yield relative to the village's mean", 1, "setup"),
    Column(
        "unit_cost_yuan", "f8", "yuan", "cost of picking a kg, or of making a piece", 0, "accounts"
    ),
    Column("surplus_kg", "f8", "kg", "premium fruit offered today", 0, "harvest"),
    Column("common_kg", "f8", "kg", "common fruit picked today", 0, "harvest"),
    Column("first_output", "f8", "mu or pieces/month", "output at the start", 0, "setup"),
    Column("merchants_luck", "f8", "ratio", "merchants' demand this month", 1, "goods"),
    Column("made_pieces_month", "f8", "pieces", "made this month", 0, "accounts, goods"),
    Column(
        "offline_yuan",
        "f8",
        "yuan",
        "offline farm or factory income of the year",
        0,
        "ledger, simulation",
    ),
    Column(
        "online_yuan",
        "f8",
        "yuan",
        "farm income from online sale, year so far",
        0,
        "ledger, simulation",
    ),
)

SHOP_COLUMNS = (
    Column("owner", "i4", "row", "household that owns the shop", -1, "opening"),
    Column("ordinal", "i2", "count", "shops the household had opened before", 0, "opening"),
    Column("slot", "i1", "slot", "good slot of the village that it sells", 0, "opening"),
    Column("good", "i1", "good", "good that it sells", 0, "opening"),
    Column("channels", "i1", "bits", "platforms in use, bit k for platform k", 0, "decisions"),
    Column("opened_day", "i4", "day", "day of opening", -1, "opening"),
    Column("window_open_day", "i4", "day", "first day of seasonal sale", -1, "decisions"),
    Column("window_close_day", "i4", "day", "last day of seasonal sale", -1, "decisions"),
    Column("last_order_day", "i4", "day", "last day with an order", -1, "trade"),
    Column("months_below", "i2", "months", "months in a row below the closing line", 0, "accounts"),
    Column("age_months", "i2", "months", "month ends seen", 0, "accounts"),
    Column("staff", "i4", "persons", "hired workers", 0, "decisions"),
    Column("price_yuan", "f8", "yuan/order", "price of an order", 0, "decisions"),
    Column("appeal", "f8", "ratio", "how attractive the offer is, luck of the shop", 1, "opening"),
    Column("price_skill", "f8", "z-score", "tendency to a higher price", 0, "opening"),
    Column("caution", "f8", "0-1", "tendency to open the window late", 0, "opening"),
    Column("rating", "f8", "1-5", "buyers' rating", 0, "trade"),
    Column("orders_shipped", "f8", "orders", "orders shipped so far", 0, "trade"),
    Column("smoothed_orders_per_day", "f8", "orders/day", "recent orders a day", 0, "trade"),
    Column("pieces", "f8", "pieces", "own stock of durable goods", 0, "harvest, trade"),
    Column("own_boxes", "f8", "orders", "own fruit set aside for today's orders", 0, "harvest"),
    Column("month_sales_yuan", "f8", "yuan", "sales of the month so far", 0, "ledger"),
    Column("month_profit_yuan", "f8", "yuan", "profit of the month so far", 0, "ledger"),
    Column("hands", "f8", "persons", "family hands in this shop", 0, "decisions"),
    Column("closes_answer", "i1", "1/0/-1", "Python's decision to close; -1 none", -1, "closing"),
    Column("channels_answer", "i1", "bits", "Python's platforms; -1 none", -1, "decisions"),
    Column("staff_answer", "i4", "persons", "Python's staff; -1 none", -1, "decisions"),
    Column(
        "price_answer_yuan", "f8", "yuan/order", "Python's price; nan none", np.nan, "decisions"
    ),
    Column("backlog", "f8", "orders", "orders waiting, by platform", 0, "harvest, trade", CHANNELS),
    Column("attraction", "f8", "ratio", "attraction, by platform", 0, "market", CHANNELS),
    Column("orders_per_day", "f8", "orders/day", "mean at day factor 1", 0, "market", CHANNELS),
    Column("parcel_yuan", "f8", "yuan/order", "parcel price, by platform", 0, "market", CHANNELS),
    Column("sales_ring_yuan", "f8", "yuan", "sales by month", 0, "accounts", MONTHS),
    Column("profit_ring_yuan", "f8", "yuan", "profit by month", 0, "accounts", MONTHS),
    Column("receivable_usd", "f8", "USD", "dollars due by month", 0, "ledger", SETTLEMENT_SLOTS),
    Column("receivable_cny", "f8", "yuan", "yuan due by month", 0, "ledger", SETTLEMENT_SLOTS),
    Column("receivable_yuan", "f8", "yuan", "both, as booked", 0, "ledger", SETTLEMENT_SLOTS),
)

VILLAGE_COLUMNS = (
    Column("key", "i8", "hash", "place in the space of draws", 0, "setup"),
    Column("zone_key", "i8", "hash", "weather zone in the space of draws", 0, "setup"),
    Column("county", "i4", "index", "county", 0, "setup"),
    Column("town", "i4", "index", "town", 0, "setup"),
    Column("first_household", "i8", "row", "first row in households", 0, "setup"),
    Column("first_producer", "i8", "row", "first row in producers", 0, "setup"),
    Column("first_shop", "i8", "row", "first row in shops", 0, "shops"),
    Column("shop_capacity", "i4", "rows", "rows kept for shops", 0, "shops"),
    Column("season_row", "i4", "row", "row in the season's days; -1 without a crop", -1, "setup"),
    Column("open_shops", "i4", "shops", "open shops", 0, "closing, opening"),
    Column("kind_count", "i4", "households", "households by kind", 0, "setup", KINDS),
    Column("good_of_slot", "i1", "good", "good by slot; -1 none", -1, "setup", SLOTS),
    Column("outside_km", "f8", "km", "distance of goods from outside", 0, "setup", OUTSIDE_GOODS),
    Column("income_index", "f8", "ratio", "rural income relative to Zhejiang", 1, "setup"),
    Column(
        "trade_tradition", "f8", "log-odds", "favours opening a shop; 0 as in Cangtian", 0, "setup"
    ),
    Column("internet_ratio", "f8", "ratio", "home internet relative to rural China", 1, "setup"),
    Column("broadband_day", "i4", "day", "first day of broadband", 0, "setup"),
    Column("choice_weight", "f8", "1", "weight of a good for operators", 0, "opening", SLOTS),
    Column("is_asked", "?", "yes/no", "someone here decides to open in Python", 0, "agents"),
    Column("next_to_open", "i4", "place", "who waits for room, from 1; 0 nobody", 0, "opening"),
    Column("wage_yuan_per_month", "f8", "yuan/month", "wage of the month", 0, "simulation"),
    Column(
        "labour_pool",
        "f8",
        "persons",
        "hands for hire of households without shop; 0 where nobody asks for them",
        0,
        "commuting, decisions",
    ),
    Column("hired_villagers", "f8", "persons", "staff from the village", 0, "decisions"),
    Column("hired_neighbours", "f8", "persons", "staff from the town", 0, "commuting"),
    Column("commuters", "f8", "persons", "hired by shops elsewhere in the town", 0, "commuting"),
    Column("commuter_wage_yuan", "f8", "yuan/month", "what they are paid", 0, "commuting"),
    Column("staff", "f8", "persons", "staff of all shops", 0, "decisions"),
    Column("parcels_last_month", "f8", "parcels", "shipped last month", 0, "accounts"),
    Column("parcels_month", "f8", "parcels", "shipped this month", 0, "accounts, ledger"),
    Column("slot_shops", "f8", "shops", "published: shops by slot", 0, "accounts", SLOTS),
    Column("slot_profit", "f8", "yuan/month", "published: mean profit", 0, "accounts", SLOTS),
    Column("attraction", "f8", "ratio", "by slot and platform", 0, "market", SLOTS * CHANNELS),
    Column("best_profit", "f8", "yuan/month", "published: best profit, if any", 0, "accounts"),
    Column("nearby_weight", "f8", "0-1", "published: weight of hearsay", 0, "hearsay"),
    Column("nearby_profit", "f8", "yuan/month", "published: hearsay of profit", 0, "hearsay"),
    Column("season_year", "i4", "year", "year of the season below", -1, "season"),
    Column("first_ripe_day", "i4", "day", "first day of open-air fruit", -1, "season"),
    Column("ripe_days", "i4", "days", "length of the season", 0, "season"),
    Column("yield_index", "f8", "ratio", "yield of the year", 1, "season"),
    Column("greenhouse_share", "f8", "0-1", "orchard under glass this season", 0, "season"),
    Column("greenhouse_days", "i4", "days", "days that greenhouse fruit is earlier", 0, "season"),
    Column("wholesale_yuan_per_kg", "f8", "yuan/kg", "last wholesale price", 0, "harvest, season"),
    Column("orchard_mu", "f8", "mu", "orchards of the village", 0, "setup"),
)

TABLES = {
    "households": HOUSEHOLD_COLUMNS,
    "producers": PRODUCER_COLUMNS,
    "shops": SHOP_COLUMNS,
    "villages": VILLAGE_COLUMNS,
}


@cache
def row_type(table: str) -> np.dtype[np.void]:
    """Return the type of a row of a table: a record with one field for each column.

    Always the same object, for of two that are merely equal every call of a kernel compares all
    fields.
    """
    fields: list[Any] = [
        (c.name, c.dtype, (c.width,)) if c.width > 1 else (c.name, c.dtype) for c in TABLES[table]
    ]
    return np.dtype(fields, align=True)


def allocate(table: str, rows: int) -> np.ndarray:
    """Return the table with `rows` rows, each column at its initial value.

    A table is one structured array: ``households["cash_yuan"]`` is a column for Python, and
    ``households.cash_yuan[row]`` the same number in a kernel.
    """
    made = np.zeros(rows, dtype=row_type(table))
    for column in TABLES[table]:
        if column.initial != 0:
            made[column.name] = column.initial
    return made


class State(NamedTuple):
    """Everything that changes: four tables and the month's records."""

    households: np.ndarray
    producers: np.ndarray
    shops: np.ndarray
    villages: np.ndarray
    month: np.ndarray
    """Month so far, (villages, fields of sim.world.records.Month)."""
    season_day: np.ndarray
    """Season by day of the month, (villages with a crop, 31, sim.world.records.Season)."""
    day_sales_yuan: np.ndarray
    """Online sales by day of the month, (villages, 31) [yuan]."""
    day_active_stores: np.ndarray
    """Active stores by day of the month, (villages, 31)."""

    def season_days_of_villages(self) -> np.ndarray:
        """Return a copy of the season by day, (villages, 31, fields); zero without a crop."""
        rows = self.villages["season_row"]
        days = np.zeros((rows.size, *self.season_day.shape[1:]))
        days[rows >= 0] = self.season_day
        return days
