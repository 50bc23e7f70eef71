"""Sentences in another language."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from sim.errors import ScenarioError
from sim.words import LANGUAGES, language, t, translator, using_language


def test_english_is_said_unless_told_otherwise() -> None:
    assert t("Year") == "Year"


def test_the_language_in_use_is_said() -> None:
    with using_language("zh"):
        assert t("Year") == "年份"
    assert t("Year") == "Year"


def test_a_language_ends_with_an_error() -> None:
    with pytest.raises(KeyError), using_language("zh"):
        raise KeyError
    assert language() == "en"


def test_other_threads_keep_their_language() -> None:
    with using_language("zh"), ThreadPoolExecutor(1) as other:
        assert other.submit(language).result() == "en"


def test_a_translator_keeps_its_language() -> None:
    with using_language("zh"):
        assert translator("en")("Year") == "Year"
    assert translator("zh")("Year") == "年份"


def test_placeholders_are_filled() -> None:
    assert t("{number:,} of them", number=1200) == "1,200 of them"


def test_a_text_without_values_may_have_braces() -> None:
    assert t("a set {1, 2}") == "a set {1, 2}"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"'ZH'; allowed: en \(English\) or zh \(中文\).*'zh'"):
        translator("ZH")


def test_each_language_has_its_own_name() -> None:
    assert LANGUAGES == {"en": "English", "zh": "中文"}
