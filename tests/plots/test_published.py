"""What is published of the places of a scenario."""

from typing import Any

import pytest
from made_regions import scenario_of

from sim.plots.published import Published, size_facts
from sim.scenario import Scenario
from sim.world import places


def region(*within: str, **more: Any) -> Published:
    scenario = Scenario.model_validate(
        {
            "name": "region",
            "start": "2014-01-01",
            "end": "2016-12-31",
            "region": {"within": list(within), **more},
        }
    )
    published = Published.of(scenario)
    assert published is not None
    return published


def test_nothing_is_published_of_places_that_are_made_up() -> None:
    assert Published.of(scenario_of({"A": [2]})) is None


@pytest.mark.parametrize(
    ("within", "name", "villages"),
    [
        ((), "China", {2009: 3, 2013: 20, 2014: 212, 2016: 1311, 2019: 4310}),
        (("Zhejiang",), "Zhejiang", {2013: 6, 2014: 62, 2015: 280, 2016: 506, 2018: 1172}),
        (("Zhejiang/Ningbo/Cixi",), "Cixi", {2014: 0, 2015: 6, 2016: 10}),
    ],
)
def test_listed_villages_are_those_of_the_lists_and_of_facts(
    within: tuple[str, ...], name: str, villages: dict[int, float]
) -> None:
    published = region(*within)

    assert published.name == name
    assert {year: published.villages().get(year) for year in villages} == villages


def test_large_villages_of_2012_are_not_counted_as_all() -> None:
    assert 2012 not in region().villages()


def test_prefectures_of_zhejiang_add_up_to_the_province() -> None:
    published = region("Zhejiang")
    table = places.counties()
    names = {
        prefecture
        for province, prefecture in zip(table.province, table.prefecture, strict=True)
        if province == "Zhejiang"
    }
    sums = [published.villages(f"Zhejiang/{name}") for name in sorted(names)]

    for year in (2014, 2015, 2016):
        assert sum(part[year] for part in sums) == published.villages()[year]


def test_a_place_of_which_the_lists_say_nothing_had_none() -> None:
    assert region().villages("Tibet") == {2014: 0, 2015: 0, 2016: 0}


def test_several_places_are_added_up_for_the_years_known_of_all() -> None:
    both = region("Zhejiang/Ningbo/Cixi", "Zhejiang/Jinhua")
    jinhua = region("Zhejiang/Jinhua").villages()

    assert both.name == "2 places"
    assert both.villages() == {
        year: jinhua[year] + cixi for year, cixi in {2014: 0, 2015: 6, 2016: 10}.items()
    }


def test_a_place_within_another_counts_once() -> None:
    assert region("Zhejiang", "Zhejiang/Ningbo/Cixi") == region("Zhejiang")


def test_of_a_thinned_region_counts_are_scaled_but_not_those_of_a_county() -> None:
    published = region("Zhejiang", county_share=0.1)

    assert published.villages()[2016] == pytest.approx(50.6)
    assert published.villages("Zhejiang/Ningbo/Cixi")[2016] == 10
    assert published.label == "published, counts × 0.1"


def test_a_place_in_a_thinned_region_has_the_counts_of_its_counties_that_are_simulated() -> None:
    published = region("Zhejiang", county_share=0.1)
    whole = region("Zhejiang")
    here = ["Zhejiang/Ningbo/Cixi", "Zhejiang/Ningbo/Yuyao"]

    assert published.villages("Zhejiang/Ningbo", here) == {
        year: sum(whole.villages(county)[year] for county in here) for year in (2014, 2015, 2016)
    }
    assert published.villages("Zhejiang/Ningbo", []) == {}
    assert whole.villages("Zhejiang/Ningbo", here) == whole.villages("Zhejiang/Ningbo")


def test_sizes_of_counties_are_those_of_all_counties_of_the_place() -> None:
    sizes = region("Zhejiang").county_sizes(2016)

    assert (len(sizes), sizes.sum(), (sizes > 0).sum()) == (90, 506, 62)
    assert region().county_sizes(2016).sum() == 1311
    assert region().county_sizes(2018).size == 0


def test_measures_of_concentration_are_those_of_the_place() -> None:
    zhejiang, thinned = region("Zhejiang"), region("Zhejiang", county_share=0.5)

    assert zhejiang.measure("counties_with_any")[2016] == 62
    assert thinned.measure("counties_with_any")[2016] == 31
    assert thinned.measure("share_in_counties_with_10") == zhejiang.measure(
        "share_in_counties_with_10"
    )
    assert (zhejiang.has_measures, region("Zhejiang/Ningbo").has_measures) == (True, False)


def test_sizes_of_listed_villages_are_facts_by_year() -> None:
    assert size_facts("cn_tv_shops_per_village_") == {2014: 330, 2015: 256, 2016: 229}
