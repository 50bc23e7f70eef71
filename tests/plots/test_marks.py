from datetime import date, timedelta
from itertools import combinations, permutations

from hypothesis import given
from hypothesis import strategies as st

from sim.plots.marks import CROSSED, LISTED, POLICY, Mark, Placed, lanes_of, placed
from sim.plots.style import text_inches

FIRST, LAST = date(2010, 1, 1), date(2019, 12, 31)
DAYS = (LAST - FIRST).days
WIDTH_INCHES = 6.5

MARKS = st.lists(
    st.builds(
        Mark,
        st.integers(0, DAYS).map(lambda days: FIRST + timedelta(days=days)),
        st.text("abc 山", max_size=200),
        st.sampled_from([CROSSED, LISTED, POLICY]),
    ),
    max_size=15,
)


def span(place: Placed) -> tuple[float, float]:
    """What the label takes up of the width [inches]."""
    at = (place.mark.day - FIRST).days / DAYS * WIDTH_INCHES
    width = text_inches(place.mark.text)
    return (at - width, at) if place.is_left else (at, at + width)


@given(MARKS)
def test_labels_of_a_lane_do_not_overlap(marks: list[Mark]) -> None:
    places = placed(marks, FIRST, LAST, WIDTH_INCHES)
    overlaps = [
        (one, other)
        for one, other in combinations(places, 2)
        if one.lane == other.lane
        and span(one)[0] < span(other)[1]
        and span(other)[0] < span(one)[1]
    ]

    assert overlaps == []


@given(MARKS)
def test_lines_of_marks_pass_no_label_but_those_of_left_labels_may_pass_right_ones(
    marks: list[Mark],
) -> None:
    places = placed(marks, FIRST, LAST, WIDTH_INCHES)
    passed = [
        (line, label)
        for line, label in permutations(places, 2)
        if line.lane <= label.lane
        and span(label)[0] < span(line)[line.is_left] < span(label)[1]
        and (label.is_left or not line.is_left)
    ]

    assert passed == []


@given(MARKS)
def test_labels_stay_inside_the_width(marks: list[Mark]) -> None:
    for place in placed(marks, FIRST, LAST, WIDTH_INCHES):
        start, end = span(place)
        assert start >= -1e-9
        assert end <= WIDTH_INCHES + 1e-9


@given(MARKS)
def test_every_mark_is_placed_in_the_order_of_days(marks: list[Mark]) -> None:
    places = placed(marks, FIRST, LAST, WIDTH_INCHES)

    assert sorted(place.mark.day for place in places) == [place.mark.day for place in places]
    assert sorted((mark.day, mark.look) for mark in marks) == sorted(
        (place.mark.day, place.mark.look) for place in places
    )


def test_a_late_label_stands_to_the_left_and_above_the_marks_that_it_passes() -> None:
    early = Mark(date(2016, 1, 1), "crossed", CROSSED)
    late = Mark(date(2018, 1, 1), "a policy with a long name, so long", POLICY)
    crossed, policy = placed([early, late], FIRST, LAST, WIDTH_INCHES)

    assert (crossed.is_left, policy.is_left) == (False, True)
    assert policy.lane < crossed.lane


def test_marks_far_from_each_other_share_a_lane() -> None:
    marks = [Mark(date(year, 1, 1), "x", LISTED) for year in (2011, 2014, 2017)]

    assert [place.lane for place in placed(marks, FIRST, LAST, WIDTH_INCHES)] == [0, 0, 0]


def test_a_label_that_is_too_long_is_cut() -> None:
    (place,) = placed([Mark(date(2015, 1, 1), "long " * 60, POLICY)], FIRST, LAST, WIDTH_INCHES)

    assert place.mark.text.endswith("…")
    assert text_inches(place.mark.text) < WIDTH_INCHES / 2


def test_no_marks_need_one_lane() -> None:
    assert lanes_of([]) == 1


def test_a_run_of_a_day_can_be_marked() -> None:
    (place,) = placed([Mark(FIRST, "x", LISTED)], FIRST, FIRST, WIDTH_INCHES)

    assert place.lane == 0
