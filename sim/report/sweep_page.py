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
from sim.experiments.comparison_text import quantity, span, with_unit
from sim.experiments.design import NAMES as DESIGNS
from sim.experiments.differences import WAITED
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
from sim.report.words import command, file_stem, opened, unbroken
from sim.scenario import Scenario
from sim.words import clauses, counted, listed, named, phrase, spoken, t, together

_MOST_KEYS: Final = 8
_MOST_FAILURES: Final = 5
_POINTS_FILE: Final = "points.csv"
_NO_INTERVAL: Final = phrase(
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
        Section(t("What came out"), list(_findings(result, runs, outcomes))),
        Section(t("Figures"), list(_pictures(result, outcomes))),
        Section(t("Tables"), list(_tables(result, runs, outcomes))),
        Section(t("The scenario"), [Paragraph(_varied(result)), *scenario_blocks(scenario)]),
        Section(t("Parameters"), parameter_blocks(scenario)),
        Section(t("Sources"), source_blocks(scenario)),
        Section(t("How to get the same bytes"), recipe_blocks(_recipe(result, scenario))),
    ]
    return Page(
        kind=t("Report of a sweep"),
        title=_title(result, scenario),
        question=named(scenario.question.strip()),
        facts=[
            scenario.name,
            counted(about["design"]["points"], "point"),
            counted(about["replicates"], "replicate"),
            t("{first} to {last}", first=spoken(scenario.start), last=spoken(scenario.end)),
            t(
                "seeds {first} to {last}",
                first=about["seed"],
                last=about["seed"] + about["replicates"] - 1,
            ),
        ],
        sections=[section for section in sections if section.blocks],
        made_by=f"villagesim {about['versions']['villagesim']}",
    )


def _title(result: SweepResult, scenario: Scenario) -> str:
    name = named(scenario.title or scenario.name)
    if not result.keys:
        return t("{scenario}: luck alone", scenario=name)
    return t("{scenario}: what follows {keys}", scenario=name, keys=listed(result.keys))


def _findings(result: SweepResult, runs: pl.DataFrame, outcomes: list[Outcome]) -> Iterator[Block]:
    about = result.about
    there = t(
        "{there} of {runs} are there", there=f"{len(runs):,}", runs=counted(about["runs"], "run")
    )
    if len(runs) < about["runs"]:
        there += t("; the sweep's own command runs those that are missing")
    yield Paragraph(t("{sentence}.", sentence=there))
    yield from _failures(result)
    contrasts = contrasts_of(runs, result.keys[:_MOST_KEYS], told(outcomes))
    for key in result.keys[:_MOST_KEYS]:
        texts = [_sentence(each) for each in contrasts if each.key == key]
        if texts:
            yield Paragraph(t("{title}:", title=key))
            yield Points(texts)
    if about["replicates"] < 2:
        yield Paragraph(t(_NO_INTERVAL), note=True)
    else:
        text = t(
            "Intervals are 95 % intervals over replicates, which are runs with other luck; at "
            "every point the replicates have the same luck. Points are averaged first."
        )
        rule = t(RULE, waited=t(WAITED))
        yield Paragraph(together(text, rule), note=True)


def _failures(result: SweepResult) -> Iterator[Block]:
    failures = result.failures
    if failures.is_empty():
        return
    yield Paragraph(t("{runs} failed:", runs=counted(len(failures), "run")))
    counts = failures["error"].value_counts(sort=True).head(_MOST_FAILURES)
    yield Points([f"{times:,} × {error}" for error, times in counts.iter_rows()])


def _sentence(contrast: Contrast) -> str:
    outcome, change = contrast.outcome, contrast.difference
    unit = outcome.unit
    ends = [answer.mean.mean for answer in (contrast.first, contrast.last)]
    size = max(map(abs, ends))
    first, last = (with_unit(quantity(end, unit, size), unit) for end in ends)
    text = t(
        "{outcome}: {first} at {low}, {last} at {high}",
        outcome=opened(t(outcome.meaning)),
        first=first,
        low=contrast.first.group.label,
        last=last,
        high=contrast.last.group.label,
    )
    if math.isnan(change.low):
        return t("{sentence}.", sentence=text)
    if change.low == change.high:
        return t("{text}; the difference is the same in all replicates.", text=text)
    sure = "" if change.excludes_zero else t(", so it may be nothing but luck")
    difference = quantity(change.mean, unit, size, signed=True)
    bounds = span(change.low, change.high, unit, size)
    if not re.search("[1-9]", f"{difference} {bounds}"):
        return t("{text}; no difference is to be seen.", text=text)
    return t(
        "{text}: a difference of {difference} (95\N{NO-BREAK SPACE}% interval {bounds}{sure}).",
        text=text,
        difference=difference,
        bounds=bounds,
        sure=sure,
    )


def _pictures(result: SweepResult, outcomes: list[Outcome]) -> Iterator[Picture]:
    for key in result.keys[:_MOST_KEYS]:
        yield Picture(
            address_of(sweep_figure(result, key, outcomes)),
            t(
                "What follows {key}: means over its values, with intervals; single runs in grey.",
                key=key,
            ),
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
            yield Table(heads, rows, t("Means and 95 % intervals by {key}", key=key), wraps=True)


def _cell(mean: Any, unit: str) -> str:
    text = quantity(mean.mean, unit)
    if math.isnan(mean.low) or mean.low == mean.high:
        return text
    size = abs(mean.mean)
    bounds = span(mean.low, mean.high, unit, size, is_signed=False)
    return f"{unbroken(text)} ({unbroken(bounds)})"


def _name(outcome: Outcome) -> str:
    if outcome.unit == "1":
        return t(outcome.meaning)
    return t("{outcome}, {unit}", outcome=t(outcome.meaning), unit=t(outcome.unit))


def _varied(result: SweepResult) -> str:
    about = result.about
    design = about["design"]
    specs = design.get("vary", {})
    keys = [f"{key} ({spec})" if (spec := specs.get(key)) else key for key in result.keys]
    return t(
        "Varied: {keys}. Design {design} with {points}, each run {times} times. Besides:",
        keys=clauses(*keys) or t("nothing"),
        design=design["name"],
        points=counted(design["points"], "point"),
        times=f"{about['replicates']:,}",
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
            t("SHA-256 of the program"): about["program_sha256"],
            t("SHA-256 of the points"): about["points_sha256"],
            t("SHA-256 of the manifest"): str(result.manifest["sha256"]),
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
