"""The page of an explanation: what each of several policies did, and how sure that is."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

from sim.experiments.causes import Cause, stored_causes
from sim.experiments.comparison_text import percent, quantity, span
from sim.experiments.explain import SHOWN, TOGETHER, Explanation
from sim.experiments.explanation_folder import TABLES, read_explanation
from sim.experiments.explanation_text import heads_of, missing_text, remarks, rows_of
from sim.plots.explanation import explanation_figures
from sim.report.knowledge import parameter_blocks, source_blocks
from sim.report.page import Block, Page, Paragraph, Picture, Points, Row, Section, Table
from sim.report.pictures import address_of
from sim.report.recipe import Recipe, checksums_of, has_incomes, recipe_blocks
from sim.report.scenario_text import scenario_blocks
from sim.report.words import command, counted, file_stem, listed, opened, plain_heads, spoken
from sim.scenario import Scenario, resolved_toml, scenario_hash
from sim.scenario.merging import key_path


def explanation_page(folder: Path) -> Page:
    """Return the page of the folder of an explanation.

    Raises
    ------
    RunError
        If it is no such folder, or is damaged.
    """
    explanation = read_explanation(folder)
    about = explanation.about
    scenario = Scenario.model_validate(about["base"]["scenario"])
    causes = stored_causes(about["causes"])
    end = date.fromisoformat(about["end"])
    sections = [
        Section("What each policy did", list(_findings(explanation))),
        Section("Figures", list(_pictures(explanation))),
        Section("Tables", list(_tables(explanation))),
        Section("The scenario", [*_added(causes), *scenario_blocks(_whole(scenario, causes), end)]),
        Section("Parameters", parameter_blocks(scenario)),
        Section("Sources", source_blocks(scenario)),
        Section("How to get the same bytes", recipe_blocks(_recipe(folder, explanation, causes))),
    ]
    return Page(
        kind="Report of an explanation",
        title=f"What {listed(explanation.policies)} did in {scenario.title or scenario.name}",
        question=scenario.question.strip(),
        facts=[
            scenario.name,
            counted(about["worlds"], "world"),
            f"{counted(about['replicates'], 'replicate')} of each",
            f"{spoken(date.fromisoformat(about['start']))} to {spoken(end)}",
            f"seeds {about['seed']} to {about['seed'] + about['replicates'] - 1}",
        ],
        sections=[section for section in sections if section.blocks],
        made_by=f"villagesim {about['versions']['villagesim']}",
    )


def _findings(explanation: Explanation) -> Iterator[Block]:
    by_outcome: dict[str, list[dict[str, Any]]] = {}
    for row in explanation.shares.to_dicts():
        by_outcome.setdefault(row["outcome"], []).append(row)
    for name in SHOWN:
        rows = by_outcome.get(name, [])
        if not rows:
            continue
        together = next(row for row in rows if row["policy"] == TOGETHER)
        yield Paragraph(_together(together, explanation))
        if together["low"] != 0.0 or together["high"] != 0.0:
            yield Points([_value(row, together) for row in rows if row["policy"] != TOGETHER])
    yield from (Paragraph(text, note=True) for text in remarks(explanation))


def _together(row: Mapping[str, Any], explanation: Explanation) -> str:
    """Tell what all policies do together to one outcome."""
    unit, size = row["unit"], max(abs(row["without_mean"]), abs(row["value"]))
    words = "" if unit == "1" else f" {unit}"
    value = quantity(row["value"], unit, size, signed=True)
    missing = missing_text(explanation, row["outcome"])
    text = f"{opened(row['meaning'])}{missing}: all together {value}{words}, "
    text += f"from a mean of {quantity(row['without_mean'], unit, size)}{words} without any"
    if row["low"] == row["high"]:
        return f"{text}; the same in all {row['replicates']} replicates."
    confidence = f"{100 * explanation.about['confidence']:g}\N{NO-BREAK SPACE}% interval"
    doubt = "; it may be nothing but luck" if row["low"] <= 0.0 <= row["high"] else ""
    return f"{text} ({confidence} {span(row['low'], row['high'], unit, size)}{doubt})."


def _value(row: Mapping[str, Any], together: Mapping[str, Any]) -> str:
    """Tell the value of one policy, and its share of what all do together."""
    unit, size = row["unit"], abs(together["value"])
    text = f"{row['policy']}: {quantity(row['value'], unit, size, signed=True)}"
    text += f" ({span(row['low'], row['high'], unit, size)})"
    if row["share"] is None:
        return f"{text}."
    low, high = row["share_low"], row["share_high"]
    bounds = "" if low == high else f" ({100 * low:.0f} to {percent(high)})"
    return f"{text}, which is {percent(row['share'])}{bounds} of it."


def _pictures(explanation: Explanation) -> Iterator[Picture]:
    for figure in explanation_figures(explanation).values():
        text = "Shapley value of each policy with its interval, outcome by outcome."
        yield Picture(address_of(figure), text)


def _tables(explanation: Explanation) -> Iterator[Table]:
    heads = plain_heads(heads_of(explanation))
    for heading, rows in rows_of(explanation).items():
        yield Table(heads, [Row(row.cells, row.verdict) for row in rows], heading)


def _added(causes: tuple[Cause, ...]) -> list[Block]:
    """Tell which policies the scenario does not have by itself."""
    names = [cause.name for cause in causes if not cause.key]
    if not names:
        return []
    return [Paragraph(f"Told with all policies. Added to the scenario for this: {listed(names)}.")]


def _whole(scenario: Scenario, causes: tuple[Cause, ...]) -> Scenario:
    """Return the scenario with all policies, those that are added too."""
    added = chain(*(cause.policies for cause in causes))
    return scenario.model_copy(update={"policies": (*scenario.policies, *added)})


def _recipe(folder: Path, explanation: Explanation, causes: tuple[Cause, ...]) -> Recipe:
    about = explanation.about
    scenario = Scenario.model_validate(about["base"]["scenario"])
    stem = file_stem(scenario.name)
    options = ["--replicates", str(about["replicates"]), "--seed", str(about["seed"])]
    options += ["--confidence", f"{about['confidence']:g}"]
    if about["end"] != scenario.end.isoformat():
        options += ["--until", about["end"]]
    options += ["--households" if has_incomes(explanation.runs) else "--no-households"]
    options += ["--out", f"{stem}-explained-again"]
    for cause in causes:
        named = ".".join(key_path(cause.key)[1:]) if cause.key else f"{cause.name}.toml"
        options += ["--policies", named]
    return Recipe(
        scenarios={scenario.name: scenario},
        hashes={scenario.name: scenario_hash(scenario)},
        commands=[command("explain", f"{stem}.toml", *options)],
        versions=about["versions"],
        checksums=checksums_of(folder, TABLES),
        files={
            f"{cause.name}.toml": _policy_file(scenario, cause) for cause in causes if not cause.key
        },
    )


def _policy_file(scenario: Scenario, cause: Cause) -> str:
    """Return the policies of a cause as a file of policies alone."""
    text = resolved_toml(scenario.model_copy(update={"policies": cause.policies}))
    own = [part for part in text.split("\n\n") if part.startswith(("[[policies]]", "[policies."))]
    return "\n\n".join(part.strip() for part in own) + "\n"
