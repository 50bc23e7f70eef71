"""The page of an explanation: what each of several policies did, and how sure that is."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

from sim.experiments.causes import Cause, stored_causes
from sim.experiments.comparison_text import percent, quantity, span, with_unit
from sim.experiments.explain import SHOWN, TOGETHER, Explanation
from sim.experiments.explanation_folder import TABLES, read_explanation
from sim.experiments.explanation_text import heads_of, missing_text, remarks, rows_of
from sim.plots.explanation import explanation_figures
from sim.report.knowledge import parameter_blocks, source_blocks
from sim.report.page import Block, Page, Paragraph, Picture, Points, Row, Section, Table
from sim.report.pictures import address_of
from sim.report.recipe import Recipe, checksums_of, has_incomes, recipe_blocks
from sim.report.scenario_text import scenario_blocks
from sim.report.words import command, file_stem, opened, plain_heads
from sim.scenario import Scenario, resolved_toml, scenario_hash
from sim.scenario.merging import key_path
from sim.words import counted, in_brackets, listed, named, spoken, t


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
        Section(t("What each policy did"), list(_findings(explanation))),
        Section(t("Figures"), list(_pictures(explanation))),
        Section(t("Tables"), list(_tables(explanation))),
        Section(
            t("The scenario"), [*_added(causes), *scenario_blocks(_whole(scenario, causes), end)]
        ),
        Section(t("Parameters"), parameter_blocks(scenario)),
        Section(t("Sources"), source_blocks(scenario)),
        Section(
            t("How to get the same bytes"), recipe_blocks(_recipe(folder, explanation, causes))
        ),
    ]
    return Page(
        kind=t("Report of an explanation"),
        title=t(
            "What {policies} did in {scenario}",
            policies=listed([named(policy) for policy in explanation.policies]),
            scenario=named(scenario.title or scenario.name),
        ),
        question=named(scenario.question.strip()),
        facts=[
            scenario.name,
            counted(about["worlds"], "world"),
            t("{replicates} of each", replicates=counted(about["replicates"], "replicate")),
            t(
                "{first} to {last}",
                first=spoken(date.fromisoformat(about["start"])),
                last=spoken(end),
            ),
            t(
                "seeds {first} to {last}",
                first=about["seed"],
                last=about["seed"] + about["replicates"] - 1,
            ),
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
    text = t(
        "{outcome}{missing}: all together {value}, from a mean of {mean} without any",
        outcome=opened(t(row["meaning"])),
        missing=missing_text(explanation, row["outcome"]),
        value=with_unit(quantity(row["value"], unit, size, signed=True), unit),
        mean=with_unit(quantity(row["without_mean"], unit, size), unit),
    )
    if row["low"] == row["high"]:
        same = t("; the same in all {replicates} replicates", replicates=row["replicates"])
        return t("{sentence}.", sentence=f"{text}{same}")
    return t(
        "{text} ({percent}\N{NO-BREAK SPACE}% interval {bounds}{doubt}).",
        text=text,
        percent=f"{100 * explanation.about['confidence']:g}",
        bounds=span(row["low"], row["high"], unit, size),
        doubt=t("; it may be nothing but luck") if row["low"] <= 0.0 <= row["high"] else "",
    )


def _value(row: Mapping[str, Any], together: Mapping[str, Any]) -> str:
    """Tell the value of one policy, and its share of what all do together."""
    unit, size = row["unit"], abs(together["value"])
    text = t(
        "{policy}: {value} ({bounds})",
        policy=named(row["policy"]),
        value=quantity(row["value"], unit, size, signed=True),
        bounds=span(row["low"], row["high"], unit, size),
    )
    if row["share"] is None:
        return t("{sentence}.", sentence=text)
    low, high = row["share_low"], row["share_high"]
    bounds = ""
    if low != high:
        bounds = in_brackets(t("{low} to {high}", low=f"{100 * low:.0f}", high=percent(high)))
    share = percent(row["share"])
    return t("{text}, which is {share}{bounds} of it.", text=text, share=share, bounds=bounds)


def _pictures(explanation: Explanation) -> Iterator[Picture]:
    for figure in explanation_figures(explanation).values():
        text = t("Shapley value of each policy with its interval, outcome by outcome.")
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
    return [
        Paragraph(
            t(
                "Told with all policies. Added to the scenario for this: {names}.",
                names=listed([named(name) for name in names]),
            )
        )
    ]


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
