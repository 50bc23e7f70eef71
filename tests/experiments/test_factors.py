"""What is varied: how a key and its values are written, and what they mean."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from sim.errors import ScenarioError
from sim.experiments.factors import Factor, make_factor, read_factor
from sim.scenario import Scenario, load_scenario

PLATFORM = 'policies."Cangtian service platform"'
YEAR = "villages.Cangtian.broadband_year"
OPENED = "platforms.jd.opened"


@pytest.fixture(scope="module")
def cangtian() -> Scenario:
    return load_scenario("cangtian")


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        (f"{YEAR}=2013:2016", (2013, 2014, 2015, 2016)),
        (f"{YEAR}=2013:2016:1", (2013, 2014, 2015, 2016)),
        (f"{YEAR}=2010:2016:4", (2010, 2014)),
        (f"{YEAR}=uniform(2013,2015)", (2013, 2014, 2015)),
        (f"{YEAR}=[2013,2010]", (2013, 2010)),
        ("open_gain=0.1:0.3:0.1", (0.1, 0.2, 0.3)),
        ("open_gain=1:3:1", (1.0, 2.0, 3.0)),
        ("open_gain=-0.5:0.5:0.5", (-0.5, 0.0, 0.5)),
        ("open_gain=[0.2, 1, 3]", (0.2, 1.0, 3.0)),
        (f"{OPENED}=2010-01-30:2010-02-01", (date(2010, 1, 30), date(2010, 1, 31),
                                              date(2010, 2, 1))),
        (f"{OPENED}=2010-01-01:2010-02-01:20", (date(2010, 1, 1), date(2010, 1, 21))),
        (f"{OPENED}=2010-12-31:2011-04-30:2m", (date(2010, 12, 31), date(2011, 2, 28),
                                                date(2011, 4, 30))),
        (f"{OPENED}=2012-02-29:2014-12-31:1y", (date(2012, 2, 29), date(2013, 2, 28),
                                                date(2014, 2, 28))),
        (f"{OPENED}=[2010-10-01,2011-10-01]", (date(2010, 10, 1), date(2011, 10, 1))),
        ("observer.rule", ("strict", "published")),
        ("observer.rule=[published]", ("published",)),
        ('observer.rule=["strict", published]', ("strict", "published")),
        ('platforms=[[],["taobao","jd"]]', ([], ["taobao", "jd"])),
        (f"{PLATFORM}.training", (False, True)),
        (f"{PLATFORM}=[true,false]", (True, False)),
    ],
)  # fmt: skip
def test_values_that_can_be_counted(cangtian: Scenario, text: str, levels: tuple[Any, ...]) -> None:
    assert tuple(read_factor(cangtian, text).levels or ()) == levels


@pytest.mark.parametrize(
    ("text", "low", "high", "logarithmic"),
    [
        ("open_gain=0.1:0.5", 0.1, 0.5, False),
        ("open_gain=0:1", 0.0, 1.0, False),
        ("open_gain=uniform(-1, 1)", -1.0, 1.0, False),
        ("open_gain=loguniform(0.01,1)", 0.01, 1.0, True),
        (f"{YEAR}=loguniform(2000,2020)", 2000.0, 2020.0, True),
        ("observer.sales_threshold_yuan=1e6:1e7", 1e6, 1e7, False),
        ("platforms.jd.reach", 0.1, 0.5, False),
    ],
)
def test_values_that_cannot_be_counted(
    cangtian: Scenario, text: str, low: float, high: float, logarithmic: bool
) -> None:
    factor = read_factor(cangtian, text)

    assert factor.levels is None
    assert (factor.low, factor.high, factor.logarithmic) == (low, high, logarithmic)


def test_values_by_key_mean_what_a_text_does(cangtian: Scenario) -> None:
    for values, spec in (([2013, 2014], "[2013,2014]"), ("2013:2014", "2013:2014")):
        by_key = make_factor(cangtian, YEAR, values)
        assert by_key == read_factor(cangtian, f"{YEAR}={spec}")
    assert make_factor(cangtian, "open_gain", None) == read_factor(cangtian, "open_gain")
    assert make_factor(cangtian, YEAR, range(2010, 2013)).levels == (2010, 2011, 2012)


def test_each_level_has_an_equal_part() -> None:
    factor = Factor("k", "whole", "", (1, 2, 3, 4))
    places = np.array([0.0, 0.24, 0.25, 0.5, 0.75, 1 - 2**-53])

    assert factor.values_at(places) == [1, 1, 2, 3, 4, 4]


def test_places_are_spread_evenly_over_a_range() -> None:
    places = np.array([0.0, 0.25, 0.5])

    assert Factor("k", "number", "", None, 2.0, 6.0).values_at(places) == [2.0, 3.0, 4.0]
    ratios = Factor("k", "number", "", None, 1.0, 16.0, logarithmic=True).values_at(places)
    assert ratios == pytest.approx([1.0, 2.0, 4.0], rel=1e-12)


def test_whole_numbers_at_equal_ratios_stay_whole_and_inside() -> None:
    factor = Factor("k", "whole", "", None, 3.0, 300.0, logarithmic=True)
    values = factor.values_at(np.linspace(0.0, 1 - 2**-53, 50))

    assert all(type(value) is int for value in values)
    assert (min(values), max(values)) == (3, 300)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("open_gain=", "behaviour.open_gain = ''; allowed: LOW:HIGH"),
        ("open_gain=5:3", "'5:3'; allowed: a first value below the last one"),
        ("open_gain=1:1", "a first value below the last one"),
        ("open_gain=a:b", "= 'a'; allowed: a number"),
        ("open_gain=0:inf", "a number"),
        ("open_gain=0:1:0", "a step above 0"),
        ("open_gain=0:1:-1", "a step above 0"),
        ("open_gain=0:1:x", "a number"),
        ("open_gain=0:1e9:0.001", "at most 1,000,000 values"),
        ("open_gain=[]", "a list with at least one value"),
        ("open_gain=[1,1]", "each value once; 1.0 is twice"),
        ("open_gain=[1,,2]", "LOW:HIGH"),
        ("open_gain=[1,x]", "= 'x'; allowed: a number"),
        ("open_gain=[1", "LOW:HIGH"),
        ("open_gain=normal(0,1)", "uniform"),
        ("open_gain=uniform(1)", "uniform"),
        ("open_gain=loguniform(0,1)", "a lower bound above 0"),
        ("open_gain=true:false", "a number"),
        (f"{YEAR}=0.5:1", "= 0.5; allowed: a whole number"),
        (f"{YEAR}=[2010.5]", "a whole number"),
        (f"{YEAR}=[9223372036854775808]", "a whole number"),
        (f"{YEAR}", "no plausible range is known"),
        ("platforms.taobao.reach", "its plausible range is 1 alone"),
        ("seed=1:3", "seed; allowed: replicates"),
        (f"{OPENED}=2015:2016", "a date such as 2017-03-01"),
        (f"{OPENED}=2015-01-01:2016-01-01:3w", "a step in days, months or years"),
        (f"{OPENED}=2015-01-01:2016-01-01:0", "a step in days, months or years"),
        (f"{OPENED}=loguniform(2015-01-01,2016-01-01)", "uniform"),
        ("observer.rule=strict", "a list such as"),
        ("observer.rule=[strct]", "one of strict, published; did you mean 'strict'"),
        (f"{PLATFORM}=[1,0]", "true or false"),
        ("=1:2", "key.path=value"),
        ("open_gan=0:1", "no such key to vary: open_gan"),
    ],
)
def test_what_means_nothing_is_refused(cangtian: Scenario, text: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        read_factor(cangtian, text)
