"""Explanations: every combination of policies with the same luck, and what each one does."""

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from sim.errors import RunError, ScenarioError
from sim.experiments import RunOptions, run
from sim.experiments.causes import NOTHING, causes_of, worlds_of_sets
from sim.experiments.explain import SHOWN, TOGETHER, Explanation, explain, explanation_of
from sim.experiments.explanation_folder import read_explanation
from sim.experiments.explanation_text import rows_of
from sim.experiments.intervals import ratio_interval
from sim.experiments.outcome_names import NAMES
from sim.experiments.outcomes import OUTCOMES, outcomes_of
from sim.experiments.replicates import Pairing, Replicate
from sim.scenario import Scenario, load_scenario

HUB = """
[[policies]]
kind = "service_platform"
name = "Hub of Reed"
start = 2015-02-01
yearly_cost_yuan = 1200
training = { yearly_cost_yuan = 2400 }
storage = {}
product_supply = { yearly_cost_yuan = 6000 }
logistics = {}
"""
SERVICES = ["storage", "product supply", "training", "logistics"]


@pytest.fixture(scope="module")
def hub_file(tmp_path_factory: pytest.TempPathFactory, tiny_text: str) -> Path:
    """The tiny village with a service platform."""
    path = tmp_path_factory.mktemp("explain") / "hub.toml"
    path.write_text(tiny_text + HUB, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def hub(hub_file: Path) -> Scenario:
    """The tiny village with a service platform."""
    return load_scenario(hub_file)


@pytest.fixture(scope="module")
def explained(hub: Scenario) -> Explanation:
    """What the four services did in three replicates."""
    return explain(hub, replicates=3, workers=1)


def of_policy(explanation: Explanation, outcome: str) -> dict[str, dict[str, Any]]:
    rows = explanation.shares.filter(pl.col("outcome") == outcome).to_dicts()
    return {row["policy"]: row for row in rows}


# --- the four services


def test_the_services_of_the_platform_make_sixteen_worlds(explained: Explanation) -> None:
    assert list(explained.policies) == SERVICES
    assert explained.about["worlds"] == 16
    assert explained.runs["scenario"].n_unique() == 16
    assert explained.runs.height == 48
    names = set(explained.runs["scenario"])
    assert {NOTHING, "training", " + ".join(SERVICES), "storage + logistics"} <= names


def test_with_all_services_the_world_is_the_scenario_itself(
    hub: Scenario, explained: Explanation
) -> None:
    alone = outcomes_of(run(hub, 9, options=RunOptions(threads=1)))
    kept = explained.runs.filter(
        (pl.col("scenario") == " + ".join(SERVICES)) & (pl.col("seed") == 9)
    ).row(0, named=True)

    assert {name: kept[name] for name in alone} == pytest.approx(alone, nan_ok=True, rel=0)


def test_without_any_service_the_platform_only_costs_its_own(explained: Explanation) -> None:
    cost = of_policy(explained, "total_policy_cost_yuan")

    # Eleven months of the platform itself, which is no service.
    assert cost["training"]["without_mean"] == pytest.approx(1100.0)
    assert cost["training"]["value"] == pytest.approx(2200.0)
    assert cost["product supply"]["value"] == pytest.approx(5500.0)
    assert cost["storage"]["value"] == cost["logistics"]["value"] == pytest.approx(0.0)
    assert cost[TOGETHER]["value"] == pytest.approx(7700.0)
    assert cost["training"]["share"] == pytest.approx(2 / 7)


def test_values_add_up_to_what_all_do_together(explained: Explanation) -> None:
    for outcome in explained.shares["outcome"].unique():
        rows = of_policy(explained, outcome)
        whole = rows.pop(TOGETHER)["value"]
        assert sum(row["value"] for row in rows.values()) == pytest.approx(
            whole, rel=1e-9, abs=1e-6
        )


def test_something_is_explained(explained: Explanation) -> None:
    """Else the test above would hold for services that do nothing."""
    sales = of_policy(explained, "online_sales_yuan")

    assert all(sales[name]["value"] != 0.0 for name in SERVICES)
    assert all(sales[name]["low"] < sales[name]["value"] < sales[name]["high"] for name in SERVICES)


# --- known answers


def replicates_of(numbers: Any, outcome: str, count: int) -> list[Replicate]:
    """Replicates in which an outcome is a function of the causes and the replicate."""
    worlds = 1 << count
    done = []
    for replicate in range(4):
        outcomes = tuple(
            dict.fromkeys((o.name for o in OUTCOMES), math.nan)
            | {"followed_days": 365.0}
            | {outcome: float(numbers([world >> bit & 1 for bit in range(count)], replicate))}
            for world in range(worlds)
        )
        done.append(Replicate(replicate, outcomes, ()))
    return done


def explained_toy(
    hub: Scenario, numbers: Any, outcome: str = "online_sales_yuan"
) -> dict[str, dict[str, Any]]:
    causes = causes_of(hub, ())
    pairing = Pairing(worlds_of_sets(hub, causes), 4, 0)
    done = replicates_of(numbers, outcome, 4)
    made = explanation_of(hub, causes, pairing, done, 0.95)
    return of_policy(made, outcome)


def test_an_additive_toy_is_explained_without_doubt(hub: Scenario) -> None:
    """What luck does to all worlds alike does not matter."""
    found = explained_toy(hub, lambda on, r: 1000.0 * r + np.dot(on, [1.0, 2.0, 3.0, 4.0]))

    for place, name in enumerate(SERVICES):
        row = found[name]
        assert (row["value"], row["alone"], row["last"]) == pytest.approx((place + 1,) * 3)
        assert row["low"] == pytest.approx(row["high"])
    assert found["logistics"]["share"] == pytest.approx(0.4)


def test_an_interacting_toy_is_shared_fairly(hub: Scenario) -> None:
    found = explained_toy(hub, lambda on, r: 12.0 * on[0] * on[1] * on[2] + 5.0 * on[3])

    assert [found[name]["value"] for name in SERVICES] == pytest.approx([4.0, 4.0, 4.0, 5.0])
    assert [found[name]["alone"] for name in SERVICES] == pytest.approx([0.0, 0.0, 0.0, 5.0])
    assert [found[name]["last"] for name in SERVICES] == pytest.approx([12.0, 12.0, 12.0, 5.0])


def test_an_effect_that_hangs_on_luck_has_an_interval(hub: Scenario) -> None:
    found = explained_toy(hub, lambda on, r: r * on[0])

    # Effects 0, 1, 2 and 3 in four replicates.
    assert found["storage"]["value"] == pytest.approx(1.5)
    assert found["storage"]["low"] == pytest.approx(1.5 - 3.182446 * 1.2909944 / 2)


def test_a_listing_that_never_comes_counts_as_the_days_of_the_run(hub: Scenario) -> None:
    found = explained_toy(
        hub, lambda on, r: 100.0 if on[0] and on[1] else math.nan, "listed_after_days"
    )

    assert found["storage"]["without_mean"] == 365.0
    assert found[TOGETHER]["value"] == pytest.approx(-265.0)
    assert found["storage"]["value"] == found["product supply"]["value"] == pytest.approx(-132.5)


def test_replicates_in_which_a_world_lacks_an_outcome_are_left_out(hub: Scenario) -> None:
    found = explained_toy(
        hub, lambda on, r: math.nan if r == 2 and not any(on) else 1.0 * on[0] + r, "gini"
    )

    assert found["storage"]["replicates"] == 3
    assert found["storage"]["value"] == pytest.approx(1.0)


# --- shares


def test_a_share_has_fiellers_interval(hub: Scenario) -> None:
    values, together = np.array([2.0, 1.0, 3.0, 2.0]), np.array([10.0, 8.0, 13.0, 9.0])
    found = explained_toy(hub, lambda on, r: values[r] * on[0] + (together - values)[r] * on[1])
    expected = ratio_interval(values, together)

    row = found["storage"]
    assert (row["share"], row["share_low"], row["share_high"]) == pytest.approx(expected)
    assert row["share_low"] < 0.2 < row["share_high"]
    # The other one has the rest.
    rest = found["product supply"]
    assert (rest["share_low"], rest["share_high"]) == pytest.approx(
        (1 - row["share_high"], 1 - row["share_low"])
    )


def test_shares_of_what_may_be_nothing_are_not_told(hub: Scenario) -> None:
    """The two nearly cancel: shares would be some thousand per cent, and mean nothing."""
    noise = [0.3, -0.4, 0.2, 0.1]
    found = explained_toy(hub, lambda on, r: 10.0 * on[0] + (noise[r] - 10.0) * on[1])

    assert found["storage"]["low"] > 9.0
    assert found[TOGETHER]["low"] < 0.0 < found[TOGETHER]["high"]
    for row in found.values():
        assert row["share"] is row["share_low"] is row["share_high"] is None


def test_where_nothing_happens_no_share_is_told(hub: Scenario) -> None:
    found = explained_toy(hub, lambda on, r: 5.0 + r)

    assert {row["share"] for row in found.values()} == {None}
    assert found["storage"]["value"] == 0.0


def test_shares_are_shown_with_intervals_or_a_dash(explained: Explanation) -> None:
    cells = {(row["outcome"], row["policy"]): row["share"] for row in explained.shares.to_dicts()}
    for (outcome, heading), rows in zip(
        ((name, heading) for name, heading in zip(SHOWN, rows_of(explained), strict=True)),
        rows_of(explained).values(),
        strict=True,
    ):
        assert heading.startswith(NAMES[outcome])
        for row in rows[:-1]:
            is_told = cells[outcome, row.cells[0]] is not None
            assert (row.cells[3] != "–", row.cells[4] != "–") == (is_told, is_told)


def test_it_is_said_in_how_many_runs_a_village_is_never_listed(explained: Explanation) -> None:
    never = int(explained.runs["listed_after_days"].is_nan().sum())
    headings = list(rows_of(explained))
    told = (
        f"Days to listing, days (never in {never} of 48 runs)" if never else "Days to listing, days"
    )

    assert told in headings
    assert "Active stores, stores" in headings
    nothing = explained.runs.with_columns(listed_after_days=pl.lit(math.nan))
    unlisted = Explanation(explained.about, nothing, explained.shares)
    assert "Days to listing, days (never in 48 of 48 runs)" in rows_of(unlisted)


# --- which policies


def test_policies_are_switched_off_or_added(hub: Scenario) -> None:
    causes = causes_of(hub, ["Hub of Reed", "cold-chain"])
    worlds = worlds_of_sets(hub, causes)

    assert [world.label for world in worlds] == [
        NOTHING, "Hub of Reed", "cold-chain", "Hub of Reed + cold-chain"
    ]  # fmt: skip
    names = [[policy.name for policy in world.scenario.policies] for world in worlds]
    assert names == [[], ["Hub of Reed"], ["cold chain"], ["Hub of Reed", "cold chain"]]


def test_a_service_is_named_by_its_platform(hub: Scenario) -> None:
    causes = causes_of(hub, ["Hub of Reed.training", "Hub of Reed.product_supply"])
    worlds = worlds_of_sets(hub, causes)

    assert [cause.name for cause in causes] == ["training", "product supply"]
    strengths = [
        (policy.training.intensity, policy.product_supply.intensity, policy.storage.intensity)
        for world in worlds
        for policy in world.scenario.policies
    ]
    assert strengths == [(0, 0, 1), (1, 0, 1), (0, 1, 1), (1, 1, 1)]


def test_policy_files_may_be_paths(hub: Scenario, tmp_path: Path) -> None:
    file = tmp_path / "brand.toml"
    file.write_text(
        '[[policies]]\nkind = "cooperative_brand"\nname = "b"\nstart = 2015-01-01\n', "utf-8"
    )
    causes = causes_of(hub, [file, str(file.with_name("brand.toml")), "training"][::2])

    assert [cause.name for cause in causes] == ["brand", "training"]


WRONG: dict[str, tuple[list[str], str]] = {
    "one alone": (["training"], "policies = 1; allowed: 2 to 10 policies"),
    "too many": (["training"] * 11, "policies = 11"),
    "twice": (["training", "training"], "policies = 'training'; allowed: each policy once"),
    "unknown": (["trainin", "storage"], "'trainin'.*did you mean 'training'"),
    "unknown service": (
        ["Hub of Reed.trainings", "storage"],
        "Hub of Reed.trainings.*did you mean 'Hub of Reed.training'",
    ),
    "missing file": (["no.toml", "storage"], "no.toml: no such file"),
    "there already": (["hub-again.toml", "storage"], "policies = 'Hub of Reed'.*hub has it too"),
    "the same in two files": (
        ["storage", "storage-too.toml"], "policies = 'storage service'.*storage has it too"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_policies_that_cannot_be_told_apart_are_refused(
    hub: Scenario, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    brand = '[[policies]]\nkind = "cooperative_brand"\nname = "{}"\nstart = 2015-01-01\n'
    (tmp_path / "hub-again.toml").write_text(brand.format("Hub of Reed"), "utf-8")
    (tmp_path / "storage-too.toml").write_text(brand.format("storage service"), "utf-8")
    policies, message = WRONG[name]

    with pytest.raises(ScenarioError, match=message):
        causes_of(hub, policies)


def test_without_a_platform_policies_must_be_named(tiny_file: Path) -> None:
    with pytest.raises(ScenarioError, match="tiny has no service platform"):
        explain(tiny_file)


def test_a_confidence_that_is_none_is_refused(hub: Scenario) -> None:
    with pytest.raises(ScenarioError, match="confidence: 95"):
        explain(hub, confidence=95)


# --- results and folders


def test_a_folder_holds_the_whole_explanation(hub_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "explained"
    made = explain(
        str(hub_file), "storage", "training", replicates=2, workers=1, out=out, overrides=["seed=3"]
    )
    read = read_explanation(out)

    assert read.about == made.about
    assert read.shares.equals(made.shares)
    assert read.runs.equals(made.runs)
    assert (made.about["seed"], made.about["worlds"]) == (3, 4)
    assert sorted(path.name for path in out.iterdir()) == [
        "figures", "manifest.json", "runs.parquet", "shares.parquet"
    ]  # fmt: skip


def test_nothing_is_written_or_run_where_something_else_is(hub: Scenario, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")

    with pytest.raises(RunError, match="not that of an earlier explanation"):
        explain(hub, out=tmp_path, progress=lambda *doing: pytest.fail("it runs"))
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_folder_that_is_no_explanation_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="not the folder of an explanation"):
        read_explanation(tmp_path)


def test_a_notebook_sees_the_values(explained: Explanation) -> None:
    html = explained._repr_html_()

    assert html.count("<h4>") == len(SHOWN)
    assert html.count("product supply") >= len(SHOWN)
    assert repr(explained) == (
        "<Explanation of hub: storage, product supply, training, logistics, "
        "3 replicates of 16 worlds>"
    )
    assert explained.to_polars() is explained.shares


def test_outcomes_and_policies_are_dimensions_of_arrays(explained: Explanation) -> None:
    pytest.importorskip("xarray")
    row = explained.shares.row(0, named=True)

    found = explained.to_xarray().sel(outcome=row["outcome"], policy=row["policy"])

    assert found["value"].item() == row["value"]


def test_arrays_need_a_library_that_is_named(
    explained: Explanation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xarray", None)

    with pytest.raises(RunError, match=r"xarray is not installed; .*villagesim\[notebook\]"):
        explained.to_xarray()
