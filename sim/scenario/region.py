"""What a scenario says of a region: which part of the map is filled with synthetic villages."""

from typing import Annotated

from pydantic import Field, field_validator

from sim.scenario.fields import Entry, Many, refusal
from sim.world import places


class Region(Entry):
    """A part of rural China whose villages are drawn from published and assumed distributions.

    Villages that the scenario describes itself stand for one of their town or county each.
    """

    within: Annotated[tuple[str, ...], Many] = ()
    """Provinces, prefectures or counties by their path, such as "Zhejiang" or
    "Zhejiang/Ningbo/Cixi"; none is all of rural China."""
    county_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Chance of each county to be simulated (0-1), for a thinned region. Sellers of those left out
    compete all the same: each county that is there stands for 1/county_share of them."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 2014
    """Seed of the map; runs with other seeds have the same villages."""

    @field_validator("within")
    @classmethod
    def _is_on_the_map(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        names = sorted(_paths())
        for path in given:
            if path not in names:
                allowed = (
                    "a path of sim/data/places/counties.csv, such as Zhejiang, Zhejiang/Ningbo or "
                    "Zhejiang/Ningbo/Cixi"
                )
                raise refusal(given=path, allowed=allowed, names=names)
        return given

    def county_paths(self) -> list[str]:
        """Return the paths of the counties that may be there."""
        return sorted(
            path
            for path in _paths()
            if path.count("/") == _COUNTY
            and (
                not self.within or any(f"{path}/".startswith(f"{place}/") for place in self.within)
            )
        )


_COUNTY = 2


def _paths() -> set[str]:
    """Return the paths of all provinces, prefectures and counties."""
    table = places.counties()
    return {
        "/".join(names[:depth])
        for names in zip(table.province, table.prefecture, table.county, strict=True)
        for depth in (1, 2, 3)
    }
