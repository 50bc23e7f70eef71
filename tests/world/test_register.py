"""The register: villages by row, their places by level; registers put together, taken apart."""

from dataclasses import fields
from typing import Any

import numpy as np

from sim.scenario import VillageSpec, registered
from sim.world.columns import INCOMER
from sim.world.register import Register, chosen, joined


def register(*places: str) -> Register:
    """Villages at paths such as "P/Q/C/T/Reed", each a household larger than the one before."""
    return registered([spec(path, 100 + number) for number, path in enumerate(places)])


def spec(path: str, households: int) -> VillageSpec:
    names = ("province", "prefecture", "county", "town", "name")
    said: dict[str, Any] = dict(zip(names, path.split("/"), strict=True))
    numbers = {"people": 3 * households, "households": households, "broadband_year": 2008}
    return VillageSpec.model_validate(said | numbers)


FOUR = ("P/Q/D/T/Reed", "P/Q/C/U/Elm", "P/Q/C/T/Reed", "R/S/C/T/Oak")


def test_a_village_knows_its_places() -> None:
    village = register(*FOUR)[1]

    assert village.path == "P/Q/C/U/Elm"
    assert village.zone_path == "P/Q/C"
    assert (village.town, village.county, village.prefecture, village.province) == (
        "U", "C", "Q", "P",
    )  # fmt: skip
    assert (village.households, village.people) == (101, 303)


def test_villages_keep_the_order_in_which_they_were_given() -> None:
    assert [village.path for village in register(*FOUR)] == list(FOUR)
    assert list(register(*FOUR).paths()) == list(FOUR)


def test_rooms_for_incomers_are_no_households() -> None:
    it = register(*FOUR)

    assert it.households.tolist() == [100, 101, 102, 103]
    assert (it.kind_count[:, INCOMER] > 0).all()


def test_places_of_one_name_in_different_parts_of_the_country_are_different() -> None:
    it = register(*FOUR)

    towns, names = it.places("town")
    counties, _ = it.places("county")

    assert len(set(towns.tolist())) == 4
    assert [names[town] for town in towns] == ["T", "U", "T", "T"]
    assert counties.tolist() == [1, 0, 0, 2]
    assert it.places("prefecture")[1] == ["Q", "S"]
    assert it.places("province")[0].tolist() == [0, 0, 0, 1]
    assert [it.county_paths[county] for county in it.county] == ["P/Q/D", "P/Q/C", "P/Q/C", "R/S/C"]


def same(one: Register, other: Register) -> bool:
    numbers = (f.name for f in fields(Register) if f.name not in ("names", "town", "town_paths"))
    return list(one.paths()) == list(other.paths()) and all(
        getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in numbers
    )


def test_registers_put_together_are_the_register_of_all() -> None:
    whole = register(*FOUR)
    parts = [chosen(whole, np.array(rows)) for rows in ([0], [1, 2], [3])]

    assert same(joined(parts), whole)
    assert joined(parts).town_paths == whole.town_paths


def test_chosen_villages_are_in_the_order_of_the_rows_and_only_their_towns_are_there() -> None:
    some = chosen(register(*FOUR), np.array([2, 0]))

    assert list(some.paths()) == [FOUR[2], FOUR[0]]
    assert some.households.tolist() == [102, 100]
    assert some.town_paths == ["P/Q/C/T", "P/Q/D/T"]
