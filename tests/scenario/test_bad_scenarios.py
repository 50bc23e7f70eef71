"""Wrong input of every kind: the message tells the file, the key, the value and what is allowed."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from sim.errors import ScenarioError
from sim.scenario import load_scenario

GOOD = """\
start = 2010-01-01
end = 2014-12-31

[[villages]]
name = "Reed"
province = "P"
prefecture = "Q"
county = "C"
town = "T"
people = 1200
households = 400
broadband_year = 2006
farmers = { households = 100, crop = "bayberry", orchard_mu_mean = 5 }
manufacturers = { households = 50, product = "furniture", capacity_pieces_per_month_mean = 900 }

[[villages]]
name = "Willow"
province = "P"
prefecture = "Q"
county = "C"
town = "U"
people = 900
households = 300
broadband_year = 2006

[[policies]]
kind = "service_platform"
name = "hub"
start = 2012-01-01
target.villages = ["Reed"]
storage = { intensity = 0.5 }
"""


class Wrong(NamedTuple):
    """A mistake: what is put for what in the good file, and what the message must say."""

    old: str
    new: str
    key: str
    said: Sequence[str]


WRONG = {
    "unknown key": Wrong(
        "people = 1200", "peeple = 1200", "villages.Reed.peeple", ["no other keys than", "'people'"]
    ),
    "unknown key at the top": Wrong("end =", "finish =", "finish", ["no other keys than", "end"]),
    "wrong unit in a name": Wrong(
        "orchard_mu_mean", "orchard_ha_mean", "villages.Reed.farmers.orchard_ha_mean",
        ["no other keys than", "'orchard_mu_mean'"],
    ),
    "missing key": Wrong(
        "people = 1200\n", "", "villages.Reed.people", ["required", "People living in the village"]
    ),
    "missing date": Wrong("start = 2010-01-01\n", "", "start", ["required"]),
    "negative area": Wrong(
        "orchard_mu_mean = 5", "orchard_mu_mean = -5", "villages.Reed.farmers.orchard_mu_mean",
        ["-5", "greater than 0", "[mu"],
    ),
    "end before start": Wrong(
        "2014-12-31", "2009-12-31", "end", ["2009-12-31", "from the start on, 2010-01-01"]
    ),
    "date too early": Wrong(
        "start = 2010-01-01", "start = 2008-12-31", "start", ["2008-12-31", "from 2009-01-01"]
    ),
    "start inside a month": Wrong(
        "start = 2010-01-01", "start = 2010-01-02", "start", ["2010-01-02", "the first of a month"]
    ),
    "date too late": Wrong("2014-12-31", "2023-01-01", "end", ["2023-01-01", "to 2022-12-31"]),
    "date as a number": Wrong("2014-12-31", "2014", "end", ["2014", "a date such as"]),
    "date as a text that is none": Wrong(
        "2014-12-31", '"2014-13-31"', "end", ["2014-13-31", "a date such as"]
    ),
    "date with a time": Wrong("2014-12-31", "2014-12-31T10:00:00", "end", ["a date such as"]),
    "text for a number": Wrong(
        "people = 1200", 'people = "many"', "villages.Reed.people", ["'many'", "a whole number"]
    ),
    "fraction for a whole number": Wrong(
        "people = 1200", "people = 1200.5", "villages.Reed.people", ["1200.5", "a whole number"]
    ),
    "truth value for a number": Wrong(
        "broadband_year = 2006\nfarmers", "broadband_year = true\nfarmers",
        "villages.Reed.broadband_year", ["True", "a whole number"],
    ),
    "not a number": Wrong(
        "people = 900", "income_index = nan\npeople = 900", "villages.Willow.income_index",
        ["nan", "a finite number"],
    ),
    "infinite": Wrong(
        "orchard_mu_mean = 5", "orchard_mu_mean = inf", "villages.Reed.farmers.orchard_mu_mean",
        ["inf", "a finite number"],
    ),
    "table for a number": Wrong(
        "people = 900", "people = { men = 400 }", "villages.Willow.people", ["a whole number"]
    ),
    "key below the wrong header": Wrong(
        "[[policies]]", "observer = 3\n[[policies]]", "villages.Willow.observer",
        ["observer at the top of the file"]
    ),
    "number for a list": Wrong(
        'villages = ["Reed"]', "villages = 3", "policies.hub.target.villages", ["3", "a list"]
    ),
    "text for a list": Wrong(
        'villages = ["Reed"]', 'villages = "Reed"', "policies.hub.target.villages",
        ["'Reed'", 'a list, such as ["Reed"]']
    ),
    "number for a table": Wrong(
        "start = 2010-01-01", "start = 2010-01-01\nobserver = 3", "observer", ["3", "a table"]
    ),
    "empty name": Wrong('"Reed"\n', '""\n', 'villages."".name', ["''", "a text that is not empty"]),
    "name with a slash": Wrong(
        'name = "Willow"', 'name = "Wil/low"', 'villages."Wil/low".name', ["Wil/low", "without '/'"]
    ),
    "village twice": Wrong(
        'name = "Willow"\nprovince = "P"\nprefecture = "Q"\ncounty = "C"\ntown = "U"',
        'name = "Reed"\nprovince = "P"\nprefecture = "Q"\ncounty = "C"\ntown = "T"',
        "villages", ["'Reed'", "unique in their town", "2 times"],
    ),
    "policy twice": Wrong(
        "[[policies]]", '[[policies]]\nkind = "cold_chain"\nname = "hub"\nstart = 2011-01-01\n'
        "[[policies]]", "policies", ["'hub'", "unique"],
    ),
    "unknown crop": Wrong(
        '"bayberry"', '"bayberies"', "villages.Reed.farmers.crop",
        ["'bayberies'", "bayberry, grape", "did you mean 'bayberry'"],
    ),
    "durable as crop": Wrong(
        '"bayberry"', '"furniture"', "villages.Reed.farmers.crop",
        ["'furniture'", "a perishable good: bayberry, grape"],
    ),
    "crop as product": Wrong(
        '"furniture"', '"grape"', "villages.Reed.manufacturers.product",
        ["'grape'", "a durable good"],
    ),
    "three goods within reach": Wrong(
        "people = 900", 'within_reach = ["shoes", "clothing", "furniture"]\npeople = 900',
        "villages.Willow.within_reach", ["at most 2"],
    ),
    "own product within reach": Wrong(
        "people = 1200", 'within_reach = ["furniture"]\npeople = 1200',
        "villages.Reed.within_reach", ["['furniture']", "differ"],
    ),
    "more producers than households": Wrong(
        "farmers = { households = 100", "farmers = { households = 351",
        "villages.Reed.households", ["400", "at least 401"],
    ),
    "too many people": Wrong(
        "people = 1200", "people = 2401", "villages.Reed.people", ["2401", "400 to 2400"]
    ),
    "fewer people than households": Wrong(
        "people = 1200", "people = 399", "villages.Reed.people", ["399", "400 to 2400"]
    ),
    "unknown platform": Wrong(
        "start = 2010-01-01", 'start = 2010-01-01\nplatforms = ["taobo"]', "platforms.0",
        ["'taobo'", "'jd'", "did you mean 'taobao'"],
    ),
    "platform twice": Wrong(
        "start = 2010-01-01", 'start = 2010-01-01\nplatforms = ["jd", "jd"]', "platforms",
        ["['jd', 'jd']", "each platform once"],
    ),
    "unknown kind of policy": Wrong(
        '"service_platform"', '"service_platfrom"', "policies.hub.kind",
        ["'service_platfrom'", "cold_chain", "did you mean 'service_platform'"],
    ),
    "policy without kind": Wrong(
        'kind = "service_platform"\n', "", "policies.hub.kind", ["one of broadband, cold_chain"]
    ),
    "unknown service": Wrong(
        "storage =", "storrage =", "policies.hub.storrage", ["no other keys than", "'storage'"]
    ),
    "platform without service": Wrong(
        "storage = { intensity = 0.5 }\n", "", "policies.hub", ["at least one service: storage"]
    ),
    "intensity over 1": Wrong(
        "intensity = 0.5", "intensity = 1.5", "policies.hub.storage.intensity",
        ["1.5", "less than or equal to 1"],
    ),
    "negative cost": Wrong(
        "intensity = 0.5", "yearly_cost_yuan = -1", "policies.hub.storage.yearly_cost_yuan",
        ["-1", "greater than or equal to 0", "[yuan]"],
    ),
    "service before its platform": Wrong(
        "intensity = 0.5", "start = 2011-01-01", "policies.hub.storage.start",
        ["2011-01-01", "not before the platform's start, 2012-01-01"],
    ),
    "service that ends before it starts": Wrong(
        "intensity = 0.5", "end = 2012-01-01", "policies.hub.storage.end",
        ["2012-01-01", "after the start of the service"],
    ),
    "service that outlasts its platform": Wrong(
        "storage = { intensity", "end = 2013-01-01\nstorage = { end = 2014-01-01, intensity",
        "policies.hub.storage.end", ["2014-01-01", "not after the platform's end, 2013-01-01"],
    ),
    "policy that ends before it starts": Wrong(
        "start = 2012-01-01", "start = 2012-01-01\nend = 2011-01-01", "policies.hub.end",
        ["2011-01-01", "after start, 2012-01-01"],
    ),
    "policy after the end": Wrong(
        "start = 2012-01-01", "start = 2015-01-01", "policies.hub.start",
        ["2015-01-01", "up to the end of the scenario, 2014-12-31"],
    ),
    "service without a village": Wrong(
        '["Reed"]', '["Red"]', "policies.hub.target.villages",
        ["'Red'", "Reed, Willow", "did you mean 'Reed'"],
    ),
    "policy without a town": Wrong(
        'target.villages = ["Reed"]', 'target.towns = ["X"]', "policies.hub.target.towns",
        ["'X'", "T, U"],
    ),
    "share over 1": Wrong(
        "target.villages =", "target.share = 2\ntarget.villages =", "policies.hub.target.share",
        ["2", "less than or equal to 1"],
    ),
    "unknown rule": Wrong(
        "start = 2010-01-01", 'observer.rule = "strikt"\nstart = 2010-01-01', "observer.rule",
        ["'strikt'", "'strict' or 'published'", "did you mean 'strict'"],
    ),
    "listing date that is none": Wrong(
        "start = 2010-01-01", 'observer.listing_date = "02-30"\nstart = 2010-01-01',
        "observer.listing_date", ["'02-30'", "month and day of every year"],
    ),
    "share of households without the rule": Wrong(
        "start = 2010-01-01", "observer.household_share = 0.1\nstart = 2010-01-01",
        "observer.household_share", ["0.1", 'rule = "published"'],
    ),
    "no villages": Wrong(
        GOOD,
        "start = 2010-01-01\nend = 2010-12-31\nvillages = []",
        "villages",
        ["at least one [[villages]], or a [region]"],
    ),
    "village that is a number": Wrong(
        GOOD, "start = 2010-01-01\nend = 2010-12-31\nvillages = [1]", "villages.0", ["a table"]
    ),
    "unknown behaviour": Wrong(
        "start = 2010-01-01", "behaviour.open_gian = 1\nstart = 2010-01-01",
        "behaviour.open_gian", ["a behavioural parameter", "did you mean 'open_gain'"],
    ),
    "impossible behaviour": Wrong(
        "start = 2010-01-01", "behaviour.tax_share = 1.5\nstart = 2010-01-01",
        "behaviour.tax_share", ["1.5", "at most 1"],
    ),
    "behaviour that would be divided by": Wrong(
        "start = 2010-01-01", "behaviour.capacity_reference = 0\nstart = 2010-01-01",
        "behaviour.capacity_reference", ["0", "above 0"],
    ),
    "behaviour as a text": Wrong(
        "start = 2010-01-01", 'behaviour.open_gain = "high"\nstart = 2010-01-01',
        "behaviour.open_gain", ["'high'", "a number"],
    ),
    "unknown good": Wrong(
        "start = 2010-01-01", "goods.bayberies.box_kg = 1\nstart = 2010-01-01",
        "goods.bayberies", ["a good: bayberry", "did you mean 'bayberry'"],
    ),
    "unknown field of a good": Wrong(
        "start = 2010-01-01", "goods.furniture.shelf_life_days = 1\nstart = 2010-01-01",
        "goods.furniture.shelf_life_days", ["a field of furniture", "unit_cost_yuan"],
    ),
    "impossible field of a good": Wrong(
        "start = 2010-01-01", "goods.bayberry.shelf_life_days = 0\nstart = 2010-01-01",
        "goods.bayberry.shelf_life_days", ["0", "at least 1", "shelf life"],
    ),
    "field of a good that is not a number": Wrong(
        "start = 2010-01-01", "goods.bayberry.box_kg = nan\nstart = 2010-01-01",
        "goods.bayberry.box_kg", ["nan", "a number above 0"],
    ),
    "good of another kind": Wrong(
        "start = 2010-01-01", "goods.bayberry.perishable = false\nstart = 2010-01-01",
        "goods.bayberry.perishable", ["False", "cannot be changed"],
    ),
    "more than the whole crop": Wrong(
        "start = 2010-01-01", "goods.bayberry.premium_share = 0.9\nstart = 2010-01-01",
        "goods.bayberry.premium_share", ["0.9", "at most 1 together; they are 1.5"],
    ),
    "month that is none": Wrong(
        "start = 2010-01-01", "goods.bayberry.window_start_month = 13\nstart = 2010-01-01",
        "goods.bayberry.window_start_month", ["13", "a whole number", "at most 12"],
    ),
    "unknown terms": Wrong(
        "start = 2010-01-01", "platform_terms.jd.comission_share = 0\nstart = 2010-01-01",
        "platform_terms.jd.comission_share", ["a field of jd", "did you mean 'commission_share'"],
    ),
    "currency that is none": Wrong(
        "start = 2010-01-01", 'platform_terms.jd.currency = "EUR"\nstart = 2010-01-01',
        "platform_terms.jd.currency", ["'EUR'", "CNY or USD"],
    ),
    "opening that is no date": Wrong(
        "start = 2010-01-01", "platform_terms.jd.opened = 2010\nstart = 2010-01-01",
        "platform_terms.jd.opened", ["2010", "a date such as"],
    ),
    "fees above the price": Wrong(
        "start = 2010-01-01", "platform_terms.jd.commission_share = 0.97\nstart = 2010-01-01",
        "platform_terms", ["below the price", "on jd 100%"],
    ),
    "policy to remove that is not there": Wrong(
        "start = 2010-01-01", 'remove_policies = ["hubb"]\nstart = 2010-01-01',
        "remove_policies", ["'hubb'", "it has none"],
    ),
    "policies to remove that are no list": Wrong(
        "start = 2010-01-01", 'remove_policies = "hub"\nstart = 2010-01-01',
        "remove_policies", ["'hub'", "a list of names"],
    ),
    "extends nothing": Wrong(
        "start = 2010-01-01", 'extends = "cangtain"\nstart = 2010-01-01', "extends",
        ["'cangtain'", "did you mean 'cangtian'"],
    ),
    "extends a number": Wrong(
        "start = 2010-01-01", "extends = 3\nstart = 2010-01-01", "extends", ["3", "a list"]
    ),
    "extends itself": Wrong(
        "start = 2010-01-01", 'extends = "reed.toml"\nstart = 2010-01-01', "extends",
        ["'reed'", "circle", "reed.toml -> "],
    ),
    "syntax error": Wrong(
        "people = 1200", "people 1200", "line 10", ["valid TOML", "Expected '='"]
    ),
    "key twice": Wrong("people = 1200", "people = 1\npeople = 2", "line", ["valid TOML"]),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_wrong_file_gets_one_message_with_file_key_value_and_what_is_allowed(
    wrong: Wrong, tmp_path: Path
) -> None:
    assert wrong.old in GOOD
    path = tmp_path / "reed.toml"
    path.write_text(GOOD.replace(wrong.old, wrong.new, 1), encoding="utf-8")

    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)

    message = str(caught.value)
    assert message.startswith(f"{path}: {wrong.key}")
    assert [words for words in wrong.said if words not in message] == []
    assert "\n" not in message


def test_the_good_file_is_good(tmp_path: Path) -> None:
    path = tmp_path / "reed.toml"
    path.write_text(GOOD, encoding="utf-8")

    assert load_scenario(path).name == "reed"
