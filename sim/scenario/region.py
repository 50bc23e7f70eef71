"""What a scenario says of a region: which part of the map is filled with synthetic villages."""

from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, field_validator, model_validator

from sim.scenario.fields import Entry, Many, refusal
from sim.scenario.village_file import FORMATS, file_checksum
from sim.world import places
from sim.world.area import part_count


class Region(Entry):
    """A part of rural China whose villages are drawn, or are those of a file.

    They are drawn from published and assumed distributions; villages that the scenario describes
    itself stand for one of their town or county each. A file says everything itself.
    """

    within: Annotated[tuple[str, ...], Many] = ()
    """Provinces, prefectures or counties by their path, such as "Zhejiang" or
    "Zhejiang/Ningbo/Cixi"; none is all of rural China."""
    county_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Share of the counties that are simulated (0-1), for a thinned region: every so many in the
    order of their tradition of trade. Sellers of those left out compete all the same: each county
    that is there stands for 1/county_share of them."""
    part: Annotated[int, Field(ge=0)] | None = None
    """Which of the k parts of a region thinned to one k-th is simulated, 0 to k - 1: together they
    are the whole; drawn by the seed of the map, if not given."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 2014
    """Seed of the map; runs with other seeds have the same villages."""
    file: str | None = None
    """A CSV or Parquet file of villages instead of drawn ones, beside the scenario file or by its
    path (docs/geography.md). Of villages outside `within`, and of those that the scenario describes
    itself, its rows are left out."""
    file_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    """Checksum of that file; found when the scenario is made, if not given."""

    @model_validator(mode="before")
    @classmethod
    def _has_checksum(cls, given: Any) -> Any:
        """Find the file, so that what a scenario says includes what is in it."""
        if not isinstance(given, dict) or not isinstance(given.get("file"), str):
            return given
        path = Path(given["file"]).resolve()
        made = given | {"file": str(path)}
        if given.get("file_sha256") is None:
            try:
                made["file_sha256"] = file_checksum(path)
            except OSError as error:
                allowed = f"a readable file that ends in {' or '.join(FORMATS)}; {error.strerror}"
                raise refusal("file", given=given["file"], allowed=allowed) from error
        return made

    @field_validator("file")
    @classmethod
    def _is_a_table(cls, given: str | None) -> str | None:
        if given is not None and Path(given).suffix not in FORMATS:
            raise refusal(given=given, allowed=f"a file that ends in {' or '.join(FORMATS)}")
        return given

    @model_validator(mode="after")
    def _checksum_is_of_a_file(self) -> Self:
        if self.file is None and self.file_sha256 is not None:
            raise refusal("file_sha256", given=self.file_sha256, allowed="nothing without a file")
        return self

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

    @model_validator(mode="after")
    def _part_is_of_the_share(self) -> Self:
        if self.part is None:
            return self
        count = part_count(self.county_share)
        if count is None:
            allowed = "nothing, or a county_share of one k-th, such as 0.1 or 0.05"
            raise refusal("part", given=self.part, allowed=allowed)
        if self.part >= count:
            allowed = f"0 to {count - 1}, for county_share makes {count} parts"
            raise refusal("part", given=self.part, allowed=allowed)
        return self

    def covers(self, county: str) -> bool:
        """Whether a county, by its path, is in one of the region's places."""
        return not self.within or any(f"{county}/".startswith(f"{path}/") for path in self.within)

    def county_paths(self) -> list[str]:
        """Return the paths of the counties that may be there."""
        return sorted(path for path in _paths() if path.count("/") == _COUNTY and self.covers(path))


_COUNTY = 2


def _paths() -> set[str]:
    """Return the paths of all provinces, prefectures and counties."""
    table = places.counties()
    return {
        "/".join(names[:depth])
        for names in zip(table.province, table.prefecture, table.county, strict=True)
        for depth in (1, 2, 3)
    }
