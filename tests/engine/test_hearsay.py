"""What villages hear of each other: by hand, by distance, over borders of counties."""

from typing import Any

import numpy as np
import pytest

from sim.engine.hearsay import MOST_REACHES, NEIGHBOURING_TOWNS, publish_hearsay, town_links
from sim.engine.setup import lay_out_villages
from sim.scenario import VillageSpec, registered
from sim.world.register import Register

REACH_KM = 10.0
B = {
    "hearsay_town": 0.5,
    "hearsay_neighbours": 0.3,
    "hearsay_county": 0.1,
    "hearsay_half_shops": 60.0,
}
Place = tuple[str, str, float | None]
"""County, town and kilometres east."""
THREE_TOWNS: list[Place] = [
    ("C", "T", 0.0), ("C", "T", 0.0), ("C", "U", 10.0), ("D", "V", 20.0), ("C", "W", 90.0),
]  # fmt: skip
"""T has two villages, U is its neighbour in the county, V in another one, W is far away."""
SHOPS = [10.0, 4.0, 20.0, 8.0, 50.0]
PROFITS = [100.0, 200.0, 300.0, 400.0, 500.0]


def register_of(places: list[Place]) -> Register:
    return registered([spec(number, *place) for number, place in enumerate(places)])


def spec(number: int, county: str, town: str, x_km: float | None) -> VillageSpec:
    position = None if x_km is None else {"x_km": x_km, "y_km": 0.0}
    data: dict[str, Any] = {
        "name": f"Reed {number}", "province": "P", "prefecture": "Q", "county": county,
        "town": town, "people": 30, "households": 10, "broadband_year": 2005,
    }  # fmt: skip
    return VillageSpec.model_validate(data | {"position": position})


def heard(
    places: list[Place],
    shops: list[float] = SHOPS,
    profits: list[float] = PROFITS,
    **changes: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Weight and profit that each village hears of."""
    register = register_of(places)
    villages = lay_out_villages(register)
    villages["slot_shops"][:, 1] = shops
    villages["slot_profit"][:, 1] = profits
    order = np.argsort(villages["key"], kind="stable")
    publish_hearsay(villages, order, town_links(register, REACH_KM), B | changes)
    return villages["nearby_weight"].copy(), villages["nearby_profit"].copy()


def test_what_is_heard_is_that_computed_by_hand() -> None:
    weight, profit = heard(THREE_TOWNS)

    # The first village: 4 shops in its town; U at 10 km, V at 20 km; U and W in its county.
    near_u, near_v = np.exp(-1.0), np.exp(-2.0)
    count = 0.5 * 4 + 0.3 * (near_u * 20 + near_v * 8) + 0.1 * (20 + 50)
    yuan = (
        0.5 * 4 * 200 + 0.3 * (near_u * 20 * 300 + near_v * 8 * 400) + 0.1 * (20 * 300 + 50 * 500)
    )
    assert weight[0] == pytest.approx(count / (count + 60))
    assert profit[0] == pytest.approx(yuan / count)
    # The one in another county hears of its neighbours alone.
    count = 0.3 * (np.exp(-1.0) * 20 + np.exp(-2.0) * 14)
    assert weight[3] == pytest.approx(count / (count + 60))


def test_hearsay_goes_over_the_borders_of_counties_by_the_same_weight() -> None:
    across: list[Place] = [("C", "T", 0.0), ("D", "U", 10.0)]

    weight, profit = heard(across, [10.0, 30.0], [100.0, 300.0])

    count = 0.3 * np.exp(-1.0) * 30
    assert weight[0] == pytest.approx(count / (count + 60))
    assert profit[0] == pytest.approx(300.0)


def test_what_is_heard_falls_with_the_distance() -> None:
    weights = [
        heard([("C", "T", 0.0), ("D", "U", x_km)], [0.0, 30.0], [0.0, 300.0])[0][0]
        for x_km in (0.0, 5.0, 10.0, 20.0, 29.0, MOST_REACHES * REACH_KM)
    ]

    assert (np.diff(weights) < 0.0).all()
    assert weights[-1] == 0.0


def test_only_the_nearest_towns_are_neighbours() -> None:
    row: list[Place] = [
        ("C", f"T{number}", 0.5 * number) for number in range(NEIGHBOURING_TOWNS + 4)
    ]
    register = register_of(row)

    links = town_links(register, REACH_KM)

    first = register.town_paths.index("P/Q/C/T0")
    names = {register.town_paths[town] for town in links.neighbour[links.town == first]}
    assert names == {f"P/Q/C/T{number}" for number in range(1, NEIGHBOURING_TOWNS + 1)}
    assert (np.bincount(links.town) == NEIGHBOURING_TOWNS).all()


def test_towns_without_a_position_have_no_neighbours_but_hear_of_their_county() -> None:
    nowhere: list[Place] = [("C", "T", None), ("C", "U", 0.0), ("C", "V", 1.0)]

    links = town_links(register_of(nowhere), REACH_KM)
    weight, _ = heard(nowhere, [0.0, 10.0, 20.0], [0.0, 1.0, 1.0])

    names = register_of(nowhere).town_paths
    assert {names[town] for town in links.town} == {"P/Q/C/U", "P/Q/C/V"}
    assert weight[0] == pytest.approx(3.0 / 63.0)


def test_a_village_does_not_hear_of_itself() -> None:
    one, other = (heard(THREE_TOWNS, [shops, *SHOPS[1:]])[0][0] for shops in (0.0, 1000.0))

    assert one == pytest.approx(other, abs=1e-12)


def test_nobody_hears_of_anybody_without_weights() -> None:
    nothing = dict.fromkeys(("hearsay_town", "hearsay_neighbours", "hearsay_county"), 0.0)

    weight, profit = heard(THREE_TOWNS, **nothing)

    assert not weight.any()
    assert not profit.any()


def test_a_village_alone_hears_nothing() -> None:
    weight, profit = heard([("C", "T", 0.0)], [10.0], [100.0])

    assert weight.tolist() == profit.tolist() == [0.0]


@pytest.mark.parametrize("order", [[4, 3, 2, 1, 0], [2, 0, 4, 1, 3]])
def test_the_order_of_villages_changes_no_bit(order: list[int]) -> None:
    numbers = np.array(order)
    register = register_of(THREE_TOWNS)
    turned = registered([spec(number, *THREE_TOWNS[number]) for number in order])
    results = []
    for its, rows in ((register, np.arange(5)), (turned, numbers)):
        villages = lay_out_villages(its)
        villages["slot_shops"][:, 1] = np.array(SHOPS)[rows] / 3.0
        villages["slot_profit"][:, 1] = np.array(PROFITS)[rows] / 7.0
        by_key = np.argsort(villages["key"], kind="stable")
        publish_hearsay(villages, by_key, town_links(its, REACH_KM), B)
        results.append((villages["nearby_weight"].copy(), villages["nearby_profit"].copy()))

    for first, second in zip(*results, strict=True):
        assert first[numbers].tobytes() == second.tobytes()
