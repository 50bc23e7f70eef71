"""What the code says can be said in Chinese, and nothing else stands in the catalogues."""

from catalogues import names, placeholders, sentences, translations


def test_each_sentence_has_a_translation() -> None:
    known = {english for _, english, _ in translations("zh")}
    missing = [said for said in [*sentences(), *names()] if said.english not in known]
    assert not missing


def test_each_translation_is_said() -> None:
    said = {each.english for each in [*sentences(), *names()]}
    unused = [(file, english) for file, english, _ in translations("zh") if english not in said]
    assert not unused


def test_placeholders_are_the_same() -> None:
    differ = [
        (file, english)
        for file, english, translation in translations("zh")
        if placeholders(english) != placeholders(translation)
    ]
    assert not differ


def test_a_sentence_of_two_files_is_translated_alike() -> None:
    meant: dict[str, set[str]] = {}
    for _, english, translation in translations("zh"):
        meant.setdefault(english, set()).add(translation)
    assert not {english: each for english, each in meant.items() if len(each) > 1}


def test_no_translation_is_empty() -> None:
    assert all(translation.strip() for _, _, translation in translations("zh"))
