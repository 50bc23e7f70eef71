"""What a run records, as the user asks for it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sim.errors import ScenarioError
from sim.scenario.fields import listed, nearest

LEVELS: Final[dict[str, tuple[str, ...]]] = {
    "villages": ("month", "year", "none"),
    "households": ("year", "none"),
    "shops": ("year", "none"),
    "seasons": ("day", "none"),
}
"""What may be asked for of each table; instead of households, names of villages will do."""

Level = str | Sequence[str]


def checked_levels(wanted: Mapping[str, Any], where: str = "record") -> dict[str, Any]:
    """Return what is wanted as arguments of `sim.engine.recorder.Record`.

    Parameters
    ----------
    wanted : mapping
        One of `LEVELS` by table; of households, villages by name may stand instead.
    where : str
        What messages call the place where it was asked for.

    Raises
    ------
    ScenarioError
        If a table or a level is unknown.
    """
    found: dict[str, Any] = {}
    for table, level in wanted.items():
        if table not in LEVELS:
            raise ScenarioError(where, "", table, listed(LEVELS), nearest(table, LEVELS))
        levels = LEVELS[table]
        if isinstance(level, str) and level in levels:
            found[table] = level
        elif table == "households":
            found[table] = (level,) if isinstance(level, str) else tuple(map(str, level))
        else:
            raise ScenarioError(where, table, level, listed(levels), nearest(level, levels))
    return found


def levels_in(texts: Sequence[str], where: str) -> dict[str, Any]:
    """Read what is to be recorded from texts such as ``villages=year``.

    Parameters
    ----------
    texts : sequence of str
        Each names a table and its level; names of villages are separated by commas.
    where : str
        What messages call the place where they stand.

    Raises
    ------
    ScenarioError
        If one of them cannot be read.
    """
    wanted: dict[str, Any] = {}
    for text in texts:
        table, equals, level = text.partition("=")
        if not equals or not level:
            allowed = f"TABLE=LEVEL, such as villages=year; tables are {listed(LEVELS)}"
            raise ScenarioError(where, "", text, allowed)
        names = tuple(name.strip() for name in level.split(",") if name.strip())
        wanted[table.strip()] = names[0] if len(names) == 1 else names
    return checked_levels(wanted, where)
