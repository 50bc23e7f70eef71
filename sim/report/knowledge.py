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
from sim.world.parameters import DATA_FOLDER, GRADES, Parameter, registry

_PLACES: Final = (DATA_FOLDER / "sources.md", DATA_FOLDER.parents[1] / "docs" / "sources.md")
"""Where the page of sources lies: in an installed program, or else in its repository."""
_CELLS: Final = 5
_LINK: Final = re.compile(r"\[([^\]]+)\]\((https?://[^)\s]+)\)")
_NO_KEY: Final = frozenset({"assumed", "calibrated"})
_SCENARIO: Final = "set here"
_HEADS: Final = ("parameter", "value", "unit", "meaning", "plausible range", "grade", "source")
_GRADES_MEAN: Final = (
    "Grades: published, seen in print; computed from published numbers; calibrated, chosen so that "
    "runs reproduce published facts; assumed, a judgement; memory, recalled without a page to show."
)


def parameter_blocks(scenario: Scenario) -> list[Block]:
    """Return every parameter that a scenario uses, with its value, grade and source."""
    used = list(parameters_of(scenario))
    given = dict(changed_parameters(scenario))
    blocks: list[Block] = [Paragraph(_summary(used, given)), Paragraph(_GRADES_MEAN, note=True)]
    groups: dict[str, list[Row]] = {}
    for each in used:
        group, name = _place(each.name)
        cells = (name, exact(given.get(each.name, each.value)), each.unit, each.meaning)
        grade = _SCENARIO if each.name in given else each.grade
        source = ", ".join(key for key in each.sources if key not in _NO_KEY) or "–"
        row = Row((*cells, _range(each), grade, "–" if grade == _SCENARIO else source))
        groups.setdefault(group, []).append(row)
    words = frozenset({0, 2, 3, 5, 6})
    blocks += [
        Table(_HEADS, rows, title, words, sentences=frozenset({3}))
        for title, rows in groups.items()
    ]
    return blocks


def source_blocks(scenario: Scenario) -> list[Block]:
    """Return the references of the parameters that a scenario uses."""
    given = dict(changed_parameters(scenario))
    used = (each for each in parameters_of(scenario) if each.name not in given)
    keys = sorted({key for each in used for key in each.sources} - _NO_KEY)
    known = references()
    missing = "docs/sources.md has no reference for it"
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
    parts = [f"{counts[grade]:,} {grade}" for grade in GRADES if counts[grade]]
    parts += [f"{len(given):,} set by the scenario"] if given else []
    return (
        f"{len(used):,} parameters matter here: {', '.join(parts)}. What rests on assumed values "
        "is an assumption worked out, not a finding."
    )


def _place(name: str) -> tuple[str, str]:
    """Return the title of the table that a parameter stands in, and its name there."""
    if "." not in name:
        return "Behaviour", name
    group, member, field = name.split(".")
    title = platform_title(member) if group == "platforms" else plain(member)
    return f"{'Platform' if group == 'platforms' else 'Good'}: {title}", field


def _range(parameter: Parameter) -> str:
    if parameter.low is None or parameter.high is None:
        return "–"
    return f"{exact(parameter.low)} to {exact(parameter.high)}"
