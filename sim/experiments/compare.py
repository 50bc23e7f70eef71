"""Worlds compared under the same luck: what differs, how sure that is, and for whom.

Replicate r of every world has the same seed, so that a world and its base differ only by what
differs in them, household by household.
"""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from sim.errors import ScenarioError
from sim.experiments.differences import (
    COST,
    FAMILY,
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
from sim.experiments.parting import before_text, year_before
from sim.experiments.replicates import Pairing, Replicate, run_replicates
from sim.experiments.run import Progress
from sim.experiments.worlds import World, check_comparable, worlds_of
from sim.results.manifest import versions
from sim.scenario import Scenario, register_of, scenario_hash
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

    def to_xarray(self) -> Any:
        """Return the differences as an xarray dataset, by variant and outcome.

        Raises
        ------
        RunError
            If xarray is not installed.
        """
        from sim.experiments.sweep_arrays import dataset_of_table

        return dataset_of_table(self.differences, ("variant", "outcome"))

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
    base: Scenario | str | Path | None = None,
    *variants: Scenario | str | Path,
    runs: Any = None,
    replicates: int | None = None,
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
        What the variants are compared with: a scenario, the name of one, or a file. Of stored runs
        one of their worlds; if not given, the one that they have as their base.
    *variants : Scenario, str or Path
        Other scenarios, or policies that are added to the base, such as ``"training"`` or
        ``"storage+training"``. Of stored runs other worlds of theirs, all if none is given.
    runs : Comparison, Explanation, SweepResult, Path or str, optional
        Runs to compare instead of new ones: those of an earlier comparison, explanation or sweep,
        or its folder; see `sim.experiments.stored_worlds`. What is to be run cannot be said then.
    replicates : int, optional
        Runs of each world; `REPLICATES` if not given.
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
    if out is not None:
        check_comparison_place(Path(out))
    if runs is not None:
        new = {
            "replicates": replicates, "seed": seed, "until": until, "overrides": overrides,
            "policies": policies, "keep_households": keep_households, "workers": workers,
        }  # fmt: skip
        check_nothing_new(new)
        made = comparison_of_stored(runs, [*([] if base is None else [base]), *variants], wish)
    else:
        if base is None:
            raise ScenarioError("compare", allowed="a base and variants to run, or stored runs")
        worlds = worlds_of(base, variants, overrides, policies)
        first = worlds[0].scenario.seed if seed is None else seed
        count = REPLICATES if replicates is None else replicates
        pairing = Pairing(worlds, count, first, until, keep_households)
        made = comparison_of(pairing, run_replicates(pairing, workers, progress), wish)
    if out is not None:
        write_comparison(Path(out), made)
    return made


def check_nothing_new(given: Mapping[str, Any]) -> None:
    """Refuse what only new runs could do, where stored ones are taken.

    Raises
    ------
    ScenarioError
        If any of it is given.
    """
    for name, value in given.items():
        if value is not None and value != ():
            allowed = "nothing with stored runs, which are taken as they are"
            raise ScenarioError(name.replace("_", " "), "", None, allowed)


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
    variants = [world.label for world in pairing.worlds[1:]]
    villages = list(register_of(pairing.worlds[0].scenario).names)
    households = households_table(replicates, variants, villages)
    end = pairing.until or pairing.worlds[0].scenario.end
    times = _Times(pairing.replicates, pairing.seed, end)
    about = _about(pairing.worlds, times, wish) | {"runs": "new"}
    return _made(about, runs_table(pairing, replicates), households)


def comparison_of_stored(runs: Any, texts: Sequence[Any], wish: Wish) -> Comparison:
    """Return what stored runs amount to.

    Parameters
    ----------
    runs : Comparison, Explanation, SweepResult, Path or str
        The runs.
    texts : sequence of str
        The base and its variants; see `sim.experiments.stored_worlds.StoredWorlds.find`. Without
        variants all other worlds are; without a base, the one that the runs have as theirs.
    wish : Wish
        How sure one wants to be.

    Raises
    ------
    ScenarioError
        If there is no such world, or the worlds cannot be compared.
    RunError
        If a folder is damaged, or the worlds do not have the same seeds.
    """
    from sim.experiments.stored_worlds import chosen_worlds, stored_worlds

    stored = stored_worlds(runs)
    labels = chosen_worlds(stored, [str(getattr(text, "name", text)) for text in texts])
    table = stored.runs_of(labels)
    worlds = stored.worlds(labels)
    for world in worlds[1:]:
        check_comparable(worlds[0], world)
    end = date.fromisoformat(stored.about.get("end") or worlds[0].scenario.end.isoformat())
    households = households_table((), (), ())
    if stored.households is not None and labels[0] == stored.base:
        kept = stored.households["variant"].is_in(labels)
        households = stored.households.filter(kept)
    times = _Times(table["replicate"].n_unique(), int(table["seed"].to_numpy().min()), end)
    about = _about(worlds, times, wish)
    about |= {"runs": f"stored by a {stored.kind}", "versions": stored.about["versions"]}
    return _made(about, table, households)


class _Times(NamedTuple):
    """How often and how long worlds were run."""

    replicates: int
    seed: int
    end: date


def _made(about: Mapping[str, Any], runs: Any, households: Any) -> Comparison:
    base, variants, confidence = about["base"], about["variants"], about["confidence"]
    wish = Wish(confidence, about["width"], about["widths"])
    return Comparison(
        about,
        runs,
        differences_of(runs, base, variants, wish),
        effectiveness_of(runs, base, variants, confidence),
        gains_of(households, confidence),
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


def _about(worlds: Sequence[World], times: _Times, wish: Wish) -> dict[str, Any]:
    base, *variants = worlds
    scenario, last = base.scenario, _last_year(base.scenario.start, times.end)
    before = {
        world.label: before_text(year_before(scenario, world.scenario, last))
        for world in variants
        if last is not None
    }
    return {
        "base": base.label,
        "variants": [world.label for world in variants],
        "replicates": times.replicates,
        "seed": times.seed,
        "start": scenario.start.isoformat(),
        "end": times.end.isoformat(),
        "last_year": last,
        "confidence": wish.confidence,
        "width": wish.width,
        "widths": dict(wish.widths or {}),
        "method": METHOD,
        "family": FAMILY,
        "missing": {"crossing and listing": WAITED, "all others": LEFT_OUT},
        "costs": f"{COST}: of the whole run, not discounted",
        "noticed": noticed_text(),
        "income_before": before,
        "versions": versions(),
        "scenarios": {world.label: described_scenario(world.scenario) for world in worlds},
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
