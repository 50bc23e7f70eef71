"""Which language is spoken: one for each thread, or each task of a server, English at first.

A face of the program (a command, the page in the browser) says which; what draws and tells asks
`sim.words.t` and needs no argument for it.
"""

import difflib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from sim.errors import ScenarioError

ENGLISH: Final = "en"
LANGUAGES: Final = {ENGLISH: "English", "zh": "中文"}
"""Codes of languages, and what the languages call themselves."""


class MissingLetters(UserWarning):
    """Warns that no font has the letters of the language in use."""


_language: ContextVar[str] = ContextVar("language", default=ENGLISH)


def language() -> str:
    """Return the code of the language in use."""
    return _language.get()


@contextmanager
def using_language(code: str) -> Iterator[None]:
    """Speak a language inside a ``with`` block.

    Raises
    ------
    ScenarioError
        If the language is not known.
    """
    token = _language.set(language_named(code, "using_language"))
    try:
        yield
    finally:
        _language.reset(token)


def use_language(code: str, where: str) -> None:
    """Speak a language from now on, to the end of the thread, the task or the copied context.

    Parameters
    ----------
    code : str
        The language.
    where : str
        Where it was asked for, for the message.

    Raises
    ------
    ScenarioError
        If the language is not known.
    """
    _language.set(language_named(code, where))


def language_named(code: str, where: str) -> str:
    """Return the code of a language if it is known.

    Parameters
    ----------
    code : str
        What was asked for, for example ``zh``.
    where : str
        Where it was asked for, for the message.

    Raises
    ------
    ScenarioError
        If the language is not known.
    """
    if code in LANGUAGES:
        return code
    allowed = " or ".join(f"{code} ({name})" for code, name in LANGUAGES.items())
    near = difflib.get_close_matches(code.lower(), LANGUAGES, n=1)
    raise ScenarioError(where, given=code, allowed=allowed, nearest=near[0] if near else "")
