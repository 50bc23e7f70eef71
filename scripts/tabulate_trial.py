"""Write the tables and figures of docs/trial.md: trials, sellers beside others, and the platform.

    scripts/tabulate_trial [trial] [sellers] [platform]

Without a name all three are made, in some minutes on one processor. Seeds begin with 1001, for
nothing was chosen or judged by these.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import sim
from sim.experiments.attribution import ASSUMED
from sim.experiments.calibrate.priors import priors_of
from sim.experiments.run import RunOptions, simulate
from sim.results.incomes import of_year
from sim.results.tables import income_yuan
from sim.scenario import load_scenario

ROOT = Path(__file__).resolve().parents[1]
TABLES = ROOT / "docs" / "validation" / "trial"
IMAGES = ROOT / "docs" / "images"
SEED = 1001
HORIZONS = {1: (40, 25), 3: (20, 5)}
"""Trials, and lots without consequence for each, by years of the programme."""
DRAWS, REPLICATES = 120, 2
KINDS = {"growers": 0, "makers": 1, "other locals": 2}
SELLERS = {"cangtian": 6, "dongfeng": 6, "cixi": 2}
"""Seeds of each scenario whose sellers are compared with their neighbours."""
YEARS = (2013, 2016, 2018)
DIGITS = 6


def write(name: str, table: pl.DataFrame) -> None:
    """Write a table with numbers of some digits."""
    rounded = table.with_columns(
        pl.col(column).round_sig_figs(DIGITS)
        for column, kind in table.schema.items()
        if kind == pl.Float64
    )
    TABLES.mkdir(parents=True, exist_ok=True)
    rounded.write_csv(TABLES / f"{name}.csv")


def draw(name: str, figure: Any) -> None:
    """Write a figure."""
    figure.savefig(IMAGES / f"{name}.png", dpi=150, metadata={"Software": None})


def trials() -> None:
    """Hold trials of one year and of three."""
    estimates, truths = [], []
    for years, (replicates, placebos) in HORIZONS.items():
        held = sim.trial("trial", years=years, replicates=replicates, placebos=placebos, seed=SEED)
        after = pl.lit(years).alias("years")
        estimates.append(held.table.select(after, pl.all()))
        truths.append(held.truths.select(after, pl.all()))
        if years == 1:
            draw("trial", held.plot())
    write("trial", pl.concat(estimates))
    write("truths", pl.concat(truths))


def sellers() -> None:
    """Compare households that sell with others of their kind, where villages are listed."""
    table = pl.DataFrame([row for name in SELLERS for row in gaps_of(name)])
    numbers = [name for name, kind in table.schema.items() if kind == pl.Float64]
    write("sellers", table.group_by("scenario", "year", "kind", maintain_order=True).agg(
        pl.len().alias("seeds"), pl.col(numbers).mean()
    ))  # fmt: skip


def gaps_of(name: str) -> Iterator[dict[str, Any]]:
    """Give incomes of sellers and others by seed, year and kind of household."""
    last = max(YEARS)
    scenario = load_scenario(name)
    options = RunOptions(keep_households=True, record={"shops": "none", "seasons": "none"})
    for seed in range(SEED, SEED + SELLERS[name]):
        rows = simulate(scenario, seed, options).tables["household_years"]
        for year in (year for year in YEARS if year <= min(last, scenario.end.year)):
            households = of_year(rows, year)
            incomes, sells = income_yuan(households), households["shops"] > 0
            for kind, number in KINDS.items():
                groups = [incomes[(households["kind"] == number) & who] for who in (sells, ~sells)]
                if all(group.size for group in groups):
                    yield {"scenario": name, "year": year, "kind": kind, **gap(*groups)}


def gap(selling: np.ndarray, others: np.ndarray) -> dict[str, float]:
    """Return means and medians of both, and how far sellers are ahead."""
    means = [float(group.mean()) for group in (selling, others)]
    medians = [float(np.median(group)) for group in (selling, others)]
    return {
        "sellers": float(selling.size),
        "others": float(others.size),
        "sellers_mean_yuan": means[0],
        "others_mean_yuan": means[1],
        "sellers_median_yuan": medians[0],
        "others_median_yuan": medians[1],
        "ahead_of_mean": means[0] / means[1] - 1.0,
        "ahead_of_median": medians[0] / medians[1] - 1.0,
    }


def platform() -> None:
    """Ask what of Cangtian's history is its platform's doing."""
    found = sim.attribute("cangtian", draws=DRAWS, replicates=REPLICATES, seed=SEED)
    # What a sceptic would say who believes none of the fitted values, only the ranges.
    open_minded = sim.attribute(
        "cangtian",
        draws=DRAWS,
        replicates=REPLICATES,
        seed=SEED,
        assumed=(*ASSUMED, *fitted_names()),
    )
    answers = {"fitted": found.table, "ranges": open_minded.table}
    write("platform", pl.concat(
        table.select(pl.lit(name).alias("parameters"), pl.all()) for name, table in answers.items()
    ))  # fmt: skip
    write("platform_dependence", found.dependence)
    write("platform_runs", found.runs)
    draw("did_the_platform_make_cangtian", found.plot())


def fitted_names() -> tuple[str, ...]:
    """Return the parameters of villages that a calibration fits; goods that are tied stay so."""
    return tuple(prior.path for prior in priors_of("village"))


PARTS = {"trial": trials, "sellers": sellers, "platform": platform}


def main() -> None:
    """Make what is named, or all."""
    for name in sys.argv[1:] or PARTS:
        if name not in PARTS:
            sys.exit(f"{name}: allowed: {', '.join(PARTS)}")
        PARTS[name]()


if __name__ == "__main__":
    main()
