"""Drawn villages: near what is known of provinces, and the same whatever else is simulated."""

from dataclasses import fields
from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.errors import ScenarioError
from sim.scenario import VillageSpec, registered
from sim.world import places
from sim.world.area import Area
from sim.world.columns import CROP_SLOT, FARMER, INCOMER, MANUFACTURER, OPERATOR
from sim.world.parameters import geography, good_names, goods
from sim.world.places import position_km
from sim.world.register import NO_GOOD, Register
from sim.world.synthesis import synthesize

SEED = 2014
CIXI = "Zhejiang/Ningbo/Cixi"
SMALL = ("Qinghai", "Ningxia")
"""Provinces with few villages, and none that is known by county."""


@cache
def drawn(
    *within: str,
    county_share: float = 1.0,
    seed: int = SEED,
    part: int | None = None,
    changes: tuple[Any, ...] = (),
) -> Register:
    return synthesize(Area(within, county_share, seed, part), geography(dict(changes)))


def rows(register: Register, county: str) -> dict[str, tuple[Any, ...]]:
    """Everything about the villages of a county, by path."""
    names = [f.name for f in fields(Register) if f.name not in ("names", "town", "town_paths")]
    columns = [getattr(register, name).tolist() for name in names]
    return {
        path: values
        for path, *values in zip(register.paths(), *columns, strict=True)
        if path.startswith(f"{county}/")
    }


def described(**changes: Any) -> Register:
    village = {
        "name": "Reed", "province": "Zhejiang", "prefecture": "Ningbo", "county": "Cixi",
        "town": "Changhe", "people": 300, "households": 100, "broadband_year": 2005,
    }  # fmt: skip
    return registered([VillageSpec.model_validate(village | changes)])


def by_town(register: Register) -> dict[str, int]:
    counts = np.bincount(register.town, minlength=len(register.town_paths))
    return dict(zip(register.town_paths, counts.tolist(), strict=True))


# --- totals


@pytest.mark.parametrize("province", [*SMALL, "Zhejiang"])
def test_a_province_has_about_its_villages_and_households(province: str) -> None:
    table, register = places.provinces(), drawn(province)
    at = table.name.index(province)

    assert len(register) == pytest.approx(table.villages[at], rel=0.02)
    assert register.households.sum() == pytest.approx(table.rural_households[at], rel=0.06)


def test_cixi_has_the_villages_of_its_towns_and_its_households() -> None:
    table, register = places.towns(), drawn(CIXI)
    known = {f"{CIXI}/{town}": int(n) for town, n in zip(table.town, table.villages, strict=True)}

    assert by_town(register) == known
    (total,) = places.county_sizes().rural_households.tolist()
    assert register.households.sum() == pytest.approx(total, rel=0.1)


def test_people_are_as_many_a_household_as_in_the_census() -> None:
    register = drawn(*SMALL)

    mean = register.people.sum() / register.households.sum()
    assert mean == pytest.approx(geography({})["people_per_household"], rel=0.001)


# --- what a village depends on


def test_villages_of_a_county_are_the_same_in_its_province() -> None:
    alone, among_others = drawn(CIXI), drawn("Zhejiang")

    assert len(rows(alone, CIXI)) == len(alone)
    assert rows(alone, CIXI) == rows(among_others, CIXI)


def test_villages_of_a_county_do_not_depend_on_what_else_is_asked_for_or_in_which_order() -> None:
    one, other = drawn(CIXI, *SMALL), drawn(*SMALL[::-1], CIXI)

    assert list(one.paths()) == list(other.paths())
    assert rows(one, CIXI) == rows(drawn(CIXI), CIXI)


def test_another_seed_of_the_map_draws_other_villages_of_the_same_names() -> None:
    one, other = drawn(CIXI), drawn(CIXI, seed=SEED + 1)

    assert list(one.paths()) == list(other.paths())
    assert (one.households != other.households).mean() > 0.9


# --- described villages


def test_a_described_village_takes_the_place_of_one_of_its_town() -> None:
    area, g = Area((CIXI,), 1.0, SEED), geography({})

    fewer, all_of_them = by_town(synthesize(area, g, described())), by_town(drawn(CIXI))

    assert {t: n for t, n in all_of_them.items() if fewer[t] != n} == {
        f"{CIXI}/Changhe": fewer[f"{CIXI}/Changhe"] + 1
    }


def test_in_a_town_that_is_not_known_it_takes_the_place_of_one_of_the_county() -> None:
    area, g = Area((CIXI,), 1.0, SEED), geography({})

    assert len(synthesize(area, g, described(town="Nowhere"))) == len(drawn(CIXI)) - 1


def test_a_described_village_with_the_name_of_a_drawn_one_stands_for_that_one() -> None:
    left = synthesize(Area((CIXI,), 1.0, SEED), geography({}), described(name="Changhe 3"))

    assert set(drawn(CIXI).paths()) - set(left.paths()) == {f"{CIXI}/Changhe/Changhe 3"}


def test_the_others_keep_their_size_income_tradition_and_place() -> None:
    # Which of them make a good may shift a little: a county's share is spread over fewer villages.
    left = synthesize(Area((CIXI,), 1.0, SEED), geography({}), described())
    before = {path: v for v, path in enumerate(drawn(CIXI).paths())}
    same = np.array([before[path] for path in left.paths()])

    for name in ("people", "income_index", "trade_tradition", "broadband_year", "position_km"):
        assert getattr(left, name).tobytes() == getattr(drawn(CIXI), name)[same].tobytes()
    assert (left.product == drawn(CIXI).product[same]).mean() > 0.98


def test_orchards_of_a_county_are_not_drawn_where_the_study_has_growers() -> None:
    farmers = {"households": 10, "crop": "bayberry", "orchard_mu_mean": 2.0}
    taken = described(farmers=farmers)
    bayberry = good_names().index("bayberry")

    left = synthesize(Area((CIXI,), 1.0, SEED), geography({}), taken)

    assert (drawn(CIXI).crop == bayberry).any()
    assert not (left.crop == bayberry).any()


def test_orchards_that_are_drawn_are_not_more_than_is_known() -> None:
    register, table = drawn("Zhejiang"), places.crops()

    for county, crop, mu in zip(table.county, table.crop, table.orchard_mu.tolist(), strict=True):
        here = np.array([register[v].county == county for v in np.flatnonzero(register.crop >= 0)])
        those = np.flatnonzero(register.crop >= 0)[here]
        those = those[register.crop[those] == good_names().index(crop)]
        area = (register.kind_count[those, FARMER] * register.orchard_mu_mean[those]).sum()
        assert 0.8 * mu < area <= mu


# --- trades


@pytest.mark.parametrize("strength", [1, 2, 3])
def test_trades_appear_with_their_shares(strength: int) -> None:
    share, g = 0.05 * strength, geography({})
    everything = {f"trade_share_strength_{step}": 0.0 for step in (1, 2, 3)}
    everything["trade_share_elsewhere"] = 0.0
    changes = everything | {f"trade_share_strength_{strength}": share}
    register = drawn("Zhejiang", changes=tuple(changes.items()))
    table = places.industries()
    goods_of: dict[str, set[int]] = {}
    for *names, good, step in zip(
        table.province, table.prefecture, table.county, table.good, table.strength, strict=True
    ):
        if step == strength:
            goods_of.setdefault("/".join(names), set()).add(good_names().index(good))
    expected = made = 0.0
    for v in np.flatnonzero(register.product != NO_GOOD):
        assert int(register.product[v]) in goods_of[register[v].zone_path]
        made += 1
    for number, path in enumerate(register.county_paths):
        expected += share * len(goods_of.get(path, ())) * int((register.county == number).sum())

    assert g["trade_share_strength_3"] > 0.0
    assert made == pytest.approx(expected, rel=0.25)


def test_without_shares_nobody_makes_anything() -> None:
    shares = {f"trade_share_strength_{step}": 0.0 for step in (1, 2, 3)}
    none = tuple((shares | {"trade_share_elsewhere": 0.0}).items())

    register = drawn(CIXI, changes=none)

    assert (register.product == NO_GOOD).all()
    assert not register.kind_count[:, MANUFACTURER].any()


def test_products_are_durable_and_crops_perishable() -> None:
    register, perishable = drawn("Zhejiang"), goods().perishable

    assert not perishable[register.product[register.product != NO_GOOD]].any()
    assert not perishable[register.outside].any()
    assert perishable[register.crop[register.crop != NO_GOOD]].all()


@pytest.mark.parametrize("within", ["Zhejiang", *SMALL])
def test_goods_of_a_village_differ_from_each_other(within: str) -> None:
    register = drawn(within)

    assert (register.outside[:, 0] != register.outside[:, 1]).all()
    assert (register.outside != register.product[:, None]).all()


def test_who_makes_or_grows_is_a_household_and_rooms_are_few() -> None:
    register = drawn("Zhejiang")
    counts = register.kind_count

    assert (counts >= 0).all()
    assert (counts[:, OPERATOR] > 0).all()
    assert ((counts[:, MANUFACTURER] > 0) == (register.product != NO_GOOD)).all()
    assert ((counts[:, FARMER] > 0) == (register.goods[:, CROP_SLOT] != NO_GOOD)).all()
    assert counts[:, INCOMER].sum() < 0.1 * register.households.sum()


# --- where they lie


def test_villages_lie_near_the_seat_of_their_county() -> None:
    register, table = drawn(*SMALL), places.counties()
    seats = position_km(table.longitude, table.latitude)
    names = zip(table.province, table.prefecture, table.county, strict=True)
    seat = {"/".join(name): seats[place] for place, name in enumerate(names)}
    far = np.array([seat[path] for path in register.county_paths])[register.county]

    assert np.hypot(*(register.position_km - far).T).max() < 170.0  # two radii of 80 km at most
    assert (register.distance_to_city_km >= 0.0).all()


def test_richer_villages_have_broadband_earlier() -> None:
    register = drawn("Zhejiang")

    early = register.income_index[register.broadband_year <= np.median(register.broadband_year)]
    assert early.mean() > register.income_index.mean()


# --- thinning


def test_parts_of_a_province_add_up_to_it_village_by_village() -> None:
    parts = [drawn("Zhejiang", county_share=0.25, part=part) for part in range(4)]
    villages = [rows(part, "Zhejiang") for part in parts]

    together = {path: values for each in villages for path, values in each.items()}
    assert sum(map(len, villages)) == len(drawn("Zhejiang"))
    assert together == rows(drawn("Zhejiang"), "Zhejiang")


def test_the_seed_of_the_map_draws_one_of_the_parts() -> None:
    there = [drawn("Zhejiang", county_share=0.1, part=part).county_paths for part in range(10)]
    by_seed = [drawn("Zhejiang", county_share=0.1, seed=seed) for seed in (SEED, SEED + 1)]

    assert by_seed[0].county_paths in there
    assert by_seed[1].county_paths not in there  # another map has other traditions


def test_sums_over_parts_spread_less_than_by_a_coin_for_each_county() -> None:
    register, share = drawn("Zhejiang"), 0.1
    odds = np.bincount(register.county, np.exp(register.trade_tradition))
    by_coin = np.sqrt((1.0 - share) / share * (odds**2).sum()) / odds.sum()

    sums = [
        np.exp(drawn("Zhejiang", county_share=share, part=part).trade_tradition).sum()
        for part in range(10)
    ]

    assert np.std(sums) / np.mean(sums) < 0.6 * by_coin


def test_geography_does_not_change_which_counties_are_there() -> None:
    changes = (("tradition_sd_county", 0.0), ("tradition_of_income", 0.0))
    changed = drawn("Zhejiang", county_share=0.1, changes=changes)

    assert changed.county_paths == drawn("Zhejiang", county_share=0.1).county_paths


def test_counties_of_described_villages_are_there_however_thin_the_region() -> None:
    thin = synthesize(Area(("Zhejiang",), 0.001, SEED), geography({}), described())

    assert CIXI in thin.county_paths


def test_a_share_that_leaves_no_county_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"region\.county_share = 1e-09; allowed: .*none"):
        synthesize(Area(["Zhejiang"], 1e-9, 2014), geography())
