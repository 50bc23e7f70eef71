"""From paired outcomes to what differs: differences with intervals, and what they cost.

Outcomes that a run does not have are handled by one of two rules, which the table names:

`WAITED`
    A village that is never listed, or never crosses, counts with the days of the run: the mean is
    the time without listing inside the run (the restricted mean of survival analysis). Nothing is
    left out, and nobody is taken to have waited longer than was looked.
`LEFT_OUT`
    Anything else, such as the mean income of incomers where there are none: pairs in which either
    world lacks it are left out, and the number of pairs that are left is stated.

A variant is judged by some thirty outcomes at once, so that one or two intervals would exclude zero
by luck alone. Therefore p-values are adjusted by Holm over all outcomes of a variant that vary
between pairs (its family): if those are believed that survive, all of them are true with the
confidence that was asked for. An outcome whose pairs are all alike has no p-value and is no member;
`unseen_share` tells what is known of it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl

from sim.errors import ScenarioError
from sim.experiments.intervals import (
    CONFIDENCE,
    Floats,
    Interval,
    holm,
    mean_interval,
    p_value,
    ratio_interval,
    replicates_needed,
    share_unseen,
    shares_of,
    variance_ratio_interval,
)
from sim.experiments.outcomes import OUTCOMES, Outcome
from sim.scenario.fields import listed, nearest
from sim.words import phrase

WAITED: Final = phrase("never counts as the days of the run")
LEFT_OUT: Final = phrase("pairs without it are left out")
FAMILY: Final = "Holm's adjustment over all outcomes of a variant that vary between pairs"
FOLLOWED: Final = "followed_days"
COST: Final = "total_policy_cost_yuan"
WIDTH_SHARE: Final = 0.1
"""Width of the interval that is wished for by default, as a share of the base's mean."""

_BOUGHT: Final = {
    "total_local_income_yuan": phrase("yuan of income of local households, whole run"),
    "active_stores": phrase("active store at the end"),
    "jobs_in_stores": phrase("job in stores at the end"),
    "jobs_with_makers_and_carriers": phrase("job in stores, with makers and carriers at the end"),
}
"""What the cost of a policy is divided by."""


@dataclass(frozen=True)
class Wish:
    """How sure one wants to be.

    Attributes
    ----------
    confidence : float
        Share of intervals that cover what is true, above 0 and below 1.
    width : float
        Width of the interval wished for, as a share of the base's mean.
    widths : mapping
        Widths by outcome, in the outcome's unit, in place of `width`.

    Raises
    ------
    ScenarioError
        If one of them is not possible.
    """

    confidence: float = CONFIDENCE
    width: float = WIDTH_SHARE
    widths: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        """Refuse what is not possible."""
        if not 0.0 < self.confidence < 1.0:
            raise ScenarioError("confidence", "", self.confidence, "above 0 and below 1, as 0.95")
        names = [outcome.name for outcome in OUTCOMES if outcome.name != FOLLOWED]
        for name, width in {"": self.width, **(self.widths or {})}.items():
            if name and name not in names:
                raise ScenarioError("width", name, None, listed(names), nearest(name, names))
            if not 0.0 < width < math.inf:
                raise ScenarioError("width", name, width, "a number above 0")

    def of(self, outcome: str, base_mean: float) -> float:
        """Return the width wished for [unit of the outcome]; 0 if nobody can say."""
        return (self.widths or {}).get(outcome, self.width * abs(base_mean))


class Pairs(NamedTuple):
    """An outcome in both worlds, pair by pair, missing ones handled."""

    base: Floats
    variant: Floats
    base_missing: int
    """Runs of the base that do not have it."""
    variant_missing: int
    rule: str

    @property
    def differences(self) -> Floats:
        """Variant less base."""
        return self.variant - self.base


def pairs_of(runs: pl.DataFrame, base: str, variant: str, outcome: Outcome) -> Pairs:
    """Return an outcome in two worlds, replicate by replicate.

    Parameters
    ----------
    runs : polars.DataFrame
        A row for each run: ``scenario``, ``replicate`` and the outcomes.
    base, variant : str
        Names of the two worlds.
    outcome : Outcome
        What is compared.
    """
    of_base, of_variant = (_of_world(runs, world) for world in (base, variant))
    values = [world[outcome.name].to_numpy() for world in (of_base, of_variant)]
    missing = [np.isnan(each) for each in values]
    ours_missing, theirs_missing = (int(each.sum()) for each in missing)
    if outcome.better == "sooner":
        days = [world[FOLLOWED].to_numpy() for world in (of_base, of_variant)]
        ours, theirs = (
            np.where(is_missing, limit, each)
            for each, is_missing, limit in zip(values, missing, days, strict=True)
        )
        return Pairs(ours, theirs, ours_missing, theirs_missing, WAITED)
    both = ~(missing[0] | missing[1])
    return Pairs(values[0][both], values[1][both], ours_missing, theirs_missing, LEFT_OUT)


def differences_of(
    runs: pl.DataFrame, base: str, variants: list[str], wish: Wish | None = None
) -> pl.DataFrame:
    """Return what each variant has more than the base, outcome by outcome.

    Parameters
    ----------
    runs : polars.DataFrame
        A row for each run: ``scenario``, ``replicate`` and the outcomes.
    base : str
        Name of the world that the others are compared with.
    variants : list of str
        Names of the others.
    wish : Wish, optional
        How sure one wants to be.

    Returns
    -------
    polars.DataFrame
        A row for each variant and outcome that some pair has:

        - ``difference``, ``low``, ``high``: the mean difference and its interval;
        - ``p_value``: of Student's t, and ``p_holm``, adjusted for all outcomes of the variant;
          null where all pairs are alike;
        - ``better_share``, ``same_share``, ``worse_share``: of pairs (more and less, where nobody
          can say what is better);
        - ``unseen_share``: where all pairs are alike, the largest share of seeds that may well
          give another difference; else null;
        - ``variance_ratio``, ``ratio_low``, ``ratio_high``: how many times more runs the same
          interval takes without pairing; nan where that is not determined;
        - ``more_replicates``: for the width that is wished for; null where all pairs are alike, or
          nobody can say what is wished for.
    """
    wish = wish or Wish()
    rows: list[dict[str, Any]] = []
    for variant in variants:
        family = []
        for outcome in OUTCOMES:
            if outcome.name == FOLLOWED:
                continue
            pairs = pairs_of(runs, base, variant, outcome)
            if pairs.base.size:
                family.append(_row(variant, outcome, pairs, wish))
        adjusted = holm(np.array([row["p_value"] for row in family], np.float64))
        rows += [
            row | {"p_holm": value} for row, value in zip(family, adjusted.tolist(), strict=True)
        ]
    found = pl.DataFrame(rows, schema=_SCHEMA)
    return found.with_columns(pl.col("p_value", "p_holm").fill_nan(None))


_SCHEMA: Final[Mapping[str, Any]] = {
    "variant": pl.String,
    "outcome": pl.String,
    "unit": pl.String,
    "meaning": pl.String,
    "better": pl.String,
    "base_mean": pl.Float64,
    "variant_mean": pl.Float64,
    "difference": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "p_value": pl.Float64,
    "p_holm": pl.Float64,
    "better_share": pl.Float64,
    "same_share": pl.Float64,
    "worse_share": pl.Float64,
    "unseen_share": pl.Float64,
    "variance_ratio": pl.Float64,
    "ratio_low": pl.Float64,
    "ratio_high": pl.Float64,
    "pairs": pl.Int64,
    "wished_width": pl.Float64,
    "more_replicates": pl.Int64,
    "base_missing": pl.Int64,
    "variant_missing": pl.Int64,
    "missing_rule": pl.String,
}


def _row(variant: str, outcome: Outcome, pairs: Pairs, wish: Wish) -> dict[str, Any]:
    differences, confidence = pairs.differences, wish.confidence
    found = mean_interval(differences, confidence)
    base_mean = float(pairs.base.mean())
    width = wish.of(outcome.name, base_mean)
    is_alike = found.low == found.high
    more = None
    if width > 0.0 and differences.size > 1 and not is_alike:
        needed = replicates_needed(differences, width, confidence)
        more = max(0, needed - differences.size)
    shares = shares_of(pairs.base, pairs.variant)
    is_less_better = outcome.better in ("less", "sooner")
    ratio = variance_ratio_interval(pairs.base, pairs.variant, confidence)
    return {
        "variant": variant,
        "outcome": outcome.name,
        "unit": outcome.unit,
        "meaning": outcome.meaning,
        "better": outcome.better,
        "base_mean": base_mean,
        "variant_mean": float(pairs.variant.mean()),
        "difference": found.mean,
        "low": found.low,
        "high": found.high,
        "p_value": p_value(differences),
        "better_share": shares.less if is_less_better else shares.more,
        "same_share": shares.same,
        "worse_share": shares.more if is_less_better else shares.less,
        "unseen_share": share_unseen(differences.size, confidence) if is_alike else None,
        "variance_ratio": ratio.mean,
        "ratio_low": ratio.low,
        "ratio_high": ratio.high,
        "pairs": differences.size,
        "wished_width": width,
        "more_replicates": more,
        "base_missing": pairs.base_missing,
        "variant_missing": pairs.variant_missing,
        "missing_rule": pairs.rule,
    }


def effectiveness_of(
    runs: pl.DataFrame, base: str, variants: list[str], confidence: float = CONFIDENCE
) -> pl.DataFrame:
    """Return what a unit of each effect costs, with Fieller's intervals.

    Costs are those of the whole run, not discounted. Variants that cost as much as the base have no
    rows; one that costs less has what each unit lost saves.

    Parameters
    ----------
    runs : polars.DataFrame
        A row for each run: ``scenario``, ``replicate`` and the outcomes.
    base : str
        Name of the world that the others are compared with.
    variants : list of str
        Names of the others.
    confidence : float
        Share of intervals that cover what is true (0-1).

    Returns
    -------
    polars.DataFrame
        A row for each variant and effect: ``cost_yuan`` and ``effect``, both variant less base, and
        their ratio ``yuan_per_unit`` with ``low`` and ``high``, nan where the effect may be none.
    """
    outcomes = {outcome.name: outcome for outcome in OUTCOMES}
    rows = []
    for variant in variants:
        for name, bought in _BOUGHT.items():
            effect = pairs_of(runs, base, variant, outcomes[name])
            cost = pairs_of(runs, base, variant, outcomes[COST])
            if not effect.base.size or not cost.differences.any():
                continue
            if effect.base.size < cost.base.size:
                continue
            ratio = ratio_interval(cost.differences, effect.differences, confidence)
            rows.append(_effect_row(variant, name, bought, (cost, effect), ratio))
    return pl.DataFrame(rows, schema=_EFFECT_SCHEMA)


_EFFECT_SCHEMA: Final[Mapping[str, Any]] = {
    "variant": pl.String,
    "outcome": pl.String,
    "bought": pl.String,
    "cost_yuan": pl.Float64,
    "effect": pl.Float64,
    "yuan_per_unit": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "pairs": pl.Int64,
}


def _effect_row(
    variant: str, name: str, bought: str, pairs: tuple[Pairs, Pairs], ratio: Interval
) -> dict[str, Any]:
    cost, effect = pairs
    return {
        "variant": variant,
        "outcome": name,
        "bought": bought,
        "cost_yuan": float(cost.differences.mean()),
        "effect": float(effect.differences.mean()),
        "yuan_per_unit": ratio.mean,
        "low": ratio.low,
        "high": ratio.high,
        "pairs": effect.differences.size,
    }


def _of_world(runs: pl.DataFrame, world: str) -> pl.DataFrame:
    return runs.filter(pl.col("scenario") == world).sort("replicate")
