"""What a run records: as asked for, and else as much as there is room for."""

from pathlib import Path
from typing import Any

import pytest

from sim.engine.recorder import Record
from sim.errors import ScenarioError
from sim.experiments import RunOptions, run
from sim.experiments.recording import levels_in
from sim.model import CommerceModel
from sim.results import RunFolder
from sim.scenario import Scenario, load_scenario

SHORT = "end=2015-12-31"


@pytest.fixture(scope="module")
def villages(tiny_file: Path) -> Scenario:
    return load_scenario(tiny_file, ["villages.Reed.count=3", SHORT])


def rows(scenario: Scenario, folder: Path, **record: Any) -> dict[str, int]:
    run(scenario, out=folder / "run", options=RunOptions(threads=1, record=record))
    tables = ("villages", "village_years", "seasons", "households", "shops")
    return {name: RunFolder(folder / "run").table(name).num_rows for name in tables}


@pytest.mark.parametrize(
    ("level", "months", "years"), [("month", 36, 3), ("year", 0, 3), ("none", 0, 0)]
)
def test_villages_are_kept_as_asked(
    villages: Scenario, tmp_path: Path, level: str, months: int, years: int
) -> None:
    found = rows(villages, tmp_path, villages=level)

    assert (found["villages"], found["village_years"]) == (months, years)
    assert found["shops"] > 0


def test_what_is_kept_changes_no_number_of_the_summary(villages: Scenario, tmp_path: Path) -> None:
    nothing = dict.fromkeys(("villages", "shops", "seasons"), "none")
    whole, bare = (
        run(villages, out=tmp_path / "run", options=RunOptions(1, record=record)).summary
        for record in ({}, nothing)
    )
    took = dict.fromkeys(("wall_s", "compute_s", "peak_mb"))

    assert whole | took == bare | took
    assert whole["seasons"]


def test_nothing_is_kept_where_nothing_is_asked_for(villages: Scenario, tmp_path: Path) -> None:
    asked = dict.fromkeys(("villages", "households", "shops", "seasons"), "none")

    assert set(rows(villages, tmp_path, **asked).values()) == {0}


def test_many_villages_are_kept_by_year(
    villages: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(run.__globals__, "MOST_VILLAGES_BY_MONTH", 2)
    found = rows(villages, tmp_path)

    assert (found["villages"], found["village_years"], found["seasons"]) == (0, 3, 0)
    assert rows(villages, tmp_path, villages="month")["villages"] == 36


@pytest.mark.parametrize("asked", ["Reed 2", ("Reed 3", "Reed 2"), "Reed/Reed 2"])
def test_households_of_chosen_villages_are_those_of_a_run_that_keeps_all(
    villages: Scenario, tmp_path: Path, asked: Any
) -> None:
    if asked == "Reed/Reed 2":
        asked = f"{villages.expanded_villages()[0].town}/Reed 2"
    run(villages, out=tmp_path / "all", options=RunOptions(1))
    run(villages, out=tmp_path / "some", options=RunOptions(1, record={"households": asked}))
    every, some = (RunFolder(tmp_path / name).table("households") for name in ("all", "some"))
    wanted = {"Reed 2", "Reed 3"} if isinstance(asked, tuple) else {"Reed 2"}
    expected = [row for row in every.to_pylist() if row["village"] in wanted]

    assert some.to_pylist() == expected
    assert expected


def test_incomes_of_some_villages_are_not_those_of_all(villages: Scenario, tmp_path: Path) -> None:
    options = RunOptions(1, record={"households": "Reed 2"})

    assert run(villages, options=options).summary["years"]["2015"]["gini"] is None


def test_a_model_keeps_households_of_chosen_villages(villages: Scenario) -> None:
    model = CommerceModel(villages, threads=1, record=Record(households=("Reed 3",)))
    model.run()

    assert set(model.tables["household_years"]["village"].tolist()) == {2}


# --- what is refused


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["village=year"], r"--record: 'village'; allowed: villages, .*; did you mean 'villages'"),
        (["villages=weekly"], r"--record: villages = 'weekly'; allowed: month, year, none$"),
        (["villages=yaer"], r"did you mean 'year'"),
        (["shops=Reed"], r"--record: shops = 'Reed'; allowed: year, none$"),
        (["villages"], r"--record: 'villages'; allowed: TABLE=LEVEL, such as villages=year"),
        (["villages="], r"allowed: TABLE=LEVEL"),
    ],
)
def test_what_cannot_be_recorded_is_refused(texts: list[str], message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        levels_in(texts, "--record")


def test_a_village_that_is_not_there_is_refused(villages: Scenario) -> None:
    options = RunOptions(1, record={"households": "Reed2"})
    message = "households to record: 'Reed2'; allowed: .*Reed 1, Reed 2.*did you mean 'Reed 2'"
    with pytest.raises(ScenarioError, match=message):
        run(villages, options=options)


def test_a_name_of_two_villages_is_refused(tiny_file: Path) -> None:
    scenario = load_scenario(tiny_file)
    (village,) = scenario.villages
    twice = scenario.model_copy(
        update={"villages": (village, village.model_copy(update={"town": "Other"}))}
    )
    options = RunOptions(1, record={"households": "Reed"})
    with pytest.raises(ScenarioError, match=r"'Reed'; .*/Reed; 2 villages are called so"):
        run(twice, options=options)


def test_levels_are_read_from_texts() -> None:
    found = levels_in(["villages=year", "households=A, B", "shops=none"], "--record")

    assert found == {"villages": "year", "households": ("A", "B"), "shops": "none"}
