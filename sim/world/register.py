"""The register of villages: who and where they are, as columns, before anything happens."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.world.columns import KINDS

NO_GOOD = -1
"""Number of a good that is not there."""


class RegisteredVillage(NamedTuple):
    """One village of the register."""

    name: str
    town: str
    county: str
    prefecture: str
    province: str
    people: int
    households: int
    """Local households; rooms for outside operators are not counted."""
    zone_path: str
    """Path province/prefecture/county, which names the weather zone."""
    path: str
    """Path province/prefecture/county/town/name, which names the village's luck."""


@dataclass(frozen=True)
class Register:
    """Every village of a world, a row each, in the order of all tables.

    Arrays are (villages,) unless another shape is given.

    Attributes
    ----------
    names : sequence of str
        Names, unique in their town.
    town : array
        Place of the village's town in `town_paths`.
    town_paths : sequence of str
        Paths province/prefecture/county/town, sorted.
    people : array
        People living in the village.
    kind_count : array (villages, KINDS)
        Farmers, manufacturers, local operators, and rooms for outside operators.
    crop, product : array
        Number of the good that farmers grow and makers make; -1 if none.
    outside : array (villages, OUTSIDE_GOODS)
        Numbers of goods that operators can source from outside; -1 if none.
    outside_km : array (villages, OUTSIDE_GOODS)
        Distance over which these goods come [km].
    orchard_mu_mean : array
        Mean orchard of a farmer [mu].
    capacity_pieces_per_month_mean : array
        Mean capacity of a maker at the start [pieces/month].
    income_index : array
        Rural income per head, as a multiple of Zhejiang's.
    internet_ratio : array
        Share of households with internet at home, as a multiple of rural China's.
    trade_tradition : array
        Log-odds by which a tradition of trade favours opening a shop; 0 is Cangtian's.
    broadband_year : array
        Year on whose 1 January broadband comes.
    distance_to_city_km : array
        Distance to the nearest city [km]; nan if not known.
    position_km : array (villages, 2)
        Kilometres east and north of an origin; nan if not known.
    """

    names: Sequence[str]
    town: NDArray[np.int32]
    town_paths: Sequence[str]
    people: NDArray[np.int32]
    kind_count: NDArray[np.int32]
    crop: NDArray[np.int8]
    product: NDArray[np.int8]
    outside: NDArray[np.int8]
    outside_km: NDArray[np.float64]
    orchard_mu_mean: NDArray[np.float64]
    capacity_pieces_per_month_mean: NDArray[np.float64]
    income_index: NDArray[np.float64]
    internet_ratio: NDArray[np.float64]
    trade_tradition: NDArray[np.float64]
    broadband_year: NDArray[np.int16]
    distance_to_city_km: NDArray[np.float64]
    position_km: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of villages."""
        return len(self.names)

    def __getitem__(self, village: int) -> RegisteredVillage:
        """Return one village."""
        town_path = self.town_paths[self.town[village]]
        province, prefecture, county, town = town_path.split("/")
        name = self.names[village]
        return RegisteredVillage(
            name,
            town,
            county,
            prefecture,
            province,
            int(self.people[village]),
            int(self.households[village]),
            f"{province}/{prefecture}/{county}",
            f"{town_path}/{name}",
        )

    def __iter__(self) -> Iterator[RegisteredVillage]:
        """Give the villages one by one."""
        return (self[village] for village in range(len(self)))

    @cached_property
    def households(self) -> NDArray[np.int64]:
        """Local households; rooms for outside operators are not counted."""
        local: NDArray[np.int64] = self.kind_count[:, : KINDS - 1].sum(axis=1, dtype=np.int64)
        return local

    @cached_property
    def goods(self) -> NDArray[np.int8]:
        """Numbers of the goods by slot: crop, product and outside goods, (villages, SLOTS)."""
        return np.column_stack([self.crop, self.product, self.outside])

    @cached_property
    def county_paths(self) -> list[str]:
        """Paths province/prefecture/county, sorted."""
        return sorted({_above(path) for path in self.town_paths})

    @cached_property
    def county_of_town(self) -> NDArray[np.int32]:
        """Place of each town's county in `county_paths`, (towns,)."""
        places = {path: place for place, path in enumerate(self.county_paths)}
        return np.array([places[_above(path)] for path in self.town_paths], np.int32)

    @property
    def county(self) -> NDArray[np.int32]:
        """Place of the village's county in `county_paths`."""
        return self.county_of_town[self.town]

    def paths(self) -> Iterator[str]:
        """Give the path province/prefecture/county/town/name of each village."""
        towns = self.town_paths
        return (
            f"{towns[town]}/{name}"
            for town, name in zip(self.town.tolist(), self.names, strict=True)
        )

    def places(self, level: str) -> tuple[NDArray[np.int32], list[str]]:
        """Return each village's place of a level, as numbers, and the names they stand for.

        Parameters
        ----------
        level : str
            ``town``, ``county``, ``prefecture`` or ``province``. Places of one name in different
            parts of the country have different numbers.
        """
        places, paths = self.place_paths(level)
        return places, [path.rpartition("/")[2] for path in paths]

    def place_paths(self, level: str) -> tuple[NDArray[np.int32], list[str]]:
        """Return the same as `places`, with the path of each place in place of its name."""
        depth = 1 + ("province", "prefecture", "county", "town").index(level)
        paths = ["/".join(path.split("/")[:depth]) for path in self.town_paths]
        distinct = sorted(set(paths))
        number = {path: place for place, path in enumerate(distinct)}
        of_town = np.array([number[path] for path in paths], np.int32)
        return of_town[self.town], distinct


def joined(registers: Sequence[Register]) -> Register:
    """Return the villages of several registers as one, in their order."""
    if len(registers) == 1:
        return registers[0]
    paths = sorted({path for each in registers for path in each.town_paths})
    place = {path: number for number, path in enumerate(paths)}
    columns: dict[str, Any] = {
        column.name: np.concatenate([getattr(each, column.name) for each in registers])
        for column in fields(Register)
        if column.name not in ("names", "town", "town_paths")
    }
    towns = [
        np.array([place[path] for path in each.town_paths], np.int32)[each.town]
        for each in registers
    ]
    names = [name for each in registers for name in each.names]
    return Register(names=names, town=np.concatenate(towns), town_paths=paths, **columns)


def chosen(register: Register, rows: NDArray[np.int64]) -> Register:
    """Return some villages of a register, in the order of the rows given."""
    columns: dict[str, Any] = {
        column.name: getattr(register, column.name)[rows]
        for column in fields(Register)
        if column.name not in ("names", "town", "town_paths")
    }
    towns, town = np.unique(register.town[rows], return_inverse=True)
    return Register(
        names=[register.names[row] for row in rows.tolist()],
        town=town.astype(np.int32),
        town_paths=[register.town_paths[place] for place in towns.tolist()],
        **columns,
    )


def _above(path: str) -> str:
    return path.rpartition("/")[0]
