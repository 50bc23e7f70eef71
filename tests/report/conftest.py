"""Folders of every kind that has a report, with names as awkward as names may be."""

from pathlib import Path

import pytest
from pages import NAME, POLICY, QUESTION, TITLE

from sim.experiments import RunOptions, run
from sim.experiments.compare import compare
from sim.experiments.explain import explain
from sim.experiments.sweep import sweep
from sim.scenario import Scenario, load_scenario

UNTIL = "2015-12-31"


@pytest.fixture(scope="session")
def scenario(tiny_file: Path) -> Scenario:
    """The tiny village with awkward names and a policy."""
    made = load_scenario(tiny_file).model_dump(mode="json")
    made |= {"title": TITLE, "question": QUESTION, "end": UNTIL}
    made["villages"][0]["name"] = NAME
    training = {"kind": "service_platform", "name": POLICY, "start": "2015-02-01"}
    made["policies"] = [{**training, "training": {"intensity": 0.5, "yearly_cost_yuan": 12345}}]
    return Scenario.model_validate(made)


@pytest.fixture(scope="session")
def run_folder(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run."""
    folder = tmp_path_factory.mktemp("report") / "run"
    run(scenario, 7, None, folder, None, RunOptions(threads=1))
    return folder


@pytest.fixture(scope="session")
def comparison_folder(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a comparison."""
    folder = tmp_path_factory.mktemp("report") / "comparison"
    without = scenario.model_copy(update={"name": "without", "policies": ()})
    compare(without, scenario, replicates=2, out=folder, workers=1)
    return folder


@pytest.fixture(scope="session")
def explanation_folder(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an explanation, of a policy of the scenario and one that is added."""
    folder = tmp_path_factory.mktemp("report") / "explanation"
    explain(scenario, POLICY, "storage", replicates=2, out=folder, workers=1)
    return folder


@pytest.fixture(scope="session")
def sweep_folder(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a sweep."""
    folder = tmp_path_factory.mktemp("report") / "sweep"
    vary = {"behaviour.open_intercept": [-3.0, -2.0], "platforms": [["taobao"], ["taobao", "jd"]]}
    sweep(scenario, vary, folder, replicates=2, workers=1)
    return folder
