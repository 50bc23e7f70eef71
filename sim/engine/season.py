"""The season of a village's crop: when it ripens this year and how well (ODD 7.8)."""

from math import floor
from typing import Any

from sim.compiled import as_int64, kernel
from sim.engine.places import reference_wholesale_yuan_per_kg
from sim.rules.chance import lognormal_unit_mean, standard_normal
from sim.world.columns import CROP_SLOT
from sim.world.draws import VILLAGE_ITSELF, Purpose, four_uniforms

_WEATHER = as_int64(Purpose.WEATHER)


@kernel
def season_village(v: int, s: Any, t: Any) -> None:
    """Draw the year's season, once a year, two months before its nominal start.

    Writes the village's season columns and its starting wholesale price.
    """
    villages = s.villages
    good = villages.good_of_slot[v, CROP_SLOT]
    if good < 0 or not t.goods.season_is_set_now[good] or villages.season_year[v] == t.m[0].year:
        return
    goods, levers = t.goods, t.levers
    w = four_uniforms(t.seed, villages.zone_key[v], VILLAGE_ITSELF, t.m[0].year, _WEATHER)
    u = four_uniforms(t.seed, villages.key[v], VILLAGE_ITSELF, t.m[0].year, _WEATHER)
    shift = goods.window_shift_sd_days[good] * standard_normal(w[0])
    shift += goods.village_shift_sd_days[good] * standard_normal(u[0])
    shift += levers.season_shift_days[v]
    days = goods.window_days[good] + goods.window_days_sd[good] * standard_normal(w[2])
    villages.season_year[v] = t.m[0].year
    villages.first_ripe_day[v] = t.goods.season_start_day[good] + floor(shift + 0.5)
    villages.ripe_days[v] = max(3, floor(days + 0.5))
    luck = lognormal_unit_mean(goods.yield_sigma[good], w[1])
    villages.yield_index[v] = luck * levers.yield_multiple[v]
    villages.greenhouse_share[v] = levers.greenhouse_share[v]
    villages.greenhouse_days[v] = int(levers.greenhouse_days_earlier[v])
    villages.wholesale_yuan_per_kg[v] = reference_wholesale_yuan_per_kg(t, good)


@kernel
def season_first_day(v: int, s: Any) -> int:
    """First day with ripe fruit this year, greenhouse fruit included."""
    first = s.villages.first_ripe_day[v]
    if s.villages.greenhouse_share[v] > 0.0:
        first -= s.villages.greenhouse_days[v]
    return first


@kernel
def season_last_ripe_day(v: int, s: Any) -> int:
    """Last day on which fruit ripens this year."""
    return s.villages.first_ripe_day[v] + s.villages.ripe_days[v] - 1
