"""What scenarios may refer to: goods, platforms and parameters, and which values these may take.

The names come from the data files of the package. A value only has to be physically possible; how
plausible it is, is for the user to judge, with the ranges in the data files.
"""

import math
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import SkipValidation

from sim.scenario.fields import date_from_text, known_name, listed, refusal
from sim.world.parameters import CURRENCIES, Parameter, registry

PlatformName = Literal["taobao", "jd", "alibaba_com", "amazon"]
"""The platforms, as in sim/data/platforms.toml."""

Value = int | float | bool | str | date
# Checked below against the parameter that is replaced, with one message instead of one per type.
Table = dict[str, dict[str, Annotated[Value, SkipValidation]]]

_DIVISORS: Final = {
    "backlog_days_reference",
    "capacity_reference",
    "hearsay_half_shops",
    "hearsay_reach_km",
    "hire_reserve_months",
    "people_per_household",
    "villages_per_town",
    "learning_prior",
    "learning_village_shops",
    "orders_per_worker_day",
    "parcel_discount_half",
    "rating_memory_orders",
    "reputation_orders",
    "spoilage_shape",
    "supply_reach_km",
    "wage_income_ratio",
}
"""Behaviour that the model divides by, or that leaves nothing sensible if it is zero."""

_WITHIN: Final = {
    "price_elasticity": (1.01, 100.0),
    "window_start_month": (1, 12),
    "window_start_day": (1, 28),
    "window_days": (3, 120),
    "settlement_months": (0, 3),
    "pieces_per_order": (1, 10_000),
    "shelf_life_days": (1, 1000),
    "cold_shelf_life_days": (1, 1000),
    "parcel_shelf_life_days": (0.1, 1000),
    "cold_parcel_shelf_life_days": (0.1, 1000),
    "minimum_lot_pieces": (1, 1_000_000),
    "rating_start": (1, 5),
    "rating_best": (1, 5),
    "smoothing": (0, 1),
    "close_probability": (0, 1),
    "training_reach": (0, 1),
    "channel_rate": (0, 1),
    "crowding": (0.01, 1),
}
"""Limits of what the model can do something with, where unit and range do not tell them."""

_FEES: Final = ("commission_share", "advertising_share")
_FIXED: Final = {"perishable": "what kind of good it is cannot be changed"}


def crop(given: str) -> str:
    """Accept the name of a perishable good."""
    return known_name(given, _goods(perishable=True), "a perishable good")


def product(given: str) -> str:
    """Accept the name of a durable good."""
    return known_name(given, _goods(perishable=False), "a durable good")


def behaviour_overrides(given: dict[str, float]) -> dict[str, float]:
    """Accept behavioural parameters by name, each with a possible value."""
    parameters = {name: entry for name, entry in registry().items() if "." not in name}
    for name, value in given.items():
        _check_name((name,), parameters, "a behavioural parameter")
        _check_value((name,), value, parameters[name])
    return given


def geography_overrides(given: dict[str, float]) -> dict[str, float]:
    """Accept parameters of synthetic villages by name, each with a possible value."""
    group = "geography."
    parameters = {
        name.removeprefix(group): entry
        for name, entry in registry().items()
        if name.startswith(group)
    }
    for name, value in given.items():
        _check_name((name,), parameters, "a parameter of synthetic villages")
        _check_value((name,), value, parameters[name])
    return given


def goods_overrides(given: Table) -> Table:
    """Accept fields of goods by good and name, each with a possible value."""
    table = _accepted_table(given, "goods", "a good")
    for good, fields in table.items():
        _check_sum(good, fields, "goods", ("premium_share", "common_share"))
    return table


def platform_overrides(given: Table) -> Table:
    """Accept terms of platforms by platform and name, each with a possible value."""
    table = _accepted_table(given, "platforms", "a platform")
    for platform, fields in table.items():
        _check_sum(platform, fields, "platforms", _FEES)
    return table


def fee_share(platform: str, overrides: Table) -> float:
    """Commission and advertising of a platform together, as a share of the price."""
    fields = overrides.get(platform, {})
    shares = [
        fields.get(field, registry()[f"platforms.{platform}.{field}"].value) for field in _FEES
    ]
    return sum(share for share in shares if isinstance(share, int | float))


def _goods(*, perishable: bool) -> list[str]:
    return [
        name.split(".")[1]
        for name, entry in registry().items()
        if name.startswith("goods.") and name.endswith(".perishable") and entry.value is perishable
    ]


def _accepted_table(given: Table, group: str, what: str) -> Table:
    known: dict[str, dict[str, Parameter]] = {}
    for path, parameter in registry().items():
        if path.startswith(f"{group}."):
            _, member, field = path.split(".")
            known.setdefault(member, {})[field] = parameter
    accepted: Table = {}
    for member, fields in given.items():
        _check_name((member,), known, what)
        accepted[member] = {}
        for field, value in fields.items():
            _check_name((member, field), known[member], f"a field of {member}")
            parameter = known[member][field]
            converted = _converted(value, parameter.value)
            _check_value((member, field), converted, parameter)
            accepted[member][field] = converted
    return accepted


def _converted(given: Value, default: Value) -> Value:
    """Take whole numbers for numbers, and dates written as text, as JSON has them, for dates."""
    if type(given) is int and isinstance(default, float):
        return float(given)
    if isinstance(default, date):
        return date_from_text(given)
    return given


def _check_name(key: tuple[str, ...], valid: Mapping[str, object], what: str) -> None:
    if key[-1] not in valid:
        raise refusal(*key, allowed=f"{what}: {listed(valid)}", names=valid, wrong_name=True)


def _check_value(key: tuple[str, ...], given: Value, parameter: Parameter) -> None:
    if key[-1] in _FIXED:
        raise refusal(*key, given=given, allowed=f"nothing: {_FIXED[key[-1]]}")
    default = parameter.value
    if isinstance(default, bool):
        possible, allowed = isinstance(given, bool), "true or false"
    elif isinstance(default, date):
        possible, allowed = type(given) is date, "a date such as 2012-01-01"
    elif isinstance(default, str):
        possible, allowed = given in CURRENCIES, " or ".join(CURRENCIES)
    else:
        possible, allowed = _number_possible(given, parameter)
    if not possible:
        raise refusal(*key, given=given, allowed=f"{allowed} ({parameter.meaning})")


def _number_possible(given: Value, parameter: Parameter) -> tuple[bool, str]:
    """Whether a value is possible for a number, and what would be, in words."""
    lowest, highest, above = _limits(parameter)
    words = f"a number above {lowest:g}" if above else f"a number of at least {lowest:g}"
    words = "a number" if lowest == -float("inf") else words
    if isinstance(parameter.value, int):
        words = words.replace("a number", "a whole number")
    words += "" if highest == float("inf") else f" and at most {highest:g}"
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        return False, words
    if isinstance(parameter.value, int) and given != int(given):
        return False, words
    return (lowest < given if above else lowest <= given) and given <= highest, words


def _limits(parameter: Parameter) -> tuple[float, float, bool]:
    """Lowest and highest possible value, and whether it must be above the lowest."""
    field = parameter.name.rpartition(".")[2]
    if field in _WITHIN:
        return (*_WITHIN[field], False)
    if parameter.unit == "1/year":
        return -1.0, 1.0, True
    if parameter.low is not None and parameter.low < 0:
        return -float("inf"), float("inf"), False
    highest = 1.0 if "_share" in field and parameter.unit in {"1", "0-1"} else float("inf")
    above = field in _DIVISORS or ("." in parameter.name and (parameter.low or 0) > 0)
    return 0.0, highest, above


def _check_sum(member: str, fields: dict[str, Value], group: str, pair: tuple[str, str]) -> None:
    """Refuse two shares that are more than the whole together, defaults included."""
    if not any(field in fields for field in pair):
        return
    known = registry()
    shares = [fields.get(field, known[f"{group}.{member}.{field}"].value) for field in pair]
    total = sum(share for share in shares if isinstance(share, int | float))
    if total > 1:
        first = next(field for field in pair if field in fields)
        allowed = f"{pair[0]} and {pair[1]} of at most 1 together; they are {total:g}"
        raise refusal(member, first, given=fields[first], allowed=allowed)
