"""Worlds compared under the same luck: what differs, how sure that is, and for whom.

Replicate r of every world has the same seed, so that a world and its base differ only by what
differs in them, household by household.
"""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from sim.errors import ScenarioError
from sim.experiments.differences import (
    COST,
    LEFT_OUT,
    WAITED,
    Wish,
    differences_of,
    effectiveness_of,
)
from sim.experiments.extras import need
from sim.experiments.gains import gains_of, households_table, noticed_text
from sim.experiments.intervals import METHOD
from sim.experiments.outcomes import OUTCOMES
from sim.experiments.replicates import Pairing, Replicate, run_replicates
from sim.experiments.run import Progress
from sim.experiments.worlds import worlds_of
from sim.results.manifest import versions
from sim.scenario import Scenario, scenario_hash
from sim.scenario.fields import listed, nearest

REPLICATES: Final = 20
"""Runs of each world, if not said otherwise."""


@dataclass(frozen=True)
class Comparison:
    """A base and its variants, run with the same luck.

    Attributes
    ----------
    about : mapping
        What was compared and by which rules: plain JSON.
    runs : polars.DataFrame
        A row for each run: ``scenario``, ``replicate``, ``seed`` and every outcome.
    differences : polars.DataFrame
        A row for each variant and outcome; see `sim.experiments.differences.differences_of`.
    effectiveness : polars.DataFrame
        What a unit of each effect costs; see `sim.experiments.differences.effectiveness_of`.
    gains : polars.DataFrame
        Who gains and who loses; see `sim.experiments.gains.gains_of`.
    households : polars.DataFrame
        Every household beside its twin; see `sim.experiments.gains.households_table`.
    """

    about: Mapping[str, Any]
    runs: Any
    differences: Any
    effectiveness: Any
    gains: Any
    households: Any

    @property
    def base(self) -> str:
        """Name of the world that the others are compared with."""
        return str(self.about["base"])

    @property
    def variants(self) -> tuple[str, ...]:
        """Names of the others."""
        return tuple(self.about["variants"])

    @property
    def replicates(self) -> int:
        """Runs of each world."""
        return int(self.about["replicates"])

    def to_polars(self) -> Any:
        """Return the differences as a Polars data frame."""
        return self.differences

    def to_pandas(self) -> Any:
        """Return the differences as a pandas data frame.

        Raises
        ------
        RunError
            If pandas is not installed.
        """
        need("pandas", "notebook")
        return self.differences.to_arrow().to_pandas()

    def plot(self, variant: str | None = None) -> Any:
        """Return a matplotlib figure: what changes, or who gains and who loses by one variant.

        Parameters
        ----------
        variant : str, optional
            Name of the variant whose gains are drawn; what changes by all of them if not given.

        Raises
        ------
        ScenarioError
            If there is no such variant.
        """
        # By name, for figures are made from results and no experiment depends on them.
        drawing = importlib.import_module("sim.plots.comparison")
        if variant is None:
            return drawing.comparison_figures(self)["differences"]
        if variant not in self.variants:
            allowed, like = listed(self.variants), nearest(variant, self.variants)
            raise ScenarioError("plot", "variant", variant, allowed, like)
        return drawing.figure_of_gains(self, variant)

    def __repr__(self) -> str:
        """Tell what was compared, in one line."""
        others = ", ".join(self.variants)
        return f"<Comparison of {self.base} with {others}: {self.replicates} pairs of runs each>"

    def _repr_html_(self) -> str:
        """Show the differences, for notebooks."""
        from sim.experiments.comparison_text import html_of

        return html_of(self)


def compare(  # noqa: PLR0913 - all but the worlds are by name and seldom given
    base: Scenario | str | Path,
    *variants: Scenario | str | Path,
    replicates: int = REPLICATES,
    out: Path | str | None = None,
    seed: int | None = None,
    until: date | None = None,
    overrides: Sequence[str] = (),
    policies: Sequence[str | Path] = (),
    wish: Wish | None = None,
    keep_households: bool | None = None,
    workers: Any = None,
    progress: Progress | None = None,
) -> Comparison:
    """Run a scenario and variants of it with the same luck, and tell what differs.

    Parameters
    ----------
    base : Scenario, str or Path
        What the variants are compared with: a scenario, the name of one, or a file.
    *variants : Scenario, str or Path
        Other scenarios, or policies that are added to the base, such as ``"training"`` or
        ``"storage+training"``.
    replicates : int
        Runs of each world. Replicate r of every world has the seed `seed` + r.
    out : Path or str, optional
        Folder to write, in place of an earlier comparison; nothing is written if not given.
    seed : int, optional
        Seed of the first replicate; the base's if not given.
    until : date, optional
        Last day to run; the scenarios' if not given.
    overrides : sequence of str
        Changes that hold in every world, such as ``"behaviour.open_gain=1"``.
    policies : sequence of str or Path
        Policies that are there in every world.
    wish : Wish, optional
        How sure one wants to be: confidence and width of intervals.
    keep_households : bool, optional
        Whether to compare each household with its twin; if not given, only where they are few.
    workers : int, str, Executor or distributed.Client, optional
        Who runs: a number of processes, the address of a Dask scheduler, or an executor. If not
        given, processes are started where that is worth it. Results do not depend on it.
    progress : callable, optional
        Told how far it is (0-1) and what it is doing.

    Returns
    -------
    Comparison
        Differences with their intervals, costs, and who gains and loses.

    Raises
    ------
    ScenarioError
        If a world is not valid, or the worlds cannot be compared.
    RunError
        If a run fails, or the folder cannot be written.
    """
    from sim.experiments.comparison_folder import check_comparison_place, write_comparison

    wish = wish or Wish()
    worlds = worlds_of(base, variants, overrides, policies)
    first = worlds[0].scenario.seed if seed is None else seed
    pairing = Pairing(worlds, replicates, first, until, keep_households)
    if out is not None:
        check_comparison_place(Path(out))
    made = comparison_of(pairing, run_replicates(pairing, workers, progress), wish)
    if out is not None:
        write_comparison(Path(out), made)
    return made


def comparison_of(pairing: Pairing, replicates: Sequence[Replicate], wish: Wish) -> Comparison:
    """Return what replicates amount to.

    Parameters
    ----------
    pairing : Pairing
        What was run.
    replicates : sequence of Replicate
        All of its replicates.
    wish : Wish
        How sure one wants to be.
    """
    labels = [world.label for world in pairing.worlds]
    base, variants = labels[0], labels[1:]
    runs = runs_table(pairing, replicates)
    villages = [village.name for village in pairing.worlds[0].scenario.expanded_villages()]
    households = households_table(replicates, variants, villages)
    return Comparison(
        _about(pairing, wish),
        runs,
        differences_of(runs, base, variants, wish),
        effectiveness_of(runs, base, variants, wish.confidence),
        gains_of(households, wish.confidence),
        households,
    )


def runs_table(pairing: Pairing, replicates: Sequence[Replicate]) -> Any:
    """Return the outcomes of every run as a Polars data frame, world by world."""
    import polars as pl

    rows = [
        {
            "scenario": world.label,
            "replicate": replicate.number,
            "seed": pairing.seed + replicate.number,
            **replicate.outcomes[place],
        }
        for place, world in enumerate(pairing.worlds)
        for replicate in replicates
    ]
    schema: dict[str, Any] = {"scenario": pl.String, "replicate": pl.Int32, "seed": pl.Int64}
    return pl.DataFrame(rows, schema=schema | {outcome.name: pl.Float64 for outcome in OUTCOMES})


def _about(pairing: Pairing, wish: Wish) -> dict[str, Any]:
    base, *variants = pairing.worlds
    scenario = base.scenario
    end = pairing.until or scenario.end
    return {
        "base": base.label,
        "variants": [world.label for world in variants],
        "replicates": pairing.replicates,
        "seed": pairing.seed,
        "start": scenario.start.isoformat(),
        "end": end.isoformat(),
        "last_year": _last_year(scenario.start, end),
        "confidence": wish.confidence,
        "width": wish.width,
        "widths": dict(wish.widths or {}),
        "method": METHOD,
        "missing": {"crossing and listing": WAITED, "all others": LEFT_OUT},
        "costs": f"{COST}: of the whole run, not discounted",
        "noticed": noticed_text(),
        "versions": versions(),
        "scenarios": {world.label: described_scenario(world.scenario) for world in pairing.worlds},
    }


def described_scenario(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario as manifests have it: title, hash, and all that it says."""
    return {
        "title": scenario.title,
        "scenario_sha256": scenario_hash(scenario),
        "scenario": scenario.model_dump(mode="json"),
    }


def _last_year(start: date, end: date) -> int | None:
    """Return the last year that was run from January to December; None if there is none."""
    last = end.year if end + timedelta(days=1) == date(end.year + 1, 1, 1) else end.year - 1
    return last if start <= date(last, 1, 1) else None
