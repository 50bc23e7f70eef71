"""What the program says to readers, in English and in Chinese: `docs/glossary.md` has the terms."""

from sim.words.languages import ENGLISH, LANGUAGES, language, language_named, using_language
from sim.words.retelling import retold
from sim.words.speaking import (
    Scale,
    clauses,
    counted,
    dated,
    day_of_year,
    enumerated,
    in_brackets,
    listed,
    named,
    scales_of_money,
    short,
    short_day_of_year,
    spoken,
    spoken_month,
    together,
    yuan_of_column,
)
from sim.words.translating import Translate, phrase, t, translator

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "Scale",
    "Translate",
    "clauses",
    "counted",
    "dated",
    "day_of_year",
    "enumerated",
    "in_brackets",
    "language",
    "language_named",
    "listed",
    "named",
    "phrase",
    "retold",
    "scales_of_money",
    "short",
    "short_day_of_year",
    "spoken",
    "spoken_month",
    "t",
    "together",
    "translator",
    "using_language",
    "yuan_of_column",
]
