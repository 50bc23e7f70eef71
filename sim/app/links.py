"""The address of the page: everything that has been chosen, so that a link brings it back."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, urlencode

from sim.app.choices import Choices
from sim.scenario.changes import Value

_PATH: Final = re.compile(r"[^\x00-\x1f]{1,300}")
_MOST_CHANGES: Final = 300
_MOST_FIELDS: Final = _MOST_CHANGES + 20


class Link(NamedTuple):
    """What an address says."""

    scenario: str = ""
    lang: str = ""
    changes: tuple[tuple[str, str], ...] = ()
    """Keys and values, as ``--set`` takes them."""
    added: tuple[str, ...] = ()
    """Policy files of the variant."""
    until: date | None = None
    """Last day that has been run."""
    village: str = ""
    household: str = ""
    speed: str = ""

    def query(self) -> str:
        """Return it as the query of an address."""
        said: list[tuple[str, str]] = [("scenario", self.scenario)]
        said += [("lang", self.lang)] if self.lang else []
        said += [("set", f"{key}={value}") for key, value in self.changes]
        said += [("policy", name) for name in self.added]
        if self.until is not None:
            said.append(("until", self.until.isoformat()))
        for name in ("village", "household", "speed"):
            said += [(name, getattr(self, name))] if getattr(self, name) else []
        return urlencode(said)


def link_from(query: str) -> Link:
    """Read the query of an address; what cannot be read is left out.

    Parameters
    ----------
    query : str
        The query, with or without its question mark.
    """
    fields = query.removeprefix("?").split("&", _MOST_FIELDS)[:_MOST_FIELDS]
    pairs = parse_qsl("&".join(fields))
    single: Mapping[str, str] = {name: value for name, value in pairs if _PATH.fullmatch(value)}
    changes = [value for name, value in pairs if name == "set"]
    return Link(
        scenario=single.get("scenario", ""),
        lang=single.get("lang", ""),
        changes=tuple(_parted(text) for text in changes[:_MOST_CHANGES] if "=" in text),
        added=tuple(value for name, value in pairs if name == "policy"),
        until=_date(single.get("until", "")),
        village=single.get("village", ""),
        household=single.get("household", ""),
        speed=single.get("speed", ""),
    )


def written_changes(choices: Choices) -> tuple[tuple[str, str], ...]:
    """Return the changes of a session as a link has them."""
    return tuple((key, written(value)) for key, value in choices.changes.items())


def written(value: Value) -> str:
    """Write a value as ``--set`` takes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else str(value)


def _parted(text: str) -> tuple[str, str]:
    """Part a change at its first equals sign that is outside of quotes."""
    in_quotes = False
    for place, letter in enumerate(text):
        if letter == '"':
            in_quotes = not in_quotes
        if letter == "=" and not in_quotes:
            return text[:place], text[place + 1 :]
    return text, ""


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
