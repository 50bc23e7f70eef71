"""Every kind of event can be told in Chinese."""

import re

import numpy as np
import pytest

from sim.observer.events import KINDS, EventLog
from sim.results.event_texts import event_text
from sim.words import using_language


def texts(kind: str, crossing: str, detail: int) -> list[str]:
    log = EventLog(crossing, ["Reed"], ["Changhe"], ["Cixi"])
    log.note(kind, 6000, np.array([0]), np.array([detail]))
    return [event.text for event in log.events]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("crossing", ["both thresholds passed", "both thresholds reached"])
@pytest.mark.parametrize("detail", [0, 1])
def test_an_event_is_told_in_chinese(kind: str, crossing: str, detail: int) -> None:
    (text,) = texts(kind, crossing, detail)

    with using_language("zh"):
        told = event_text(text)

    assert re.sub("Reed|\\d", "", told).isascii() is False
    assert not re.search("[a-z]{3,}", told.replace("Reed", ""))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Cangtian service platform begins", "沧田公共服务平台开始"),
        ("hub: product_supply begins", "hub\uff1a供货开始"),
        ("Guanhaiwei village 5: off the list of 2019", "观海卫示例村5\uff1a退出2019年名单"),
        ("something else", "something else"),
    ],
)
def test_names_in_events_are_told_too(text: str, told: str) -> None:
    with using_language("zh"):
        assert event_text(text) == told


def test_english_stays_as_the_table_has_it() -> None:
    assert event_text("Cangtian: on the list of 2016") == "Cangtian: on the list of 2016"
