"""What the program says to readers, in English and in Chinese: `docs/glossary.md` has the terms."""

from sim.words.languages import ENGLISH, LANGUAGES, language, language_named, using_language
from sim.words.translating import Translate, phrase, t, translator

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "Translate",
    "language",
    "language_named",
    "phrase",
    "t",
    "translator",
    "using_language",
]
