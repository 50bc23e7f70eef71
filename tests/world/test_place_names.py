"""What places are called in Chinese."""

import pytest

from sim.words import using_language
from sim.world.place_names import called, place_name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ((), "全国"),
        (("Zhejiang",), "浙江省"),
        (("Zhejiang", "Ningbo"), "宁波市"),
        (("Zhejiang", "Ningbo", "Cixi"), "慈溪市"),
        (("Zhejiang", "Ningbo", "Cixi", "Changhe"), "长河镇"),
        (("Zhejiang", "Taizhou"), "台州市"),
        (("Jiangsu", "Taizhou"), "泰州市"),
        (("Zhejiang", "Ningbo", "Cixi", "Nowhere"), "Nowhere"),
    ],
)
def test_a_place_has_the_name_of_the_lists(path: tuple[str, ...], name: str) -> None:
    with using_language("zh"):
        assert place_name(path) == name


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Changhe 3", "长河镇3号村"),
        ("Cixi town 2", "慈溪市第2镇"),
        ("Cixi town 2 7", "慈溪市第2镇7号村"),
        ("Taizhou", "Taizhou"),
        ("Reed", "Reed"),
    ],
)
def test_a_name_alone_is_told_if_it_means_one_place(name: str, told: str) -> None:
    with using_language("zh"):
        assert called(name) == told


def test_english_names_are_those_of_the_simulation() -> None:
    assert (place_name(("Zhejiang", "Ningbo")), place_name(()), called("Cixi town 2")) == (
        "Ningbo",
        "China",
        "Cixi town 2",
    )
