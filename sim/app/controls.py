"""The sliders, switches and fields of the page, made from the scenario's types and the registry."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from pydantic import BaseModel

from sim.errors import ScenarioError
from sim.scenario import Key, Scenario, find_key, register_of
from sim.scenario.fields import Entry, dotted
from sim.scenario.policy import PolicyBase, Service
from sim.words import phrase, t
from sim.world.parameters import Parameter, good_names, registry
from sim.world.register import NO_GOOD

_MOST_VILLAGES: Final = 6
"""Villages whose own numbers can be changed on the page; the shell can change all."""
_NOT_SHOWN: Final = frozenset(
    {"name", "title", "question", "kind", "province", "prefecture", "county", "town", "count"}
)
_WIDEST: Final = 60.0
"""A slider takes the limits of the scenario's type if they are no further apart."""
_STEPS: Final = 100
_YEARS: Final = 15.0
"""A slider of years goes so far to both sides."""
_UNITS: Final = {
    "yuan": phrase("yuan"), "km": "km", "mu": phrase("mu"), "days": phrase("days"),
    "share": "0-1", "ratio": phrase("ratio"), "index": phrase("ratio"),
    "multiple": phrase("ratio"), "households": phrase("households"),
    "people": phrase("persons"), "intensity": "0-1",
}  # fmt: skip
"""Units by the last word of a field's name."""
_RUN, _LISTING = phrase("Both worlds"), phrase("When a village is listed")
_BEHAVIOUR, _GEOGRAPHY = phrase("Behaviour"), phrase("Drawn villages")
_LABELS: Final = {
    "seed": phrase("seed of the draws"),
    "end": phrase("last day"),
    "rule": phrase("rule"),
    "listing_date": phrase("date of the list"),
    "trailing_days": phrase("days over which sales count"),
    "active_within_days": phrase("days within which a store is active"),
    "sales_threshold_yuan": phrase("threshold of sales"),
    "stores_threshold": phrase("threshold of active stores"),
    "household_share": phrase("stores as a share of households"),
    "people": phrase("people"),
    "households": phrase("households"),
    "income_index": phrase("income, Zhejiang = 1"),
    "internet_ratio": phrase("internet at home, rural China = 1"),
    "trade_tradition": phrase("tradition of trade [log-odds]"),
    "broadband_year": phrase("year of broadband"),
    "rooms_per_household": phrase("rooms for incomers a household"),
    "distance_to_city_km": phrase("distance to the city"),
    "orchard_mu_mean": phrase("mean orchard"),
    "capacity_pieces_per_month_mean": phrase("mean capacity [pieces a month]"),
    "crop": phrase("crop"),
    "product": phrase("product"),
    "start": phrase("from"),
    "year": phrase("year"),
    "share": phrase("share of villages, by lot"),
    "yearly_cost_yuan": phrase("cost a year"),
    "intensity": phrase("intensity"),
    "yuan_per_shop": phrase("subsidy for a shop"),
    "yuan_per_household": phrase("credit for a household"),
    "orchard_share": phrase("orchards under cover"),
    "days_earlier": phrase("days earlier"),
    "multiple": phrase("multiple"),
    "yield_multiple": phrase("yield"),
    "shift_days": phrase("days later"),
}
"""How fields are called; others by their names."""
_PARTS: Final = {
    "target": phrase("target"),
    "farmers": phrase("growers"),
    "manufacturers": phrase("makers"),
    "position": phrase("place"),
    "storage": phrase("storage"),
    "product_supply": phrase("product supply"),
    "training": phrase("training"),
    "logistics": phrase("logistics"),
}
_UNTIL: Final = phrase("until")


@dataclass(frozen=True)
class Control:
    """One value of the scenario that the page can change."""

    key: str
    """Key as ``--set`` takes it."""
    label: str
    unit: str
    kind: str
    """number, whole, date, choice or switch."""
    value: Any
    """What the file says; text, number, truth value, or None if it says nothing."""
    hint: str
    """Meaning, and where the value comes from."""
    group: str
    low: float | None = None
    high: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()
    range: str = ""
    """The plausible range, if one is known."""
    is_main: bool = False
    """Whether it is shown before anybody searches."""


def controls_of(scenario: Scenario) -> list[Control]:
    """Return everything that can be changed in a scenario, in the language in use.

    The scenario's own keys come first.

    Parameters
    ----------
    scenario : Scenario
        The scenario, with the policies that the variant may have besides.
    """
    made = [*_policies(scenario), *_run(scenario), *_villages(scenario)]
    made += [_of_parameter(key, p, scenario) for key, p in _parameters(scenario)]
    return made


def as_json(control: Control) -> dict[str, Any]:
    """Return a control as the page takes it."""
    return asdict(control)


def _run(scenario: Scenario) -> Iterator[Control]:
    for name in ("seed", "end"):
        yield from _field(scenario, (name,), t(_RUN))
    yield from _entry(scenario, scenario.observer, ("observer",), t(_LISTING))


def _policies(scenario: Scenario) -> Iterator[Control]:
    for policy in scenario.policies:
        yield _switch(("policies", policy.name), t(policy.name), _first_line(type(policy)))
        yield from _entry(scenario, policy, ("policies", policy.name), t(policy.name))


def _villages(scenario: Scenario) -> Iterator[Control]:
    for village in scenario.villages[:_MOST_VILLAGES]:
        yield from _entry(scenario, village, ("villages", village.name), t(village.name))


def _entry(
    scenario: Scenario, entry: Entry, path: tuple[str, ...], group: str
) -> Iterator[Control]:
    for name in type(entry).model_fields:
        if name in _NOT_SHOWN:
            continue
        value = getattr(entry, name)
        if isinstance(value, Service):
            yield _switch((*path, name), group, type(entry).model_fields[name].description or "")
        if isinstance(value, BaseModel):
            yield from _entry(scenario, value, (*path, name), group)  # type: ignore[arg-type]
        else:
            yield from _field(scenario, (*path, name), group, entry)


def _switch(path: tuple[str, ...], group: str, hint: str) -> Control:
    label = t(path[-1]) if len(path) == 2 else _label(path)
    return Control(dotted(path), label, "", "switch", True, hint, group, is_main=True)


def _field(
    scenario: Scenario, path: tuple[str, ...], group: str, entry: BaseModel | None = None
) -> Iterator[Control]:
    owner = entry or scenario
    info, value = type(owner).model_fields[path[-1]], getattr(owner, path[-1])
    try:
        key = find_key(scenario, dotted(path))
    except ScenarioError:
        return
    if key.kind == "choice" and not key.choices and not isinstance(value, str):
        return  # a list, which has no field of its own on the page
    low, high = _limits(info.metadata, value, path[-1])
    yield Control(
        dotted(path),
        _label(path),
        _unit(path[-1]),
        key.kind,
        _shown(value),
        info.description or "",
        group,
        low,
        high,
        _step(key, low, high),
        tuple(str(choice) for choice in key.choices),
        is_main=_is_main(scenario, owner, path[-1]),
    )


def _is_main(scenario: Scenario, owner: BaseModel, name: str) -> bool:
    """Whether a field is shown before anybody asks for all: of services, their strength alone."""
    if isinstance(owner, Service):
        return name == "intensity"
    return owner is scenario or isinstance(owner, PolicyBase)


def _limits(metadata: list[Any], value: object, name: str) -> tuple[float | None, float | None]:
    """Return the limits of a type as a slider takes them; else from nothing to twice the value."""
    if isinstance(value, bool) or not isinstance(value, int | float) or name == "seed":
        return None, None
    if name.endswith("year"):
        return value - _YEARS, value + _YEARS
    low = high = None
    for item in metadata:
        low = getattr(item, "ge", getattr(item, "gt", None)) if low is None else low
        high = getattr(item, "le", getattr(item, "lt", None)) if high is None else high
    if low is not None and high is not None and high - low <= _WIDEST:
        return float(low), float(high)
    if value > 0 and (low is None or low <= 0 or low <= value):
        start = 0.0 if low is None else max(0.0, float(low))
        return start, float(max(2 * value, start + 1))
    return None, None


def _step(key: Key, low: float | None, high: float | None) -> float | None:
    if low is None or high is None:
        return None
    if key.kind == "whole":
        return 1.0
    return float(f"{(high - low) / _STEPS:.1g}")


def _parameters(scenario: Scenario) -> Iterator[tuple[str, Parameter]]:
    """Give the parameters that can matter in a scenario, with their keys."""
    crops = {good_names()[good] for good in register_of(scenario).goods.ravel() if good != NO_GOOD}
    for name, parameter in registry().items():
        group, *rest = name.split(".")
        if not rest:
            yield f"behaviour.{name}", parameter
        elif group == "goods" and rest[0] in crops:
            yield name, parameter
        elif group == "platforms" and rest[0] in scenario.platforms:
            yield f"platform_terms.{'.'.join(rest)}", parameter
        elif group == "geography" and scenario.region is not None:
            yield name, parameter


def _of_parameter(key: str, parameter: Parameter, scenario: Scenario) -> Control:
    found = find_key(scenario, key)
    low, high = found.low, found.high
    plausible = "" if low is None or high is None else f"{low:g} – {high:g}"
    source = f"{parameter.source} ({t(parameter.grade)})"
    *_, name = key.split(".")
    return Control(
        key,
        _plain(name),
        t(parameter.unit),
        found.kind,
        _shown(_set_value(scenario, key, parameter)),
        f"{t(parameter.meaning)} – {source}",
        _group(key),
        low,
        high,
        _step(found, low, high),
        tuple(str(choice) for choice in found.choices),
        plausible,
    )


def _set_value(scenario: Scenario, key: str, parameter: Parameter) -> Any:
    table, *path = key.split(".")
    entry: Any = getattr(scenario, table)
    for part in path:
        if part not in entry:
            return parameter.value
        entry = entry[part]
    return entry


def _group(key: str) -> str:
    table, *path = key.split(".")
    if table == "behaviour":
        return t(_BEHAVIOUR)
    if table == "geography":
        return t(_GEOGRAPHY)
    name = t(_plain(path[0]))
    return t("Good: {name}", name=name) if table == "goods" else t("Platform: {name}", name=name)


def _label(path: tuple[str, ...]) -> str:
    """Return how a field is called, in the language in use."""
    name = path[-1]
    if name in _PARTS:
        return t(_PARTS[name])
    label = t(_UNTIL) if name == "end" and len(path) > 1 else t(_LABELS.get(name, _plain(name)))
    part = _PARTS.get(path[-2]) if len(path) > 3 else None
    return label if part is None else t("{part}: {label}", part=t(part), label=label)


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _unit(name: str) -> str:
    if "_yuan" in name or name.startswith("yuan_"):
        return t("yuan a year") if "yearly" in name else t("yuan")
    for ending, unit in _UNITS.items():
        if name == ending or name.endswith(f"_{ending}"):
            return t(unit)
    return ""


def _shown(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _first_line(cls: type) -> str:
    return (cls.__doc__ or "").partition("\n")[0]
