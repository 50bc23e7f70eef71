"""What all entries of a scenario share: strictness, types of fields, how a value is refused."""

import difflib
import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict
from pydantic_core import PydanticCustomError

FIRST_DATE: Final = date(2009, 1, 1)
"""The earliest date that a scenario may cover; the national drivers begin here."""

LAST_DATE: Final = date(2022, 12, 31)
"""The latest date that a scenario may cover."""

REFUSED: Final = "refused"
"""Error type of everything that is refused here rather than by pydantic itself."""

_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_MOST_NAMES: Final = 20


class Entry(BaseModel):
    """One table of a scenario: unchangeable, without unknown keys, without silent conversions."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


def refusal(
    *key: str,
    given: object = None,
    allowed: str,
    names: Iterable[str] = (),
    wrong_name: bool = False,
) -> PydanticCustomError:
    """Make the error for a value that is refused.

    Parameters
    ----------
    *key : str
        Path of the value, from the entry that is validated; empty if that is the value itself.
    given : object
        The value; None if it is missing.
    allowed : str
        What would be accepted, in words.
    names : iterable of str
        The valid names, if the value, or the last part of the key, should have been one of them.
    wrong_name : bool
        Whether it is the last part of the key that is wrong.
    """
    like = nearest(key[-1] if wrong_name else given, names)
    # Read by `explain`; the text is for users who make a Scenario in Python.
    context = {"key": key, "given": given, "allowed": allowed, "nearest": like}
    text = " = ".join(filter(None, [dotted(key), "" if given is None else repr(given)]))
    return PydanticCustomError(REFUSED, "{text}; allowed: {allowed}", context | {"text": text})


def dotted(path: Iterable[object]) -> str:
    """Write a path of keys as TOML does, with quotes where they are needed."""
    parts = map(str, path)
    return ".".join(part if _BARE_KEY.fullmatch(part) else f'"{part}"' for part in parts)


def listed(names: Iterable[str]) -> str:
    """Write names one after another, at most so many that a message stays readable."""
    names = list(names)
    shown = ", ".join(names[:_MOST_NAMES])
    return shown if len(names) <= _MOST_NAMES else f"{shown} … ({len(names)} in all)"


def nearest(given: object, names: Iterable[str]) -> str:
    """Return the name most like the one given, or an empty text if none is like it."""
    by_lower = {name.lower(): name for name in names}
    close = difflib.get_close_matches(str(given).lower(), by_lower, n=1)
    return by_lower[close[0]] if close else ""


def known_name(given: str, names: Iterable[str], what: str) -> str:
    """Return the name if it is one of `names`; refuse it otherwise."""
    valid = sorted(names)
    if given not in valid:
        raise refusal(given=given, allowed=f"{what}: {listed(valid)}", names=valid)
    return given


def _plain_name(name: str) -> str:
    if name != name.strip() or "/" in name or not name.isprintable():
        raise refusal(given=name, allowed="a name without '/', line breaks or outer spaces")
    return name


def date_from_text[T](value: T) -> T | date:
    """Read a date written as text, as JSON and tables of experiments have it; leave all else."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value


def _within_drivers(day: date) -> date:
    if not FIRST_DATE <= day <= LAST_DATE:
        raise refusal(given=day, allowed=f"a date from {FIRST_DATE} to {LAST_DATE}")
    return day


def _one_line(text: str) -> str:
    return " ".join(text.split())


Name = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_plain_name)]
Text = Annotated[str, AfterValidator(_one_line)]
"""A text whose line breaks in the file mean nothing."""
Share = Annotated[float, Field(ge=0, le=1)]
Yuan = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
Multiple = Annotated[float, Field(gt=0, le=100)]
Year = Annotated[int, Field(ge=1990, le=2100)]
Day = Annotated[date, BeforeValidator(date_from_text)]
RunDay = Annotated[Day, AfterValidator(_within_drivers)]
Many = Strict(False)
"""Marks a tuple field: TOML and Python lists are welcome, while their items stay strict."""
