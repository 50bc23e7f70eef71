"""Comparing and explaining runs that are stored, without new ones."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sim.errors import RunError, ScenarioError
from sim.experiments.compare import Comparison, compare
from sim.experiments.comparison_folder import read_comparison
from sim.experiments.design import design_of_numbers
from sim.experiments.differences import Wish
from sim.experiments.explain import Explanation, explain
from sim.experiments.explanation_folder import read_explanation
from sim.experiments.stored_worlds import MOST_UNNAMED, stored_worlds
from sim.experiments.sweep import Means, run_points, sweep
from sim.experiments.sweep_result import SweepResult, read_sweep
from sim.experiments.variant import FunctionExperiment
from sim.experiments.worlds import worlds_of
from sim.scenario import Scenario, load_scenario

HUB = """
[[policies]]
kind = "service_platform"
name = "Hub of Reed"
start = 2015-02-01
yearly_cost_yuan = 1200
training = { yearly_cost_yuan = 2400 }
storage = {}
"""
TRAINING, STORAGE = 'policies."Hub of Reed".training', 'policies."Hub of Reed".storage'
SWITCHED = {TRAINING: [False, True], STORAGE: [False, True]}


@pytest.fixture(autouse=True)
def runs_nothing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail if anything is run but what the fixtures below store."""
    for fixture in ("folder", "compared", "explained", "swept"):
        request.getfixturevalue(fixture)
    for module in ("compare", "explain"):
        name = f"sim.experiments.{module}.run_replicates"
        monkeypatch.setattr(name, lambda *given: pytest.fail("it runs"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, tiny_text: str) -> Path:
    """A folder with tiny.toml and with hub.toml, the same with a service platform."""
    path = tmp_path_factory.mktemp("stored")
    (path / "tiny.toml").write_text(tiny_text, encoding="utf-8")
    (path / "hub.toml").write_text(tiny_text + HUB, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def hub(folder: Path) -> Scenario:
    return load_scenario(folder / "hub.toml")


@pytest.fixture(scope="module")
def compared(folder: Path) -> Comparison:
    """All combinations of two policies, stored by a comparison."""
    variants = ("storage", "training", "storage+training")
    return compare(
        folder / "tiny.toml", *variants, replicates=3, workers=1, out=folder / "compared"
    )


@pytest.fixture(scope="module")
def explained(folder: Path, hub: Scenario) -> Explanation:
    """All combinations of the hub's services, stored by an explanation."""
    return explain(hub, replicates=3, workers=1, out=folder / "explained")


@pytest.fixture(scope="module")
def swept(folder: Path, hub: Scenario) -> SweepResult:
    """The same worlds, stored by a sweep."""
    return sweep(hub, SWITCHED, folder / "swept", replicates=3, workers=1)


# --- comparing


def test_a_stored_comparison_gives_the_same_comparison(folder: Path, compared: Comparison) -> None:
    again = compare(runs=folder / "compared")

    for table in ("runs", "differences", "effectiveness", "gains", "households"):
        assert getattr(again, table).equals(getattr(compared, table))
    assert {**again.about, "runs": "new"} == compared.about
    assert again.about["runs"] == "stored by a comparison"


def test_other_wishes_need_no_new_runs(folder: Path, compared: Comparison) -> None:
    again = compare("tiny", "training", runs=compared, wish=Wish(0.5), out=folder / "surer")

    assert again.variants == ("tiny+training",)
    width = pl.col("high") - pl.col("low")
    stored = compared.differences.filter(pl.col("variant") == "tiny+training")
    assert again.differences.select(width.sum()).item() < stored.select(width.sum()).item()
    assert again.households.height == compared.households.height / 3
    assert read_comparison(folder / "surer").differences.equals(again.differences)


def test_any_two_worlds_can_be_compared_but_their_households(compared: Comparison) -> None:
    """Households stand beside the stored base alone."""
    found = compare("tiny+storage", "tiny+storage+training", runs=compared)
    row = found.differences.filter(pl.col("outcome") == "orders").row(0, named=True)
    means = {
        world: compared.runs.filter(pl.col("scenario") == world)["orders"].mean()
        for world in (found.base, *found.variants)
    }

    assert row["difference"] == pytest.approx(means[found.variants[0]] - means[found.base])
    assert found.households.is_empty()
    assert found.gains.is_empty()


@pytest.mark.parametrize("kind", ["swept", "explained"])
def test_runs_of_a_sweep_or_an_explanation_compare_as_new_ones_do(
    kind: str, request: pytest.FixtureRequest, hub: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    worlds = {"swept": ("training=false, storage=false", "training=true, storage=true")}
    base, variant = worlds.get(kind, ("none of them", "storage + training"))
    found = compare(base, variant, runs=request.getfixturevalue(kind))
    stored = stored_worlds(request.getfixturevalue(kind))
    named = [stored.scenario_of(each).model_copy(update={"name": each}) for each in (base, variant)]
    fresh = compare(*named, replicates=3, workers=1)

    assert found.runs.equals(fresh.runs)
    assert found.differences.equals(fresh.differences)
    assert found.effectiveness.equals(fresh.effectiveness)
    assert stored.scenario_of(variant) == hub


def test_points_of_a_sweep_are_told_apart_by_what_is_varied(
    folder: Path, swept: SweepResult
) -> None:
    found = compare("storage=off,training=off", "storage=on, training=off", runs=folder / "swept")

    assert found.base == "training=false, storage=false"
    assert found.variants == ("training=false, storage=true",)
    everything = compare(runs=swept)  # where all keys are switches, all off is the base
    assert everything.base == found.base
    assert len(everything.variants) == 3


def test_keys_that_are_no_switches_need_a_base(hub: Scenario) -> None:
    gains = sweep(hub, {"behaviour.open_gain": [0.5, 1.0, 2.0]}, replicates=2, workers=1)

    with pytest.raises(ScenarioError, match=r"base; allowed: a base, one of 'open_gain=0\.5'"):
        compare(runs=gains)
    found = compare("behaviour.open_gain=1", "open_gain=2.0", runs=gains)
    assert (found.base, *found.variants) == ("open_gain=1", "open_gain=2")


def test_of_many_points_variants_must_be_named(hub: Scenario) -> None:
    values = [0.5 + 0.05 * place for place in range(MOST_UNNAMED + 2)]
    many = sweep(
        hub,
        {"behaviour.open_gain": values, "end": [date(2015, 2, 28)]},
        replicates=2,
        workers=1,
    )

    with pytest.raises(ScenarioError, match=f"variants; allowed: variants by name, .* {21}"):
        compare("open_gain=0.5", runs=many)


def test_points_that_have_lists_are_called_by_them(hub: Scenario) -> None:
    varied = {"platforms": [["taobao"], ["taobao", "jd"]]}
    stored = stored_worlds(sweep(hub, varied, replicates=2, workers=1))

    assert stored.labels == ('platforms=["taobao"]', 'platforms=["taobao", "jd"]')
    assert stored.find('platforms=["taobao"]') == stored.labels[0]
    assert [stored.scenario_of(label).platforms for label in stored.labels] == [
        ("taobao",), ("taobao", "jd")
    ]  # fmt: skip


def test_a_sweep_of_a_function_has_no_worlds() -> None:
    experiment = FunctionExperiment(height, ("height",))
    stored = run_points(experiment, design_of_numbers({"x": [1.0, 2.0]}), means=Means(1))

    with pytest.raises(RunError, match="a sweep of a function; allowed: a sweep of a scenario"):
        compare(runs=stored)


def height(values: dict[str, float], seed: int) -> dict[str, float]:
    return {"height": values["x"] + seed}


# --- explaining


def test_a_sweep_with_every_combination_explains_as_new_runs_do(
    folder: Path, explained: Explanation
) -> None:
    found = explain(runs=folder / "swept", out=folder / "why")

    assert set(found.policies) == {"storage", "training"}
    sort = ["outcome", "policy"]
    assert found.shares.sort(sort).equals(explained.shares.sort(sort))
    assert read_explanation(folder / "why").shares.equals(found.shares)
    assert found.about["runs"] == "stored by a sweep"


def test_services_are_named_as_one_likes(swept: SweepResult, explained: Explanation) -> None:
    found = explain(None, "Hub of Reed.storage", TRAINING, runs=swept)

    assert found.policies == explained.policies == ("storage", "training")
    assert found.runs.equals(explained.runs)
    assert found.shares.equals(explained.shares)


def test_a_comparison_with_every_combination_explains_as_new_runs_do(
    folder: Path, compared: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = explain(runs=compared)
    monkeypatch.undo()
    fresh = explain(folder / "tiny.toml", "storage", "training", replicates=3, workers=1)

    assert found.policies == ("storage", "training")
    assert found.runs.equals(fresh.runs)
    assert found.shares.equals(fresh.shares)
    assert found.about["causes"] == fresh.about["causes"]


def test_an_explanation_can_be_told_with_another_confidence(explained: Explanation) -> None:
    surer = explain(runs=explained, confidence=0.5)

    width = pl.col("high") - pl.col("low")
    total = explained.shares.select(width.sum()).item()
    assert 0.0 < surer.shares.select(width.sum()).item() < total
    assert surer.shares["value"].equals(explained.shares["value"])


def test_switches_that_are_not_named_stay_on(hub: Scenario) -> None:
    more = hub.model_dump(mode="json")
    more["policies"][0]["logistics"] = {}
    scenario = Scenario.model_validate(more)
    logistics = 'policies."Hub of Reed".logistics'
    stored = sweep(scenario, SWITCHED | {logistics: [False, True]}, replicates=2, workers=1)
    found = explain(None, "training", "storage", runs=stored)

    assert (found.about["worlds"], found.runs.height) == (4, 8)
    stored_base = stored.to_polars().filter(
        pl.col(logistics) & ~pl.col(TRAINING) & ~pl.col(STORAGE)
    )
    own = found.runs.filter(pl.col("scenario") == "none of them")
    assert own["orders"].to_list() == stored_base["orders"].to_list()


# --- what is not there


def test_a_missing_combination_is_named(folder: Path, compared: Comparison, hub: Scenario) -> None:
    part = compare("tiny", "storage", "training", runs=compared)
    with pytest.raises(
        RunError, match=r"no runs of 'tiny\+storage\+training'; allowed: runs of ev"
    ):
        explain(runs=part)
    with pytest.raises(RunError, match=r"no runs of 'tiny\+storage'"):
        explain(runs=compare("tiny", "training", "storage+training", runs=compared))
    half = sweep(
        hub, {TRAINING: [False, True], STORAGE: [True]}, folder / "half", replicates=2, workers=1
    )
    with pytest.raises(RunError, match=r"half: no runs of 'training=false, storage=false', '"):
        explain(runs=half.folder)


def test_seeds_that_a_world_lacks_are_named(folder: Path, compared: Comparison) -> None:
    runs = compared.runs.filter((pl.col("scenario") != "tiny+training") | (pl.col("seed") != 8))
    lacking = Comparison(
        compared.about, runs, compared.differences, compared.effectiveness, compared.gains,
        compared.households,
    )  # fmt: skip

    with pytest.raises(RunError, match=r"no runs of 'tiny\+training' with the seeds 8, which oth"):
        compare(runs=lacking)
    with pytest.raises(RunError, match=r"no runs of 'tiny\+training' with the seeds 8"):
        explain(runs=lacking)
    assert compare("tiny", "storage", runs=lacking).replicates == 3  # which have them all


def test_a_sweep_that_is_not_finished_says_what_runs_the_rest(folder: Path) -> None:
    part = folder / "part"
    shutil.copytree(folder / "swept", part)
    files = sorted((part / "runs").iterdir())
    files[-1].unlink()

    with pytest.raises(RunError, match=r"seeds 9, which others have; .*sweep's command runs"):
        compare(runs=part)
    assert read_sweep(part).runs_there == 11


def test_one_replicate_is_too_few(hub: Scenario) -> None:
    once = sweep(hub, SWITCHED, replicates=1, workers=1)

    with pytest.raises(RunError, match="1 run of each world; allowed: 2 replicates or more"):
        compare(runs=once)


def test_other_keys_than_policies_must_not_be_varied(hub: Scenario) -> None:
    varied = sweep(hub, SWITCHED | {"behaviour.open_gain": [1.0, 2.0]}, replicates=2, workers=1)

    with pytest.raises(ScenarioError, match=r"behaviour\.open_gain = '2 values'; allowed: polici"):
        explain(runs=varied)


WRONG: dict[str, tuple[str, list[str], dict[str, Any], str]] = {
    "an unknown world": (
        "compared", ["tiny", "trainin"], {}, r"world = 'trainin'; allowed: one of.*did you mean"
    ),
    "a world against itself": (
        "compared", ["tiny", "tiny"], {}, "'tiny'; allowed: worlds that differ"
    ),
    "words that fit several points": (
        "swept", ["training=false"], {}, "words that fit one point only; these fit 2"
    ),
    "words that fit none": ("swept", ["training=perhaps"], {}, "world = 'training=perhaps'"),
    "a seed": ("compared", [], {"seed": 3}, "seed; allowed: nothing with stored runs"),
    "replicates": ("compared", [], {"replicates": 9}, "replicates; allowed: nothing with stored"),
    "changes": ("compared", [], {"overrides": ["end=2015-12-31"]}, "overrides; allowed: nothing"),
    "workers": ("compared", [], {"workers": 2}, "workers; allowed: nothing"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_stored_runs_cannot_do_is_refused(folder: Path, name: str) -> None:
    stored, texts, given, message = WRONG[name]

    with pytest.raises(ScenarioError, match=message):
        compare(*texts, runs=folder / stored, **given)


@pytest.mark.parametrize(
    ("policies", "message"),
    [
        (["storrage", "training"], "policies = 'storrage'; .*did you mean 'storage'"),
        (["storage"], "policies = 1; allowed: 2 to 10"),
        (["storage", "storage"], "'storage'; allowed: each policy once"),
    ],
)
def test_policies_that_are_not_stored_are_refused(
    folder: Path, policies: list[str], message: str
) -> None:
    for stored in ("compared", "swept"):
        with pytest.raises(ScenarioError, match=message):
            explain(None, *policies, runs=folder / stored)


def test_nothing_to_run_and_nothing_stored_is_refused() -> None:
    with pytest.raises(ScenarioError, match="a base and variants to run, or stored runs"):
        compare()
    with pytest.raises(ScenarioError, match="a scenario to run, or stored runs"):
        explain()


def test_other_folders_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="there is no such folder"):
        compare(runs=tmp_path / "nowhere")
    with pytest.raises(RunError, match="holds no runs of several worlds; allowed: the folder of"):
        explain(runs=folder)


def test_a_damaged_table_is_one_message(folder: Path, tmp_path: Path) -> None:
    for stored, table in (("compared", "runs"), ("explained", "shares")):
        broken = tmp_path / stored
        shutil.copytree(folder / stored, broken)
        file = broken / f"{table}.parquet"
        file.write_bytes(file.read_bytes()[:-200])
        with pytest.raises(RunError, match=rf"{table}\.parquet: this table is damaged \(.*allowed"):
            compare(runs=broken)
        file.unlink()
        with pytest.raises(RunError, match=rf"{table}\.parquet: this table is missing"):
            compare(runs=broken)


def test_worlds_that_differ_by_more_than_their_names_say_explain_nothing(folder: Path) -> None:
    plain = load_scenario(folder / "tiny.toml")
    richer = plain.model_copy(update={"behaviour": {**plain.behaviour, "open_gain": 2.0}})
    worlds = worlds_of(richer, ["storage"])
    about = read_comparison(folder / "compared").about
    told = {**about["scenarios"], "tiny+storage": {"scenario": worlds[1].scenario.model_dump()}}
    stored = read_comparison(folder / "compared")
    odd = Comparison(
        {**about, "scenarios": told}, stored.runs, stored.differences, stored.effectiveness,
        stored.gains, stored.households,
    )  # fmt: skip

    with pytest.raises(RunError, match=r"'tiny\+storage' differs from 'tiny' by more than"):
        explain(runs=odd)
