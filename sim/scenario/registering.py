"""From the villages of a scenario to the register that the engine and the tables read."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from math import floor, nan
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.errors import ScenarioError
from sim.scenario.fields import listed
from sim.scenario.files import shown
from sim.scenario.region import Region
from sim.scenario.schema import Scenario, VillageSpec
from sim.scenario.targets import check_targets
from sim.scenario.village_file import file_checksum, read_villages
from sim.world.area import Area
from sim.world.columns import OUTSIDE_GOODS
from sim.world.parameters import geography, good_names
from sim.world.register import NO_GOOD, Register, chosen, joined


def register_of(scenario: Scenario) -> Register:
    """Return the villages of a scenario: those described one by one, then those of its region.

    Asked again for the same villages, it returns the same register; it is not to be written to.

    Raises
    ------
    ScenarioError
        If the region has a file that cannot be used, or not what a policy is for.
    """
    if scenario.region is not None and scenario.region.file is not None:
        _check_is_same(scenario.region)
    changes = tuple(sorted(scenario.geography.items()))
    register = _made(scenario.villages, scenario.region, changes)
    check_targets(scenario, register)
    return register


@lru_cache(maxsize=1)  # one run asks for its villages again and again
def _made(
    entries: tuple[VillageSpec, ...], region: Region | None, changes: tuple[tuple[str, float], ...]
) -> Register:
    described = registered(entries) if entries else None
    if region is None:
        return described or registered(())
    if region.file is not None:
        return _of_file(region, described)
    # It is compiled code, which listing and checking scenarios can do without.
    from sim.world.described_places import placed
    from sim.world.synthesis import synthesize

    g = geography(dict(changes))
    drawn = synthesize(_area(region), g, described)
    return drawn if described is None else joined([placed(described, region.seed, g), drawn])


def _check_is_same(region: Region) -> None:
    """Refuse a file that has changed since the scenario was made."""
    path = Path(str(region.file))
    try:
        is_same = file_checksum(path) == region.file_sha256
    except OSError as error:
        raise ScenarioError(shown(path), "", error.strerror, "a readable file") from error
    if not is_same:
        allowed = f"the file with the SHA-256 {region.file_sha256}; this one has changed"
        raise ScenarioError(shown(path), allowed=allowed)


def _of_file(region: Region, described: Register | None) -> Register:
    """Return the villages described and those of a file that are not among them."""
    path = Path(str(region.file))
    register = read_villages(path)
    here = _is_in_region(region, register)
    if described is not None:
        known = set(described.paths())
        here &= np.fromiter((p not in known for p in register.paths()), np.bool_, len(register))
        described = _placed_as_in(register, described)
    rows = np.flatnonzero(here)
    if described is not None:
        return joined([described, chosen(register, rows)]) if rows.size else described
    if not rows.size:
        raise _no_village(region, register)
    return chosen(register, rows)


def _no_village(region: Region, register: Register) -> ScenarioError:
    where = shown(Path(str(region.file)))
    if not any(map(region.covers, register.county_paths)):
        allowed = f"places of the file, which has villages of {listed(register.county_paths)}"
        return ScenarioError(where, "region.within", list(region.within), allowed)
    allowed = "a share, part or seed of the map that leaves a county of the file"
    return ScenarioError(where, "region.county_share", region.county_share, allowed)


def _placed_as_in(register: Register, described: Register) -> Register:
    """Return the villages described, those without a position where the file puts them."""
    at = dict(zip(register.paths(), register.position_km, strict=True))
    position = described.position_km.copy()
    for row, path in enumerate(described.paths()):
        if np.isnan(position[row]).any() and path in at:
            position[row] = at[path]
    return replace(described, position_km=position)


def _is_in_region(region: Region, register: Register) -> NDArray[np.bool_]:
    """Tell which villages of a file are in a region, thinned as drawn villages are, (villages,)."""
    there = np.array([region.covers(county) for county in register.county_paths])
    if region.county_share < 1.0:
        from sim.world.drawn_counties import thinned

        odds = np.bincount(register.county, np.exp(register.trade_tradition), there.size)
        there[there] = thinned(odds[there], _area(region))
    return there[register.county]


def _area(region: Region) -> Area:
    return Area(region.within, region.county_share, region.seed, region.part)


def registered(entries: Sequence[VillageSpec]) -> Register:
    """Return the villages that entries stand for, in their order, as a register."""
    specs = [spec for entry in entries for spec in entry.expanded()]
    towns = [f"{spec.zone_path}/{spec.town}" for spec in specs]
    town_paths = sorted(set(towns))
    place = {path: number for number, path in enumerate(town_paths)}
    return Register(
        names=[spec.name for spec in specs],
        town=np.array([place[path] for path in towns], np.int32),
        town_paths=town_paths,
        people=np.array([spec.people for spec in specs], np.int32),
        kind_count=np.array([_kind_counts(spec) for spec in specs], np.int32).reshape(-1, 4),
        crop=np.array([_crop(spec) for spec in specs], np.int8),
        product=np.array([_product(spec) for spec in specs], np.int8),
        outside=np.array([_outside(spec) for spec in specs], np.int8).reshape(-1, OUTSIDE_GOODS),
        outside_km=np.zeros((len(specs), OUTSIDE_GOODS)),
        orchard_mu_mean=np.array(
            [spec.farmers.orchard_mu_mean if spec.farmers else 0.0 for spec in specs]
        ),
        capacity_pieces_per_month_mean=np.array(
            [
                spec.manufacturers.capacity_pieces_per_month_mean if spec.manufacturers else 0.0
                for spec in specs
            ]
        ),
        income_index=np.array([spec.income_index for spec in specs]),
        internet_ratio=np.array([spec.internet_ratio for spec in specs]),
        trade_tradition=np.array([spec.trade_tradition for spec in specs]),
        broadband_year=np.array([spec.broadband_year for spec in specs], np.int16),
        distance_to_city_km=np.array(
            [
                nan if spec.distance_to_city_km is None else spec.distance_to_city_km
                for spec in specs
            ]
        ),
        position_km=np.array([_position(spec) for spec in specs]).reshape(-1, 2),
    )


def _kind_counts(spec: VillageSpec) -> tuple[int, int, int, int]:
    return (
        spec.farmers.households if spec.farmers else 0,
        spec.manufacturers.households if spec.manufacturers else 0,
        spec.operators,
        floor(spec.rooms_per_household * spec.households + 0.5),
    )


def _crop(spec: VillageSpec) -> int:
    return good_names().index(spec.farmers.crop) if spec.farmers else NO_GOOD


def _product(spec: VillageSpec) -> int:
    return good_names().index(spec.manufacturers.product) if spec.manufacturers else NO_GOOD


def _outside(spec: VillageSpec) -> list[int]:
    goods = [good_names().index(name) for name in spec.within_reach]
    return (goods + [NO_GOOD] * OUTSIDE_GOODS)[:OUTSIDE_GOODS]


def _position(spec: VillageSpec) -> tuple[float, float]:
    return (spec.position.x_km, spec.position.y_km) if spec.position else (nan, nan)
