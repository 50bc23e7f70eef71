"""The years that the recorder makes of months made by hand."""

from typing import Any

from sim.engine.recorder import STOCKS
from sim.world.calendar import date_of

AT_THE_END = {field.name.lower() for field in STOCKS} | {
    "trailing_sales_yuan", "designated", "listed"
}  # fmt: skip
YEAR = ("year", "months", "last_day")

Rows = list[dict[str, Any]]


def years_of(months: Rows) -> Rows:
    """A row for each village and year, of rows of villages and months."""
    last: dict[int, int] = {}
    for row in months:
        year = date_of(row["day"]).year
        last[year] = max(row["day"], last.get(year, row["day"]))
    years: dict[tuple[int, int], dict[str, Any]] = {}
    for row in months:
        number = date_of(row["day"]).year
        empty = {"village": row["village"], "year": number, "months": 0, "last_day": last[number]}
        year = years.setdefault((number, row["village"]), empty)
        year["months"] += 1
        for name, value in row.items():
            if name in AT_THE_END:
                year[name] = value if row["day"] == last[number] else year.get(name, 0)
            elif name not in ("village", "day"):
                year[name] = year.get(name, 0) + value
    return [years[key] for key in sorted(years)]
