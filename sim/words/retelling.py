"""Say again what a table or a manifest holds in English: its sentence is known, its names vary."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

from sim.words.languages import ENGLISH, language
from sim.words.speaking import named
from sim.words.translating import t

_PLACEHOLDER: Final = re.compile(r"\\\{(\w+)\\\}")


def retold(text: str, sentences: Sequence[str], called: Callable[[str], str] = named) -> str:
    """Return a stored text in the language in use.

    Parameters
    ----------
    text : str
        In English, for example ``"Cangtian: on the list of 2016"``.
    sentences : sequence of str
        What it may have been made from, for example ``"{place}: on the list of {year}"``; the
        first that fits counts.
    called : callable
        Says what a name in the text is called.

    Returns
    -------
    str
        The text as it is if none fits.
    """
    if language() == ENGLISH:
        return text
    for sentence in sentences:
        found = _pattern(sentence).fullmatch(text)
        if found:
            return t(sentence, **{name: called(part) for name, part in found.groupdict().items()})
    return named(text)


@cache
def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(_PLACEHOLDER.sub(r"(?P<\1>.+?)", re.escape(sentence)), re.DOTALL)
