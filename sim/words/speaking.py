"""Numbers, dates and lists as a reader of the language in use expects them."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, NamedTuple

from sim.words.languages import ENGLISH, language
from sim.words.translating import t


class Scale(NamedTuple):
    """A unit of money, and how many yuan it is."""

    name: str
    yuan: float


_SCALES: Final = {
    ENGLISH: (
        Scale("billion yuan", 1e9),
        Scale("million yuan", 1e6),
        Scale("thousand yuan", 1e3),
        Scale("yuan", 1.0),
    ),
    "zh": (Scale("亿元", 1e8), Scale("万元", 1e4), Scale("元", 1.0)),
}
_NOT_IN_TEXT: Final = ("billion yuan", "thousand yuan")
_COLUMNS: Final = {ENGLISH: 1e6, "zh": 1e4}


def scales_of_money() -> Sequence[Scale]:
    """Return the units of money, the largest first and yuan last."""
    return _SCALES[language()]


def scales_of_text() -> Sequence[Scale]:
    """Return the units of money that a sentence has, the largest first and yuan last."""
    return [scale for scale in scales_of_money() if scale.name not in _NOT_IN_TEXT]


def yuan_of_column() -> float:
    """Return how many yuan a million yuan is, or what stands in its place: ten thousand yuan."""
    return _COLUMNS[language()]


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number together with what is counted.

    Parameters
    ----------
    number : int
        How many.
    one, many : str
        What one is called, and what several are; with an *s* if that is not given. The catalogue
        has ``{number} villages`` for villages.
    """
    several = many or one + "s"
    if language() == ENGLISH:
        return f"{number:,} {one if number == 1 else several}"
    return t(f"{{number}} {several}", number=f"{number:,}")


def spoken(day: date) -> str:
    """Return a date as it is spoken."""
    return f"{day.day} {day:%B %Y}" if language() == ENGLISH else _chinese(day)


def short(day: date) -> str:
    """Return a date with its month cut short."""
    return f"{day.day} {day:%b %Y}" if language() == ENGLISH else _chinese(day)


def dated(day: date) -> str:
    """Return a date as figures have it, where there is little room."""
    return day.isoformat() if language() == ENGLISH else _chinese(day)


def day_of_year(day: date) -> str:
    """Return a date without its year."""
    return f"{day.day} {day:%B}" if language() == ENGLISH else f"{day.month}月{day.day}日"


def short_day_of_year(day: date) -> str:
    """Return a date without its year, its month cut short."""
    return f"{day.day} {day:%b}" if language() == ENGLISH else f"{day.month}月{day.day}日"


def listed(names: Sequence[str]) -> str:
    """Return names with commas and an *and*."""
    *most, last = names
    return f"{t(', ').join(most)}{t(' and ')}{last}" if most else last


def named(text: str) -> str:
    """Return a text that a scenario brings along, such as its title or the name of a village.

    Shipped scenarios have theirs in the catalogue; a text that is not there stays as it is.
    """
    if language() == ENGLISH:
        return text
    words = " ".join(text.split())
    said = t(words)
    return said if said != words else t(words.replace("_", " "))


def enumerated(names: Iterable[str]) -> str:
    """Return names with commas."""
    return t(", ").join(names)


def together(*sentences: str) -> str:
    """Return sentences one after the other, those that are there."""
    return (" " if language() == ENGLISH else "").join(filter(None, sentences))


def in_brackets(text: str) -> str:
    """Return a text in brackets, to be put behind another one."""
    return t(" ({text})", text=text)


def clauses(*parts: str) -> str:
    """Return parts of a sentence with semicolons."""
    return t("; ").join(parts)


def _chinese(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
