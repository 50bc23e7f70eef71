"""What is run for a set of parameters: one seed of each scenario of a block, and its targets.

Two blocks are fitted one after the other: ``village`` with three scenarios of single places, then
``region`` with maps of China and of Zhejiang, which begins with what the first has found.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from sim.errors import ScenarioError
from sim.experiments.calibrate.priors import Prior, changes_of
from sim.experiments.observables import Found, measured
from sim.experiments.program import check_program, program_hash
from sim.experiments.run import RunOptions, run
from sim.experiments.targets import BLOCKS, Target, last_days, load_targets
from sim.results.manifest import versions
from sim.scenario import Scenario, load_scenario, scenario_hash, with_changes
from sim.scenario.changes import Value
from sim.scenario.fields import listed, nearest

FITTED: Final = ("fit",)
"""The only role that code which fits may load."""
COUNTY_SHARES: Final = {"china": 0.02, "zhejiang": 0.2}
"""Shares of counties that are simulated for a set of parameters, by scenario."""
_SEED_BYTES: Final = 7
_OF_REGIONS: Final = {"villages": "none", "households": "none", "shops": "none"}
_OF_VILLAGES: Final = {"households": "none"}


@dataclass(frozen=True)
class Study:
    """A scenario that is run for every set of parameters.

    Attributes
    ----------
    text : str
        The scenario as JSON, so that it travels to other processes as one piece.
    end : date
        Last day to run.
    """

    text: str
    end: date

    @property
    def scenario(self) -> Scenario:
        """The scenario whose values are changed."""
        return _scenario(self.text)

    @property
    def county_share(self) -> float | None:
        """Share of the counties that are simulated (0-1); None of a scenario without a region."""
        region = self.scenario.region
        return None if region is None else region.county_share

    @property
    def options(self) -> RunOptions:
        """How to run it: a village's season needs its days, of regions sums of towns suffice."""
        record = _OF_VILLAGES if self.scenario.region is None else _OF_REGIONS
        return RunOptions(threads=1, record=record)


@dataclass(frozen=True)
class BlockRuns:
    """Runs the scenarios of a block with other parameters, and measures what was published.

    Attributes
    ----------
    studies : tuple of Study
        The scenarios.
    targets : tuple of Target
        What is measured.
    priors : tuple of Prior
        The parameters by path, and the keys that each stands for.
    program : str
        Hash of the program that began; a process with another one must not go on.
    """

    studies: tuple[Study, ...]
    targets: tuple[Target, ...]
    priors: tuple[Prior, ...]
    program: str

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Keys of the targets."""
        return tuple(target.key for target in self.targets)

    def about(self) -> dict[str, Any]:
        """Return what is run, for the manifest: all that results depend on."""
        return {
            "versions": versions(),
            "program_sha256": self.program,
            "scenarios": {
                study.scenario.name: {
                    "sha256": scenario_hash(study.scenario),
                    "end": study.end.isoformat(),
                    "county_share": study.county_share,
                }
                for study in self.studies
            },
            "targets": list(self.outcomes),
        }

    def __call__(self, values: Mapping[str, Value], seed: int) -> dict[str, float]:
        """Run every scenario once; return what it has for each target.

        Raises
        ------
        RunError
            If this process has other sources or data than the one that began.
        """
        check_program(self.program, "calibration")
        changes = changes_of(self.priors, {path: float(v) for path, v in values.items()})  # type: ignore[arg-type]
        found: dict[str, float] = {}
        for study in self.studies:
            own = [target for target in self.targets if target.scenario == study.scenario.name]
            found |= measured(own, _run(study, changes, seed))
        return found


def block_runs(
    block: str,
    priors: Sequence[Prior],
    *,
    scenarios: Sequence[str] = (),
    county_shares: Mapping[str, float] | None = None,
    changes: Sequence[str] = (),
) -> BlockRuns:
    """Return what is run for a block.

    Parameters
    ----------
    block : str
        ``village`` or ``region``.
    priors : sequence of Prior
        What is fitted.
    scenarios : sequence of str
        Scenarios of the block to run; all if not given. Targets of others are left out.
    county_shares : mapping, optional
        Share of counties to simulate by scenario, instead of `COUNTY_SHARES`.
    changes : sequence of str
        Changes that hold in every run, such as ``"behaviour.open_gain=1"``.

    Raises
    ------
    ScenarioError
        If there is no such block or scenario, or a change is not possible.
    """
    if block not in BLOCKS:
        raise ScenarioError("calibrate", "block", block, listed(BLOCKS), nearest(block, BLOCKS))
    targets = load_targets(FITTED, (block,))
    names = list(last_days(targets))
    for name in [*scenarios, *(county_shares or {})]:
        if name not in names:
            allowed = f"a scenario of the block: {listed(names)}"
            raise ScenarioError("calibrate", "scenario", name, allowed, nearest(name, names))
    chosen = tuple(t for t in targets if not scenarios or t.scenario in scenarios)
    shares = {**COUNTY_SHARES, **(county_shares or {})}
    studies = tuple(
        _study(name, end, shares.get(name), changes) for name, end in last_days(chosen).items()
    )
    made = BlockRuns(studies, chosen, tuple(priors), program_hash())
    for study in studies:  # what is not possible is told before the first run
        for place in (0.0, 1.0):
            ends = {prior.path: prior.at_place(place) for prior in priors}
            with_changes(study.scenario, changes_of(priors, ends))
    return made


def _study(name: str, end: date, share: float | None, changes: Sequence[str]) -> Study:
    scenario = load_scenario(name, changes)
    if scenario.region is not None and share is not None:
        scenario = with_changes(scenario, {"region.county_share": share})
    return Study(scenario.model_dump_json(), end)


def _run(study: Study, changes: Mapping[str, Value], seed: int) -> Found:
    scenario = study.scenario
    own: dict[str, Value] = dict(changes)
    if scenario.region is not None:  # another map, and other counties, for every set of parameters
        own["region.seed"] = map_seed(seed)
    changed = with_changes(scenario, own)
    return Found.of(run(changed, seed, until=study.end, options=study.options))


def map_seed(seed: int) -> int:
    """Return the seed of the map for a run's seed."""
    digest = hashlib.sha256(f"map {seed}".encode()).digest()
    return int.from_bytes(digest[:_SEED_BYTES], "little")


@lru_cache(maxsize=8)
def _scenario(text: str) -> Scenario:
    return Scenario.model_validate_json(text)
