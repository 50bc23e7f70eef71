"""The page of a sweep: what was varied, and what followed."""

import csv
import io
import json
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import polars as pl

from sim.errors import RunError
from sim.experiments.comparison_text import quantity, span
from sim.experiments.design import NAMES as DESIGNS
from sim.experiments.outcomes import Outcome
from sim.experiments.responses import (
    RULE,
    Contrast,
    answers_of,
    contrasts_of,
    groups_of,
    outcomes_in,
    told,
)
from sim.experiments.sweep_result import SweepResult, read_sweep
from sim.plots.responses import sweep_figure
from sim.report.knowledge import parameter_blocks, source_blocks
from sim.report.page import Block, Page, Paragraph, Picture, Points, Row, Section, Table
from sim.report.pictures import address_of
from sim.report.recipe import Recipe, recipe_blocks
from sim.report.scenario_text import scenario_blocks
from sim.report.words import command, counted, file_stem, listed, opened, spoken, unbroken
from sim.scenario import Scenario

_MOST_KEYS: Final = 8
_MOST_FAILURES: Final = 5
_POINTS_FILE: Final = "points.csv"
_NO_INTERVAL: Final = (
    "Each point was run once, so nobody can tell what of this is luck: run more replicates."
)


def sweep_page(folder: Path) -> Page:
    """Return the page of a sweep folder, finished or not.

    Raises
    ------
    RunError
        If it is no sweep folder, is damaged, or its runs are not those of a scenario.
    """
    result = read_sweep(folder)
    about = result.about
    if "scenario" not in about:
        raise RunError(f"{folder}: a sweep of a function; allowed: a sweep of a scenario")
    scenario = Scenario.model_validate(about["scenario"])
    runs = result.to_polars()
    outcomes = outcomes_in(runs, result.outcomes)
    sections = [
        Section("What came out", list(_findings(result, runs, outcomes))),
        Section("Figures", list(_pictures(result, outcomes))),
        Section("Tables", list(_tables(result, runs, outcomes))),
        Section("The scenario", [Paragraph(_varied(result)), *scenario_blocks(scenario)]),
        Section("Parameters", parameter_blocks(scenario)),
        Section("Sources", source_blocks(scenario)),
        Section("How to get the same bytes", recipe_blocks(_recipe(result, scenario))),
    ]
    return Page(
        kind="Report of a sweep",
        title=_title(result, scenario),
        question=scenario.question.strip(),
        facts=[
            scenario.name,
            counted(about["design"]["points"], "point"),
            counted(about["replicates"], "replicate"),
            f"{spoken(scenario.start)} to {spoken(scenario.end)}",
            f"seeds {about['seed']} to {about['seed'] + about['replicates'] - 1}",
        ],
        sections=[section for section in sections if section.blocks],
        made_by=f"villagesim {about['versions']['villagesim']}",
    )


def _title(result: SweepResult, scenario: Scenario) -> str:
    name = scenario.title or scenario.name
    return f"{name}: what follows {listed(result.keys)}" if result.keys else f"{name}: luck alone"


def _findings(result: SweepResult, runs: pl.DataFrame, outcomes: list[Outcome]) -> Iterator[Block]:
    about = result.about
    there = f"{len(runs):,} of {counted(about['runs'], 'run')} are there"
    if len(runs) < about["runs"]:
        there += "; the sweep's own command runs those that are missing"
    yield Paragraph(f"{there}.")
    yield from _failures(result)
    contrasts = contrasts_of(runs, result.keys[:_MOST_KEYS], told(outcomes))
    for key in result.keys[:_MOST_KEYS]:
        texts = [_sentence(each) for each in contrasts if each.key == key]
        if texts:
            yield Paragraph(f"{key}:")
            yield Points(texts)
    if about["replicates"] < 2:
        yield Paragraph(_NO_INTERVAL, note=True)
    else:
        text = "Intervals are 95 % intervals over replicates, which are runs with other luck; at "
        text += "every point the replicates have the same luck. Points are averaged first. "
        yield Paragraph(f"{text}{RULE}", note=True)


def _failures(result: SweepResult) -> Iterator[Block]:
    failures = result.failures
    if failures.is_empty():
        return
    yield Paragraph(f"{counted(len(failures), 'run')} failed:")
    counts = failures["error"].value_counts(sort=True).head(_MOST_FAILURES)
    yield Points([f"{times:,} × {error}" for error, times in counts.iter_rows()])


def _sentence(contrast: Contrast) -> str:
    outcome, change = contrast.outcome, contrast.difference
    unit = outcome.unit
    ends = [answer.mean.mean for answer in (contrast.first, contrast.last)]
    size = max(map(abs, ends))
    words = "" if unit == "1" else f" {unit}"
    first, last = (quantity(end, unit, size) for end in ends)
    text = f"{opened(outcome.meaning)}: {first}{words} at "
    text += f"{contrast.first.group.label}, {last}{words} at {contrast.last.group.label}"
    if math.isnan(change.low):
        return f"{text}."
    if change.low == change.high:
        return f"{text}; the difference is the same in all replicates."
    sure = "" if change.excludes_zero else ", so it may be nothing but luck"
    difference = quantity(change.mean, unit, size, signed=True)
    bounds = span(change.low, change.high, unit, size)
    if not re.search("[1-9]", f"{difference} {bounds}"):
        return f"{text}; no difference is to be seen."
    percent = "95\N{NO-BREAK SPACE}%"
    return f"{text}: a difference of {difference} ({percent} interval {bounds}{sure})."


def _pictures(result: SweepResult, outcomes: list[Outcome]) -> Iterator[Picture]:
    for key in result.keys[:_MOST_KEYS]:
        yield Picture(
            address_of(sweep_figure(result, key, outcomes)),
            f"What follows {key}: means over its values, with intervals; single runs in grey.",
        )


def _tables(result: SweepResult, runs: pl.DataFrame, outcomes: list[Outcome]) -> Iterator[Table]:
    for key in result.keys[:_MOST_KEYS]:
        groups = groups_of(runs, key)
        rows = [
            Row((_name(outcome), *cells))
            for outcome in outcomes
            for cells in [[_cell(a.mean, outcome.unit) for a in answers_of(groups, outcome)]]
        ]
        if rows:
            heads = ("", *(group.label for group in groups))
            yield Table(heads, rows, f"Means and 95 % intervals by {key}", wraps=True)


def _cell(mean: Any, unit: str) -> str:
    text = quantity(mean.mean, unit)
    if math.isnan(mean.low) or mean.low == mean.high:
        return text
    size = abs(mean.mean)
    bounds = span(mean.low, mean.high, unit, size, is_signed=False)
    return f"{unbroken(text)} ({unbroken(bounds)})"


def _name(outcome: Outcome) -> str:
    return outcome.meaning if outcome.unit == "1" else f"{outcome.meaning}, {outcome.unit}"


def _varied(result: SweepResult) -> str:
    about = result.about
    design = about["design"]
    specs = design.get("vary", {})
    keys = [f"{key} ({spec})" if (spec := specs.get(key)) else key for key in result.keys]
    return (
        f"Varied: {'; '.join(keys) or 'nothing'}. Design {design['name']} with "
        f"{counted(design['points'], 'point')}, each run {about['replicates']:,} times. Besides:"
    )


def _recipe(result: SweepResult, scenario: Scenario) -> Recipe:
    about = result.about
    design: Mapping[str, Any] = about["design"]
    stem = file_stem(scenario.name)
    options = ["--replicates", str(about["replicates"]), "--seed", str(about["seed"])]
    files = {}
    if design.get("vary") and design["name"] in DESIGNS:
        for key, spec in design["vary"].items():
            options += ["--vary", f"{key}={spec}"]
        options += ["--design", design["name"]]
        for name in ("samples", "design_seed"):
            if design.get(name) is not None:
                options += [f"--{name.replace('_', '-')}", str(design[name])]
    else:
        files[_POINTS_FILE] = _points(result)
        options += ["--design", _POINTS_FILE]
    return Recipe(
        scenarios={scenario.name: scenario},
        hashes={scenario.name: about["scenario_sha256"]},
        commands=[command("sweep", f"{stem}.toml", *options, "--out", f"{stem}-sweep-again")],
        versions=about["versions"],
        files=files,
        more={
            "SHA-256 of the program": about["program_sha256"],
            "SHA-256 of the points": about["points_sha256"],
            "SHA-256 of the manifest": str(result.manifest["sha256"]),
        },
    )


def _points(result: SweepResult) -> str:
    """Return the points as a CSV file, as far as their runs are there."""
    columns = [*result.keys]
    points = result.to_polars().unique("point", keep="first").sort("point").select(columns)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_csv_cell(value) for value in row] for row in points.iter_rows())
    return text.getvalue()


def _csv_cell(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool | float) else str(value)
