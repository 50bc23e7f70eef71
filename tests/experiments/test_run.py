"""One run from a script: what it takes, what it gives back, what it refuses."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sim.errors import RunError, ScenarioError
from sim.experiments import RunOptions, RunResult, run
from sim.experiments.run import month_ends
from sim.model import CommerceModel
from sim.results import RunFolder
from sim.scenario import load_scenario

ONE_THREAD = RunOptions(threads=1)


@pytest.fixture(scope="module")
def whole(tiny_file: Path) -> RunResult:
    """The tiny village, run to its end."""
    return run(tiny_file, options=ONE_THREAD)


def bits(result: RunResult) -> dict[str, bytes]:
    """Everything that was recorded, byte by byte."""
    return {
        f"{name}.{column}": values.tobytes()
        for name, table in result.record.tables.items()
        for column, values in table.items()
    } | {"events": repr(result.record.events).encode()}


def test_a_scenario_a_path_and_a_text_are_the_same(tiny_file: Path, whole: RunResult) -> None:
    for scenario in (load_scenario(tiny_file), str(tiny_file)):
        assert bits(run(scenario, options=ONE_THREAD)) == bits(whole)


def test_a_run_is_what_the_model_does(tiny_file: Path, whole: RunResult) -> None:
    model = CommerceModel(tiny_file)
    model.run()

    assert repr(whole.record.events) == repr(model.events)
    sales = model.tables["village_months"]["online_sales_yuan"]
    assert whole.summary["years"]["2015"]["online_sales_yuan"] == round(sales.sum(), 2)


def test_nothing_is_written_without_a_folder(
    tiny_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(tiny_file, until=date(2015, 1, 31))

    assert result.folder is None
    assert list(tmp_path.iterdir()) == []


def test_the_folder_holds_what_the_result_does(tiny_file: Path, tmp_path: Path) -> None:
    result = run(tiny_file, out=str(tmp_path / "run"), options=ONE_THREAD)
    folder = RunFolder(tmp_path / "run")

    assert result.folder == tmp_path / "run"
    assert folder.summary == result.summary
    months = result.record.tables["village_months"]
    assert folder.table("villages").num_rows == months["day"].size == 12


# --- seed


def test_the_seed_is_the_scenarios_if_none_is_given(tiny_file: Path, whole: RunResult) -> None:
    assert whole.record.seed == whole.summary["seed"] == 7
    assert bits(run(tiny_file, seed=7, options=ONE_THREAD)) == bits(whole)


@pytest.mark.parametrize("seed", [0, 2**63 - 1])
def test_any_seed_of_63_bits_will_do(tiny_file: Path, whole: RunResult, seed: int) -> None:
    result = run(tiny_file, seed=seed, options=ONE_THREAD)

    assert result.summary["seed"] == seed
    assert bits(result) != bits(whole)


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_other_seeds_are_refused(tiny_file: Path, seed: int) -> None:
    with pytest.raises(ScenarioError, match=rf"seed: {seed}; allowed: .* 0 to 2\*\*63 - 1"):
        run(tiny_file, seed=seed)


# --- until


def test_until_is_the_last_day(tiny_file: Path) -> None:
    result = run(tiny_file, until=date(2015, 8, 20), options=ONE_THREAD)

    assert result.record.end == date(2015, 8, 20)
    assert result.summary["end"] == "2015-08-20"


def test_the_months_before_until_are_those_of_the_whole_run(
    tiny_file: Path, whole: RunResult
) -> None:
    part = run(tiny_file, until=date(2015, 8, 20), options=ONE_THREAD).record.tables
    months = part["village_months"]

    assert months["day"].size == 7
    for name, values in months.items():
        assert values.tolist() == whole.record.tables["village_months"][name][:7].tolist()
    assert part["household_years"] == part["shop_years"] == {}


def test_a_run_of_one_day_has_no_month(tiny_file: Path) -> None:
    result = run(tiny_file, until=date(2015, 1, 1), options=ONE_THREAD)

    assert (result.record.end, result.summary["years"]) == (date(2015, 1, 1), {})


def test_until_the_scenarios_end_is_the_whole_run(tiny_file: Path, whole: RunResult) -> None:
    assert bits(run(tiny_file, until=date(2015, 12, 31), options=ONE_THREAD)) == bits(whole)


@pytest.mark.parametrize("until", [date(2014, 12, 31), date(2016, 1, 1)])
def test_until_must_be_a_day_of_the_scenario(tiny_file: Path, until: date) -> None:
    with pytest.raises(ScenarioError, match=r"until: .*; allowed: .* 2015-01-01 to"):
        run(tiny_file, until=until)


# --- what is kept


@pytest.mark.parametrize(("keep", "kept"), [(True, True), (False, False), (None, True)])
def test_households_are_kept_as_asked_and_where_they_are_few(
    tiny_file: Path, keep: bool | None, kept: bool
) -> None:
    options = RunOptions(threads=1, keep_households=keep)
    tables = run(tiny_file, options=options).record.tables

    assert bool(tables["household_years"]) is kept
    assert tables["shop_years"]["year"].size > 0


def test_many_households_are_kept_only_on_request(
    tiny_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = load_scenario(tiny_file, ["villages.Reed.count=3"])
    monkeypatch.setitem(run.__globals__, "MOST_HOUSEHOLDS_KEPT", 89)
    monkeypatch.setitem(run.__globals__, "MOST_HOUSEHOLDS_WITH_SHOPS_KEPT", 89)

    assert run(many, options=ONE_THREAD).record.tables["household_years"] == {}
    assert run(many, options=ONE_THREAD).record.tables["shop_years"] == {}
    kept = run(many, options=RunOptions(keep_households=True)).record.tables["household_years"]
    assert set(kept["village"].tolist()) == {0, 1, 2}


def test_without_households_incomes_are_unknown(tiny_file: Path) -> None:
    options = RunOptions(threads=1, keep_households=False)
    year = run(tiny_file, options=options).summary["years"]["2015"]

    assert (year["gini"], year["farmers_online_income_share"]) == (None, None)


def test_threads_change_no_bit(tiny_file: Path) -> None:
    villages = load_scenario(tiny_file, ["villages.Reed.count=5", "end=2015-06-30"])
    one, two = (run(villages, options=RunOptions(threads=n)) for n in (1, 2))

    assert bits(one) == bits(two)


# --- progress and failures


def test_progress_goes_from_nothing_to_all_and_names_years(tiny_file: Path) -> None:
    told: list[tuple[float, str]] = []
    run(tiny_file, progress=lambda share, doing: told.append((share, doing)), options=ONE_THREAD)

    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert (shares[0], told[-1]) == (0.0, (1.0, "writing"))
    assert {doing for _, doing in told} >= {"loading", "settling households", "July 2015"}


def test_a_folder_that_cannot_be_written_is_refused_before_the_run(
    tiny_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "run").write_text("a file")
    told: list[Any] = []

    with pytest.raises(RunError, match="this is a file"):
        run(tiny_file, out=tmp_path / "run", progress=lambda *doing: told.append(doing))
    assert told == []


def test_an_unknown_scenario_is_refused() -> None:
    with pytest.raises(ScenarioError, match="did you mean 'cangtian'"):
        run("cangtain")


@pytest.mark.parametrize(
    ("start", "end", "ends"),
    [
        (date(2016, 1, 1), date(2016, 3, 31), ["2016-01-31", "2016-02-29", "2016-03-31"]),
        (date(2015, 2, 1), date(2015, 3, 1), ["2015-02-28", "2015-03-01"]),
        (date(2015, 12, 1), date(2015, 12, 1), ["2015-12-01"]),
    ],
)
def test_months_end_on_their_last_day_or_with_the_run(
    start: date, end: date, ends: list[str]
) -> None:
    assert [day.isoformat() for day in month_ends(start, end)] == ends
