"""Translate sentences: the English one is the key, as gettext has it.

A sentence stays in the code where it is said, ``t("{stores} active stores", stores=…)``, so the
code reads as it did and English needs no catalogue. Chinese stands in the TOML files of the folder
`zh`, one for each place where it is said, as ``"English" = "中文"``. They are read as they are: the
catalogues of Python's gettext would need a second, compiled file that can fall behind its source,
and a tool to compile it that Python does not install. What gettext would add, forms of the plural,
Chinese does not have. Whoever says a new sentence adds a line to a file; a test walks through the
code and names each sentence that has no Chinese, or other placeholders in Chinese, and each line
that nothing says any more.
"""

import tomllib
from collections.abc import Mapping
from functools import cache, partial
from importlib.resources import files
from typing import Final, Protocol

from sim.words.languages import ENGLISH, language, language_named

_ENDING: Final = ".toml"


class Translate(Protocol):
    """Says a sentence in one language."""

    def __call__(self, english: str, /, **values: object) -> str:
        """Return an English sentence in the language, with its placeholders filled."""


def translator(code: str) -> Translate:
    """Return what says sentences in one language, whichever is in use.

    Raises
    ------
    ScenarioError
        If the language is not known.
    """
    return partial(_said, language_named(code, "translator"))


def t(english: str, /, **values: object) -> str:
    """Say a sentence in the language in use.

    Parameters
    ----------
    english : str
        The sentence, with placeholders in braces as `str.format` has them.
    **values
        What the placeholders stand for.

    Returns
    -------
    str
        The sentence, filled; in English where a text that comes from outside, such as the title
        of a scenario, has no translation.
    """
    return _said(language(), english, **values)


def phrase(english: str) -> str:
    """Return a text as it is, and have it translated: for tables of texts that `t` says later."""
    return english


@cache
def catalogue(code: str) -> Mapping[str, str]:
    """Return all that can be said in a language other than English, by what it is in English."""
    texts: dict[str, str] = {}
    if code != ENGLISH:
        for file in files("sim.words").joinpath(code).iterdir():
            if file.name.endswith(_ENDING):
                texts |= tomllib.loads(file.read_text(encoding="utf-8"))
    return texts


def _said(code: str, english: str, /, **values: object) -> str:
    sentence = catalogue(code).get(english, english)
    return sentence.format(**values) if values else sentence
