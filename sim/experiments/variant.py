"""What a sweep of a scenario does at each point: run it with other values and a seed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sim.experiments.outcomes import OUTCOMES, outcomes_of_record
from sim.experiments.program import check_program, program_hash
from sim.experiments.run import RunOptions, simulate
from sim.results.manifest import versions
from sim.scenario import Scenario, scenario_hash, with_changes
from sim.scenario.changes import Value


@dataclass(frozen=True)
class ScenarioVariant:
    """Runs a scenario with other values.

    Attributes
    ----------
    text : str
        The scenario as JSON, so that it travels to other processes as one piece and no file is
        read there.
    program : str
        Hash of the program that began; a process with another one must not go on.
    """

    text: str
    program: str

    @staticmethod
    def of(scenario: Scenario) -> "ScenarioVariant":
        """Return what runs variants of a scenario."""
        return ScenarioVariant(scenario.model_dump_json(), program_hash())

    @property
    def scenario(self) -> Scenario:
        """The scenario whose values are changed."""
        return _scenario(self.text)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Names of the numbers that a run gives; see sim.experiments.outcomes."""
        return tuple(outcome.name for outcome in OUTCOMES)

    def about(self) -> dict[str, Any]:
        """Return what is run, for the manifest: the scenario and all that results depend on."""
        scenario = self.scenario
        return {
            "name": scenario.name,
            "versions": versions(),
            "program_sha256": self.program,
            "scenario_sha256": scenario_hash(scenario),
            "scenario": scenario.model_dump(mode="json"),
        }

    def __call__(self, values: Mapping[str, Value], seed: int) -> Mapping[str, float]:
        """Run the scenario with some values and a seed; return every outcome.

        Raises
        ------
        RunError
            If this process has other sources or data than the one that began.
        """
        check_program(self.program, "sweep")
        changed = with_changes(self.scenario, values)
        return outcomes_of_record(simulate(changed, seed, RunOptions(threads=1)))


@dataclass(frozen=True)
class FunctionExperiment:
    """Calls a function instead of running a scenario: for known answers and for tests.

    Attributes
    ----------
    function : callable
        Takes the values by name and the seed, returns numbers by name; a module must define it.
    outcomes : sequence of str
        The names of these numbers.
    facts : mapping
        More for the manifest.
    """

    function: Callable[[Mapping[str, Any], int], Mapping[str, float]]
    outcomes: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)

    def about(self) -> dict[str, Any]:
        """Return the name of the function, for the manifest."""
        return {"name": getattr(self.function, "__qualname__", "function"), **self.facts}

    def __call__(self, values: Mapping[str, Any], seed: int) -> Mapping[str, float]:
        """Call the function."""
        return self.function(values, seed)


@lru_cache(maxsize=8)
def _scenario(text: str) -> Scenario:
    return Scenario.model_validate_json(text)
