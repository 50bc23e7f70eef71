"""The validation of regions: runs, scores and tables in a folder that goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sim.errors import RunError
from sim.experiments.fitted_parameters import FittedParameters, fitted_parameters
from sim.experiments.forecasts import Forecasts, forecasts_of
from sim.experiments.sweep import Means, run_points
from sim.experiments.validation_runs import (
    CHINA,
    CHINA_SHARE,
    ZHEJIANG,
    design_of_draws,
    validation_runs,
)

RUNS: Final = "runs"
"""Sweep folder with a row for each run."""
FORECAST_FILE: Final = "forecast.csv"
SCORES_FILE: Final = "scores.csv"
ABLATIONS_FILE: Final = "ablations.csv"
PARAMETERS_FILE: Final = "parameters.csv"
_DIGITS: Final = 5
"""Digits of numbers in tables."""


@dataclass(frozen=True)
class Asked:
    """What a validation of regions is to do.

    Attributes
    ----------
    draws : int
        Draws of the posterior.
    ablation_draws : int, optional
        Draws that are run without each part of the model too; all if not given.
    share : float
        Share of China's counties (0-1).
    seed : int
        Seed of draws and runs.
    posterior : Path, optional
        File of draws; that of the package if not given.
    scenarios : sequence of str
        Scenarios to run; all that have a target if not given.
    changes : sequence of str
        Changes that hold in every run.
    """

    draws: int = 40
    ablation_draws: int | None = None
    share: float = CHINA_SHARE
    seed: int = 1
    posterior: Path | None = None
    scenarios: Sequence[str] = ()
    changes: Sequence[str] = ()


@dataclass(frozen=True)
class RegionalValidation:
    """What a validation of regions has found.

    Attributes
    ----------
    forecasts : Forecasts
        Rows and scores.
    parameters : FittedParameters
        Draws and where they come from.
    runs : int
        Runs that were done.
    shares : mapping
        Share of counties by scenario.
    folder : Path
        Where tables are.
    """

    forecasts: Forecasts
    parameters: FittedParameters
    runs: int
    shares: Mapping[str, float]
    folder: Path

    @property
    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """Rows by name of the file."""
        found = self.forecasts
        about = {
            "draws": len(self.parameters.draws),
            "runs": self.runs,
            "runs_failed": found.failed,
            **{f"{name}_county_share": share for name, share in self.shares.items()},
        }
        return {
            FORECAST_FILE: [*found.rows],
            SCORES_FILE: [*found.scores],
            ABLATIONS_FILE: [*found.ablations],
            PARAMETERS_FILE: [self.parameters.source.as_row() | about],
        }


def validate_regions(asked: Asked, out: Path, means: Means | None = None) -> RegionalValidation:
    """Run draws of the posterior forward, whole and without parts, and score them.

    Parameters
    ----------
    asked : Asked
        What is to be done.
    out : Path
        Folder for runs and tables. What it holds of the same validation is not run again.
    means : Means, optional
        By what means; nothing in it changes a result.

    Raises
    ------
    ScenarioError
        If what is asked for is not possible.
    DataError
        If a posterior is damaged, or was fitted to other targets than those of now.
    RunError
        If the folder holds anything else or cannot be written, or every run failed.
    """
    ablation_draws = asked.draws if asked.ablation_draws is None else asked.ablation_draws
    design = design_of_draws(asked.draws, ablation_draws)
    parameters = fitted_parameters(asked.draws, asked.seed, asked.posterior)
    experiment = validation_runs(parameters, asked.share, asked.scenarios, asked.changes)
    result = run_points(experiment, design, out / RUNS, seed=asked.seed, means=means)
    if result.runs_there == result.errors.total():
        error = next(iter(result.errors), "none is there")
        raise RunError(f"{out}: no run has come to its end: {error}")
    found = RegionalValidation(
        forecasts_of(result.to_polars(), experiment.targets),
        parameters,
        result.runs_there,
        {
            study.scenario.name: study.scenario.region.county_share
            for study in experiment.studies
            if study.scenario.region is not None and study.scenario.name in (CHINA, ZHEJIANG)
        },
        out,
    )
    write_tables(found)
    return found


def write_tables(found: RegionalValidation) -> list[Path]:
    """Write the tables of a validation into its folder; return their paths.

    Raises
    ------
    RunError
        If they cannot be written.
    """
    import polars as pl

    written = []
    try:
        for name, rows in found.tables.items():
            if rows:
                short = [{key: _short(value) for key, value in row.items()} for row in rows]
                pl.DataFrame(short, infer_schema_length=None).write_csv(found.folder / name)
                written.append(found.folder / name)
    except OSError as error:
        raise RunError(f"{found.folder}: cannot be written ({error.strerror or error})") from error
    return written


def _short(value: Any) -> Any:
    """Return a number with the digits that count."""
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value
