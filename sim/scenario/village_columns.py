"""The columns of a file of villages: what each means, its default, and what it may be."""

from typing import Any, Final, NamedTuple

from sim.world.columns import OUTSIDE_GOODS

REQUIRED: Final = object()
"""Default of a column that must be there."""
PLACES: Final = ("province", "prefecture", "county", "town", "name")
"""Columns that together say which village it is."""


class VillageColumn(NamedTuple):
    """A column of a file of villages."""

    name: str
    kind: str
    """name, whole (number), number, crop or product."""
    meaning: str
    default: Any = REQUIRED
    """Value of an empty cell or a missing column; None if there is none."""
    low: float = 0.0
    high: float = 0.0

    @property
    def is_required(self) -> bool:
        """Whether every village must have a value."""
        return self.default is REQUIRED


_MANY: Final = 1_000_000
VILLAGE_COLUMNS: Final = (
    VillageColumn("province", "name", "province"),
    VillageColumn("prefecture", "name", "prefecture-level city"),
    VillageColumn("county", "name", "county: its villages share the weather and compete"),
    VillageColumn("town", "name", "town"),
    VillageColumn("name", "name", "village, unique in its town"),
    VillageColumn("people", "whole", "people, one to six a household", low=1, high=_MANY),
    VillageColumn("households", "whole", "local households", low=1, high=_MANY),
    VillageColumn(
        "broadband_year", "whole", "year on whose 1 January broadband comes", low=1990, high=2100
    ),
    VillageColumn("farmers", "whole", "households that grow the crop", 0, 0, _MANY),
    VillageColumn("crop", "crop", "what they grow", None),
    VillageColumn("orchard_mu_mean", "number", "mean orchard of a farmer [mu]", 0.0, 0, 10_000),
    VillageColumn("manufacturers", "whole", "households that make the product", 0, 0, _MANY),
    VillageColumn("product", "product", "what they make", None),
    VillageColumn(
        "capacity_pieces_per_month_mean", "number", "mean capacity of a maker [pieces per month]",
        0.0, 0, 10_000_000,
    ),
    *(
        VillageColumn(f"outside_{n}", "product", "further good that operators can source", None)
        for n in range(1, OUTSIDE_GOODS + 1)
    ),
    *(
        VillageColumn(f"outside_{n}_km", "number", "distance of its makers [km]", 0.0, 0, 5000)
        for n in range(1, OUTSIDE_GOODS + 1)
    ),
    VillageColumn("income_index", "number", "rural income, Zhejiang 1", 1.0, 0.01, 10),
    VillageColumn("internet_ratio", "number", "internet at home, rural China 1", 1.0, 0, 10),
    VillageColumn("trade_tradition", "number", "tradition of trade [log-odds]", 0.0, -100, 100),
    VillageColumn("rooms_per_household", "number", "rooms for outside operators", 0.1, 0, 10),
    VillageColumn("distance_to_city_km", "number", "distance to the nearest city", None, 0, 5000),
    VillageColumn("x_km", "number", "kilometres east of an origin", None, -20_000, 20_000),
    VillageColumn("y_km", "number", "kilometres north of it", None, -20_000, 20_000),
    VillageColumn("longitude", "number", "instead of x_km [degrees]", None, -180, 180),
    VillageColumn("latitude", "number", "instead of y_km [degrees]", None, -90, 90),
)  # fmt: skip
"""All columns, in the order in which they are written."""
