from collections.abc import Callable
from datetime import date

import polars as pl

from sim.plots.marks import CROSSED, LISTED, LOST, POLICY, Mark
from sim.plots.milestones import MOST_POLICIES, first_marks, policy_marks, village_marks

Make = Callable[..., pl.DataFrame]

ONE, TWO, THREE = date(2015, 3, 1), date(2016, 6, 30), date(2017, 6, 30)


def begins(text: str) -> dict[str, str]:
    return {"text": f"{text} begins"}


def test_a_village_has_a_mark_for_every_crossing_listing_and_loss(events: Make) -> None:
    table = events((ONE, "crossed"), (TWO, "listed"), (THREE, "lost"), (ONE, "first_store"))

    assert village_marks(table) == [
        Mark(ONE, "both thresholds crossed, 2015-03-01", CROSSED),
        Mark(TWO, "listed, 2016-06-30", LISTED),
        Mark(THREE, "off the list, 2017-06-30", LOST),
    ]


def test_of_many_villages_the_first_crossing_and_listing_are_marked(events: Make) -> None:
    table = events(
        (TWO, "crossed", {"village": "Birch"}),
        (ONE, "crossed", {"village": "Alder"}),
        (TWO, "listed", {"village": "Alder"}),
        (TWO, "listed", {"village": "Birch"}),
        (THREE, "listed", {"village": "Reed"}),
    )

    assert first_marks(table) == [
        Mark(ONE, "first to cross: Alder, 2015-03-01", CROSSED),
        Mark(TWO, "first on the list: 2 villages, 2016-06-30", LISTED),
    ]


def test_nothing_is_marked_where_nothing_happened(events: Make) -> None:
    assert village_marks(events()) + first_marks(events()) + policy_marks(events(), ONE) == []


def test_services_that_start_with_their_platform_are_one_mark(events: Make) -> None:
    table = events(
        (ONE, "policy", begins("Hub")),
        (ONE, "policy", begins("Hub: storage")),
        (ONE, "policy", begins("Hub: training")),
    )

    assert policy_marks(table, ONE) == [Mark(ONE, "Hub, 2015-03-01", POLICY)]


def test_services_that_start_later_are_named(events: Make) -> None:
    table = events(
        (TWO, "policy", begins("Hub: product_supply")), (TWO, "policy", begins("Hub: logistics"))
    )

    assert policy_marks(table, ONE) == [
        Mark(TWO, "Hub: product supply, logistics, 2016-06-30", POLICY)
    ]


def test_a_colon_in_the_name_of_a_policy_is_not_a_service(events: Make) -> None:
    table = events((ONE, "policy", begins("Plan B: the second")))

    assert policy_marks(table, ONE) == [Mark(ONE, "Plan B: the second, 2015-03-01", POLICY)]


def test_a_policy_that_began_before_the_run_is_marked_at_its_start(events: Make) -> None:
    assert policy_marks(events((ONE, "policy", begins("Hub"))), TWO) == [
        Mark(TWO, "Hub, 2015-03-01", POLICY)
    ]


def test_policies_beyond_the_most_are_counted(events: Make) -> None:
    days = [date(2015, 1, 1 + k) for k in range(MOST_POLICIES + 3)]
    table = events(*((day, "policy", begins(f"P{day.day}")) for day in days))
    marks = policy_marks(table, ONE.replace(year=2014))

    assert len(marks) == MOST_POLICIES + 1
    assert marks[-1].text == "and 3 more from 2015-01-11 on"
