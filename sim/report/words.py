"""Numbers, dates and names as a reader expects them."""

import math
import re
import shlex
from collections.abc import Sequence
from datetime import date
from typing import Final

_MILLION: Final = 1e6


def spoken(day: date) -> str:
    """Return a date as it is spoken."""
    return f"{day.day} {day:%B %Y}"


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number together with what is counted."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(names: Sequence[str]) -> str:
    """Return names with commas and an *and*."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def plain(name: str) -> str:
    """Return a name of the model in words."""
    return name.replace("_", " ")


def plain_heads(heads: Sequence[str]) -> list[str]:
    """Return heads of columns without the places where they are broken on a screen."""
    return [head.replace("-\n", "").replace("/\n", "/").replace("\n", " ") for head in heads]


def opened(text: str) -> str:
    """Return a text that begins with a capital letter."""
    return f"{text[:1].upper()}{text[1:]}"


def yuan(value: float) -> str:
    """Return money [yuan]."""
    if abs(value) >= 2 * _MILLION:
        return f"{value / _MILLION:,.1f}".removesuffix(".0") + " million yuan"
    return f"{value:,.0f} yuan"


def million(value: float) -> str:
    """Return money in million yuan, without the unit; a dash for none."""
    return decimal(value / _MILLION)


def whole(value: float | None) -> str:
    """Return a whole number; a dash for none."""
    return "–" if value is None or not round(value) else f"{value:,.0f}"


def decimal(value: float) -> str:
    """Return a number with one decimal, or two if it is small; a dash for none."""
    if value == 0:
        return "–"
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:.2f}"


def percent(share: float | None) -> str:
    """Return a share (0-1) as a percentage."""
    return "–" if share is None or math.isnan(share) else f"{round(share, 3) + 0.0:.1%}"


def exact(value: object) -> str:
    """Return a value of a parameter with all its digits, without needless zeros."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,.12g}" if isinstance(value, int | float) else str(value)


def unbroken(text: str) -> str:
    """Return a text that stays on one line."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def file_stem(name: str) -> str:
    """Return a name as that of a file, without letters that shells or systems mind."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or "scenario"


def command(*words: str) -> str:
    """Return a command of the program as it is typed."""
    return shlex.join(["villagesim", *words])
