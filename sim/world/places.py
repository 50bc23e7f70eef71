"""Where things are: provinces, counties and towns by name, and what they are known to make or grow.

The files are in ``sim/data/places/``; its README says where each comes from. Every table is sorted
by the names of its places.
"""

import csv
import json
from collections.abc import Callable
from functools import cache
from typing import Any, Final, NamedTuple, get_type_hints

import numpy as np
from numpy.typing import NDArray

from sim.errors import DataError
from sim.world.parameters import DATA_FOLDER

PLACES_FOLDER: Final = DATA_FOLDER / "places"
MUNICIPALITIES: Final = ("Beijing", "Chongqing", "Shanghai", "Tianjin")
"""Provinces that are one city; their prefecture bears their name."""
DIRECTLY_ADMINISTERED: Final = "Directly administered"
"""Prefecture of counties that answer to their province."""

_KM_PER_DEGREE: Final = 111.2
_ORIGIN: Final = (105.0, 36.0)
"""Longitude and latitude of the origin of maps [degrees]."""

Names = tuple[str, ...]


class Provinces(NamedTuple):
    """The provinces of the mainland about 2015, (provinces,)."""

    name: Names
    name_zh: Names
    villages: NDArray[np.int64]
    """Administrative villages."""
    rural_households: NDArray[np.int64]
    """Households registered in villages that have not left them."""
    income_index: NDArray[np.float64]
    """Rural income per head, Zhejiang 1."""
    internet_ratio: NDArray[np.float64]
    """Internet in rural homes, rural China 1."""
    x_lon: NDArray[np.float64]
    """Longitude of the capital [degrees]."""
    y_lat: NDArray[np.float64]
    """Latitude of the capital [degrees]."""
    grade: Names


class Counties(NamedTuple):
    """County-level units, (counties,): counties, districts, cities and banners."""

    province: Names
    prefecture: Names
    prefecture_zh: Names
    county: Names
    name_zh: Names
    code: NDArray[np.int64]
    """Six-digit code of the national standard."""
    longitude: NDArray[np.float64]
    """Longitude of the seat [degrees]."""
    latitude: NDArray[np.float64]
    """Latitude of the seat [degrees]."""
    kind: Names
    grade: Names


class CountySizes(NamedTuple):
    """Counties whose rural households are known, (counties,)."""

    province: Names
    prefecture: Names
    county: Names
    rural_households: NDArray[np.int64]
    source: Names
    grade: Names


class Towns(NamedTuple):
    """Towns and streets of the counties where they are known, (towns,)."""

    province: Names
    prefecture: Names
    county: Names
    town: Names
    name_zh: Names
    kind: Names
    longitude: NDArray[np.float64]
    """Longitude of the seat [degrees]."""
    latitude: NDArray[np.float64]
    """Latitude of the seat [degrees]."""
    villages: NDArray[np.int64]
    """Administrative villages."""
    grade: Names


class Industries(NamedTuple):
    """What counties are known to make, (industries,): a row for each county and good."""

    province: Names
    prefecture: Names
    county: Names
    good: Names
    strength: NDArray[np.int64]
    """1 some villages, 2 a known trade of the county, 3 a national centre; about 2010."""
    source: Names
    grade: Names


class Crops(NamedTuple):
    """Orchards of counties known for a fruit, (crops,)."""

    province: Names
    prefecture: Names
    county: Names
    crop: Names
    orchard_mu: NDArray[np.int64]
    """Area [mu]."""
    year: NDArray[np.int64]
    """Year of the area."""
    source: Names
    grade: Names


class ListedCounts(NamedTuple):
    """Villages in the published lists of 2014 to 2016, (places and years,).

    The level is nation, province, prefecture, county or town_size. A row of level town_size tells
    how many towns had just so many villages.
    """

    year: NDArray[np.int64]
    level: Names
    province: Names
    prefecture: Names
    county: Names
    villages: NDArray[np.int64]
    """Listed villages; for level town_size, in each of the towns."""
    towns: NDArray[np.int64]
    """Towns with a listed village."""
    towns_with_three: NDArray[np.int64]
    """Towns with three listed villages or more."""


class Concentration(NamedTuple):
    """How concentrated the listed villages are, (measures, places and years,)."""

    year: NDArray[np.int64]
    place: Names
    measure: Names
    value: NDArray[np.float64]
    unit: Names


@cache
def provinces() -> Provinces:
    """Return the 31 provinces.

    Raises
    ------
    DataError
        If the file is missing or a row is not valid.
    """
    return _table("provinces.csv", Provinces)


@cache
def counties() -> Counties:
    """Return all county-level units, unique by province, prefecture and county.

    Raises
    ------
    DataError
        If the file is missing or a row is not valid.
    """
    return _table("counties.csv", Counties)


@cache
def county_sizes() -> CountySizes:
    """Return the counties whose rural households are known.

    Raises
    ------
    DataError
        If the file is missing or a row is not valid.
    """
    return _table("county_sizes.csv", CountySizes)


@cache
def towns() -> Towns:
    """Return the towns and streets that are known by name: those of Cixi.

    Raises
    ------
    DataError
        If the file is missing or a row is not valid.
    """
    return _table("towns.csv", Towns)


@cache
def industries() -> Industries:
    """Return the goods that counties are known to make.

    Raises
    ------
    DataError
        If the file is missing or a row is not valid.
    """
    return _table("industries.csv", Industries)


@cache
def crops() -> Crops:
    """Return the orchards of counties whose area is published.

    Raises
    ------
    DataError
        If the file is missing or a row is not valid.
    """
    return _table("crops.csv", Crops)


@cache
def listed_counts() -> ListedCounts:
    """Return how many villages of each place were in the lists of 2014, 2015 and 2016.

    Raises
    ------
    DataError
        If the file is missing or a row is not valid.
    """
    return _table("listed_counts.csv", ListedCounts)


@cache
def concentration() -> Concentration:
    """Return how concentrated the listed villages of China and of Zhejiang were.

    Raises
    ------
    DataError
        If the file is missing or a row is not valid.
    """
    return _table("concentration.csv", Concentration)


@cache
def outlines() -> dict[str, tuple[NDArray[np.float64], ...]]:
    """Return the outlines of the provinces by name, for maps.

    Each is a tuple of rings, the largest first, (points, 2): longitude and latitude [degrees]. The
    last point of a ring is its first. Small islands are left out.

    Raises
    ------
    DataError
        If the file is missing or damaged.
    """
    name = "outlines.json"
    try:
        text = (PLACES_FOLDER / name).read_text(encoding="utf-8")
        rings = json.loads(text)["provinces"].items()
        return {province: tuple(_fixed(ring) for ring in parts) for province, parts in rings}
    except (OSError, KeyError, ValueError) as error:
        raise DataError(f"sim/data/places/{name}: {error!r}") from error


def position_km(longitude: Any, latitude: Any) -> NDArray[np.float64]:
    """Return positions on the map, east and north of 105° E, 36° N, (…, 2) [km].

    Distances along a parallel are true, and so are areas.
    """
    east = (np.asarray(longitude) - _ORIGIN[0]) * np.cos(np.radians(latitude))
    north = np.asarray(latitude) - _ORIGIN[1]
    return np.stack([east, north], axis=-1) * _KM_PER_DEGREE


def _table[Table](name: str, kind: Callable[..., Table]) -> Table:
    # The annotation of a field says how its column is read.
    path = PLACES_FOLDER / name
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        fields = get_type_hints(kind).items()
        return kind(
            **{field: _column(form, [row[field] for row in rows]) for field, form in fields}
        )
    except (OSError, KeyError, ValueError) as error:
        raise DataError(f"sim/data/places/{name}: {error!r}") from error


def _column(form: Any, cells: list[str]) -> Names | NDArray[np.generic]:
    if form == Names:
        return tuple(cells)
    number = int if form == NDArray[np.int64] else float
    return _fixed([number(cell) for cell in cells])


def _fixed(numbers: list[Any]) -> NDArray[Any]:
    values = np.array(numbers)
    values.setflags(write=False)  # every caller gets the same arrays
    return values
