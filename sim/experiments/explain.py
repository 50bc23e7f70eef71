"""What did each policy do? All combinations with the same luck, and each policy's Shapley value."""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np

from sim.experiments.causes import Cause, causes_of, worlds_of_sets
from sim.experiments.compare import REPLICATES, described_scenario, runs_table
from sim.experiments.differences import FOLLOWED, LEFT_OUT, WAITED
from sim.experiments.extras import need
from sim.experiments.intervals import CONFIDENCE, METHOD, Floats, mean_interval
from sim.experiments.outcomes import OUTCOMES, Outcome
from sim.experiments.replicates import Pairing, Replicate, run_replicates
from sim.experiments.run import Progress
from sim.experiments.shapley import alone, last, shapley_values
from sim.results.manifest import versions
from sim.scenario import Scenario, load_scenario

TOGETHER: Final = "all together"
"""Row of what all causes do together."""
SHOWN: Final = (
    "online_sales_yuan",
    "active_stores",
    "jobs_in_stores",
    "mean_income_local_yuan",
    "listed_after_days",
    "crossed_after_days",
)
"""Outcomes that are shown on screen and in figures; tables have all."""


@dataclass(frozen=True)
class Explanation:
    """What each of several policies did.

    Attributes
    ----------
    about : mapping
        What was run and by which rules: plain JSON.
    runs : polars.DataFrame
        A row for each run: ``scenario`` (the policies that are there), ``replicate``, ``seed`` and
        every outcome.
    shares : polars.DataFrame
        A row for each outcome and policy: its Shapley value ``value`` with ``low`` and ``high``,
        what it does ``alone`` and what it adds as the ``last`` one, each with its interval, and
        ``share`` of what all do together. The row `TOGETHER` has the sum.
    """

    about: Mapping[str, Any]
    runs: Any
    shares: Any

    @property
    def policies(self) -> tuple[str, ...]:
        """Names of the policies."""
        return tuple(self.about["policies"])

    def to_polars(self) -> Any:
        """Return the values as a Polars data frame."""
        return self.shares

    def to_pandas(self) -> Any:
        """Return the values as a pandas data frame.

        Raises
        ------
        RunError
            If pandas is not installed.
        """
        need("pandas", "notebook")
        return self.shares.to_arrow().to_pandas()

    def plot(self) -> Any:
        """Return a matplotlib figure of the values."""
        # By name, for figures are made from results and no experiment depends on them.
        drawing = importlib.import_module("sim.plots.explanation")
        return drawing.explanation_figures(self)["shares"]

    def __repr__(self) -> str:
        """Tell what was explained, in one line."""
        about = self.about
        return (
            f"<Explanation of {about['scenario']}: {', '.join(self.policies)}, "
            f"{about['replicates']} replicates of {about['worlds']} worlds>"
        )

    def _repr_html_(self) -> str:
        """Show the values, for notebooks."""
        from sim.experiments.explanation_text import html_of

        return html_of(self)


def explain(  # noqa: PLR0913 - all but the scenario and the policies are seldom given
    scenario: Scenario | str | Path,
    *policies: str | Path,
    replicates: int = REPLICATES,
    out: Path | str | None = None,
    seed: int | None = None,
    until: date | None = None,
    overrides: Sequence[str] = (),
    confidence: float = CONFIDENCE,
    keep_households: bool | None = None,
    workers: Any = None,
    progress: Progress | None = None,
) -> Explanation:
    """Run every combination of some policies with the same luck, and tell what each does.

    Parameters
    ----------
    scenario : Scenario, str or Path
        Where the policies act.
    *policies : str or Path
        Policies of the scenario by name, services of them such as ``"Hub.training"``, or policies
        that are added to it. If there are none, the services of the scenario's service platform.
    replicates : int
        Runs of each combination.
    out : Path or str, optional
        Folder to write; nothing is written if not given.
    seed : int, optional
        Seed of the first replicate; the scenario's if not given.
    until : date, optional
        Last day to run; the scenario's if not given.
    overrides : sequence of str
        Changes of the scenario.
    confidence : float
        Share of intervals that cover what is true (0-1).
    keep_households : bool, optional
        Whether incomes are looked at; if not given, only where households are few.
    workers : int, str, Executor or distributed.Client, optional
        Who runs; see `sim.experiments.compare.compare`.
    progress : callable, optional
        Told how far it is (0-1) and what it is doing.

    Raises
    ------
    ScenarioError
        If the scenario or a policy is not valid.
    RunError
        If a run fails, or the folder cannot be written.
    """
    from sim.experiments.differences import Wish
    from sim.experiments.explanation_folder import check_explanation_place, write_explanation

    Wish(confidence)  # refuses what is no confidence
    loaded = scenario if isinstance(scenario, Scenario) else load_scenario(scenario, overrides)
    causes = causes_of(loaded, policies)
    worlds = worlds_of_sets(loaded, causes)
    first = loaded.seed if seed is None else seed
    pairing = Pairing(worlds, replicates, first, until, keep_households, has_twins=False)
    if out is not None:
        check_explanation_place(Path(out))
    done = run_replicates(pairing, workers, progress)
    made = explanation_of(loaded, causes, pairing, done, confidence)
    if out is not None:
        write_explanation(Path(out), made)
    return made


def explanation_of(
    scenario: Scenario,
    causes: Sequence[Cause],
    pairing: Pairing,
    replicates: Sequence[Replicate],
    confidence: float,
) -> Explanation:
    """Return what replicates of all combinations amount to.

    Parameters
    ----------
    scenario : Scenario
        Where the causes act.
    causes : sequence of Cause
        What was switched.
    pairing : Pairing
        All combinations, as of `worlds_of_sets`.
    replicates : sequence of Replicate
        All of their replicates.
    confidence : float
        Share of intervals that cover what is true (0-1).
    """
    names = [cause.name for cause in causes]
    rows: list[dict[str, Any]] = []
    for outcome in OUTCOMES:
        if outcome.name == FOLLOWED:
            continue
        of_sets = _values(outcome, replicates)
        if of_sets.shape[1]:
            rows += _rows(outcome, names, of_sets, confidence)
    about = {
        "scenario": scenario.name,
        "policies": names,
        "worlds": len(pairing.worlds),
        "replicates": pairing.replicates,
        "seed": pairing.seed,
        "start": scenario.start.isoformat(),
        "end": (pairing.until or scenario.end).isoformat(),
        "confidence": confidence,
        "method": METHOD,
        "missing": {"crossing and listing": WAITED, "all others": LEFT_OUT},
        "versions": versions(),
        "base": described_scenario(scenario),
    }
    return Explanation(about, runs_table(pairing, replicates), _table(rows))


def _values(outcome: Outcome, replicates: Sequence[Replicate]) -> Floats:
    """Return an outcome by world and replicate, those that lack it handled."""
    values = np.array([[world[outcome.name] for world in each.outcomes] for each in replicates]).T
    if outcome.better == "sooner":
        days = np.array([[world[FOLLOWED] for world in each.outcomes] for each in replicates]).T
        return np.where(np.isnan(values), days, values)
    there: Floats = values[:, ~np.isnan(values).any(axis=0)]
    return there


def _rows(
    outcome: Outcome, names: Sequence[str], of_sets: Floats, confidence: float
) -> list[dict[str, Any]]:
    together = of_sets[-1] - of_sets[0]
    values, singly, added = shapley_values(of_sets), alone(of_sets), last(of_sets)
    whole = float(together.mean())
    rows = []
    for name, value, by_itself, after_all in [
        *zip(names, values, singly, added, strict=True),
        (TOGETHER, together, together, together),
    ]:
        row: dict[str, Any] = {
            "outcome": outcome.name,
            "unit": outcome.unit,
            "meaning": outcome.meaning,
            "better": outcome.better,
            "policy": name,
            "without_mean": float(of_sets[0].mean()),
            "share": float(value.mean()) / whole if whole != 0.0 else None,
            "replicates": together.size,
        }
        for prefix, numbers in (("", value), ("alone_", by_itself), ("last_", after_all)):
            found = mean_interval(numbers, confidence)
            row |= {
                prefix.rstrip("_") or "value": found.mean,
                f"{prefix}low": found.low,
                f"{prefix}high": found.high,
            }
        rows.append(row)
    return rows


def _table(rows: Sequence[dict[str, Any]]) -> Any:
    import polars as pl

    words = dict.fromkeys(("outcome", "unit", "meaning", "better", "policy"), pl.String)
    numbers = dict.fromkeys(
        (
            *("value", "low", "high", "share"),
            *("alone", "alone_low", "alone_high"),
            *("last", "last_low", "last_high", "without_mean"),
        ),
        pl.Float64,
    )
    schema: Any = words | numbers | {"replicates": pl.Int64}
    return pl.DataFrame(rows, schema=schema)
