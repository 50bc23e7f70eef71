"""Reports in Chinese: every sentence but names, commands and references."""

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.plots import letters
from sim.report import report_html
from sim.words import using_language

KINDS = ("run", "comparison", "explanation", "sweep")
_UNSEEN = re.compile(r"<style>.*?</style>|<pre>.*?</pre>|<[^>]*>", re.DOTALL)


@pytest.fixture(scope="module")
def chinese_of_kind(
    run_folder: Path, comparison_folder: Path, explanation_folder: Path, sweep_folder: Path
) -> Callable[[str], str]:
    """The report of each kind of folder, in Chinese."""
    paths = (run_folder, comparison_folder, explanation_folder, sweep_folder)
    made = {}
    with pytest.MonkeyPatch.context() as patch, using_language("zh"):
        patch.setattr(letters, "_CHINESE_FONTS", ("DejaVu Serif",))  # stands for a Chinese one
        for kind, path in zip(KINDS, paths, strict=True):
            made[kind] = report_html(path)
    return made.__getitem__


def texts_of(page: str) -> list[str]:
    """What a reader reads, without code."""
    return [html.unescape(text).strip() for text in _UNSEEN.sub("\n", page).splitlines()]


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_says_that_it_is_chinese(kind: str, chinese_of_kind: Callable[[str], str]) -> None:
    page = chinese_of_kind(kind)
    assert '<html lang="zh">' in page
    assert re.findall("<h2>(.*)</h2>", page)[-1] == "如何重现相同结果"


@pytest.mark.parametrize("kind", KINDS)
def test_no_english_sentence_is_left(kind: str, chinese_of_kind: Callable[[str], str]) -> None:
    """References stay as they were printed; the scenario of the tests has a title of its own."""
    page, _, _ = chinese_of_kind(kind).partition('<section id="资料来源">')
    words = re.compile(r"(?:\b[a-z]{2,}\b[ ,.;]+){3,}[a-z]{2,}")
    left = [text for text in texts_of(page) if words.search(text)]
    assert left == []


def test_money_is_in_chinese_units(chinese_of_kind: Callable[[str], str]) -> None:
    page = chinese_of_kind("run")
    assert "万元" in page
    assert "million yuan" not in page
