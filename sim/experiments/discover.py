"""Discovery: under what conditions does something come about, as a rule that people can read.

Every run is a case, so that the density of a box is the probability of a yes inside it, luck
included. Boxes are found by PRIM or CART (`sim.experiments.box_search`), written as rules
(`sim.experiments.boxes`), and put to the test by fresh pairs of runs with seeds that no run had
before (`sim.experiments.confirmation`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np

from sim.errors import RunError, ScenarioError
from sim.experiments.analysis import Analysis, percent
from sim.experiments.box_search import METHODS, PEEL, PRIM, SMALLEST, find_boxes
from sim.experiments.boxes import Box, Input, inputs_of
from sim.experiments.confirmation import Confirmation, check_pairs, confidence_of, confirmed
from sim.experiments.design import Vary, factors_of, make_design
from sim.experiments.executors import Experiment
from sim.experiments.factors import Factor
from sim.experiments.question import USUAL, Question, read_question
from sim.experiments.stored_runs import check_source, chosen_outcomes, stored_sweep
from sim.experiments.sweep import Means, check_points, run_points
from sim.experiments.sweep_result import SweepResult
from sim.experiments.variant import ScenarioVariant
from sim.scenario import Scenario, load_scenario
from sim.scenario.fields import listed, nearest

SAMPLES: Final = 128
REPLICATES: Final = 8
"""Runs of each point, if not said otherwise; all points have the luck of the same seeds."""
THRESHOLD: Final = 0.8
PAIRS: Final = 100
"""Fresh pairs of runs for each box, if new runs are made at all."""
FEWEST_RUNS: Final = 50
MOST_BOXES: Final = 10
FEW_SEEDS: Final = 5
"""With fewer there is a warning that all runs have much the same luck."""
_FEWEST_OF_A_KIND: Final = 5
# What makes a design unfit: its points were chosen to follow each other, not to fill the space.
_NOT_FILLING: Final = ("morris",)
_ENDS: Final = ("", "_low", "_high")


@dataclass(frozen=True, repr=False)
class Discovery(Analysis):
    """Boxes as rules.

    The table has a row for each box: ``rule``, ``density``, ``coverage``, ``mass`` and ``runs`` on
    the runs it was made from; what fresh pairs say, ``inside``, ``outside`` and ``difference``
    with intervals; and whether that confirms it.

    Attributes
    ----------
    conditions : polars.DataFrame
        A row for each condition of each box.
    cases : polars.DataFrame
        A row for each run with an answer: its keys, the answer, and the number of the box it is in.
    fresh : tuple of SweepResult
        The runs that boxes were put to the test with.
    """

    name: ClassVar[str] = "discover"
    index: ClassVar[tuple[str, ...]] = ("box",)

    conditions: Any
    cases: Any
    fresh: tuple[SweepResult, ...] = ()

    @property
    def rules(self) -> tuple[str, ...]:
        """The boxes as people read them."""
        return tuple(self.table["rule"].to_list())

    def tables(self) -> dict[str, Any]:
        """Return all tables by the names of their files."""
        tables = {self.name: self.table, "conditions": self.conditions, "cases": self.cases}
        if self.fresh:
            import polars as pl

            runs = [
                sweep.to_polars().with_columns(pl.lit(number).alias("box"))
                for number, sweep in enumerate(self.fresh, start=1)
            ]
            tables["fresh_runs"] = pl.concat(runs)
        return tables

    def headline(self) -> str:
        """Say the first rule, and how good it is."""
        base = self.about["base_share"]
        if self.table.is_empty():
            return f"no rule does better than the {percent(base)} of all runs"
        first = self.table.row(0, named=True)
        covers = f"; the rule covers {percent(first['coverage'])} of such runs"
        asked, found = self.about["question"], percent(first["density"])
        if not first["pairs"]:
            return (
                f"{asked} in {found} of the runs that the rule was found with (of all: "
                f"{percent(base)}) if {first['rule']}{covers}; not put to the test by fresh runs"
            )
        fresh, outside = percent(first["inside"]), percent(first["outside"])
        held = "held" if first["is_confirmed"] else "did not hold"
        return (
            f"{asked} in {fresh} of {first['pairs']:,} fresh runs if {first['rule']}, and in "
            f"{outside} else; found with {found}{covers}; the rule {held}"
        )


def discover(  # noqa: PLR0913 - all but two are by name and seldom given
    scenario: Scenario | str | Path | None = None,
    vary: Vary = (),
    out: Path | str | None = None,
    *,
    runs: SweepResult | Path | str | None = None,
    question: str = USUAL,
    method: str = PRIM,
    threshold: float = THRESHOLD,
    boxes: int = 1,
    confirm: int | None = None,
    samples: int = SAMPLES,
    replicates: int = REPLICATES,
    seed: int | None = None,
    design_seed: int = 0,
    means: Means | None = None,
) -> Discovery:
    """Find conditions under which something comes about, from new runs or from a stored sweep.

    Parameters
    ----------
    scenario : Scenario, str or Path, optional
        What to run, at the points of a Latin hypercube.
    vary : sequence of str, or mapping
        What is varied; see `sim.sweep`.
    out : Path or str, optional
        Sweep folder for new runs; the same call goes on with what is there.
    runs : SweepResult, Path or str, optional
        A sweep to analyse instead of new runs.
    question : str
        Such as ``"listed within 5 years"`` or ``"active_stores>=100"``.
    method : str
        ``"prim"`` or ``"cart"``.
    threshold : float
        Share of yes that a box should have (0-1).
    boxes : int
        Boxes at most.
    confirm : int, optional
        Fresh pairs of runs for each box; 100 if new runs are made, else none, if not given.
    samples : int
        Points.
    replicates : int
        Runs of each point.
    seed : int, optional
        Seed of the first replicate; the scenario's if not given.
    design_seed : int
        Seed of the design.
    means : Means, optional
        By what means; nothing in it changes a result.

    Raises
    ------
    ScenarioError
        If what is asked is not possible.
    RunError
        If runs are missing or all have the same answer, or EMA Workbench is not installed.
    """
    check_source(scenario, vary, runs)
    asked = read_question(question)
    check_search(method, threshold, boxes)
    pairs = (PAIRS if runs is None else 0) if confirm is None else confirm
    check_pairs(pairs)
    if runs is None:
        chosen = scenario if isinstance(scenario, Scenario) else load_scenario(scenario or "")
        design = make_design(chosen, vary, "lhs", samples, design_seed)
        check_points(chosen, design)
        experiment = ScenarioVariant.of(chosen)
        chosen_outcomes(experiment.outcomes, [asked.outcome])
        seed = chosen.seed if seed is None else seed
        runs = run_points(experiment, design, out, replicates, seed, means)
    sweep = stored_sweep(runs)
    found = discovery_of(sweep, asked, method, threshold, boxes)
    if pairs and found[1]:
        experiment, factors = experiment_of(sweep)
        return put_to_test(found, sweep, asked, experiment, factors, pairs, means)
    return found[0]


def discovery_of(
    sweep: SweepResult,
    question: Question,
    method: str = PRIM,
    threshold: float = THRESHOLD,
    boxes: int = 1,
) -> tuple[Discovery, list[Box]]:
    """Return the boxes of a sweep, not yet put to the test; see `discover`."""
    import polars as pl

    check_search(method, threshold, boxes)
    if not sweep.keys:
        raise ScenarioError("runs", allowed="a sweep in which a key is varied")
    if sweep.about["design"]["name"] in _NOT_FILLING:
        design = sweep.about["design"]["name"]
        allowed = "a grid, lhs, sobol, saltelli or file; the others do not fill the space"
        raise ScenarioError("design", "", design, allowed)
    answers = question.answers(sweep)
    is_known = ~np.isnan(answers)
    cases = sweep.to_polars().filter(is_known).select("run", "point", "replicate", *sweep.keys)
    known = answers[is_known]
    _check_answers(known, question)
    inputs = inputs_of(cases, sweep.about["keys"])
    found = find_boxes(method, inputs, known, threshold, boxes)
    about = {
        "sweep": sweep.about.get("name", ""),
        "sweep_sha256": sweep.manifest.get("sha256", ""),
        "question": question.text,
        "outcome": question.outcome,
        "limit": question.limit,
        "method": method,
        "threshold": threshold,
        "smallest_share": SMALLEST,
        "peel_share": PEEL,
        "runs": int(known.size),
        "base_share": float(known.mean()),
        "keys": dict(sweep.about["keys"]),
    }
    numbers = _numbers(found, inputs)
    table = cases.with_columns(
        pl.Series("answer", known.astype(bool)), pl.Series("box", numbers, pl.Int64)
    )
    notes = _notes(sweep, question, answers, found, threshold)
    rows = _rows(found, [None] * len(found))
    return Discovery(about, rows, tuple(notes), _conditions(found), table), found


def put_to_test(  # noqa: PLR0913 - what was found, and all that testing it takes
    discovery: tuple[Discovery, list[Box]],
    sweep: SweepResult,
    question: Question,
    experiment: Experiment,
    factors: Sequence[Factor],
    pairs: int,
    means: Means | None = None,
) -> Discovery:
    """Put boxes to the test with fresh runs; see `sim.experiments.confirmation`."""
    found, boxes = discovery
    about = sweep.about
    first = about["seed"] + about["replicates"]
    results = [
        confirmed(
            box, question, experiment, factors, pairs, first + number * pairs, means, len(boxes)
        )
        for number, box in enumerate(boxes)
    ]
    rows = _rows(boxes, [each for each, _ in results])
    notes: tuple[str, ...] = (
        f"fresh runs have seeds from {first:,} on, which no run before had; the two runs of a pair "
        "have the same luck, and differ only by the keys of the rule",
        "the share that a rule was found with flatters it, for it was chosen by the same runs; the "
        "share of fresh runs does not",
    )
    if len(boxes) > 1:
        notes += (
            f"each of {len(boxes)} rules is tested at 0.05 / {len(boxes)}, so that all intervals "
            "of fresh runs hold together in 95 % of cases",
        )
    return Discovery(
        {
            **found.about,
            "pairs": pairs,
            "first_fresh_seed": first,
            "fresh_confidence": confidence_of(len(boxes)),
        },
        rows,
        (*found.notes, *notes),
        found.conditions,
        found.cases,
        tuple(fresh for _, fresh in results),
    )


def check_search(method: str, threshold: float, boxes: int) -> None:
    """Refuse a search that is not possible.

    Raises
    ------
    ScenarioError
        If it is.
    """
    if method not in METHODS:
        raise ScenarioError("method", "", method, listed(METHODS), nearest(method, [*METHODS]))
    if not 0.0 < threshold <= 1.0:
        raise ScenarioError("threshold", "", threshold, "a share above 0, up to 1")
    if not 1 <= boxes <= MOST_BOXES:
        raise ScenarioError("boxes", "", boxes, f"a whole number from 1 to {MOST_BOXES}")


def experiment_of(sweep: SweepResult) -> tuple[ScenarioVariant, tuple[Factor, ...]]:
    """Return what a stored sweep ran, and what it varied.

    Raises
    ------
    RunError
        If it ran something else than a scenario.
    """
    about = sweep.about
    if "scenario" not in about:
        raise RunError("confirmation: this sweep ran no scenario, so no fresh runs can be made")
    scenario = Scenario.model_validate(about["scenario"])
    ranges = about["design"].get("vary")
    if ranges is None:
        runs = sweep.to_polars()
        ranges = {key: runs[key].unique().sort().to_list() for key in sweep.keys}
    return ScenarioVariant.of(scenario), factors_of(scenario, ranges)


def _check_answers(answers: Any, question: Question) -> None:
    if answers.size < FEWEST_RUNS:
        raise RunError(
            f"{question.text}: {answers.size} runs have an answer; allowed: {FEWEST_RUNS} or more"
        )
    for name, count in (("yes", answers.sum()), ("no", (1.0 - answers).sum())):
        if count < _FEWEST_OF_A_KIND:
            raise RunError(
                f"{question.text}: the answer is {name} in only {count:,.0f} of {answers.size:,} "
                f"runs; allowed: {_FEWEST_OF_A_KIND} or more, or there is nothing to tell apart"
            )


def _numbers(boxes: Sequence[Box], inputs: Sequence[Input]) -> Any:
    from sim.experiments.boxes import inside

    found = np.zeros(inputs[0].codes.size, dtype=np.int64)
    for number, box in reversed(list(enumerate(boxes, start=1))):
        found[inside(box.conditions, inputs)] = number
    return found


def _notes(
    sweep: SweepResult, question: Question, answers: Any, boxes: Sequence[Box], threshold: float
) -> list[str]:
    notes = []
    left_out = int(np.isnan(answers).sum())
    missing = sweep.about["runs"] - answers.size
    if left_out or missing:
        notes.append(
            f"{left_out + missing:,} of {sweep.about['runs']:,} runs failed, are not there or have "
            f"no {question.outcome}; they are left out"
        )
    seeds = sweep.about["replicates"]
    if seeds < FEW_SEEDS:
        luck = "one seed" if seeds == 1 else f"{seeds} seeds"
        notes.append(
            f"all points have the luck of the same {luck}, and a rule may hold for that luck only; "
            "fresh pairs of runs tell"
        )
    if boxes and boxes[0].density < threshold:
        notes.append(f"no box reaches a share of {percent(threshold)}; the densest one is shown")
    return notes


def _rows(boxes: Sequence[Box], tests: Sequence[Confirmation | None]) -> Any:
    import polars as pl

    rows = []
    for number, (box, test) in enumerate(zip(boxes, tests, strict=True), start=1):
        row: dict[str, Any] = {"box": number, "rule": box.rule, "density": box.density}
        row |= {"coverage": box.coverage, "mass": box.mass, "runs": box.runs}
        row |= {"pairs": test.pairs if test else 0}
        for name in ("inside", "outside", "difference"):
            bounds = (None, None, None) if test is None else getattr(test, name)
            row |= dict(zip((name, f"{name}_low", f"{name}_high"), bounds, strict=True))
        rows.append(row | {"is_confirmed": test.is_confirmed if test else None})
    shares = [f"{name}{end}" for name in ("inside", "outside", "difference") for end in _ENDS]
    schema = {
        "box": pl.Int64,
        "rule": pl.String,
        **dict.fromkeys(("density", "coverage", "mass"), pl.Float64),
        **dict.fromkeys(("runs", "pairs"), pl.Int64),
        **dict.fromkeys(shares, pl.Float64),
        "is_confirmed": pl.Boolean,
    }
    return pl.DataFrame(rows, schema=schema)


def _conditions(boxes: Sequence[Box]) -> Any:
    import polars as pl

    rows = [
        (number, each.key, each.kind, each.text, each.low, each.high, " or ".join(each.names))
        for number, box in enumerate(boxes, start=1)
        for each in box.conditions
    ]
    schema = {
        "box": pl.Int64,
        **dict.fromkeys(("key", "kind", "text"), pl.String),
        **dict.fromkeys(("low", "high"), pl.Float64),
        "values": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")
