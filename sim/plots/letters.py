"""Letters of figures: Chinese ones need a font that has them, which not every computer has.

matplotlib's own font has none. Those of the system are looked for, and without one figures speak
English, whichever language is in use: rows of empty boxes tell nobody anything.
"""

import warnings
from collections.abc import Callable
from functools import cache, wraps
from textwrap import fill
from typing import Final

from matplotlib.font_manager import fontManager

from sim.words import ENGLISH, MissingLetters, language, using_language

FONT: Final = "DejaVu Sans"
WIDE_FROM: Final = "\u2e80"
"""From here on letters are Chinese and the like, one em wide."""
CHARACTER_EMS: Final = 0.56
"""Usual width of a letter of `FONT`."""
NO_FONT: Final = "(No font for Chinese names is installed; Noto Sans CJK SC is one.)"

_CHINESE_FONTS: Final = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimSun",
    "Songti SC",
    "Droid Sans Fallback",
    "Arial Unicode MS",
    "Noto Sans CJK JP",  # how older matplotlib calls a file with all of Noto Sans CJK
)
"""Fonts that are tried for Chinese, where they are installed."""
_MISSING: Final = (
    "No font with Chinese letters is installed, so figures are labelled in English; one is Noto "
    "Sans CJK SC (Debian and Ubuntu: apt install fonts-noto-cjk)"
)
_NEVER_FIRST: Final = "\uff0c\u3002\u3001\uff1b\uff1a\uff1f\uff01\uff09\u300b\u201d%"
"""Chinese marks that do not begin a line."""


def chinese_fonts() -> list[str]:
    """Return which fonts with Chinese letters are installed, the best one first."""
    installed = {font.name for font in fontManager.ttflist}
    return [name for name in _CHINESE_FONTS if name in installed]


def in_letters_at_hand[**Given, Figure](draw: Callable[Given, Figure]) -> Callable[Given, Figure]:
    """Have a function draw in English where no font has the letters of the language in use."""

    @wraps(draw)
    def drawn(*args: Given.args, **kwargs: Given.kwargs) -> Figure:
        if language() == ENGLISH or chinese_fonts():
            return draw(*args, **kwargs)
        warn_once()
        with using_language(ENGLISH):
            return draw(*args, **kwargs)

    return drawn


@cache
def warn_once() -> None:
    """Warn that letters are missing, the first time only."""
    warnings.warn(_MISSING, MissingLetters, stacklevel=3)


def has_chinese(text: str) -> bool:
    """Whether a text has letters that need a font for Chinese."""
    return any(letter >= WIDE_FROM for letter in text)


def ems_of(text: str) -> float:
    """Return how wide a text is, or a little more, in widths of the letter m."""
    return sum(1.0 if letter >= WIDE_FROM else CHARACTER_EMS for letter in text)


def wrapped(text: str, characters: int) -> str:
    """Break a text into lines of at most so many letters, or as many Chinese ones as fit there."""
    if not has_chinese(text):
        return fill(text, characters)
    room = characters * CHARACTER_EMS
    lines = [""]
    for piece in _pieces(text):
        if lines[-1] and ems_of(lines[-1] + piece.rstrip()) > room:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += piece
    return "\n".join(lines)


def _pieces(text: str) -> list[str]:
    """Take a text apart where a line may end: after blanks and around Chinese letters."""
    pieces = [""]
    for letter in text:
        last = pieces[-1][-1:]
        may_break = last == " " or max(last, letter) >= WIDE_FROM
        if may_break and last and letter not in _NEVER_FIRST and letter != " ":
            pieces.append("")
        pieces[-1] += letter
    return pieces
