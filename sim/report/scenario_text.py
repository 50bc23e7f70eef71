"""A scenario in words: where, who, when, what is sold where, and what policy does."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np

from sim.observer import Rule
from sim.report.page import Block, Pairs, Paragraph, Row, Table
from sim.report.words import counted, exact, listed, percent, plain, spoken, unbroken, whole, yuan
from sim.scenario import Measure, Policy, Scenario, Target, VillageSpec, register_of
from sim.world.calendar import date_of
from sim.world.parameters import good_names, registry
from sim.world.register import NO_GOOD

_MOST_VILLAGES: Final = 30
_PLATFORM_NAMES: Final = {
    "taobao": "Taobao", "jd": "JD", "alibaba_com": "Alibaba.com", "amazon": "Amazon",
}  # fmt: skip
_LEVERS: Final = {
    "storage": "storage, {share} of what it can do",
    "product_supply": "product supply, {share} of what it can do",
    "training": "training, {share} of what it can do",
    "logistics": "logistics, {share} of what it can do",
    "broadband_day": "broadband from {day} at the latest",
    "yield_multiple": "yield ×{value}",
    "season_shift_days": "fruit ripens {value} days later",
    "subsidy_yuan": "{yuan} for each new shop",
    "credit_yuan": "credit of {yuan} for a household",
    "cold_chain": "cold chain, {share} of a full one",
    "greenhouse_share": "{share} of the orchards under cover",
    "greenhouse_days_earlier": "fruit under cover ripens {value} days earlier",
    "brand": "common brand, {share} of full strength",
    "cross_border_pilot": "{share} of cross-border platforms' minimum sales waived",
    "parcel_price_multiple": "parcel price ×{value}",
    "commission_multiple": "commission and advertising ×{value}",
}


def scenario_blocks(scenario: Scenario, last_day: date | None = None) -> list[Block]:
    """Return a scenario in words and tables.

    Parameters
    ----------
    scenario : Scenario
        The scenario as resolved.
    last_day : date, optional
        Last day that was run, if that is not the scenario's.
    """
    blocks: list[Block] = [Paragraph(_when(scenario, last_day)), Paragraph(_who(scenario))]
    blocks += [_villages(scenario)] if scenario.villages else []
    blocks.append(Pairs([_platforms(scenario), _observer(scenario)]))
    blocks += _policies(scenario)
    changed = dict(changed_parameters(scenario))
    if changed:
        known = registry()
        rows = [
            Row((name, exact(value), exact(known[name].value), known[name].unit))
            for name, value in changed.items()
        ]
        title = "Parameters that the scenario sets otherwise"
        heads = ("parameter", "here", "else", "unit")
        blocks.append(Table(heads, rows, title, frozenset({0, 3})))
    return blocks


def changed_parameters(scenario: Scenario) -> Iterator[tuple[str, Any]]:
    """Give the registry's names of the parameters that a scenario sets, with their values."""
    yield from scenario.behaviour.items()
    yield from ((f"geography.{name}", value) for name, value in scenario.geography.items())
    for group, table in (("goods", scenario.goods), ("platforms", scenario.platform_terms)):
        for member, fields in table.items():
            yield from ((f"{group}.{member}.{key}", value) for key, value in fields.items())


def goods_of(scenario: Scenario) -> list[str]:
    """Return the goods that villages grow, make or can source."""
    goods, first = np.unique(register_of(scenario).goods, return_index=True)
    order = [int(goods[place]) for place in np.argsort(first)]
    return [good_names()[good] for good in order if good != NO_GOOD]


def platform_title(name: str) -> str:
    """Return how a platform is called."""
    return _PLATFORM_NAMES.get(name, name)


def _when(scenario: Scenario, last_day: date | None) -> str:
    text = f"The scenario runs from {spoken(scenario.start)} to {spoken(scenario.end)}, day by day."
    if last_day is not None and last_day != scenario.end:
        text += f" This run stopped on {spoken(last_day)}."
    return text


def _who(scenario: Scenario) -> str:
    register = register_of(scenario)
    people, households = int(register.people.sum()), int(register.households.sum())
    text = (
        f"{counted(len(register), 'village')} with {people:,} people in {households:,} households."
    )
    drawn = len(register) - sum(village.count for village in scenario.villages)
    if drawn:
        text += f" {counted(drawn, 'village')} of them{_origin(scenario, drawn)}."
    return f"{text} Households that neither farm nor make are local operators, who may trade."


def _origin(scenario: Scenario, villages: int) -> str:
    """Return where the villages of the region come from, in words."""
    verb = "is" if villages == 1 else "are"
    if scenario.region is not None and scenario.region.file is not None:
        return f" {verb} read from {Path(scenario.region.file).name}"
    return f", of {_region(scenario)}, {verb} drawn from what is known of their county"


def _region(scenario: Scenario) -> str:
    """Return what part of the country is filled with villages, in words."""
    region = scenario.region
    if region is None or not region.within:
        return "rural China"
    return listed([path.rpartition("/")[2] for path in region.within])


def _villages(scenario: Scenario) -> Table:
    shown = scenario.villages[:_MOST_VILLAGES]
    rows = [Row(_village(village)) for village in shown]
    left = len(scenario.villages) - len(shown)
    if left:
        rows.append(Row((f"and {left:,} more",), "group"))
    heads = (
        "village", "place", "people", "households", "growers", "makers", "operators",
        "also in reach", "broadband", "income index",
    )  # fmt: skip
    return Table(heads, rows, "Places and people", frozenset({0, 1, 4, 5, 7}))


def _village(village: VillageSpec) -> tuple[str, ...]:
    name = village.name if village.count == 1 else f"{village.name} (×{village.count:,})"
    farmers, makers = village.farmers, village.manufacturers
    growing = making = "–"
    if farmers:
        growing = f"{farmers.households:,}: {plain(farmers.crop)}, {farmers.orchard_mu_mean:g} mu"
    if makers:
        capacity = f"{makers.capacity_pieces_per_month_mean:,.0f} pieces a month"
        making = f"{makers.households:,}: {plain(makers.product)}, {capacity}"
    return (
        name,
        f"{village.town}, {village.county}, {village.prefecture}, {village.province}",
        f"{village.people:,}",
        f"{village.households:,}",
        growing,
        making,
        whole(village.operators),
        ", ".join(map(plain, village.within_reach)) or "–",
        str(village.broadband_year),
        f"{village.income_index:g}",
    )


def _platforms(scenario: Scenario) -> tuple[str, str]:
    known = registry()
    names = []
    for name in scenario.platforms:
        opened = scenario.platform_terms.get(name, {}).get("opened")
        opened = opened or known[f"platforms.{name}.opened"].value
        names.append(f"{platform_title(name)} (open since {opened})")
    return "Platforms", listed(names) if names else "none: nothing is sold online"


def _observer(scenario: Scenario) -> tuple[str, str]:
    rule = Rule.of(scenario.observer)
    asked = scenario.observer
    word = "more than" if rule.is_strict else "at least"
    text = f"{word} {yuan(rule.sales_yuan)} of online sales in {counted(rule.trailing_days, 'day')}"
    text += f", and {word} {rule.stores:,.0f} active stores"
    if rule.household_share is not None:
        text += f" or {percent(rule.household_share)} of the households"
    text += f"; active is a store with an order in {counted(asked.active_within_days, 'day')}"
    month, day = map(int, asked.listing_date.split("-"))
    text += f"; the list is drawn up every {day} {date(2001, month, day):%B}"
    return "An e-commerce village has", text


def _policies(scenario: Scenario) -> list[Block]:
    if not scenario.policies:
        return [Paragraph("There is no policy in this scenario.")]
    rows = [
        Row(_measure(policy, measure)) for policy in scenario.policies
        for measure in policy.measures()
    ]  # fmt: skip
    heads = ("policy", "what it does", "where", "from", "until", "yuan a year")
    return [Table(heads, rows, "Policies", frozenset({0, 1, 2, 3, 4}))]


def _measure(policy: Policy, measure: Measure) -> tuple[str, ...]:
    doing = "; ".join(_lever(name, value) for name, value in measure.levers.items())
    return (
        policy.name,
        doing or "the platform itself",
        _where(policy.target),
        unbroken(spoken(measure.start)),
        "it stays" if measure.end is None else unbroken(spoken(measure.end)),
        whole(measure.yearly_cost_yuan),
    )


def _lever(name: str, value: float) -> str:
    words = _LEVERS.get(name)
    if words is None:
        return f"{plain(name)} {value:g}"
    if "{day}" in words:
        return words.format(day=spoken(date_of(int(value))))
    return words.format(value=f"{value:g}", share=f"{100 * value:g} %", yuan=yuan(value))


def _where(target: Target) -> str:
    named = [*target.villages, *(f"{town} (town)" for town in target.towns)]
    named += [f"{county} (county)" for county in target.counties]
    where = listed(named) if named else "all villages"
    return where if target.share == 1.0 else f"{100 * target.share:g} % of {where}, by lot"
