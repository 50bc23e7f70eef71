"""Targets: what the file says, and what is refused."""

import math
import tomllib
from copy import deepcopy
from typing import Any

import pytest

from sim.errors import DataError
from sim.experiments.observables import MEASURES
from sim.experiments.targets import (
    ROLES,
    TARGETS_FILE,
    Target,
    last_days,
    load_targets,
    role_digests,
    targets_of,
)
from sim.scenario import list_scenarios, load_scenario
from sim.world.parameters import DATA_FOLDER, read_data

TARGETS = load_targets(ROLES)
BY_KEY = {target.key: target for target in TARGETS}
FACTS = read_data("facts.toml")
ENTRY: dict[str, Any] = {
    "year": 2016,
    "place": "China",
    "block": "region",
    "scenario": "china",
    "measure": "listed_villages",
    "definition": "villages on the list",
    "fact": "cn_villages_2016",
    "scale": "log",
    "sd": 0.15,
    "because": "the day is not published",
    "group": "lists",
    "role": "fit",
}


def one(**changes: Any) -> Target:
    """Return the only target of an entry with some keys changed; None takes a key out."""
    entry = deepcopy(ENTRY) | changes
    entry = {key: value for key, value in entry.items() if value is not None}
    (target,) = targets_of({"it": entry}, ROLES)
    return target


def test_the_roles_are_those_of_the_study() -> None:
    tested = {target.key for target in TARGETS if target.role == "test"}
    assert tested == {
        *(f"cn_listed_later_{year}" for year in (2017, 2018, 2019)),
        *(f"zj_listed_later_{year}" for year in (2017, 2018, 2019)),
        "cixi_stores_2019",
        "cixi_jobs_2019",
        "cangtian_sales_2018",
    }


def test_nothing_later_than_its_own_fact_is_fitted_of_the_lists() -> None:
    lists = [t for t in TARGETS if t.role == "fit" and t.measure == "listed_villages"]
    assert max(target.year for target in lists) == 2016


@pytest.mark.parametrize(
    ("key", "published"),
    [
        ("cn_listed_2014", 212),
        ("zj_listed_2016", 506),
        ("zj_prefecture_listed_Taizhou_2016", 107),
        ("zj_prefecture_listed_Zhoushan_2014", 0),
        ("zj_county_listed_Yiwu_2016", 65),
        ("cn_towns_2015", 71),
        ("cn_counties_with_any_2015", 180),
        ("cn_names_gone_2016", 0.1628),
        ("dongfeng_shops_2013", 1283),
        ("cixi_stores_2019", 14500),
    ],
)
def test_numbers_are_those_that_were_published(key: str, published: float) -> None:
    assert BY_KEY[key].published == published


def test_no_target_rests_on_a_number_that_is_only_recalled() -> None:
    used = {target.source for target in TARGETS if target.source in FACTS}
    assert used
    assert {FACTS[key]["grade"] for key in used} <= {"published", "computed"}


def test_no_number_stands_in_the_file_itself() -> None:
    entries = tomllib.loads((DATA_FOLDER / TARGETS_FILE).read_text(encoding="utf-8"))
    assert all("value" not in entry for entry in entries.values())


def test_lists_before_2014_are_lower_bounds_and_context() -> None:
    early = [t for t in TARGETS if t.measure == "listed_villages" and t.year < 2014]
    assert {(target.role, target.is_lower_bound) for target in early} == {("context", True)}


def test_every_scenario_is_there_and_reaches_the_day() -> None:
    shipped = {name for name, _ in list_scenarios()}
    for name, day in last_days(TARGETS).items():
        assert name in shipped
        assert load_scenario(name).start < day <= load_scenario(name).end


def test_villages_that_targets_name_are_in_their_scenarios() -> None:
    for target in TARGETS:
        if target.block == "village" and "/" not in target.place:
            names = [village.name for village in load_scenario(target.scenario).villages]
            assert names == [target.place]


def test_every_target_reaches_its_own_published_number() -> None:
    off = {t.key: t.z(t.published) for t in TARGETS if abs(t.z(t.published)) > 2}
    assert off == {}


def test_a_band_holds_nine_in_ten() -> None:
    target = one(sd=None, low=1000, high=2000)
    assert target.band[0] < 1000 < 2000 < target.band[1]  # single villages come on top
    linear = one(measure="active_stores", scale="linear", sd=None, low=1000, high=2000)
    assert linear.band == pytest.approx((1000, 2000))
    assert linear.centre == 1500


def test_z_counts_standard_deviations_on_the_scale() -> None:
    target = one(measure="active_stores", sd=0.5)
    assert target.z(target.unscaled(target.centre + 1.0)) == pytest.approx(2.0)
    assert math.isnan(target.z(math.nan))


def test_luck_of_single_villages_adds_to_the_uncertainty_of_counts() -> None:
    few = one(list="villages", fact=None, place="Henan")
    assert few.published == 13
    assert few.sd == pytest.approx(math.sqrt(0.15**2 + 1 / 14))


def test_years_and_places_make_an_entry_each() -> None:
    entry = ENTRY | {"years": [2015, 2016], "places": ["Zhejiang/Jinhua", "Henan"]}
    entry |= {"list": "villages"}
    for key in ("year", "place", "fact"):
        del entry[key]
    found = targets_of({"listed_{place}_{year}": entry}, ROLES)
    assert [(t.key, t.published) for t in found] == [
        ("listed_Jinhua_2015", 56),
        ("listed_Jinhua_2016", 95),
        ("listed_Henan_2015", 4),
        ("listed_Henan_2016", 13),
    ]


def test_entries_of_other_roles_are_passed_over_unread() -> None:
    damaged = {"good": ENTRY, "bad": {"role": "test", "fact": "no such fact"}}
    assert [target.key for target in targets_of(damaged, ("fit",))] == ["good"]


def test_blocks_can_be_chosen() -> None:
    assert {target.block for target in load_targets(("fit",), ("village",))} == {"village"}


def test_each_role_has_a_digest_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = read_data(TARGETS_FILE)
    before = role_digests()
    entries["cangtian_sales_2018"]["sd"] = 1.0
    monkeypatch.setattr("sim.experiments.targets.read_data", lambda _: entries)
    after = role_digests()
    assert [role for role in ROLES if before[role] != after[role]] == ["test"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"role": "train"}, r"it\.role = 'train'; allowed: fit, test, context"),
        ({"measure": "listed_vilages"}, "did you mean 'listed_villages'"),
        ({"block": "town"}, "allowed: village, region"),
        ({"scale": "logit"}, "allowed: linear, log"),
        ({"place": "Zhejiang/Jinua"}, "did you mean 'Zhejiang/Jinhua'"),
        ({"fact": "cn_vilages_2016"}, "did you mean 'cn_villages_2016'"),
        ({"fact": "zj_villages_2013"}, "not of grade memory"),
        ({"list": "villages"}, "exactly one of fact, list, counts"),
        ({"fact": None}, "exactly one of"),
        ({"fact": None, "list": "vilages"}, "did you mean 'villages'"),
        ({"fact": None, "list": "villages", "year": 2017}, r"year = 2017"),
        ({"fact": None, "counts": "counties_with_any", "place": "Henan"}, "for Henan in 2016"),
        ({"low": 1000, "high": 2000}, "either sd, or low and high"),
        ({"sd": None}, "either sd, or low and high"),
        ({"sd": 0}, "a number above 0"),
        ({"sd": "wide"}, "a number"),
        ({"sd": None, "low": 1400, "high": 2000}, "the published 1311 between"),
        ({"sd": None, "low": 1400}, "high; allowed: a number"),
        ({"year": None}, "either year or years"),
        ({"years": [2015, 2016]}, "either year or years"),
        ({"year": None, "years": [2015, 2016]}, "a key with {year} in it"),
        ({"year": "2016"}, "values like int"),
        ({"because": ""}, "it.because = ''; allowed: a text"),
        ({"bound": "upper"}, "lower, or nothing"),
        ({"date": "2016-06-30"}, "a date in 2016"),
        ({"reason": "x"}, "it.reason; allowed"),
    ],
)
def test_what_is_not_valid_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        one(**changes)


def test_a_key_made_twice_is_refused() -> None:
    with pytest.raises(DataError, match="it_2016; allowed: each key once"):
        targets_of({"it_{year}": ENTRY, "it_2016": ENTRY}, ROLES)


def test_an_entry_that_is_no_table_is_refused() -> None:
    with pytest.raises(DataError, match="it = 3; allowed: a table"):
        targets_of({"it": 3}, ROLES)


def test_every_measure_says_what_it_is() -> None:
    assert {target.measure for target in TARGETS} <= set(MEASURES)
    assert all(measure.meaning and measure.unit for measure in MEASURES.values())
