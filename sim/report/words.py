"""Numbers, dates and names as a reader expects them."""

import math
import re
import shlex
from collections.abc import Sequence

from sim.words import ENGLISH, language, named, scales_of_text, t, yuan_of_column


def plain(name: str) -> str:
    """Return a name of the model in words."""
    return named(name.replace("_", " "))


def plain_heads(heads: Sequence[str]) -> list[str]:
    """Return heads of columns without the places where they are broken on a screen."""
    blank = " " if language() == ENGLISH else ""
    return [head.replace("-\n", "").replace("/\n", "/").replace("\n", blank) for head in heads]


def opened(text: str) -> str:
    """Return a text that begins with a capital letter."""
    return f"{text[:1].upper()}{text[1:]}"


def yuan(value: float) -> str:
    """Return money [yuan]."""
    *larger, least = scales_of_text()
    for unit in larger:
        if abs(value) >= 2 * unit.yuan:
            number = f"{value / unit.yuan:,.1f}".removesuffix(".0")
            return t("{number} {unit}", number=number, unit=unit.name)
    return t("{number} {unit}", number=f"{value:,.0f}", unit=least.name)


def million(value: float) -> str:
    """Return money in million yuan, or in the unit in its place, without it; a dash for none."""
    return decimal(value / yuan_of_column())


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
        return t("yes") if value else t("no")
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
