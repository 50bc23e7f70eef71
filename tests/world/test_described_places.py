"""Villages that a study describes lie in their town, wherever it says nothing of that."""

from dataclasses import replace

import numpy as np

from sim.scenario import load_scenario, register_of
from sim.scenario.registering import registered
from sim.scenario.schema import VillageSpec
from sim.world.described_places import placed
from sim.world.parameters import geography
from sim.world.register import Register, joined

CIXI = {"province": "Zhejiang", "prefecture": "Ningbo", "county": "Cixi"}
SIZE = {"people": 900, "households": 300, "broadband_year": 2006}
SEED = 2014


def described(*villages: tuple[str, str], **more: str) -> Register:
    """Villages of Cixi by their names and towns."""
    where = CIXI | more
    return registered(
        [VillageSpec.model_validate({"name": n, "town": t, **where, **SIZE}) for n, t in villages]
    )


def far_km(register: Register) -> float:
    """How far the first two villages lie apart."""
    return float(np.hypot(*(register.position_km[0] - register.position_km[1])))


def test_described_villages_lie_among_the_drawn_ones_of_their_town() -> None:
    cixi = register_of(load_scenario("cixi"))
    changhe = cixi.position_km[cixi.town == cixi.town_paths.index("Zhejiang/Ningbo/Cixi/Changhe")]
    at = cixi.position_km[cixi.names.index("Cangtian")]
    others = changhe[(changhe != at).any(axis=1)]

    assert np.isfinite(cixi.position_km).all()
    assert np.hypot(*(others - at).T).max() < 10.0  # a county of 19 towns, 40 km long


def test_a_place_depends_on_the_path_and_the_map_alone() -> None:
    alone = placed(described(("Reed", "Changhe")), SEED, geography())
    among = placed(described(("Ash", "Henghe"), ("Reed", "Changhe")), SEED, geography())
    elsewhere = placed(described(("Reed", "Changhe")), 7, geography())

    assert (alone.position_km[0] == among.position_km[1]).all()
    assert (alone.position_km[0] != elsewhere.position_km[0]).all()


def test_villages_of_a_town_that_is_not_on_the_map_lie_together_in_the_county() -> None:
    register = described(("Reed", "Nowhere"), ("Ash", "Nowhere"), ("Elm", "Changhe"))
    found = placed(register, SEED, geography())

    assert 0.0 < far_km(found) < 15.0
    assert np.hypot(*(found.position_km[0] - found.position_km[2])) < 80.0


def test_a_position_that_is_given_stays() -> None:
    register = described(("Reed", "Changhe"), ("Ash", "Changhe"))
    given = replace(register, position_km=np.array([[1.0, 2.0], [np.nan, np.nan]]))
    found = placed(given, SEED, geography())

    assert found.position_km[0].tolist() == [1.0, 2.0]
    assert np.isfinite(found.position_km[1]).all()


def test_a_county_that_is_not_on_the_map_has_no_place_for_its_villages() -> None:
    lost, known = described(("Reed", "Lost"), county="Lost"), described(("Elm", "Changhe"))

    assert np.isnan(placed(lost, SEED, geography()).position_km).all()
    found = placed(joined([lost, known]), SEED, geography()).position_km
    assert np.isfinite(found).tolist() == [[False, False], [True, True]]
