"""Published counts of the places that a scenario simulates, to be drawn beside its own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.results.concentration import WHOLE
from sim.scenario import Scenario
from sim.words import t
from sim.world import places
from sim.world.parameters import read_data
from sim.world.place_names import place_name

FROM_PLATFORM_DATA: Final = 2014
"""Earlier lists named what researchers had come across: lower bounds."""

_COUNTRY: Final = "China"
_LEVELS: Final = ("nation", "province", "prefecture", "county")
_COUNTY: Final = 2
"""Slashes in the path of a county."""
_FACTS: Final = {"": "cn_villages_", "Zhejiang": "zj_villages_"}
"""Beginnings of the keys of facts that count listed villages, by the path of the place."""
_COUNTED: Final = "Taobao villages"
"""How the measure of such a fact is called; large ones alone were counted in 2012."""


@dataclass(frozen=True)
class Published:
    """What is published of the part of the country that a scenario simulates.

    Attributes
    ----------
    within : tuple of str
        Paths of its provinces, prefectures or counties; an empty path is the whole country.
    county_share : float
        Share of the counties that are simulated (0-1); counts are scaled by it.
    """

    within: tuple[str, ...]
    county_share: float = 1.0

    @staticmethod
    def of(scenario: Scenario) -> "Published | None":
        """Return what is published beside a scenario; None if its places are made up."""
        region = scenario.region
        if region is None:
            return None
        paths = region.within or ("",)
        apart = tuple(path for path in paths if not any(_is_in(path, other) for other in paths))
        return Published(apart, region.county_share)

    @property
    def name(self) -> str:
        """The place in words."""
        if len(self.within) > 1:
            return t("{number} places", number=len(self.within))
        (path,) = self.within
        return place_name(path.split("/") if path else [])

    @property
    def label(self) -> str:
        """What counts are called."""
        if self.county_share == 1.0:
            return t("published")
        return t("published, counts × {share}", share=f"{self.county_share:g}")

    @property
    def has_measures(self) -> bool:
        """Whether measures of concentration are published of the place."""
        return bool(self.measure("villages"))

    def villages(self, path: str = WHOLE, counties: Sequence[str] = ()) -> dict[int, float]:
        """Return listed villages by year, of all that is simulated or of a place in it.

        Parameters
        ----------
        path : str
            Path of a province, prefecture or county.
        counties : sequence of str
            Paths of the place's counties that are simulated. In a thinned region it is their
            counts that are added up: a place keeps more or less than the share of its counties.
        """
        if path != WHOLE:
            is_whole = self.county_share == 1.0 or path.count("/") == _COUNTY
            parts = [path] if is_whole else counties
            return _sums_by_year([dict(_counts(part)) for part in parts])
        whole = _sums_by_year([dict(_counts(part)) for part in self.within])
        return {year: self.county_share * villages for year, villages in whole.items()}

    def county_sizes(self, year: int) -> NDArray[np.float64]:
        """Return how many listed villages each county had, in ascending order; empty if unknown."""
        table = places.listed_counts()
        if year not in table.year:
            return np.zeros(0)
        rows = zip(table.province, table.prefecture, table.county, table.villages, strict=True)
        at_county = np.array([level == "county" for level in table.level]) & (table.year == year)
        listed = {
            "/".join(names): int(villages)
            for (*names, villages), is_meant in zip(rows, at_county, strict=True)
            if is_meant
        }
        sizes = [listed.get(path, 0) for path in _county_paths() if self._has(path)]
        return np.sort(np.array(sizes, np.float64))

    def measure(self, name: str) -> dict[int, float]:
        """Return a measure of sim/data/places/concentration.csv by year; empty if unknown."""
        table = places.concentration()
        place = self.within[0] or _COUNTRY
        scale = self.county_share if name.startswith("counties") else 1.0
        rows = zip(table.year, table.place, table.measure, table.value, strict=True)
        return {
            int(year): scale * float(value)
            for year, where, measure, value in rows
            if len(self.within) == 1 and where == place and measure == name
        }

    def _has(self, path: str) -> bool:
        return any(part in ("", path) or _is_in(path, part) for part in self.within)


def size_facts(beginning: str) -> dict[int, float]:
    """Return facts by year whose keys are `beginning` and a year, of China's listed villages."""
    return {year: float(fact["value"]) for year, fact in _facts(beginning)}


def _counts(path: str) -> Iterator[tuple[int, int]]:
    """Give listed villages of a place by year: those of the lists, then those of facts."""
    table = places.listed_counts()
    names = (*path.split("/"), "", "", "")[:3] if path else ("", "", "")
    level = _LEVELS[path.count("/") + 1] if path else _LEVELS[0]
    rows = zip(
        table.year, table.level, table.province, table.prefecture, table.county, table.villages,
        strict=True,
    )  # fmt: skip
    # A place of which a list says nothing had none.
    found = dict.fromkeys(map(int, np.unique(table.year)), 0)
    for year, of_level, *where, villages in rows:
        if of_level == level and tuple(where) == names:
            found[int(year)] = int(villages)
    if path in _FACTS:
        facts = _facts(_FACTS[path])
        found |= {y: int(fact["value"]) for y, fact in facts if fact["measure"] == _COUNTED}
    yield from sorted(found.items())


def _sums_by_year(parts: Sequence[Mapping[int, int]]) -> dict[int, float]:
    """Add up the counts of several places, in the years that are known of all."""
    years = sorted(set.intersection(*map(set, parts))) if parts else []
    return {year: float(sum(part[year] for part in parts)) for year in years}


def _facts(beginning: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for key, fact in read_data("facts.toml").items():
        year = key.removeprefix(beginning)
        if key.startswith(beginning) and year.isdigit():
            yield int(year), fact


def _county_paths() -> Sequence[str]:
    table = places.counties()
    return [
        "/".join(names)
        for names in zip(table.province, table.prefecture, table.county, strict=True)
    ]


def _is_in(path: str, other: str) -> bool:
    """Whether a place lies in another one."""
    return path != other and (not other or path.startswith(f"{other}/"))
