"""Runs that a validation of regions is made of: every draw, whole and with parts taken out.

A run is a draw of the parameters and a variant of the model. It simulates every scenario that has a
target, maps thinned and drawn anew for each draw, and measures all targets. All variants of a draw
have the same seed and the same map.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sim.errors import ScenarioError
from sim.experiments.ablations import FROZEN_DRIVERS, USUAL, VARIANTS, changes_without
from sim.experiments.calibrate.block import Study, map_seed
from sim.experiments.calibrate.luck import run_seed
from sim.experiments.design import Design
from sim.experiments.fitted_parameters import FittedParameters
from sim.experiments.frozen_drivers import run_with_frozen_drivers
from sim.experiments.observables import Found, measured
from sim.experiments.program import check_program, program_hash
from sim.experiments.run import RunResult, run
from sim.experiments.targets import ROLES, Target, last_days, load_targets
from sim.results.manifest import versions
from sim.scenario import Scenario, load_scenario, scenario_hash, with_changes
from sim.scenario.changes import Value
from sim.scenario.fields import listed, nearest

LAST_FITTED_YEAR: Final = 2016
"""The last year whose lists parameters and curves are fitted to."""
DRAW, VARIANT, RUN_SEED = "draw", "variant", "run_seed"
CHINA, ZHEJIANG = "china", "zhejiang"
CHINA_SHARE: Final = 0.02
"""Share of China's counties that are simulated for a draw, unless another is asked for."""
TIMES_ZHEJIANG: Final = 10.0
"""Of Zhejiang's counties a share so many times larger is simulated, all at most."""
_STAGE: Final = "validation"


@dataclass(frozen=True)
class ValidationRuns:
    """Runs every scenario that has a target with a draw, whole or without a part.

    Attributes
    ----------
    studies : tuple of Study
        The scenarios.
    targets : tuple of Target
        What is measured.
    draws : tuple of mapping
        Changes of scenarios by draw.
    program : str
        Hash of the program that began; a process with another one must not go on.
    """

    studies: tuple[Study, ...]
    targets: tuple[Target, ...]
    draws: tuple[Mapping[str, float], ...]
    program: str

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The seed of the run, and the keys of the targets."""
        return (RUN_SEED, *(target.key for target in self.targets))

    def about(self) -> dict[str, Any]:
        """Return what is run, for the manifest: all that results depend on."""
        draws = repr([sorted(draw.items()) for draw in self.draws])
        return {
            "name": _STAGE,
            "versions": versions(),
            "program_sha256": self.program,
            "last_fitted_year": LAST_FITTED_YEAR,
            "scenarios": {
                study.scenario.name: {
                    "sha256": scenario_hash(study.scenario),
                    "end": study.end.isoformat(),
                    "county_share": study.county_share,
                }
                for study in self.studies
            },
            "draws_sha256": hashlib.sha256(draws.encode()).hexdigest(),
        }

    def __call__(self, values: Mapping[str, Value], seed: int) -> dict[str, float]:
        """Run every scenario once with a draw and a variant; return what it has for each target.

        Raises
        ------
        RunError
            If this process has other sources or data than the one that began.
        """
        check_program(self.program, "validation")
        draw, variant = int(str(values[DRAW])), str(values[VARIANT])
        own_seed = run_seed(seed, _STAGE, draw)
        found: dict[str, float] = {RUN_SEED: float(own_seed)}
        for study in self.studies:
            scenario = _drawn(study.scenario, self.draws[draw], own_seed)
            own = [t for t in self.targets if t.scenario == study.scenario.name]
            found |= measured(own, Found.of(_run(study, scenario, variant, own_seed)))
        return found


def validation_runs(
    parameters: FittedParameters,
    share: float = CHINA_SHARE,
    scenarios: Sequence[str] = (),
    changes: Sequence[str] = (),
) -> ValidationRuns:
    """Return what is run.

    Parameters
    ----------
    parameters : FittedParameters
        Draws.
    share : float
        Share of China's counties (0-1); Zhejiang has `TIMES_ZHEJIANG` times that, all at most, and
        a county all.
    scenarios : sequence of str
        Scenarios to run; all that have a target if not given.
    changes : sequence of str
        Changes that hold in every run, such as ``"end=2016-12-31"``. Of targets that a scenario
        does not reach nothing is measured.

    Raises
    ------
    ScenarioError
        If the share, a scenario or a change is not possible.
    """
    if not 0 < share <= 1:
        raise ScenarioError("validate", "share", share, "a number above 0, up to 1")
    targets = load_targets(ROLES)
    names = list(last_days(targets))
    for name in scenarios:
        if name not in names:
            allowed = f"a scenario that has a target: {listed(names)}"
            raise ScenarioError("validate", "scenario", name, allowed, nearest(name, names))
    shares = {CHINA: share, ZHEJIANG: min(1.0, TIMES_ZHEJIANG * share)}
    chosen = [t for t in targets if not scenarios or t.scenario in scenarios]
    studies = []
    for name, end in last_days(chosen).items():
        scenario = load_scenario(name, changes)
        if name in shares:
            scenario = with_changes(scenario, {"region.county_share": shares[name]})
        studies.append(Study(scenario.model_dump_json(), min(end, scenario.end)))
    for draw in parameters.draws[:1]:  # what is not possible is told before the first run
        for study in studies:
            with_changes(study.scenario, dict(draw))
    return ValidationRuns(tuple(studies), tuple(chosen), parameters.draws, program_hash())


def design_of_draws(draws: int, ablation_draws: int) -> Design:
    """Return the runs of a validation: all draws as they are, the first ones without a part too.

    They stand draw by draw, so that what was done when a validation is stopped can be compared.

    Parameters
    ----------
    draws : int
        Draws of the whole model.
    ablation_draws : int
        Draws of each ablation, at most as many.

    Raises
    ------
    ScenarioError
        If a number is not possible.
    """
    import pyarrow as pa

    if draws < 1:
        raise ScenarioError("validate", "draws", draws, "a whole number from 1 on")
    if not 0 <= ablation_draws <= draws:
        allowed = f"a whole number from 0 to the number of draws, {draws}"
        raise ScenarioError("validate", "ablation draws", ablation_draws, allowed)
    points = [
        (draw, variant)
        for draw in range(draws)
        for variant in VARIANTS
        if variant == USUAL or draw < ablation_draws
    ]
    columns = {
        DRAW: pa.array([draw for draw, _ in points], pa.int64()),
        VARIANT: pa.array([variant for _, variant in points], pa.string()),
    }
    return Design("draws", {DRAW: "whole", VARIANT: "choice"}, pa.table(columns))


def _drawn(scenario: Scenario, draw: Mapping[str, float], seed: int) -> Scenario:
    changes: dict[str, Value] = dict(draw)
    if scenario.region is not None:
        changes["region.seed"] = map_seed(seed)
    return with_changes(scenario, changes)


def _run(study: Study, scenario: Scenario, variant: str, seed: int) -> RunResult:
    changes: dict[str, Value] = dict(changes_without(variant, scenario))
    changed = with_changes(scenario, changes)
    if variant == FROZEN_DRIVERS:
        return run_with_frozen_drivers(changed, seed, study.end, study.options, LAST_FITTED_YEAR)
    return run(changed, seed, until=study.end, options=study.options)
