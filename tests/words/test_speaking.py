"""Numbers, dates and lists in both languages."""

from collections.abc import Callable
from datetime import date

import pytest

from sim.words import (
    clauses,
    counted,
    dated,
    day_of_year,
    enumerated,
    in_brackets,
    listed,
    named,
    retold,
    short,
    spoken,
    together,
    using_language,
    yuan_of_column,
)

DAY = date(2018, 6, 1)


@pytest.mark.parametrize(
    ("speak", "english", "chinese"),
    [
        (lambda: spoken(DAY), "1 June 2018", "2018年6月1日"),
        (lambda: short(DAY), "1 Jun 2018", "2018年6月1日"),
        (lambda: dated(DAY), "2018-06-01", "2018年6月1日"),
        (lambda: day_of_year(DAY), "1 June", "6月1日"),
        (lambda: counted(1, "village"), "1 village", "1个村"),
        (lambda: counted(1200, "village"), "1,200 villages", "1,200个村"),
        (lambda: counted(2, "policy", "policies"), "2 policies", "2项政策"),
        (lambda: listed(["A", "B", "C"]), "A, B and C", "A、B和C"),
        (lambda: enumerated(["A", "B"]), "A, B", "A、B"),
        (lambda: clauses("A", "B"), "A; B", "A\uff1bB"),
        (lambda: in_brackets("A"), " (A)", "\uff08A\uff09"),
        (lambda: together("A.", "", "B."), "A. B.", "A.B."),
        (lambda: named("Cangtian"), "Cangtian", "沧田村"),
        (lambda: named("product_supply"), "product_supply", "供货"),
        (lambda: named("a village of mine"), "a village of mine", "a village of mine"),
        (lambda: f"{yuan_of_column():.0f}", "1000000", "10000"),
        (lambda: retold("income per head in 2016", ["income per head in {year}"]),
         "income per head in 2016", "2016年人均收入"),
    ],
)  # fmt: skip
def test_both_languages_say_it(speak: Callable[[], str], english: str, chinese: str) -> None:
    assert speak() == english
    with using_language("zh"):
        assert speak() == chinese
