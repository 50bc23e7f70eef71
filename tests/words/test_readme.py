"""The Chinese README says to type what the English one says."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGLISH, CHINESE = (
    (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md")
)


def typed(page: str, language: str) -> list[list[str]]:
    """Blocks of a page without comments."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return [[re.sub(r"\s+# .*", "", line) for line in block.splitlines()] for block in found]


@pytest.mark.parametrize("language", ["sh", "toml", "python"])
def test_blocks_are_the_same(language: str) -> None:
    assert typed(ENGLISH, language)
    assert typed(CHINESE, language) == typed(ENGLISH, language)


def test_files_of_a_run_are_the_same() -> None:
    files = r"^\| `([^`]+)` \|"
    assert re.findall(files, CHINESE, re.MULTILINE) == re.findall(files, ENGLISH, re.MULTILINE)


def test_links_are_the_same() -> None:
    def links(page: str) -> list[str]:
        found = re.findall(r"\]\(([^)]+)\)", page)
        return sorted(link for link in found if not link.startswith("README"))

    assert links(CHINESE) == links(ENGLISH)


def test_each_names_the_other() -> None:
    assert "(README.zh.md)" in ENGLISH
    assert "(README.md)" in CHINESE


def test_sections_are_as_many() -> None:
    heads = [re.findall("^## ", page, re.MULTILINE) for page in (ENGLISH, CHINESE)]
    assert len(heads[0]) == len(heads[1])
