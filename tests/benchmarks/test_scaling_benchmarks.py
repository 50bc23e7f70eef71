"""That cost by size is measured on like samples, and told and drawn as measured."""

from pathlib import Path

import matplotlib.image
import pytest

from benchmarks import scaling
from benchmarks.scaling import Once, Point, exponent, main, measure, sampled
from benchmarks.scaling_figure import scaling_figure
from benchmarks.worlds import World
from sim.scenario import register_of

COUNTY = World("cixi-without-platforms", ("end=2009-02-28",))
SIZES = {1_000: 2, 5_000: 1}


def point(households: int, cpu_s: float, threads: int = 1) -> Point:
    return Point(threads, 5113, (Once(households, cpu_s, cpu_s, 10.0 * households),))


@pytest.fixture(scope="module")
def points() -> list[Point]:
    return measure(COUNTY, SIZES, lambda doing: None)


def test_samples_have_about_the_households_asked_for() -> None:
    register = register_of(COUNTY.load())
    found = [int(sample.households.sum()) for sample in sampled(register, 50_000, 3)]

    assert found == pytest.approx([50_000] * 3, rel=0.15)


def test_no_village_is_in_two_samples() -> None:
    register = register_of(COUNTY.load())
    paths = [path for sample in sampled(register, 20_000, 4) for path in sample.paths()]

    assert len(paths) == len(set(paths)) > 4


def test_a_sample_as_large_as_the_region_is_the_region() -> None:
    register = register_of(COUNTY.load())
    (sample,) = sampled(register, 10**9, 1)

    assert list(sample.paths()) == list(register.paths())


def test_every_size_is_run_on_one_thread_and_on_two(points: list[Point]) -> None:
    assert [(p.threads, len(p.runs)) for p in points] == [(1, 2), (2, 2), (1, 1), (2, 1)]


def test_samples_are_run_and_nothing_else_of_the_region(points: list[Point]) -> None:
    register = register_of(COUNTY.load())
    expected = [int(sample.households.sum()) for sample in sampled(register, 1_000, 2)]

    assert [run.households for run in points[0].runs] == expected


def test_threads_do_the_same_work(points: list[Point]) -> None:
    orders = [[run.orders for run in p.runs] for p in points]

    assert orders[0] == orders[1]
    assert orders[2] == orders[3]


@pytest.mark.parametrize("power", [1.0, 1.5])
def test_the_exponent_is_that_of_the_cost(power: float) -> None:
    cost = [point(size, 1e-4 * size**power) for size in (1_000, 10_000, 100_000)]

    assert exponent(cost) == pytest.approx(power)


def test_small_sizes_may_be_left_out_of_the_exponent() -> None:
    cost = [point(1_000, 5.0), point(10_000, 1.0), point(100_000, 10.0)]

    assert exponent(cost, 5_000) == pytest.approx(1.0)
    assert exponent(cost) < 0.5


def test_two_threads_do_not_count_for_the_exponent() -> None:
    cost = [point(1_000, 1.0), point(100_000, 100.0), point(100_000, 900.0, threads=2)]

    assert exponent(cost) == pytest.approx(1.0)


def test_speed_is_all_household_days_over_all_time() -> None:
    both = Point(1, 1_000, (Once(1_000, 1.0, 1.0, 0.0), Once(3_000, 3.0, 3.0, 0.0)))

    assert both.rate == pytest.approx(1.0)
    assert both.rates == pytest.approx([1.0, 1.0])


def test_the_figure_shows_every_size_and_thread() -> None:
    drawn = [point(s, s / 1e4, n) for s in (1_000, 10_000, 1_000_000) for n in (1, 2)]
    left, right = scaling_figure(drawn, 1.0).axes
    labels = left.get_legend_handles_labels()[1]

    assert labels == ["1 thread", "2 threads", "in proportion"]
    assert list(left.lines[0].get_xdata()) == [1_000, 10_000, 1_000_000]
    assert left.get_xscale() == left.get_yscale() == right.get_yscale() == "log"


def test_the_figure_says_how_busy_the_machine_was() -> None:
    figure = scaling_figure([point(1_000, 0.1), point(10_000, 1.0)], 1.0, "4.9 (busy)")

    assert "Load before: 4.9 (busy)." in figure.get_supxlabel().replace("\n", " ")


def test_a_table_and_a_figure_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scaling, "PROVINCE", COUNTY)
    monkeypatch.setattr(scaling, "SIZES", SIZES)
    main(
        ["--largest", "5000", "--out", str(tmp_path / "s.csv"), "--figure", str(tmp_path / "s.png")]
    )
    lines = (tmp_path / "s.csv").read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if line.startswith("# exponent: processor time")]
    assert len([line for line in lines if not line.startswith("#")]) == 1 + 2 * len(SIZES)
    assert matplotlib.image.imread(tmp_path / "s.png").std() > 0.0
