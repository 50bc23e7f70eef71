"""What a scenario says of a region: which part of the map is filled with synthetic villages."""

from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, field_validator, model_validator

from sim.scenario.fields import Entry, Many, refusal
from sim.scenario.village_file import FORMATS, file_checksum
from sim.world import places


class Region(Entry):
    """A part of rural China whose villages are drawn, or are those of a file.

    They are drawn from published and assumed distributions; villages that the scenario describes
    itself stand for one of their town or county each. A file says everything itself.
    """

    within: Annotated[tuple[str, ...], Many] = ()
    """Provinces, prefectures or counties by their path, such as "Zhejiang" or
    "Zhejiang/Ningbo/Cixi"; none is all of rural China."""
    county_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Chance of each county to be simulated (0-1), for a thinned region. Sellers of those left out
    compete all the same: each county that is there stands for 1/county_share of them."""
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

    def has(self, county: str) -> bool:
        """Whether a county is in the region and, of a thinned one, among those that are there.

        It is the same counties that are there of drawn villages.
        """
        if self.within and not any(f"{county}/".startswith(f"{path}/") for path in self.within):
            return False
        if self.county_share == 1.0:
            return True
        from sim.world.draws import TIMELESS, VILLAGE_ITSELF, Purpose, four_uniforms, village_key

        luck = four_uniforms(
            self.seed, village_key(county), VILLAGE_ITSELF, TIMELESS, int(Purpose.PLACE)
        )
        return luck[1] < self.county_share

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
