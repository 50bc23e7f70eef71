"""The page of a comparison: what differs, how sure that is, what it costs, and for whom."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from sim.experiments.compare import Comparison
from sim.experiments.comparison_folder import TABLES, read_comparison
from sim.experiments.comparison_text import (
    COST_HEADS,
    DIFFERENCE_HEADS,
    GAIN_HEADS,
    PAIRING_HEADS,
    cost_rows,
    difference_rows,
    family_text,
    gain_rows,
    heads_of,
    is_sure,
    pairing_rows,
    percent,
    quantity,
    remarks,
    size_of_difference,
    span,
    with_unit,
)
from sim.experiments.comparison_text import Row as Told
from sim.plots.comparison import comparison_figures
from sim.report.knowledge import parameter_blocks, source_blocks
from sim.report.page import Block, Page, Paragraph, Picture, Points, Row, Section, Table
from sim.report.pictures import address_of
from sim.report.recipe import Recipe, checksums_of, has_incomes, recipe_blocks
from sim.report.scenario_text import scenario_blocks
from sim.report.words import command, file_stem, opened, plain_heads
from sim.scenario import Scenario, scenario_hash
from sim.words import counted, listed, named, spoken, t, together

_TOLD: Final = (
    "listed_after_days", "crossed_after_days", "online_sales_yuan", "active_stores",
    "jobs_with_makers_and_carriers", "mean_income_local_yuan", "gini", "total_policy_cost_yuan",
)  # fmt: skip
"""Outcomes of which a sentence is made."""


def comparison_page(folder: Path) -> Page:
    """Return the page of the folder of a comparison.

    Raises
    ------
    RunError
        If it is no such folder, or is damaged.
    """
    comparison = read_comparison(folder)
    about = comparison.about
    worlds = {
        label: Scenario.model_validate(world["scenario"])
        for label, world in about["scenarios"].items()
    }
    base = worlds[comparison.base]
    sections = [
        Section(t("What differs"), list(_findings(comparison))),
        Section(t("Figures"), list(_pictures(comparison))),
        Section(t("Tables"), list(_tables(comparison))),
        Section(t("The base"), scenario_blocks(base, date.fromisoformat(about["end"]))),
        *_variants(comparison, worlds),
        Section(t("Parameters"), parameter_blocks(base)),
        Section(t("Sources"), source_blocks(base)),
        Section(t("How to get the same bytes"), recipe_blocks(_recipe(folder, comparison, worlds))),
    ]
    names = [_short(variant, comparison) for variant in comparison.variants]
    return Page(
        kind=t("Report of a comparison"),
        title=t("{variant} against {base}", variant=listed(names), base=comparison.base),
        question=named(base.question.strip()),
        facts=[
            named(base.title or base.name),
            counted(comparison.replicates, "pair of runs", "pairs of runs"),
            t(
                "{first} to {last}",
                first=spoken(date.fromisoformat(about["start"])),
                last=spoken(date.fromisoformat(about["end"])),
            ),
            t(
                "seeds {first} to {last}",
                first=about["seed"],
                last=about["seed"] + comparison.replicates - 1,
            ),
        ],
        sections=[section for section in sections if section.blocks],
        made_by=f"villagesim {about['versions']['villagesim']}",
    )


def _findings(comparison: Comparison) -> Iterator[Block]:
    for variant in comparison.variants:
        rows = {
            row["outcome"]: row
            for row in comparison.differences.to_dicts()
            if row["variant"] == variant
        }
        yield Paragraph(t("{title}:", title=_against(variant, comparison)))
        found = [_sentence(rows[name], comparison) for name in _TOLD if name in rows]
        yield Points([text for text in found if text] or [t("No outcome differs.")])
        yield Paragraph(family_text(comparison, variant))
    yield from (Paragraph(text, note=True) for text in remarks(comparison))


def _sentence(row: Mapping[str, Any], comparison: Comparison) -> str:
    """Tell one difference; empty if there is nothing to tell."""
    if row["base_mean"] == row["variant_mean"] == 0.0 or row["difference"] is None:
        return ""
    unit, size = row["unit"], size_of_difference(row)
    low, high = row["low"], row["high"]
    difference = quantity(row["difference"], unit, size, signed=True)
    points = difference + t(" percentage points")
    text = t(
        "{outcome}: {difference}, from a mean of {mean}",
        outcome=opened(t(row["meaning"])),
        difference=points if unit == "1" else with_unit(difference, unit),
        mean=with_unit(quantity(row["base_mean"], unit), unit),
    )
    share = comparison.about["confidence"]
    if low == high:
        unseen = percent(row["unseen_share"])
        agree = t(
            "All {pairs} pairs agree; at most {unseen} of seeds would not.",
            pairs=row["pairs"],
            unseen=unseen,
        )
        return together(t("{sentence}.", sentence=text), agree)
    doubt = ""
    if low <= 0.0 <= high:
        doubt = t("; it may be nothing but luck")
    elif not is_sure(row, share):
        doubt = t("; with so many outcomes it may be nothing but luck")
    return t(
        "{text} ({percent}\N{NO-BREAK SPACE}% interval {bounds}{doubt}).",
        text=text,
        percent=f"{100 * share:g}",
        bounds=span(low, high, unit, size),
        doubt=doubt,
    )


def _short(variant: str, comparison: Comparison) -> str:
    """Return the name of a variant without that of the base which it adds to."""
    return variant.removeprefix(f"{comparison.base}+") or variant


def _against(variant: str, comparison: Comparison) -> str:
    return t("{variant} against {base}", variant=_short(variant, comparison), base=comparison.base)


def _pictures(comparison: Comparison) -> Iterator[Picture]:
    for name, figure in comparison_figures(comparison).items():
        text = t("Differences with their intervals; filled marks are sure, by Holm's adjustment.")
        if name.startswith("gains"):
            text = t("Who gains and who loses, group by group.")
        yield Picture(address_of(figure), text)


def _tables(comparison: Comparison) -> Iterator[Table]:
    for variant in comparison.variants:
        name = _short(variant, comparison)
        yield Table(
            _heads(comparison, DIFFERENCE_HEADS),
            _rows(difference_rows(comparison, variant)),
            _against(variant, comparison),
            words=frozenset({0, 4}),
        )
        runs = _rows(pairing_rows(comparison, variant))
        if runs:
            title = t("How many runs it takes: {variant}", variant=name)
            yield Table(_heads(comparison, PAIRING_HEADS), runs, title)
        costs = _rows(cost_rows(comparison, variant))
        if costs:
            yield Table(
                _heads(comparison, COST_HEADS), costs, t("What {variant} costs", variant=name)
            )
        groups = list(_gains(comparison, variant))
        if groups:
            year = comparison.about["last_year"]
            title = t(
                "Who gains and who loses by {variant} (yuan of a household in {year})",
                variant=name,
                year=year,
            )
            yield Table(_heads(comparison, GAIN_HEADS), groups, title)


def _rows(told: Sequence[Told]) -> list[Row]:
    return [Row(row.cells, row.verdict) for row in told]


def _gains(comparison: Comparison, variant: str) -> Iterator[Row]:
    for grouping, rows in gain_rows(comparison, variant).items():
        if grouping != "all":
            yield Row((t("by {grouping}", grouping=t(grouping)),), "group")
        yield from _rows(rows)


def _heads(comparison: Comparison, heads: tuple[str, ...]) -> list[str]:
    return plain_heads(heads_of(comparison, heads))


def _variants(comparison: Comparison, worlds: Mapping[str, Scenario]) -> list[Section]:
    found = []
    for variant in comparison.variants:
        world = worlds[variant]
        blocks: list[Block] = []
        if world.question.strip() and world.question != worlds[comparison.base].question:
            blocks.append(Paragraph(named(world.question.strip())))
        blocks += scenario_blocks(world, date.fromisoformat(comparison.about["end"]))
        found.append(
            Section(t("The variant {variant}", variant=_short(variant, comparison)), blocks)
        )
    return found


def _recipe(folder: Path, comparison: Comparison, worlds: Mapping[str, Scenario]) -> Recipe:
    about = comparison.about
    # Each world becomes a file of its own, and is called what it was called here.
    named = {label: world.model_copy(update={"name": label}) for label, world in worlds.items()}
    stems = {label: file_stem(label) for label in worlds}
    options = ["--replicates", str(comparison.replicates), "--seed", str(about["seed"])]
    options += ["--confidence", f"{about['confidence']:g}", "--width", f"{about['width']:g}"]
    for outcome, width in about["widths"].items():
        options += ["--width", f"{outcome}={width:g}"]
    if about["end"] != worlds[comparison.base].end.isoformat():
        options += ["--until", about["end"]]
    options += ["--households" if has_incomes(comparison.runs) else "--no-households"]
    files = [f"{stems[label]}.toml" for label in worlds]
    text = command("compare", *files, *options, "--out", f"{stems[comparison.base]}-again")
    return Recipe(
        scenarios=named,
        hashes={label: scenario_hash(world) for label, world in named.items()},
        commands=[text],
        versions=about["versions"],
        checksums=checksums_of(folder, _made_again(comparison)),
    )


def _made_again(comparison: Comparison) -> list[str]:
    """Return the tables that new runs give again: stored ones may be without twins."""
    is_whole = comparison.about["runs"] == "new" or not comparison.households.is_empty()
    return [name for name in TABLES if is_whole or name not in ("gains", "households")]
