"""What places are called in the language in use: as the published lists of places write them.

A place whose Chinese name is not known keeps the name by which the simulation knows it.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from sim.words import ENGLISH, language, named, t
from sim.world import places

_DRAWN_TOWN: Final = re.compile(r"(?P<county>.+) town (?P<number>\d+)")
_ONE_OF_SEVERAL: Final = re.compile(r"(?P<village>.+ village) (?P<number>\d+)")
_DRAWN_VILLAGE: Final = re.compile(r"(?P<town>.+) (?P<number>\d+)")


def place_name(path: Sequence[str]) -> str:
    """Return what a place is called.

    Parameters
    ----------
    path : sequence of str
        Its province, and its prefecture, county and town as far as it lies in one; the whole
        country if there is none of them.
    """
    if not path:
        return t("China")
    if language() == ENGLISH:
        return path[-1]
    return _chinese_by_path().get("/".join(path)) or called(path[-1])


def called(name: str) -> str:
    """Return what a village, town, county, prefecture or province of a name is called.

    Where places with different Chinese names share the name, it stays as it is.
    """
    if language() == ENGLISH:
        return name
    town, village = _DRAWN_TOWN.fullmatch(name), _DRAWN_VILLAGE.fullmatch(name)
    like = _ONE_OF_SEVERAL.fullmatch(name)
    if town:
        return t("{county} town {number}", county=called(town["county"]), number=town["number"])
    if like:
        return t("{village} {number}", village=called(like["village"]), number=like["number"])
    if village:
        return t("{town} {number}", town=called(village["town"]), number=village["number"])
    return _chinese_by_name().get(name) or named(name)


@cache
def _chinese_by_path() -> dict[str, str]:
    """Return Chinese names of all places that are known, by their paths."""
    found = dict(zip(places.provinces().name, places.provinces().name_zh, strict=True))
    of = places.counties()
    for *path, prefecture_zh, name_zh in zip(
        of.province, of.prefecture, of.county, of.prefecture_zh, of.name_zh, strict=True
    ):
        found["/".join(path[:2])] = prefecture_zh
        found["/".join(path)] = name_zh
    towns = places.towns()
    for *path, name_zh in zip(
        towns.province, towns.prefecture, towns.county, towns.town, towns.name_zh, strict=True
    ):
        found["/".join(path)] = name_zh
    return found


@cache
def _chinese_by_name() -> dict[str, str]:
    """Return Chinese names by names that mean one place, or several of the same Chinese name."""
    meant: dict[str, set[str]] = {}
    for path, name_zh in _chinese_by_path().items():
        meant.setdefault(path.rpartition("/")[2], set()).add(name_zh)
    return {name: next(iter(chinese)) for name, chinese in meant.items() if len(chinese) == 1}
