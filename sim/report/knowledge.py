"""What a page says of the parameters: their values, how well they are known, and from where."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from sim.errors import DataError
from sim.report.page import Block, Cell, Link, Pairs, Paragraph, Row, Table, Text
from sim.report.scenario_text import changed_parameters, goods_of, platform_title
from sim.report.words import exact, plain
from sim.scenario import Scenario
from sim.words import enumerated, phrase, t
from sim.world.parameters import DATA_FOLDER, GRADES, Parameter, registry

_PLACES: Final = (DATA_FOLDER / "sources.md", DATA_FOLDER.parents[1] / "docs" / "sources.md")
"""Where the page of sources lies: in an installed program, or else in its repository."""
_CELLS: Final = 5
_LINK: Final = re.compile(r"\[([^\]]+)\]\((https?://[^)\s]+)\)")
_NO_KEY: Final = frozenset({"assumed", "calibrated"})
_SCENARIO: Final = phrase("set here")
_HEADS: Final = (
    phrase("parameter"),
    phrase("value"),
    phrase("unit"),
    phrase("meaning"),
    phrase("plausible range"),
    phrase("grade"),
    phrase("source"),
)
_GRADES_MEAN: Final = phrase(
    "Grades: published, seen in print; computed from published numbers; calibrated, chosen so that "
    "runs reproduce published facts; assumed, a judgement; memory, recalled without a page to show."
)


def parameter_blocks(scenario: Scenario) -> list[Block]:
    """Return every parameter that a scenario uses, with its value, grade and source."""
    used = list(parameters_of(scenario))
    given = dict(changed_parameters(scenario))
    blocks: list[Block] = [Paragraph(_summary(used, given)), Paragraph(t(_GRADES_MEAN), note=True)]
    groups: dict[str, list[Row]] = {}
    for each in used:
        group, name = _place(each.name)
        value = exact(given.get(each.name, each.value))
        cells = (name, value, t(each.unit), t(each.meaning))
        grade = _SCENARIO if each.name in given else each.grade
        source = ", ".join(key for key in each.sources if key not in _NO_KEY) or "–"
        row = Row((*cells, _range(each), t(grade), "–" if grade == _SCENARIO else source))
        groups.setdefault(group, []).append(row)
    words = frozenset({0, 2, 3, 5, 6})
    blocks += [
        Table([t(head) for head in _HEADS], rows, title, words, sentences=frozenset({3}))
        for title, rows in groups.items()
    ]
    return blocks


def source_blocks(scenario: Scenario) -> list[Block]:
    """Return the references of the parameters that a scenario uses."""
    given = dict(changed_parameters(scenario))
    used = (each for each in parameters_of(scenario) if each.name not in given)
    keys = sorted({key for each in used for key in each.sources} - _NO_KEY)
    known = references()
    missing = t("docs/sources.md has no reference for it")
    return [Pairs([(key, known.get(key, missing)) for key in keys])] if keys else []


def parameters_of(scenario: Scenario) -> Iterator[Parameter]:
    """Give the parameters that matter in a scenario: of goods and platforms only its own."""
    members = {f"goods.{good}" for good in goods_of(scenario)}
    members |= {f"platforms.{name}" for name in scenario.platforms}
    for name, parameter in registry().items():
        if "." not in name or name.rpartition(".")[0] in members:
            yield parameter


@cache
def references() -> dict[str, Text]:
    """Return what each source says and where it was published, by its key.

    Raises
    ------
    DataError
        If the page of sources is missing.
    """
    path = next((place for place in _PLACES if place.is_file()), None)
    if path is None:
        raise DataError(f"{_PLACES[0].name}: the page of sources is missing from the program")
    found: dict[str, Text] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| `") and len(cells) == _CELLS:
            key, what, value, reference, grade = cells
            pieces: list[Cell] = [f"{what}: {value}. ", *_pieces(reference), f" ({grade})"]
            found[key.strip("`")] = pieces
    return found


def _pieces(text: str) -> Iterator[Cell]:
    """Take a text with links apart."""
    end = 0
    for match in _LINK.finditer(text):
        yield text[end : match.start()]
        yield Link(match[1], match[2])
        end = match.end()
    yield text[end:]


def _summary(used: Sequence[Parameter], given: dict[str, object]) -> str:
    counts = Counter(each.grade for each in used if each.name not in given)
    parts = [
        t("{number} {grade}", number=f"{counts[grade]:,}", grade=t(grade))
        for grade in GRADES
        if counts[grade]
    ]
    parts += [t("{number} set by the scenario", number=f"{len(given):,}")] if given else []
    return t(
        "{number} parameters matter here: {grades}. What rests on assumed values is an assumption "
        "worked out, not a finding.",
        number=f"{len(used):,}",
        grades=enumerated(parts),
    )


def _place(name: str) -> tuple[str, str]:
    """Return the title of the table that a parameter stands in, and its name there."""
    if "." not in name:
        return t("Behaviour"), name
    group, member, field = name.split(".")
    title = platform_title(member) if group == "platforms" else plain(member)
    if group == "platforms":
        return t("Platform: {name}", name=title), field
    return t("Good: {name}", name=title), field


def _range(parameter: Parameter) -> str:
    if parameter.low is None or parameter.high is None:
        return "–"
    return t("{low} to {high}", low=exact(parameter.low), high=exact(parameter.high))
