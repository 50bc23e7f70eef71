"""Keys that can be varied, and changing them in a scenario that is loaded already."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sim.errors import ScenarioError
from sim.scenario import Scenario, find_key, load_scenario, scenario_hash, with_changes

PLATFORM = 'policies."Cangtian service platform"'


@pytest.fixture(scope="module")
def cangtian() -> Scenario:
    return load_scenario("cangtian")


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("end", "end", "date"),
        ("observer.rule", "observer.rule", "choice"),
        ("observer.trailing_days", "observer.trailing_days", "whole"),
        ("observer.sales_threshold_yuan", "observer.sales_threshold_yuan", "number"),
        ("platforms", "platforms", "choice"),
        ("villages.Cangtian.broadband_year", "villages.Cangtian.broadband_year", "whole"),
        ("villages.Changhe/Cangtian.people", 'villages."Changhe/Cangtian".people', "whole"),
        ("villages.Cangtian.farmers.orchard_mu_mean",
         "villages.Cangtian.farmers.orchard_mu_mean", "number"),
        ("behaviour.open_gain", "behaviour.open_gain", "number"),
        ("open_gain", "behaviour.open_gain", "number"),
        ("goods.grape.window_start_month", "goods.grape.window_start_month", "whole"),
        ("goods.grape.exportable", "goods.grape.exportable", "switch"),
        ("platforms.jd.reach", "platform_terms.jd.reach", "number"),
        ("platform_terms.jd.opened", "platform_terms.jd.opened", "date"),
        ("platform_terms.jd.currency", "platform_terms.jd.currency", "choice"),
        ("policies.Cangtian service platform", PLATFORM, "switch"),
        (f"{PLATFORM}.training", f"{PLATFORM}.training", "switch"),
        (f"{PLATFORM}.training.start", f"{PLATFORM}.training.start", "date"),
        (f"{PLATFORM}.start", f"{PLATFORM}.start", "date"),
        (f"{PLATFORM}.target.share", f"{PLATFORM}.target.share", "number"),
    ],
)  # fmt: skip
def test_a_key_is_found_with_what_it_takes(
    cangtian: Scenario, text: str, name: str, kind: str
) -> None:
    key = find_key(cangtian, text)

    assert (key.name, key.kind) == (name, kind)


def test_a_parameter_brings_its_plausible_range(cangtian: Scenario) -> None:
    key = find_key(cangtian, "platforms.jd.reach")

    assert (key.low, key.high) == (0.1, 0.5)


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("observer.rule", ("strict", "published")),
        ("platform_terms.jd.currency", ("CNY", "USD")),
        (PLATFORM, (False, True)),
        ("title", ()),
    ],
)
def test_a_key_brings_its_choices_where_they_are_few(
    cangtian: Scenario, text: str, choices: tuple[Any, ...]
) -> None:
    assert find_key(cangtian, text).choices == choices


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("behaviour.opn_gain", "behaviour.opn_gain; .* did you mean 'open_gain'"),
        ("villages.Cangtan.people", "villages.Cangtan; .* did you mean 'Cangtian'"),
        ("villages.Cangtian.peple", "did you mean 'people'"),
        ("obsever.rule", "did you mean 'observer'"),
        ("observer.rule.deep", "no such key to vary: observer.rule"),
        ("policies.Cangtian", "policies of the scenario: Cangtian service platform"),
        (f"{PLATFORM}.traning", "did you mean 'training'"),
        ("goods.grape", "goods.grape"),
        ("goods.grapes.box_kg", "did you mean 'grape'"),
        ("villages", "villages; allowed: a list"),
        ("villages.Cangtian", "villages.Cangtian; allowed: the key of a single value"),
        ("observer", "observer; allowed: a table"),
        ("", "key.path=value"),
        ("seed=3", "a key such as observer.rule"),
    ],
)
def test_what_is_no_key_is_refused(cangtian: Scenario, text: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        find_key(cangtian, text)


def test_a_service_that_is_not_offered_is_no_switch(tiny_file: Path, tmp_path: Path) -> None:
    hub = tmp_path / "hub.toml"
    hub.write_text(
        '[[policies]]\nkind = "service_platform"\nname = "hub"\nstart = 2015-02-01\nstorage = {}\n'
    )
    scenario = load_scenario(tiny_file, policies=[hub])

    assert find_key(scenario, "policies.hub.storage").kind == "switch"
    with pytest.raises(ScenarioError, match=r"no such key to vary: policies\.hub\.training"):
        find_key(scenario, "policies.hub.training")


def test_changes_are_the_overrides_of_loading(cangtian: Scenario) -> None:
    changed = with_changes(
        cangtian,
        {
            "behaviour.open_gain": 0.5,
            "villages.Cangtian.broadband_year": 2008,
            "end": date(2016, 12, 31),
            "observer.rule": "published",
            "platforms": ["taobao"],
            "goods.grape.exportable": True,
            f"{PLATFORM}.start": date(2015, 1, 1),
        },
    )
    loaded = load_scenario(
        "cangtian",
        [
            "behaviour.open_gain=0.5",
            "villages.Cangtian.broadband_year=2008",
            "end=2016-12-31",
            "observer.rule=published",
            'platforms=["taobao"]',
            "goods.grape.exportable=true",
            f"{PLATFORM}.start=2015-01-01",
        ],
    )

    assert changed == loaded
    assert scenario_hash(changed) == scenario_hash(loaded)


def test_no_changes_change_nothing(cangtian: Scenario) -> None:
    assert with_changes(cangtian, {}) == cangtian


def test_a_policy_that_is_off_is_left_out(cangtian: Scenario) -> None:
    off, on = (with_changes(cangtian, {PLATFORM: state}) for state in (False, True))

    assert off.policies == ()
    assert on == cangtian


def test_a_service_that_is_off_does_and_costs_nothing(cangtian: Scenario) -> None:
    (platform,) = with_changes(cangtian, {f"{PLATFORM}.training": False}).policies
    (before,) = cangtian.policies

    training = platform.services["training"]
    assert (training.intensity, training.yearly_cost_yuan) == (0.0, 0.0)
    assert platform.services["storage"] == before.services["storage"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"villages.Cangtian.people": 0}, "villages.Cangtian.people = 0; allowed"),
        ({"end": date(2008, 1, 1)}, "end = '2008-01-01'"),
        ({"behaviour.open_gan": 0.5}, "did you mean 'open_gain'"),
        ({"policies.Cangtan": False}, "'Cangtan'; allowed: policies"),
    ],
)
def test_changes_that_are_not_valid_are_refused(
    cangtian: Scenario, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(ScenarioError, match=said):
        with_changes(cangtian, changes)
