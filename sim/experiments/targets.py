"""Published history that runs are held against: ``sim/data/targets.toml``, checked and typed.

Code that fits asks for the role ``fit`` and gets nothing else: `load_targets` leaves out entries of
other roles before it looks at their values, so a number of role ``test`` is not even looked up.
"""

import hashlib
import json
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, cast, get_args

from sim.errors import DataError
from sim.experiments.observables import MEASURES
from sim.scenario.fields import listed, nearest
from sim.world.parameters import read_data
from sim.world.places import concentration, counties, listed_counts

TARGETS_FILE: Final = "targets.toml"
Role = Literal["fit", "test", "context"]
Block = Literal["village", "region"]
ROLES: Final[tuple[str, ...]] = get_args(Role)
BLOCKS: Final[tuple[str, ...]] = get_args(Block)
SCALES: Final = ("linear", "log")
NATION: Final = "China"
BADLY_KNOWN: Final = "memory"
"""The grade of facts that are never targets."""
STANDARD_DEVIATIONS_TO_90: Final = 1.6448536269514722
"""Nine in ten of a normal distribution lie within so many standard deviations."""
_WHERE: Final = f"sim/data/{TARGETS_FILE}"
_NEEDED: Final = ("block", "scenario", "measure", "definition", "scale", "because", "group", "role")
_VALUES: Final = ("fact", "list", "counts")
_ALLOWED: Final = {
    *_NEEDED, *_VALUES, "year", "years", "place", "places", "date", "sd", "low", "high", "bound",
}  # fmt: skip


@dataclass(frozen=True)
class Target:
    """A published number, and how a run is held against it.

    Attributes
    ----------
    key : str
        Its name.
    place : str
        ``China``, the path of a province, prefecture or county, or a village of the scenario.
    year : int
        Year that it tells of.
    day : date
        Last day that a run must reach to be measured.
    block : str
        ``village`` or ``region``.
    scenario : str
        Name of the scenario that is run for it.
    measure : str
        What is measured, one of `sim.experiments.observables.MEASURES`.
    definition : str
        What the number is, in words.
    published : float
        The number.
    unit : str
        Its unit.
    source : str
        Where it is from: a key of docs/sources.md, or a file of sim/data/places.
    scale : str
        ``linear``, or ``log`` for the logarithm of one more than the value.
    centre, sd : float
        Middle and standard deviation of what is right, on that scale.
    because : str
        Why it is no more certain than that.
    group : str
        Targets of a group have one vote together.
    role : str
        ``fit``, ``test`` or ``context``.
    is_lower_bound : bool
        Whether the truth may be higher by any amount.
    """

    key: str
    place: str
    year: int
    day: date
    block: Block
    scenario: str
    measure: str
    definition: str
    published: float
    unit: str
    source: str
    scale: str
    centre: float
    sd: float
    because: str
    group: str
    role: Role
    is_lower_bound: bool = False

    def scaled(self, value: float) -> float:
        """Return a value on the scale of comparison."""
        return math.log1p(value) if self.scale == "log" else value

    def unscaled(self, value: float) -> float:
        """Return the value that lies at a place of the scale of comparison."""
        return math.expm1(value) if self.scale == "log" else value

    def z(self, value: float) -> float:
        """Return how many standard deviations a run's value is off; nan where it has none."""
        return (self.scaled(value) - self.centre) / self.sd

    @property
    def band(self) -> tuple[float, float]:
        """Values between which nine in ten of what is right lie."""
        reach = STANDARD_DEVIATIONS_TO_90 * self.sd
        return self.unscaled(self.centre - reach), self.unscaled(self.centre + reach)


def load_targets(roles: Collection[str], blocks: Collection[str] = BLOCKS) -> tuple[Target, ...]:
    """Return the targets of some roles and blocks, in the order of the file.

    Parameters
    ----------
    roles : collection of str
        Roles; entries of others are passed over before their values are looked at.
    blocks : collection of str
        Blocks.

    Raises
    ------
    DataError
        If the file is missing or an entry of these roles is not valid.
    """
    return targets_of(read_data(TARGETS_FILE), roles, blocks)


def targets_of(
    entries: Mapping[str, Any], roles: Collection[str], blocks: Collection[str] = BLOCKS
) -> tuple[Target, ...]:
    """Return the targets that the entries of a file stand for.

    Parameters
    ----------
    entries : mapping
        The tables of the file by key.
    roles, blocks : collection of str
        Which are wanted.

    Raises
    ------
    DataError
        If an entry of these roles is not valid, or a key is there twice.
    """
    found: dict[str, Target] = {}
    for key, entry in entries.items():
        if _one_of(key, entry, "role", ROLES) not in roles:
            continue
        for target in _of_entry(key, entry):
            if target.key in found:
                raise _refusal(target.key, "", None, "each key once")
            if target.block in blocks:
                found[target.key] = target
    return tuple(found.values())


def role_digests() -> dict[str, str]:
    """Return the SHA-256 of the entries of each role as they stand in the file, in hexadecimal.

    Raises
    ------
    DataError
        If the file is missing or an entry has no role.
    """
    entries = read_data(TARGETS_FILE)
    found = {}
    for role in ROLES:
        own = {k: e for k, e in entries.items() if _one_of(k, e, "role", ROLES) == role}
        text = json.dumps(own, sort_keys=True, default=str)
        found[role] = hashlib.sha256(text.encode()).hexdigest()
    return found


def last_days(targets: Sequence[Target]) -> dict[str, date]:
    """Return by scenario the last day that runs must reach for some targets."""
    found: dict[str, date] = {}
    for target in targets:
        found[target.scenario] = max(found.get(target.scenario, target.day), target.day)
    return found


def _of_entry(key: str, entry: Mapping[str, Any]) -> Iterator[Target]:
    for name in entry:
        if name not in _ALLOWED:
            raise DataError(
                f"{_WHERE}: {key}.{name}; allowed: {listed(sorted(_ALLOWED))}"
                + _did_you_mean(name, _ALLOWED)
            )
    for name in _NEEDED:
        _text(key, entry, name)
    for place in _several(key, entry, "place", str):
        for year in _several(key, entry, "year", int):
            words = {"place": place.rpartition("/")[2], "year": year}
            yield _target(key.format(**words), entry, place, year)


def _target(key: str, entry: Mapping[str, Any], place: str, year: int) -> Target:
    measure = _one_of(key, entry, "measure", MEASURES)
    block = _one_of(key, entry, "block", BLOCKS)
    scale = _one_of(key, entry, "scale", SCALES)
    if place != NATION and block == "region" and place not in _paths():
        raise _refusal(key, "place", place, "China or a path of counties.csv", _paths())
    published, source = _value(key, entry, place, year)
    day = entry.get("date", MEASURES[measure].day_of_year(year))
    if type(day) is not date or day.year != year:
        raise _refusal(key, "date", day, f"a date in {year}")
    centre, sd = _uncertainty(key, entry, scale, published)
    if scale == "log" and MEASURES[measure].is_count_of_places:
        sd = math.hypot(sd, 1 / math.sqrt(1 + published))
    if entry.get("bound", "lower") != "lower":
        raise _refusal(key, "bound", entry["bound"], "lower, or nothing")
    return Target(
        key=key,
        place=place,
        year=year,
        day=day,
        block=cast("Block", block),
        scenario=entry["scenario"],
        measure=measure,
        definition=entry["definition"],
        published=published,
        unit=MEASURES[measure].unit,
        source=source,
        scale=scale,
        centre=centre,
        sd=sd,
        because=entry["because"],
        group=entry["group"],
        role=cast("Role", entry["role"]),
        is_lower_bound="bound" in entry,
    )


def _uncertainty(
    key: str, entry: Mapping[str, Any], scale: str, published: float
) -> tuple[float, float]:
    """Return the middle and the standard deviation of what is right, on the scale."""
    has_sd, has_band = "sd" in entry, "low" in entry or "high" in entry
    if has_sd == has_band:
        raise _refusal(key, "sd", entry.get("sd"), "either sd, or low and high")
    on_scale = math.log1p if scale == "log" else float
    if has_sd:
        sd = _number(key, entry, "sd")
        if sd <= 0:
            raise _refusal(key, "sd", sd, "a number above 0")
        return on_scale(published), sd
    low, high = _number(key, entry, "low"), _number(key, entry, "high")
    if not low < high or not low <= published <= high:
        raise _refusal(key, "low", low, f"low below high, the published {published:g} between")
    ends = on_scale(low), on_scale(high)
    return sum(ends) / 2, (ends[1] - ends[0]) / (2 * STANDARD_DEVIATIONS_TO_90)


def _value(key: str, entry: Mapping[str, Any], place: str, year: int) -> tuple[float, str]:
    """Return the published number of an entry, and where it is from."""
    given = [name for name in _VALUES if name in entry]
    if len(given) != 1:
        raise _refusal(key, "fact", given or None, f"exactly one of {listed(_VALUES)}")
    if given[0] == "fact":
        return _of_fact(key, _text(key, entry, "fact").format(year=year))
    name = _text(key, entry, given[0])
    if given[0] == "list":
        return _of_list(key, name, place, year), "sim/data/places/listed_counts.csv"
    return _of_counts(key, name, place, year), "sim/data/places/concentration.csv"


def _of_fact(key: str, name: str) -> tuple[float, str]:
    facts = read_data("facts.toml")
    if name not in facts:
        raise _refusal(key, "fact", name, "a key of sim/data/facts.toml", facts)
    if facts[name]["grade"] == BADLY_KNOWN:
        raise _refusal(key, "fact", name, "a fact that is not of grade memory")
    return float(facts[name]["value"]), name


def _of_list(key: str, column: str, place: str, year: int) -> float:
    table = listed_counts()
    columns = ("villages", "towns", "towns_with_three")
    if column not in columns:
        raise _refusal(key, "list", column, listed(columns), columns)
    if year not in table.year:
        raise _refusal(key, "year", year, "a year of sim/data/places/listed_counts.csv")
    parts = [] if place == NATION else place.split("/")
    level = ("nation", "province", "prefecture", "county")[len(parts)]
    wanted = (year, level, *parts, *[""] * (3 - len(parts)))
    rows = zip(
        table.year.tolist(), table.level, table.province, table.prefecture, table.county,
        strict=True,
    )  # fmt: skip
    # A place without a row had no listed village.
    return float(sum(getattr(table, column)[n] for n, row in enumerate(rows) if row == wanted))


def _of_counts(key: str, measure: str, place: str, year: int) -> float:
    table = concentration()
    rows = zip(table.year.tolist(), table.place, table.measure, strict=True)
    for number, row in enumerate(rows):
        if row == (year, place, measure):
            return float(table.value[number])
    allowed = f"a measure of sim/data/places/concentration.csv for {place} in {year}"
    raise _refusal(key, "counts", measure, allowed, table.measure)


def _several(key: str, entry: Mapping[str, Any], name: str, kind: type) -> Sequence[Any]:
    """Return what an entry says once, or the list in its place."""
    many = f"{name}s"
    if (name in entry) == (many in entry):
        raise _refusal(key, name, None, f"either {name} or {many}")
    values = entry[many] if many in entry else [entry[name]]
    if not isinstance(values, list) or not values or any(type(v) is not kind for v in values):
        raise _refusal(key, many if many in entry else name, values, f"values like {kind.__name__}")
    if len(values) > 1 and f"{{{name}}}" not in key:
        raise _refusal(key, many, values, f"a key with {{{name}}} in it")
    return values


def _text(key: str, entry: Mapping[str, Any], name: str) -> str:
    given = entry.get(name)
    if not isinstance(given, str) or not given:
        raise _refusal(key, name, given, "a text")
    return given


def _number(key: str, entry: Mapping[str, Any], name: str) -> float:
    given = entry.get(name)
    if not isinstance(given, int | float) or isinstance(given, bool) or not math.isfinite(given):
        raise _refusal(key, name, given, "a number")
    return float(given)


def _one_of(key: str, entry: Any, name: str, allowed: Collection[str]) -> str:
    if not isinstance(entry, Mapping):
        raise _refusal(key, "", entry, "a table")
    given = entry.get(name)
    if given not in allowed:
        raise _refusal(key, name, given, listed(allowed), allowed)
    return str(given)


def _refusal(
    key: str, name: str, given: object, allowed: str, names: Collection[str] = ()
) -> DataError:
    subject = f"{key}.{name}" if name else key
    value = "" if given is None else f" = {given!r}"
    return DataError(f"{_WHERE}: {subject}{value}; allowed: {allowed}{_did_you_mean(given, names)}")


def _did_you_mean(given: object, names: Collection[str]) -> str:
    like = nearest(given, names) if names else ""
    return f"; did you mean {like!r}?" if like else ""


def _paths() -> set[str]:
    table = counties()
    rows = list(zip(table.province, table.prefecture, table.county, strict=True))
    return {"/".join(row[:depth]) for row in rows for depth in (1, 2, 3)}
