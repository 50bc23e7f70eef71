"""A scenario in words: where, who, when, what is sold where, and what policy does."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np

from sim.observer import Rule
from sim.report.page import Block, Pairs, Paragraph, Row, Table
from sim.report.words import exact, percent, plain, unbroken, whole, yuan
from sim.scenario import Measure, Policy, Scenario, Target, VillageSpec, register_of
from sim.words import (
    clauses,
    counted,
    day_of_year,
    enumerated,
    listed,
    named,
    phrase,
    spoken,
    t,
    together,
)
from sim.world.calendar import date_of
from sim.world.parameters import good_names, registry
from sim.world.place_names import called, place_name
from sim.world.register import NO_GOOD

_MOST_VILLAGES: Final = 30
_PLATFORM_NAMES: Final = {
    "taobao": phrase("Taobao"),
    "jd": phrase("JD"),
    "alibaba_com": phrase("Alibaba.com"),
    "amazon": phrase("Amazon"),
}
_LEVERS: Final = {
    "storage": phrase("storage, {share} of what it can do"),
    "product_supply": phrase("product supply, {share} of what it can do"),
    "training": phrase("training, {share} of what it can do"),
    "logistics": phrase("logistics, {share} of what it can do"),
    "broadband_day": phrase("broadband from {day} at the latest"),
    "yield_multiple": phrase("yield ×{value}"),
    "season_shift_days": phrase("fruit ripens {value} days later"),
    "subsidy_yuan": phrase("{yuan} for each new shop"),
    "credit_yuan": phrase("credit of {yuan} for a household"),
    "cold_chain": phrase("cold chain, {share} of a full one"),
    "greenhouse_share": phrase("{share} of the orchards under cover"),
    "greenhouse_days_earlier": phrase("fruit under cover ripens {value} days earlier"),
    "brand": phrase("common brand, {share} of full strength"),
    "cross_border_pilot": phrase("{share} of cross-border platforms' minimum sales waived"),
    "parcel_price_multiple": phrase("parcel price ×{value}"),
    "commission_multiple": phrase("commission and advertising ×{value}"),
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
            Row((name, exact(value), exact(known[name].value), t(known[name].unit)))
            for name, value in changed.items()
        ]
        title = t("Parameters that the scenario sets otherwise")
        heads = (t("parameter"), t("here"), t("else"), t("unit"))
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
    return t(_PLATFORM_NAMES[name]) if name in _PLATFORM_NAMES else name


def _when(scenario: Scenario, last_day: date | None) -> str:
    text = t(
        "The scenario runs from {first} to {last}, day by day.",
        first=spoken(scenario.start),
        last=spoken(scenario.end),
    )
    if last_day is None or last_day == scenario.end:
        return text
    return together(text, t("This run stopped on {day}.", day=spoken(last_day)))


def _who(scenario: Scenario) -> str:
    register = register_of(scenario)
    people, households = int(register.people.sum()), int(register.households.sum())
    text = t(
        "{villages} with {people} people in {households} households.",
        villages=counted(len(register), "village"),
        people=f"{people:,}",
        households=f"{households:,}",
    )
    drawn = len(register) - sum(village.count for village in scenario.villages)
    operators = t("Households that neither farm nor make are local operators, who may trade.")
    return together(text, _origin(scenario, drawn) if drawn else "", operators)


def _origin(scenario: Scenario, villages: int) -> str:
    """Return where the villages of the region come from, in words."""
    if scenario.region is not None and scenario.region.file is not None:
        read = phrase("{villages} of them are read from {file}.")
        if villages == 1:
            read = phrase("{villages} of them is read from {file}.")
        file = Path(scenario.region.file).name
        return t(read, villages=counted(villages, "village"), file=file)
    drawn = phrase("{villages} of them, of {region}, are drawn from what is known of their county.")
    if villages == 1:
        drawn = phrase(
            "{villages} of them, of {region}, is drawn from what is known of their county."
        )
    return t(drawn, villages=counted(villages, "village"), region=_region(scenario))


def _region(scenario: Scenario) -> str:
    """Return what part of the country is filled with villages, in words."""
    region = scenario.region
    if region is None or not region.within:
        return t("rural China")
    return listed([place_name(path.split("/")) for path in region.within])


def _villages(scenario: Scenario) -> Table:
    shown = scenario.villages[:_MOST_VILLAGES]
    rows = [Row(_village(village)) for village in shown]
    left = len(scenario.villages) - len(shown)
    if left:
        rows.append(Row((t("and {number} more", number=f"{left:,}"),), "group"))
    heads = (
        t("village"), t("place"), t("people"), t("households"), t("growers"), t("makers"),
        t("operators"), t("also in reach"), t("broadband"), t("income index"),
    )  # fmt: skip
    return Table(heads, rows, t("Places and people"), frozenset({0, 1, 4, 5, 7}))


def _village(village: VillageSpec) -> tuple[str, ...]:
    name = named(village.name) + ("" if village.count == 1 else f" (×{village.count:,})")
    farmers, makers = village.farmers, village.manufacturers
    growing = making = "–"
    if farmers:
        growing = t(
            "{households}: {crop}, {mu} mu",
            households=f"{farmers.households:,}",
            crop=plain(farmers.crop),
            mu=f"{farmers.orchard_mu_mean:g}",
        )
    if makers:
        making = t(
            "{households}: {product}, {pieces} pieces a month",
            households=f"{makers.households:,}",
            product=plain(makers.product),
            pieces=f"{makers.capacity_pieces_per_month_mean:,.0f}",
        )
    return (
        name,
        _place(village),
        f"{village.people:,}",
        f"{village.households:,}",
        growing,
        making,
        whole(village.operators),
        enumerated(map(plain, village.within_reach)) or "–",
        str(village.broadband_year),
        f"{village.income_index:g}",
    )


def _place(village: VillageSpec) -> str:
    path = (village.province, village.prefecture, village.county, village.town)
    province, prefecture, county, town = (
        place_name(path[: depth + 1]) for depth in range(len(path))
    )
    return t(
        "{town}, {county}, {prefecture}, {province}",
        town=town,
        county=county,
        prefecture=prefecture,
        province=province,
    )


def _platforms(scenario: Scenario) -> tuple[str, str]:
    known = registry()
    names = []
    for name in scenario.platforms:
        opened = scenario.platform_terms.get(name, {}).get("opened")
        opened = opened or known[f"platforms.{name}.opened"].value
        names.append(t("{name} (open since {day})", name=platform_title(name), day=opened))
    return t("Platforms"), listed(names) if names else t("none: nothing is sold online")


def _observer(scenario: Scenario) -> tuple[str, str]:
    rule = Rule.of(scenario.observer)
    asked = scenario.observer
    needed = phrase(
        "at least {yuan} of online sales in {days}, and at least {stores} active stores"
    )
    if rule.is_strict:
        needed = phrase(
            "more than {yuan} of online sales in {days}, and more than {stores} active stores"
        )
    text = t(
        needed,
        yuan=yuan(rule.sales_yuan),
        days=counted(rule.trailing_days, "day"),
        stores=f"{rule.stores:,.0f}",
    )
    if rule.household_share is not None:
        text += t(" or {percent} of the households", percent=percent(rule.household_share))
    within = counted(asked.active_within_days, "day")
    month, day = map(int, asked.listing_date.split("-"))
    listing = t("the list is drawn up every {day}", day=day_of_year(date(2001, month, day)))
    active = t("active is a store with an order in {days}", days=within)
    return t("An e-commerce village has"), clauses(text, active, listing)


def _policies(scenario: Scenario) -> list[Block]:
    if not scenario.policies:
        return [Paragraph(t("There is no policy in this scenario."))]
    rows = [
        Row(_measure(policy, measure)) for policy in scenario.policies
        for measure in policy.measures()
    ]  # fmt: skip
    heads = (
        t("policy"), t("what it does"), t("where"), t("from"), t("until"), t("yuan a year")
    )  # fmt: skip
    return [Table(heads, rows, t("Policies"), frozenset({0, 1, 2, 3, 4}))]


def _measure(policy: Policy, measure: Measure) -> tuple[str, ...]:
    doing = clauses(*(_lever(name, value) for name, value in measure.levers.items()))
    return (
        named(policy.name),
        doing or t("the platform itself"),
        _where(policy.target),
        unbroken(spoken(measure.start)),
        t("it stays") if measure.end is None else unbroken(spoken(measure.end)),
        whole(measure.yearly_cost_yuan),
    )


def _lever(name: str, value: float) -> str:
    words = _LEVERS.get(name)
    if words is None:
        return f"{plain(name)} {value:g}"
    if "{day}" in words:
        return t(words, day=spoken(date_of(int(value))))
    share = t("{number} %", number=f"{100 * value:g}")
    return t(words, value=f"{value:g}", share=share, yuan=yuan(value))


def _where(target: Target) -> str:
    places = [*map(called, target.villages)]
    places += [t("{town} (town)", town=called(town)) for town in target.towns]
    places += [t("{county} (county)", county=called(county)) for county in target.counties]
    where = listed(places) if places else t("all villages")
    if target.share == 1.0:
        return where
    return t("{percent} % of {where}, by lot", percent=f"{100 * target.share:g}", where=where)
