"""Schemas of the tables in a run folder: every column with its type and unit.

Villages are numbered in the order of the scenario, `village_number`; their names need only be
unique in their town. A column's unit stands in the metadata of its Arrow field, under ``unit``.

``village_years`` has the columns of ``villages``, added up over the ``months`` of a year that the
run came to the end of; what is there at the end of a month (stores, staff, stocks, cash,
receivables, the wage, trailing sales and whether a village is on the list) is that of ``last_day``.
"""

from functools import cache
from typing import Any, Final, NamedTuple

from sim.results.region_fields import COUNTED, COUNTIES, PLACES
from sim.world.parameters import platform_names
from sim.world.records import MONTH_FIELDS, SEASON_FIELDS

KINDS: Final = ("farmer", "manufacturer", "operator", "incomer")
"""Kinds of households, in the order of the model's numbers."""

TABLES: Final = (
    "villages",
    "village_years",
    "seasons",
    "households",
    "shops",
    "events",
    "regions",
    "lists",
)
"""The tables of a run folder; each lies in a file of that name, ``.parquet``."""

_SUFFIXES: Final = {
    "_yuan_per_kg": "yuan/kg",
    "_yuan_per_month": "yuan/month",
    "_yuan": "yuan",
    "_kg": "kg",
    "_pieces": "pieces",
    "_years": "years",
}
_WHOLE: Final = {
    "orders": ("orders_placed", "orders_shipped", "orders_cancelled"),
    "shops": ("shops_opened", "shops_closed", "open_shops"),
    "stores": ("active_stores",),
    "households": ("returnees", "settlers", "selling_households", "trained"),
}
_PERSONS: Final = ("staff", "family_hands", "hired_villagers", "hired_neighbours", "commuters")


class Field(NamedTuple):
    """A column: its name, its type in short and its unit."""

    name: str
    type: str
    """float, whole, small, flag, date, name (few different texts) or text."""
    unit: str


def _recorded(name: str) -> Field:
    """Return the column of a recorded field, whose name tells its unit."""
    for unit, names in _WHOLE.items():
        if name in names:
            return Field(name, "whole", unit)
    if name in _PERSONS:
        return Field(name, "float", "persons")
    if name.startswith("pieces_"):
        return Field(name, "float", "pieces")
    unit = next((unit for suffix, unit in _SUFFIXES.items() if name.endswith(suffix)), "")
    return Field(name, "float", unit)


def platform_flag(platform: str) -> str:
    """Return the column of shops that tells whether one is on this platform."""
    return f"on_{platform}"


_VILLAGE: Final = (Field("village_number", "small", "number"), Field("village", "name", "name"))
_PLACES: Final = tuple(Field(place, "name", "name") for place in reversed(PLACES))
_OF_VILLAGES: Final = (
    *map(_recorded, MONTH_FIELDS),
    Field("trailing_sales_yuan", "float", "yuan"),
    Field("designated", "flag", "yes/no"),
    Field("listed", "flag", "yes/no"),
)
_KIND: Final = (Field("kind", "name", "name"), Field("number", "small", "number"))

FIELDS: Final[dict[str, tuple[Field, ...]]] = {
    "villages": (*_VILLAGE, *_PLACES, Field("month", "date", "date"), *_OF_VILLAGES),
    "village_years": (
        *_VILLAGE,
        *_PLACES,
        Field("year", "small", "year"),
        Field("months", "small", "months"),
        Field("last_day", "date", "date"),
        *_OF_VILLAGES,
    ),
    "seasons": (
        *_VILLAGE,
        Field("date", "date", "date"),
        Field("good", "name", "name"),
        *map(_recorded, SEASON_FIELDS),
    ),
    "households": (
        *_VILLAGE,
        Field("year", "small", "year"),
        *_KIND,
        Field("members", "small", "persons"),
        Field("age_years", "small", "years"),
        Field("schooling_years", "small", "years"),
        Field("knowledge", "float", "0-1"),
        Field("trained", "flag", "yes/no"),
        Field("away", "flag", "yes/no"),
        Field("good", "name", "name"),
        Field("shops", "small", "shops"),
        Field("sales_yuan", "float", "yuan/year"),
        Field("shop_profit_yuan", "float", "yuan/year"),
        Field("wages_yuan", "float", "yuan/year"),
        Field("offline_yuan", "float", "yuan/year"),
        Field("online_yuan", "float", "yuan/year"),
        Field("income_yuan", "float", "yuan/year"),
        Field("cash_yuan", "float", "yuan"),
    ),
    "shops": (
        *_VILLAGE,
        Field("year", "small", "year"),
        Field("owner_kind", "name", "name"),
        Field("owner_number", "small", "number"),
        Field("ordinal", "small", "number"),
        Field("good", "name", "name"),
        Field("opened_on", "date", "date"),
        Field("sales_yuan", "float", "yuan/year"),
        Field("profit_yuan", "float", "yuan/year"),
        Field("orders_shipped", "whole", "orders"),
        Field("rating", "float", "1-5"),
        Field("staff", "float", "persons"),
        Field("hands", "float", "persons"),
        *(Field(platform_flag(name), "flag", "yes/no") for name in platform_names()),
    ),
    "events": (
        Field("date", "date", "date"),
        Field("kind", "name", "name"),
        *_VILLAGE,
        Field("text", "text", "text"),
    ),
    "regions": (
        Field("year", "small", "year"),
        Field("level", "name", "name"),
        *_PLACES,
        Field("villages", "small", "villages"),
        Field("households", "whole", "households"),
        Field("online_sales_yuan", "float", "yuan/year"),
        Field("orders_shipped", "whole", "orders"),
        *map(_recorded, ("shops_opened", "shops_closed")),
        Field("policy_cost_yuan", "float", "yuan/year"),
        *map(_recorded, ("active_stores", "open_shops")),
        Field("selling_households", "whole", "households"),
        Field("jobs_in_stores", "float", "persons"),
        Field("jobs_with_makers_and_carriers", "float", "persons"),
        Field("designated_strict", "small", "villages"),
        Field("designated_published", "small", "villages"),
        *(
            Field(name, "small", "towns" if name.startswith("towns") else "villages")
            for name in COUNTED
        ),
        Field("listed_sales_yuan", "float", "yuan"),
        Field("listed_stores", "whole", "stores"),
        *(Field(name, "small", name.partition("_")[0]) for name in COUNTIES),
    ),
    "lists": (
        Field("year", "small", "year"),
        Field("date", "date", "date"),
        *_VILLAGE,
        *_PLACES,
        Field("households", "small", "households"),
        Field("trailing_sales_yuan", "float", "yuan"),
        Field("active_stores", "whole", "stores"),
        Field("listed_since", "date", "date"),
        Field("new", "flag", "yes/no"),
        Field("strict", "flag", "yes/no"),
        Field("published", "flag", "yes/no"),
    ),
}
"""Columns of every table, in order."""

INCOME_SOURCES: Final = ("offline_yuan", "online_yuan", "shop_profit_yuan", "wages_yuan")
"""What a household's income of a year is the sum of: farm or factory income offline, farm income
from fruit sold online, profit of shops (makers and operators), wages."""


def arrow_type(kind: str) -> Any:
    """Return the Arrow type of a column."""
    import pyarrow as pa

    return {
        "float": pa.float64(),
        "whole": pa.int64(),
        "small": pa.int32(),
        "flag": pa.bool_(),
        "date": pa.date32(),
        "name": pa.dictionary(pa.int32(), pa.string()),
        "text": pa.string(),
    }[kind]


@cache
def arrow_schema(table: str) -> Any:
    """Return the Arrow schema of a table, the unit of each column in its metadata."""
    import pyarrow as pa

    return pa.schema(
        [pa.field(f.name, arrow_type(f.type), metadata={"unit": f.unit}) for f in FIELDS[table]]
    )
