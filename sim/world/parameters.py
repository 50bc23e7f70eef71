"""The parameters of the model: behaviour, goods and platforms, each value with its source.

The values live in ``sim/data/``. `registry` lists them all by dotted name for sweeps, priors and
documentation; `behaviour`, `goods` and `platforms` give them as the tuples that rules and kernels
take.
"""

import math
import tomllib
from collections import namedtuple
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from sim.errors import DataError, ScenarioError
from sim.world.calendar import day_of

DATA_FOLDER: Final = Path(__file__).resolve().parents[1] / "data"
GRADES: Final = ("published", "computed", "calibrated", "assumed", "memory")
"""How well a value is known, best first; ``memory`` is recalled and never a target."""
CURRENCIES: Final = ("CNY", "USD")
"""The currencies of platforms; `Platforms.currency` holds the index."""

Value = float | bool | str | date


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value of the model and what is known about it.

    `low` and `high` bound the plausible range; they are None for a value that is not a number.
    """

    name: str
    value: Value
    unit: str
    meaning: str
    source: str
    grade: str
    low: float | None
    high: float | None

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of docs/sources.md, or ``calibrated`` or ``assumed``."""
        return tuple(self.source.split(", "))


class Goods(NamedTuple):
    """Fields of the goods, one array each, (goods,), in the order of `good_names`.

    A field that does not apply to a kind of good is nan, a date -1.
    """

    perishable: NDArray[np.bool_]
    exportable: NDArray[np.bool_]
    work_share: NDArray[np.float64]
    work_per_order: NDArray[np.float64]
    reference_price_yuan: NDArray[np.float64]
    price_trend: NDArray[np.float64]
    price_elasticity: NDArray[np.float64]
    packaging_yuan: NDArray[np.float64]
    parcel_price_ratio: NDArray[np.float64]
    express_days_saved: NDArray[np.float64]
    outside_shops: NDArray[np.float64]
    typical_sales_yuan_per_year: NDArray[np.float64]
    pieces_per_order: NDArray[np.float64]
    unit_cost_yuan: NDArray[np.float64]
    box_kg: NDArray[np.float64]
    window_start_month: NDArray[np.int64]
    window_start_day: NDArray[np.int64]
    window_days: NDArray[np.float64]
    window_days_sd: NDArray[np.float64]
    window_shift_sd_days: NDArray[np.float64]
    village_shift_sd_days: NDArray[np.float64]
    yield_kg_per_mu: NDArray[np.float64]
    yield_trend: NDArray[np.float64]
    yield_sigma: NDArray[np.float64]
    premium_share: NDArray[np.float64]
    common_share: NDArray[np.float64]
    shelf_life_days: NDArray[np.float64]
    cold_shelf_life_days: NDArray[np.float64]
    parcel_shelf_life_days: NDArray[np.float64]
    cold_parcel_shelf_life_days: NDArray[np.float64]
    wholesale_price_yuan_per_kg: NDArray[np.float64]
    premium_price_ratio: NDArray[np.float64]
    picking_cost_yuan_per_kg: NDArray[np.float64]
    gathering_cost_yuan_per_kg: NDArray[np.float64]
    floor_price_yuan_per_kg: NDArray[np.float64]
    greenhouse_yield_ratio: NDArray[np.float64]


class Platforms(NamedTuple):
    """Fields of the platforms, one array each, (platforms,), in the order of `platform_names`."""

    opened: NDArray[np.int64]
    """Day number of the opening."""
    currency: NDArray[np.int64]
    """Index into `CURRENCIES`."""
    cross_border: NDArray[np.bool_]
    commission_share: NDArray[np.float64]
    advertising_share: NDArray[np.float64]
    deposit_yuan: NDArray[np.float64]
    minimum_sales_yuan: NDArray[np.float64]
    reach: NDArray[np.float64]
    transit_days: NDArray[np.float64]
    settlement_months: NDArray[np.int64]
    parcel_multiple: NDArray[np.float64]
    price_multiple: NDArray[np.float64]


_BOOLEAN: Final = {"perishable", "exportable", "cross_border"}
_WHOLE: Final = {
    # The 28th is a day of every month; a payment is due after three months at the latest, as the
    # columns keep room for four.
    "window_start_month": (1, 12),
    "window_start_day": (1, 28),
    "settlement_months": (0, 3),
}
_POSITIVE: Final = {
    # Something is divided by these.
    "backlog_days_reference", "box_kg", "capacity_reference", "cold_parcel_shelf_life_days",
    "cold_shelf_life_days", "hearsay_half_shops", "hearsay_reach_km", "hire_reserve_months",
    "learning_prior", "learning_village_shops", "orders_per_worker_day", "parcel_discount_half",
    "parcel_shelf_life_days", "pieces_per_order", "price_multiple", "rating_memory_orders",
    "people_per_household", "reference_price_yuan", "reputation_orders", "shelf_life_days",
    "supply_reach_km", "unit_cost_yuan", "villages_per_town", "wage_income_ratio",
    "wholesale_price_yuan_per_kg",
    "window_days", "work_per_order", "yield_kg_per_mu",
}  # fmt: skip


def read_data(file_name: str) -> dict[str, Any]:
    """Read a TOML file of the data folder.

    Raises
    ------
    DataError
        If the file is missing or is not valid TOML.
    """
    try:
        return tomllib.loads((DATA_FOLDER / file_name).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"sim/data/{file_name}: {error}") from error


def _parameter(file_name: str, name: str, entry: Mapping[str, Any], meaning: str) -> Parameter:
    try:
        return Parameter(
            name=name,
            value=entry["value"],
            unit=entry["unit"],
            meaning=meaning or entry["meaning"],
            source=entry["source"],
            grade=entry["grade"],
            low=entry.get("low"),
            high=entry.get("high"),
        )
    except (KeyError, TypeError) as error:
        raise DataError(f"sim/data/{file_name}: {name} lacks {error}") from error


def _table(group: str, file_name: str) -> dict[str, Parameter]:
    data = read_data(file_name)
    meanings = data.pop("meanings")
    return {
        f"{group}.{member}.{field}": _parameter(
            file_name, f"{group}.{member}.{field}", entry, meanings.get(field, "")
        )
        for member, fields in data.items()
        for field, entry in fields.items()
    }


@cache
def _behaviour_parameters() -> dict[str, Parameter]:
    return {
        name: _parameter("behaviour.toml", name, entry, "")
        for name, entry in read_data("behaviour.toml").items()
    }


@cache
def _good_parameters() -> dict[str, Parameter]:
    return _table("goods", "goods.toml")


@cache
def _platform_parameters() -> dict[str, Parameter]:
    return _table("platforms", "platforms.toml")


@cache
def _geography_parameters() -> dict[str, Parameter]:
    return {
        f"geography.{name}": _parameter("geography.toml", f"geography.{name}", entry, "")
        for name, entry in read_data("geography.toml").items()
    }


def registry() -> dict[str, Parameter]:
    """Return every parameter by name, in file order.

    Behaviour has plain names (``open_gain``), goods, platforms and geography dotted ones
    (``goods.bayberry.box_kg``, ``platforms.jd.reach``, ``geography.maker_share``).
    """
    return (
        _behaviour_parameters()
        | _good_parameters()
        | _platform_parameters()
        | _geography_parameters()
    )


Behaviour: Any = namedtuple("Behaviour", tuple(_behaviour_parameters()))  # type: ignore[misc]
Behaviour.__doc__ = "The behavioural parameters, one float each (see docs/ODD.md)."


@cache
def good_names() -> tuple[str, ...]:
    """Names of the goods; a good's number is its place."""
    return _members(_good_parameters())


@cache
def platform_names() -> tuple[str, ...]:
    """Names of the platforms; a platform's channel number is its place."""
    return _members(_platform_parameters())


def _members(parameters: Mapping[str, Parameter]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.split(".")[1] for name in parameters))


def behaviour(overrides: Mapping[str, object] | None = None) -> Any:
    """Return the behavioural parameters as a `Behaviour`, some of them replaced.

    Raises
    ------
    ScenarioError
        If a name is unknown or a value is not a finite number.
    """
    values = _values("behaviour", _behaviour_parameters(), overrides or {})
    return Behaviour(**values)


def geography(overrides: Mapping[str, object] | None = None) -> dict[str, float]:
    """Return the parameters by which villages are drawn, some of them replaced.

    Raises
    ------
    ScenarioError
        If a name is unknown or a value is not a finite number.
    """
    named = _prefixed("geography", overrides or {})
    values = _values("geography", _geography_parameters(), named)
    return {name.removeprefix("geography."): cast("float", v) for name, v in values.items()}


def goods(overrides: Mapping[str, object] | None = None) -> Goods:
    """Return the goods, some of their fields replaced.

    `overrides` is keyed ``<good>.<field>``, or by good with a mapping of its fields.

    Raises
    ------
    ScenarioError
        If a name is unknown or a value has the wrong type.
    """
    named = _prefixed("goods", overrides or {})
    values = _values("goods", _good_parameters(), named)
    for good in good_names():
        _check_grades(good, values)
    return Goods(*(_array(f"goods.{{}}.{f}", good_names(), values) for f in Goods._fields))


def platforms(overrides: Mapping[str, object] | None = None) -> Platforms:
    """Return the platforms, some of their fields replaced.

    `overrides` is keyed ``<platform>.<field>``, or by platform with a mapping of its fields.

    Raises
    ------
    ScenarioError
        If a name is unknown or a value has the wrong type.
    """
    named = _prefixed("platforms", overrides or {})
    values = _values("platforms", _platform_parameters(), named)
    return Platforms(
        *(_array(f"platforms.{{}}.{f}", platform_names(), values) for f in Platforms._fields)
    )


def _check_grades(good: str, values: Mapping[str, Value]) -> None:
    premium = values.get(f"goods.{good}.premium_share", 0.0)
    common = values.get(f"goods.{good}.common_share", 0.0)
    if cast("float", premium) + cast("float", common) > 1.0:
        raise ScenarioError(
            "goods",
            f"goods.{good}.common_share",
            common,
            f"at most what premium_share = {premium} leaves",
        )


def _prefixed(group: str, overrides: Mapping[str, object]) -> dict[str, object]:
    named: dict[str, object] = {}
    for key, given in overrides.items():
        if isinstance(given, Mapping):
            named |= {f"{group}.{key}.{field}": value for field, value in given.items()}
        else:
            named[f"{group}.{key}"] = given
    return named


def _values(
    where: str, parameters: Mapping[str, Parameter], overrides: Mapping[str, object]
) -> dict[str, Value]:
    values = {name: parameter.value for name, parameter in parameters.items()}
    for name, given in overrides.items():
        if name not in parameters:
            nearest = get_close_matches(name, parameters, n=1)
            raise ScenarioError(
                where,
                name,
                allowed=f"a parameter that sim/data/{where}.toml gives a value",
                nearest=nearest[0] if nearest else "",
            )
        values[name] = _accepted(where, parameters[name], given)
    return values


def _accepted(where: str, parameter: Parameter, given: object) -> Value:
    default = parameter.value
    if isinstance(default, bool):
        accepted, allowed = isinstance(given, bool), "true or false"
    elif isinstance(default, date):
        accepted, allowed = type(given) is date, "a date such as 2012-01-01"
    elif isinstance(default, str):
        accepted, allowed = given in CURRENCIES, " or ".join(CURRENCIES)
    else:
        return _accepted_number(where, parameter, given)
    if not accepted:
        raise ScenarioError(where, parameter.name, given, allowed)
    return cast("Value", given)


def _accepted_number(where: str, parameter: Parameter, given: object) -> float:
    is_number = isinstance(given, int | float | np.number) and not isinstance(given, bool)
    number = float(cast("float", given)) if is_number else math.nan
    accepted, allowed = _allowed_number(parameter, number)
    if not (math.isfinite(number) and accepted):
        raise ScenarioError(where, parameter.name, given, allowed)
    return number


def _allowed_number(parameter: Parameter, number: float) -> tuple[bool, str]:
    """Tell whether a number makes sense, and in words which do; the plausible range is narrower."""
    field = parameter.name.rsplit(".", maxsplit=1)[-1]
    if field in _WHOLE:
        low, high = _WHOLE[field]
        return number.is_integer() and low <= number <= high, f"a whole number, {low} to {high}"
    if field == "price_elasticity":
        return number > 1.0, "a number above 1"
    if field in _POSITIVE:
        return number > 0.0, "a number above 0"
    if "_share" in field:
        return 0.0 <= number <= 1.0, "a number from 0 to 1"
    if parameter.unit == "1/year":
        return number > -1.0, "a number above -1"
    if parameter.unit == "logit" or parameter.low is None or parameter.low < 0.0:
        return True, "a number"
    return number >= 0.0, "a number of at least 0"


def _array(pattern: str, members: tuple[str, ...], values: Mapping[str, Value]) -> NDArray[Any]:
    field = pattern.rsplit(".", maxsplit=1)[-1]
    found = [values.get(pattern.format(member)) for member in members]
    if field == "opened":
        return np.array([day_of(day) for day in found if isinstance(day, date)], dtype=np.int64)
    if field == "currency":
        return np.array([CURRENCIES.index(str(code)) for code in found], dtype=np.int64)
    if field in _BOOLEAN:
        return np.array(found, dtype=np.bool_)
    if field in _WHOLE:
        return np.array([-1 if v is None else v for v in found], dtype=np.int64)
    return np.array([math.nan if v is None else v for v in found], dtype=np.float64)
