"""The generated parts of docs/calibration.md: targets, priors, and results that were committed."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

from sim.experiments.calibrate.priors import priors_of
from sim.experiments.targets import ROLES, Target, load_targets

BLOCKS = ("village", "region")
NOT_YET = "No result has been committed yet."
_ROWS_TOLD = 3

Table = Callable[[Iterable[str], Iterable[Iterable[object]]], str]


def targets_text(table: Table) -> str:
    """Return the table of groups of targets: what is in each, and in which role."""
    groups: dict[tuple[str, str, str], list[Target]] = {}
    for target in load_targets(ROLES):
        groups.setdefault((target.role, target.block, target.group), []).append(target)
    order = sorted(groups, key=lambda key: (ROLES.index(key[0]), BLOCKS.index(key[1])))
    rows = [
        (role, block, group, len(groups[role, block, group]), *_words(groups[role, block, group]))
        for role, block, group in order
    ]
    return table(("role", "block", "group", "targets", "what", "years", "scenario"), rows)


def _words(targets: list[Target]) -> tuple[str, str, str]:
    meanings = list(dict.fromkeys(target.definition for target in targets))
    what = "; ".join(meanings[:_ROWS_TOLD]) + (" …" if len(meanings) > _ROWS_TOLD else "")
    years = sorted({target.year for target in targets})
    scenarios = sorted({target.scenario for target in targets})
    return what, ", ".join(map(str, years)), ", ".join(f"`{name}`" for name in scenarios)


def priors_text(table: Table) -> str:
    """Return the table of what is fitted in each block."""
    rows = [
        (
            f"`{prior.path}`",
            block,
            f"{prior.low:g} to {prior.high:g}",
            "loguniform" if prior.is_log else "uniform",
            prior.unit,
            f"{len(prior.keys)} goods" if len(prior.keys) > 1 else "",
        )
        for block in BLOCKS
        for prior in priors_of(block)
    ]
    return table(("parameter", "block", "range", "prior", "unit", "tied"), rows)


def summary_text(folder: Path, block: str, table: Table) -> str:
    """Return what a calibration says of each parameter."""
    rows = _rows(folder, f"{block}-summary.csv")
    heads = ("parameter", "range", "5 %", "median", "95 %", "contraction", "verdict")
    found = [
        (
            f"`{row['parameter']}`",
            f"{_short(row['low'])} to {_short(row['high'])}",
            *(_short(row[name]) for name in ("q05", "q50", "q95")),
            f"{float(row['contraction']):.2f}",
            row["verdict"],
        )
        for row in rows
    ]
    return table(heads, found) if found else NOT_YET


def fit_text(folder: Path, block: str, table: Table) -> str:
    """Return how near runs of a posterior come to each target."""
    heads = ("target", "published", "5 %", "median", "95 %", "standard deviations off")
    found = [
        (
            f"`{row['target']}`",
            *(_short(row[name]) for name in ("published", "q05", "q50", "q95")),
            f"{float(row['z']):+.1f}" if row["z"] else "–",
        )
        for row in _rows(folder, f"{block}-fit.csv")
    ]
    return table(heads, found) if found else NOT_YET


def recovery_text(folder: Path, table: Table) -> str:
    """Return how well known parameters are fitted back."""
    heads = ("parameter", "sets", "contraction", "50 % hold", "90 % hold", "verdict")
    found = [
        (
            f"`{row['parameter']}`",
            row["sets"],
            *(f"{float(row[n]):.2f}" for n in ("contraction", "coverage_50", "coverage_90")),
            row["verdict"],
        )
        for block in BLOCKS
        for row in _rows(folder, f"{block}-recovery.csv")
    ]
    return table(heads, found) if found else NOT_YET


def thinning_text(folder: Path, table: Table) -> str:
    """Return what maps thinned to different shares have."""
    heads = (
        "scenario",
        "share of counties",
        "maps",
        "measure",
        "year",
        "mean",
        "sd",
        "error of mean",
    )
    found = [
        (
            f"`{row['scenario']}`",
            row["county_share"],
            row["maps"],
            row["measure"].replace("_", " "),
            row["year"],
            *(_short(row[name]) for name in ("mean", "sd", "error")),
        )
        for row in _rows(folder, "thinning.csv")
    ]
    return table(heads, found) if found else NOT_YET


def parts(folder: Path, table: Table) -> dict[str, str]:
    """Return every generated part by its name."""
    found = {"targets": targets_text(table), "priors": priors_text(table)}
    for block in BLOCKS:
        found[f"{block} summary"] = summary_text(folder, block, table)
        found[f"{block} fit"] = fit_text(folder, block, table)
    found["recovery"] = recovery_text(folder, table)
    found["thinning"] = thinning_text(folder, table)
    return found


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    path = folder / name
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _short(cell: str) -> str:
    if not cell:
        return "–"
    value = float(cell)
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
