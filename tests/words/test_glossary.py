"""The page of terms: its Chinese terms are those that the program says, its sources are known."""

import re
from pathlib import Path

from catalogues import translations

ROOT = Path(__file__).parents[2]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
SOURCES = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", GLOSSARY, re.MULTILINE)
TERMS = [row for row in ROWS if row[0] != "English"]


def test_the_program_says_the_terms() -> None:
    said = "\n".join(translation for _, _, translation in translations("zh"))
    terms = [term for row in TERMS for term in re.split("至|, ", row[1])]
    assert len(terms) > 40
    assert [term for term in terms if term not in said] == []


def test_each_term_says_where_it_comes_from() -> None:
    for english, *_, source in TERMS:
        keys = re.findall(r"`(\w+)`", source)
        assert keys or source in ("usual", "ours"), english
        assert [key for key in keys if f"| `{key}` |" not in SOURCES] == [], english
