"""What is told of places, year by year: names of columns of the table of regions."""

from typing import Final

LEVELS: Final = ("all", "province", "prefecture", "county", "town")
"""Levels of places, from all villages of the scenario down to those of a town."""
PLACES: Final = LEVELS[1:]
COUNTED: Final = (
    "listed_villages",
    "listed_by_strict_rule",
    "listed_by_published_rule",
    "new_villages",
    "lost_villages",
    "new_in_county_with_any",
    "new_in_town_with_any",
    "towns",
    "towns_with_three",
)
"""What a list is counted by, in every place."""
SIZED: Final = ("listed_sales_yuan", "listed_stores")
"""What the villages of a list have together on its day."""
COUNTIES: Final = (
    "counties_with_any",
    "counties_with_one",
    "counties_with_10",
    "counties_with_30",
    "counties_with_100",
    "villages_in_counties_with_10",
    "villages_in_counties_with_30",
    "villages_in_counties_with_100",
)
"""Counties by their number of listed villages; nothing that a town has."""
